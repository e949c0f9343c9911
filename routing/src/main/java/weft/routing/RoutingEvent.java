package weft.routing;

import org.jspecify.annotations.Nullable;
import weft.net.RouteDistinguisher;

/** What can happen to the routing tables. */
public sealed interface RoutingEvent {

  /** A session opened. What the peer told in an earlier one is still there if it was retained. */
  record PeerUp(Peer peer) implements RoutingEvent {}

  /**
   * A session ended.
   *
   * @param retain keep the peer's routes and subscriptions as stale, for it to come back
   */
  record PeerDown(String peer, boolean retain) implements RoutingEvent {}

  /** The peer stays away: its stale routes become the last choice. */
  record PeerLost(String peer) implements RoutingEvent {}

  /** The peer told all it has, or its time is over: what is still stale goes. */
  record Sweep(String peer) implements RoutingEvent {}

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

  /** A BGP peer wants the routes of a backbone table. */
  record Join(String peer, Family family) implements RoutingEvent {}

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
      implements RoutingEvent {}

  record Withdraw(String peer, TableId table, RouteKey key, int number) implements RoutingEvent {}

  record InstanceChanged(InstanceConfig config) implements RoutingEvent {}

  record InstanceRemoved(String name) implements RoutingEvent {}
}
