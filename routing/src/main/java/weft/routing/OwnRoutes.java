package weft.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;
import weft.routing.RouteAttributes.Membership;
import weft.routing.RouteAttributes.Mobility;
import weft.routing.RouteAttributes.Origin;
import weft.routing.RouteAttributes.Preference;
import weft.routing.RouteAttributes.Reflection;

/**
 * The routes that configuration gives to one table, as far as other routes of the table carry them:
 * static routes and aggregates.
 *
 * <p>A next hop is resolved by what agents and BGP peers tell, never by a route made here; an
 * aggregate stands on longer prefixes alone. So what there is has one outcome, whatever came first.
 */
final class OwnRoutes {
  private static final Peer STATIC = peer("(static)", Peer.Kind.STATIC);
  private static final Peer AGGREGATE = peer("(aggregate)", Peer.Kind.AGGREGATE);

  private final Table table;
  private final Map<RouteKey, List<StaticRoute>> statics = new HashMap<>();
  private final Map<RouteKey, Standing> aggregates = new HashMap<>();
  private final Map<RouteKey, Set<RouteKey>> byNextHop = new HashMap<>();

  /** An aggregate and the routes that it stands on. */
  private static final class Standing {
    final Aggregate aggregate;
    final RouteSet contributors = new RouteSet();

    Standing(Aggregate aggregate) {
      this.aggregate = aggregate;
    }
  }

  private OwnRoutes(Table table, InstanceConfig config) {
    this.table = table;
    boolean four = table.id().family() == Family.INET;
    for (StaticRoute route : config.staticRoutes()) {
      if (route.prefix().isV4() == four) {
        RouteKey key = new RouteKey.Inet(route.prefix());
        statics.computeIfAbsent(key, _ -> new ArrayList<>()).add(route);
        watch(new RouteKey.Inet(route.nextHop().toHostPrefix()), key);
      }
    }
    for (Aggregate aggregate : config.aggregates()) {
      RouteKey key = new RouteKey.Inet(aggregate.prefix());
      if (aggregate.prefix().isV4() == four && !aggregates.containsKey(key)) {
        aggregates.put(key, new Standing(aggregate));
        watch(new RouteKey.Inet(aggregate.nextHop().toHostPrefix()), key);
      }
    }
  }

  private static Peer peer(String name, Peer.Kind kind) {
    return new Peer(name, kind, Ipv4Address.ANY, 0);
  }

  /** What the configuration of its instance gives to a table; null for nothing. */
  static @Nullable OwnRoutes of(Table table, @Nullable InstanceConfig config) {
    boolean isIp = table.id().family() == Family.INET || table.id().family() == Family.INET6;
    if (config == null || !isIp) {
      return null;
    }
    OwnRoutes own = new OwnRoutes(table, config);
    return own.byNextHop.isEmpty() ? null : own;
  }

  private void watch(RouteKey nextHop, RouteKey key) {
    byNextHop.computeIfAbsent(nextHop, _ -> new LinkedHashSet<>()).add(key);
  }

  /** The keys that there may be paths of. */
  Collection<RouteKey> keys() {
    Set<RouteKey> keys = new LinkedHashSet<>(statics.keySet());
    keys.addAll(aggregates.keySet());
    return keys;
  }

  /** Whether an aggregate stands for the route outside of the instance. */
  boolean hides(RouteKey key) {
    if (!aggregates.isEmpty() && key instanceof RouteKey.Inet inet) {
      IpPrefix prefix = inet.prefix();
      for (Standing standing : aggregates.values()) {
        if (standing.aggregate.covers(prefix)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Notes the state of a route. Returns the keys whose paths may be others now. */
  Set<RouteKey> follow(Route route) {
    Set<RouteKey> affected = byNextHop.getOrDefault(route.key(), Set.of());
    if (aggregates.isEmpty() || !(route.key() instanceof RouteKey.Inet inet)) {
      return affected;
    }
    IpPrefix prefix = inet.prefix();
    boolean usable = route.best() != null;
    for (Map.Entry<RouteKey, Standing> entry : aggregates.entrySet()) {
      Standing standing = entry.getValue();
      if (standing.aggregate.covers(prefix)) {
        boolean stood = !standing.contributors.isEmpty();
        if (usable) {
          standing.contributors.add(route);
        } else {
          standing.contributors.remove(route);
        }
        if (stood == standing.contributors.isEmpty()) {
          affected = new LinkedHashSet<>(affected);
          affected.add(entry.getKey());
        }
      }
    }
    return affected;
  }

  /** The paths that the configuration comes to now, under a key. */
  List<Path> paths(RouteKey key) {
    List<Path> found = new ArrayList<>();
    for (StaticRoute route : statics.getOrDefault(key, List.of())) {
      for (Path via : resolve(new RouteKey.Inet(route.nextHop().toHostPrefix()))) {
        found.add(path(key, STATIC, found.size(), via, route.targets(), communities(route)));
      }
    }
    Standing standing = aggregates.get(key);
    if (standing != null && !standing.contributors.isEmpty()) {
      int number = 0;
      for (Path via : resolve(new RouteKey.Inet(standing.aggregate.nextHop().toHostPrefix()))) {
        found.add(
            path(
                key,
                AGGREGATE,
                number++,
                via,
                Collections.emptySortedSet(),
                Collections.emptySortedSet()));
      }
    }
    return found;
  }

  /** Tungsten Fabric puts the mark on each: it may lead to the very host that hears it. */
  private static SortedSet<Integer> communities(StaticRoute route) {
    SortedSet<Integer> all = new TreeSet<>(route.communities());
    all.add(Communities.ACCEPT_OWN_NEXTHOP);
    return all;
  }

  /** The paths by which a next hop is reached, best first; its route need not be settled. */
  private List<Path> resolve(RouteKey nextHop) {
    Route route = table.route(nextHop);
    if (route == null) {
      return List.of();
    }
    List<Path> told = route.paths().stream().filter(p -> !p.peer().kind().isDerived()).toList();
    return Selection.of(told, table.rules()).ecmp();
  }

  /** A path that leads where `via` leads. Its network is that of the instance. */
  private Path path(
      RouteKey key,
      Peer peer,
      int number,
      Path via,
      SortedSet<RouteTarget> targets,
      SortedSet<Integer> communities) {
    RouteAttributes led = via.attributes();
    Preference preference = led.preference();
    Membership membership = led.membership();
    RouteAttributes attributes =
        new RouteAttributes(
            led.nextHop(),
            new Preference(
                preference.local(),
                preference.med(),
                Origin.IGP,
                preference.asPath(),
                Mobility.NONE,
                Reflection.NONE),
            new Membership(
                targets,
                null,
                membership.securityGroups(),
                communities,
                membership.other(),
                membership.passed(),
                null,
                membership.largeTags()),
            null);
    return new Path(
        table.id(), key, peer, number, attributes, distinguisher(via), via.condition(), false);
  }

  private static @Nullable RouteDistinguisher distinguisher(Path via) {
    return via.rd() == null && via.key() instanceof RouteKey.Vpn vpn ? vpn.rd() : via.rd();
  }
}
