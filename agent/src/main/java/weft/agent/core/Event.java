package weft.agent.core;

import java.util.List;
import java.util.UUID;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.vrouter.TableKey;
import weft.xmpp.ControlMessage;

/** What can happen to the agent's core. */
public sealed interface Event {
  /** The underlay device is there, or has changed. */
  record FabricFound(String device, int ifindex, MacAddress mac, Ipv4Address address)
      implements Event {}

  /** One of the agent's control nodes, 0 or 1, has this address. */
  record ControlNodeFound(int node, Ipv4Address address) implements Event {}

  /** A socket of this host listens for a service, at that port of its own. */
  record ServiceOpened(TableKey.ServiceKey service, int port) implements Event {}

  record ServiceClosed(TableKey.ServiceKey service) implements Event {}

  /** A port was plugged, or what is known of it has changed. */
  record PortPlugged(Port port) implements Event {}

  record PortUnplugged(UUID id) implements Event {}

  /** The guest of a port has said, unasked or not, that it has an address. */
  record AddressClaimed(UUID port, IpAddress address) implements Event {}

  /** A port's guest has sent from a MAC that is not the port's. */
  record MacHeard(UUID port, MacAddress mac, long nowNs) implements Event {}

  /** Nothing has come from a MAC that was heard for as long as its network remembers it. */
  record MacSilent(String vrf, MacAddress mac) implements Event {}

  /** The checks of a port's guest have failed, or are good again. */
  record HealthChanged(UUID port, boolean good) implements Event {}

  /** The control node has sent config. */
  record ConfigCame(ControlMessage.ConfigSection section) implements Event {}

  /** A control node has sent routes of a table such as `1/1/default-domain:demo:net:net`. */
  record RoutesCame(int node, String table, List<ControlMessage.Entry> entries) implements Event {
    public RoutesCame {
      entries = List.copyOf(entries);
    }
  }

  record RoutesWent(int node, String table, List<String> ids) implements Event {
    public RoutesWent {
      ids = List.copyOf(ids);
    }
  }

  /** Config comes anew, from any control node: what is here stays, marked stale. */
  record ConfigOpened() implements Event {}

  /** All config is here: what is still stale goes. */
  record ConfigComplete() implements Event {}

  /** A new session with a control node: what it sent before stays, unconfirmed. */
  record SessionOpened(int node) implements Event {}

  /** The session is over: what no other control node says too stays, unconfirmed. */
  record SessionLost(int node) implements Event {}

  /**
   * The control node has sent all its routes, or waiting for it is over: what is unconfirmed goes.
   */
  record RoutesComplete(int node) implements Event {}
}
