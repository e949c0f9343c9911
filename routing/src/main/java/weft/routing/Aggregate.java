package weft.routing;

import java.util.Comparator;
import weft.net.IpAddress;
import weft.net.IpPrefix;

/**
 * A prefix that stands for all longer ones of an instance: it is there as long as one of them is
 * and its next hop has a route, and they do not leave the instance.
 */
public record Aggregate(IpPrefix prefix, IpAddress nextHop) implements Comparable<Aggregate> {
  private static final Comparator<Aggregate> ORDER =
      Comparator.comparing(Aggregate::prefix).thenComparing(Aggregate::nextHop);

  /** Whether a route of that prefix is one of those it stands for. */
  boolean covers(IpPrefix other) {
    return other.length() > prefix.length() && prefix.contains(other);
  }

  @Override
  public int compareTo(Aggregate other) {
    return ORDER.compare(this, other);
  }
}
