package weft.routing;

import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.RouteDistinguisher;

/** What can happen to the routing tables. */
public sealed interface RoutingEvent {

  /** What a peer tells of a route. */
  sealed interface Told extends RoutingEvent {
    TableId table();

    RouteKey key();
  }

  /** A session opened. What the peer told in an earlier one is still there if it was retained. */
  record PeerUp(Peer peer) implements RoutingEvent {}

  /**
   * A session ended.
   *
   * @param retain keep the peer's routes and subscriptions as stale, for it to come back
   */
  record PeerDown(String peer, boolean retain) implements RoutingEvent {}

  /**
   * What the peer told of a family is stale until it is told again: the peer tells all of it anew
   * (RFC 7313), or did not keep it (RFC 4724).
   */
  record Doubt(String peer, Family family) implements RoutingEvent {}

  /**
   * The peer stays away: its stale routes become the last choice, or go if they say so (RFC 9494).
   *
   * @param family of a BGP peer; null for all
   */
  record PeerLost(String peer, @Nullable Family family) implements RoutingEvent {}

  /**
   * The peer told all it has, or its time is over: what is still stale goes.
   *
   * @param family of a BGP peer; null for all, and for the subscriptions of an agent
   */
  record Sweep(String peer, @Nullable Family family) implements RoutingEvent {
    public Sweep(String peer) {
      this(peer, null);
    }
  }

  /**
   * An agent has a port in an instance: it tells the routes of all its tables.
   *
   * @param instanceId the agent's own number for it
   * @param feed true if the agent also wants them
   */
  record Subscribe(String peer, String instance, int instanceId, boolean feed)
      implements RoutingEvent {}

  /** The agent's routes in the instance go with its subscription. */
  record Unsubscribe(String peer, String instance) implements RoutingEvent {}

  /**
   * A BGP peer wants the routes of a backbone table; if it has them already and wants another
   * number of paths, all of them again.
   */
  record Join(String peer, Family family, Wishes wishes) implements RoutingEvent {
    public Join(String peer, Family family) {
      this(peer, family, Wishes.NONE);
    }
  }

  /**
   * How a BGP peer wants the routes of a table.
   *
   * @param filtered only those with targets that it told us to want (RFC 4684)
   * @param longLived it understands routes of peers that are away for long (RFC 9494)
   * @param paths how many paths of a route it is told at most (RFC 7911); 1 for the best one
   */
  record Wishes(boolean filtered, boolean longLived, int paths) {
    public static final Wishes NONE = new Wishes(false, false);

    public Wishes(boolean filtered, boolean longLived) {
      this(filtered, longLived, 1);
    }
  }

  /** A BGP peer wants them all again (RFC 2918). */
  record Refresh(String peer, Family family) implements RoutingEvent {}

  /**
   * A peer tells a path; it replaces what the peer told before of that key and number.
   *
   * @param rd what distinguishes it on the backbone; null for routes that stay in their instance
   * @param feasible false if it cannot be used here
   */
  record Announce(
      String peer,
      TableId table,
      RouteKey key,
      int number,
      RouteAttributes attributes,
      @Nullable RouteDistinguisher rd,
      boolean feasible)
      implements Told {}

  record Withdraw(String peer, TableId table, RouteKey key, int number) implements Told {}

  /**
   * What we are as a BGP speaker.
   *
   * @param nextHop of what we tell of ourselves
   * @param reflecting peers of our AS are told what other such peers told us (RFC 4456)
   */
  record Speaker(long asn, IpAddress nextHop, boolean reflecting) implements RoutingEvent {}

  /** How the best paths of all routes are chosen. */
  record Ranked(BestPathRules rules) implements RoutingEvent {}

  /**
   * Whether paths of instances are of use only while the fabric has a host route to their next
   * hops.
   */
  record NextHopsChecked(boolean wanted) implements RoutingEvent {}

  record InstanceChanged(InstanceConfig config) implements RoutingEvent {}

  record InstanceRemoved(String name) implements RoutingEvent {}
}
