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

  /** A socket of this host listens for a service, at that port of its own. */
  record ServiceOpened(TableKey.ServiceKey service, int port) implements Event {}

  record ServiceClosed(TableKey.ServiceKey service) implements Event {}

  /** A port was plugged, or what is known of it has changed. */
  record PortPlugged(Port port) implements Event {}

  record PortUnplugged(UUID id) implements Event {}

  /** The guest of a port has said, unasked or not, that it has an address. */
  record AddressClaimed(UUID port, IpAddress address) implements Event {}

  /** The control node has sent config. */
  record ConfigCame(ControlMessage.ConfigSection section) implements Event {}

  /** The control node has sent routes of a table such as `1/1/default-domain:demo:net:net`. */
  record RoutesCame(String table, List<ControlMessage.Entry> entries) implements Event {
    public RoutesCame {
      entries = List.copyOf(entries);
    }
  }

  record RoutesWent(String table, List<String> ids) implements Event {
    public RoutesWent {
      ids = List.copyOf(ids);
    }
  }

  /** A new session: what the old one brought stays, marked stale. */
  record SessionOpened() implements Event {}

  /** The session has sent all its config: what is still stale goes. */
  record ConfigComplete() implements Event {}

  /** The session has sent all its routes: what is still stale goes. */
  record RoutesComplete() implements Event {}
}
