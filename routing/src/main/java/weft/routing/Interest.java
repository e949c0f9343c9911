package weft.routing;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import weft.net.RouteTarget;

/** The route targets whose routes a BGP peer wants, as it told them (RFC 4684). */
final class Interest {
  /** How often each whole target is wanted: several ASes may want it. */
  private final Map<Long, Integer> whole = new HashMap<>();

  /** The same of those that are less than a whole target, the default among them. */
  private final Map<Bits, Integer> shorter = new HashMap<>();

  /** The first `length` bits of a target. */
  private record Bits(long target, int length) {
    static Bits of(RouteKey.Membership key) {
      int length = Math.max(key.length() - 32, 0);
      return new Bits(length == 0 ? 0 : key.target() >>> 64 - length, length);
    }

    boolean matches(long other) {
      return length == 0 || other >>> 64 - length == target;
    }
  }

  /** Returns whether that changes what is wanted. */
  boolean add(RouteKey.Membership key) {
    return isWhole(key)
        ? whole.merge(key.target(), 1, Integer::sum) == 1
        : shorter.merge(Bits.of(key), 1, Integer::sum) == 1;
  }

  /** Returns whether that changes what is wanted. */
  boolean remove(RouteKey.Membership key) {
    return isWhole(key)
        ? whole.computeIfPresent(key.target(), (_, n) -> n == 1 ? null : n - 1) == null
        : shorter.computeIfPresent(Bits.of(key), (_, n) -> n == 1 ? null : n - 1) == null;
  }

  static boolean isWhole(RouteKey.Membership key) {
    return key.length() == 96;
  }

  /** Whether a route with these targets is wanted. */
  boolean takes(Collection<RouteTarget> targets) {
    for (RouteTarget target : targets) {
      if (whole.containsKey(target.bits())) {
        return true;
      }
    }
    for (Bits bits : shorter.keySet()) {
      if (bits.length() == 0 || targets.stream().anyMatch(t -> bits.matches(t.bits()))) {
        return true;
      }
    }
    return false;
  }
}
