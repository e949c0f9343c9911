package weft.routing;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The steps of best-path selection, in their order; each says which of two paths is better. */
public enum Criterion {
  FEASIBLE(Comparator.comparing(p -> !p.isFeasible())),
  LOCAL_PREFERENCE(Comparator.comparingLong(p -> -p.attributes().preference().local())),
  /** A leaf of an E-Tree (RFC 8317) comes after what is none. */
  NOT_LEAF(Comparator.comparing(Path::isLeaf)),
  STICKY_MAC(Comparator.comparing(p -> !p.attributes().preference().mobility().sticky())),
  MAC_MOBILITY(Comparator.comparingLong(p -> -p.attributes().preference().mobility().sequence())),
  NOT_LONG_STALE(Comparator.comparing(Path::isLongStale)),
  /** Nothing keeps paths apart that were both led through networks: see {@link Selection}. */
  AS_PATH_LENGTH(Comparator.comparingInt(Path::asPathLength)),
  ORIGIN(Comparator.comparing(p -> p.attributes().preference().origin())),
  /** Compared only among paths of one neighbour AS, hence not here but in the selection itself. */
  MED((_, _) -> 0),
  // What is equal so far is used together (ECMP); the rest only decides whose attributes are told.
  SOURCE(Comparator.comparing(p -> p.peer().kind())),
  PATH_NUMBER(Comparator.comparingInt(p -> p.id().number())),
  ROUTER_ID((a, b) -> Integer.compareUnsigned(originator(a), originator(b))),
  CLUSTER_LIST(
      Comparator.comparingInt(p -> p.attributes().preference().reflection().clusters().size())),
  PEER_NAME(Comparator.comparing((Path p) -> p.peer().name()).thenComparing(Path::id));

  /** The steps that must be equal for paths to be used together, but for the MED. */
  static final List<Criterion> EQUAL_COST =
      List.of(
          FEASIBLE,
          LOCAL_PREFERENCE,
          NOT_LEAF,
          STICKY_MAC,
          MAC_MOBILITY,
          NOT_LONG_STALE,
          AS_PATH_LENGTH,
          ORIGIN);

  /** The steps that order paths used together. The last one leaves no two equal. */
  static final List<Criterion> TIE_BREAK =
      List.of(SOURCE, PATH_NUMBER, ROUTER_ID, CLUSTER_LIST, PEER_NAME);

  @SuppressWarnings("ImmutableEnumChecker") // the comparators above hold no state
  private final Comparator<Path> order;

  Criterion(Comparator<Path> order) {
    this.order = order;
  }

  int compare(Path a, Path b) {
    return order.compare(a, b);
  }

  static int originator(Path path) {
    Integer originator = path.attributes().preference().reflection().originatorId();
    return originator == null ? path.peer().routerId() : originator;
  }

  /** As in `byLocalPreference`. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("by");
    for (String word : name().split("_", -1)) {
      text.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return text.toString();
  }
}
