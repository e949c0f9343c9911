package weft.vrouter;

import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.Vni;

/**
 * Names one entry of the forwarding tables. Ids are the agent's own and stay the same over its
 * restarts.
 */
public sealed interface TableKey {
  /** A virtual interface; id 1..65535. */
  record VifKey(int id) implements TableKey {}

  /** A routing and bridging domain; id 1..65535. */
  record VrfKey(int id) implements TableKey {}

  /** A next hop; id 1..1048575. Id 0 always discards. */
  record NextHopKey(int id) implements TableKey {}

  /** A unicast route of either family. */
  record InetRouteKey(int vrf, IpPrefix prefix) implements TableKey {}

  /**
   * A MAC of a bridge; the broadcast MAC names the entry for all that is flooded, the MAC of zeros
   * that for MACs that are not known, if they go anywhere.
   */
  record BridgeKey(int vrf, MacAddress mac) implements TableKey {}

  /** An incoming MPLS label. */
  record LabelKey(Label label) implements TableKey {}

  /** An incoming VXLAN network identifier. */
  record VniKey(Vni vni) implements TableKey {}

  /** An access-control list; id 1..65535. Id 0 stands for none: all passes. */
  record AclKey(int id) implements TableKey {}

  /** A service for guests, under a link-local address (169.254.0.0/16). */
  record ServiceKey(Ipv4Address address, int port, int protocol) implements TableKey {}

  /** The floating addresses of a vif. */
  record FloatingKey(int vif) implements TableKey {}

  /** The ports of this host that guests of its networks may have in the underlay. */
  record PortPoolKey(int protocol) implements TableKey {}

  /** An address of this vRouter at which a vif's guest finds a control node's BGP. */
  record BgpServiceKey(int vif, Ipv4Address address) implements TableKey {}

  /** What connections of a vif share a flow. */
  record FatFlowKey(int vif) implements TableKey {}
}
