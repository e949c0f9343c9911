package weft.routing;

import java.util.Collections;
import java.util.Comparator;
import java.util.SortedSet;
import java.util.TreeSet;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.RouteTarget;

/**
 * A route that configuration gives to an instance: it leads where the host route of its next hop
 * leads, and is there as long as that is.
 *
 * @param nextHop an address that an agent or a BGP peer tells a route to
 * @param targets that it carries beside those of the instance
 */
public record StaticRoute(
    IpPrefix prefix,
    IpAddress nextHop,
    SortedSet<RouteTarget> targets,
    SortedSet<Integer> communities)
    implements Comparable<StaticRoute> {
  private static final Comparator<StaticRoute> ORDER =
      Comparator.comparing(StaticRoute::prefix)
          .thenComparing(StaticRoute::nextHop)
          .thenComparing(route -> route.targets.toString())
          .thenComparing(route -> route.communities.toString());

  public StaticRoute {
    targets = Collections.unmodifiableSortedSet(new TreeSet<>(targets));
    communities = Collections.unmodifiableSortedSet(new TreeSet<>(communities));
  }

  @Override
  public int compareTo(StaticRoute other) {
    return ORDER.compare(this, other);
  }
}
