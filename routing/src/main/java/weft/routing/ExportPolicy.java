package weft.routing;

import java.util.SortedSet;

/** To whom a table's routes are told, and so in which form and which of them. */
public enum ExportPolicy {
  /** Agents: all of an instance's routes, their own included. */
  AGENTS,
  /**
   * BGP peers of our AS: what no other such peer told us (RFC 4271 section 9.2.1), unless we
   * reflect (RFC 4456).
   */
  INTERNAL_BGP,
  /** BGP peers of another AS: what may leave ours. */
  EXTERNAL_BGP;

  private static final int NO_EXPORT = 0xffff_ff01;
  private static final int NO_ADVERTISE = 0xffff_ff02;
  private static final int NO_EXPORT_SUBCONFED = 0xffff_ff03;

  static ExportPolicy of(Peer.Kind kind) {
    return switch (kind) {
      case AGENT, LOCAL, AGGREGATE, STATIC -> AGENTS;
      case INTERNAL_BGP -> INTERNAL_BGP;
      case EXTERNAL_BGP -> EXTERNAL_BGP;
    };
  }

  /**
   * Whether a route with that best path may be told at all.
   *
   * @param reflecting we are a route reflector, and all peers of our AS are its clients
   */
  boolean permits(Path best, boolean reflecting) {
    SortedSet<Integer> communities = best.attributes().membership().communities();
    return switch (this) {
      case AGENTS -> true;
      case INTERNAL_BGP ->
          (reflecting || best.peer().kind() != Peer.Kind.INTERNAL_BGP)
              && (communities.isEmpty() || !communities.contains(NO_ADVERTISE));
      case EXTERNAL_BGP ->
          communities.isEmpty()
              || (!communities.contains(NO_ADVERTISE)
                  && !communities.contains(NO_EXPORT)
                  && !communities.contains(NO_EXPORT_SUBCONFED));
    };
  }
}
