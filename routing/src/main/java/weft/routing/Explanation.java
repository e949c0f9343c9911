package weft.routing;

import weft.net.Ipv4Address;
import weft.routing.RouteAttributes.Preference;

/** A {@link Decision} in words, with the values that decided. */
public final class Explanation {
  private Explanation() {}

  /** Why the path at `index` of a ranking stands there, such as `best: MED 10, the next has 20`. */
  public static String of(Selection selection, int index) {
    Path path = selection.ranked().get(index);
    return switch (selection.decision(index)) {
      case Decision.OnlyPath _ -> "best: the only path";
      case Decision.Rejected _ -> "not used: the instance's routing policy rejects it";
      case Decision.Unreached _ ->
          "not used: the fabric has no route to its next hop "
              + path.attributes().nextHop().address();
      case Decision.Infeasible _ -> "not used: its next hop cannot be reached from here";
      case Decision.Preferred(Criterion by) -> "best: " + preferred(by, selection);
      case Decision.EqualCost(Criterion by) ->
          "used beside the best: equal cost; " + compared(by, path, selection, "the best");
      case Decision.NotPreferred(Criterion by) ->
          "not used: " + compared(by, path, selection, "the best");
    };
  }

  private static String preferred(Criterion by, Selection selection) {
    Path next = selection.ranked().get(1);
    return by == Criterion.FEASIBLE
        ? "no other path can be used"
        : word(by)
            + " "
            + value(by, selection.ranked().getFirst())
            + scope(by, selection.ranked().getFirst(), next)
            + ", the next has "
            + value(by, next);
  }

  private static String compared(Criterion by, Path path, Selection selection, String other) {
    return word(by)
        + " "
        + value(by, path)
        + scope(by, path, selection.ranked().getFirst())
        + ", "
        + other
        + " has "
        + value(by, selection.ranked().getFirst());
  }

  /** Paths of different neighbours have their MEDs compared only if the operator wants that. */
  private static String scope(Criterion by, Path one, Path other) {
    return by == Criterion.MED && one.neighbourAs() != other.neighbourAs()
        ? " (of any neighbour AS)"
        : "";
  }

  private static String word(Criterion by) {
    return switch (by) {
      case FEASIBLE -> "usable";
      case LOCAL_PREFERENCE -> "local preference";
      case NOT_LEAF -> "leaf of an E-Tree";
      case STICKY_MAC -> "sticky MAC";
      case MAC_MOBILITY -> "mobility sequence number";
      case NOT_LONG_STALE -> "long-lived stale";
      case AS_PATH_LENGTH -> "AS path length";
      case ORIGIN -> "origin";
      case MED -> "MED";
      case SOURCE -> "kind of source";
      case PATH_NUMBER -> "path number";
      case ROUTER_ID -> "router id";
      case CLUSTER_LIST -> "cluster list length";
      case PEER_NAME -> "peer";
    };
  }

  private static String value(Criterion by, Path path) {
    Preference preference = path.attributes().preference();
    return switch (by) {
      case FEASIBLE -> yes(path.isFeasible());
      case LOCAL_PREFERENCE -> Long.toString(preference.local());
      case NOT_LEAF -> yes(path.isLeaf());
      case STICKY_MAC -> yes(preference.mobility().sticky());
      case MAC_MOBILITY -> Long.toString(preference.mobility().sequence());
      case NOT_LONG_STALE -> yes(path.isLongStale());
      case AS_PATH_LENGTH -> Integer.toString(preference.asPath().size());
      case ORIGIN -> preference.origin().name();
      case MED -> {
        Long med = preference.med();
        yield med == null ? "0 (none given)" : med.toString();
      }
      case SOURCE -> path.peer().kind().name();
      case PATH_NUMBER -> Integer.toString(path.number());
      case ROUTER_ID -> new Ipv4Address(Criterion.originator(path)).toString();
      case CLUSTER_LIST -> Integer.toString(preference.reflection().clusters().size());
      case PEER_NAME -> path.peer().name();
    };
  }

  private static String yes(boolean is) {
    return is ? "yes" : "no";
  }
}
