package weft.routing;

import weft.net.IpAddress;

/**
 * Who tells us routes.
 *
 * @param name unique over all kinds
 * @param address the far end of the session
 * @param routerId the BGP identifier; the address's bits for agents
 */
public record Peer(String name, Kind kind, IpAddress address, int routerId) {

  /** Kinds of peer, in the order in which best-path selection prefers them. */
  public enum Kind {
    /** The control node itself. */
    LOCAL,
    /** Configuration: aggregates. */
    AGGREGATE,
    /** Configuration: static routes. */
    STATIC,
    /** A vRouter agent. */
    AGENT,
    EXTERNAL_BGP,
    INTERNAL_BGP;

    /** Whether routes of that kind are made here of routes that others tell. */
    boolean isDerived() {
      return this == AGGREGATE || this == STATIC;
    }
  }
}
