package weft.vrouter;

/**
 * Why a packet was dropped. The ordinal is the index of the datapath's counter; a test compares
 * this list with the datapath's header. New reasons go to the end.
 */
public enum DropReason {
  NONE("none"),
  INVALID_PACKET("packet is truncated or malformed"),
  NO_VIF("interface is not known"),
  INVALID_SOURCE("source address or MAC is not the port's own"),
  NO_VRF("VRF is not known"),
  NO_ROUTE("no route to the destination"),
  NO_SOURCE_ROUTE("no route to the source"),
  L2_NO_ROUTE("destination MAC is not known"),
  INVALID_NEXT_HOP("next hop is missing or not usable"),
  DISCARD("route discards"),
  INVALID_LABEL("label is not known"),
  INVALID_VNI("VNI is not known"),
  INVALID_TUNNEL_SOURCE("tunnel comes from an unknown host"),
  TTL_EXCEEDED("TTL ran out"),
  PACKET_TOO_BIG("packet does not fit the underlay"),
  POLICY("network policy denies"),
  POLICY_NO_MATCH("no rule of the network policy matches"),
  SECURITY_GROUP_IN("no ingress rule of the security groups matches"),
  SECURITY_GROUP_OUT("no egress rule of the security groups matches"),
  FLOW_TABLE_FULL("flow table is full"),
  FLOW_QUOTA("port has used up its flows"),
  TRAP_QUEUE_FULL("agent's queue is full"),
  TRAP_RATE("port sends too much to the agent"),
  ARP_NOT_ANSWERED("ARP or ND for an address nobody has"),
  UNSUPPORTED_PROTOCOL("protocol is not forwarded"),
  REWRITE_FAILED("headers could not be written"),
  LOOP("packet would go back where it came from"),
  FRAGMENT_NO_HEAD("fragment came without its first one"),
  FLOW_INVALID("flow entry is not usable"),
  FLOATING_DIRECTION("floating address takes no connections from outside"),
  FLOATING_PORT("port of the floating address is not mapped"),
  NAT_CONFLICT("another connection has the same addresses and ports"),
  NO_FREE_PORT("no port of the host's address is free for the guest"),
  NO_SUB_INTERFACE("VLAN tag is of no sub-interface"),
  MAC_LIMIT("network takes no more MACs");

  private final String text;

  DropReason(String text) {
    this.text = text;
  }

  /** One line for people. */
  public String text() {
    return text;
  }
}
