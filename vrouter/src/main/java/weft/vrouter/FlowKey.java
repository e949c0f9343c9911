package weft.vrouter;

import weft.net.IpAddress;

/**
 * Names a flow at one vif; each direction has its own entry. For an ICMP echo request the source
 * port is the identifier and the destination port is 0, for its reply the other way round; other
 * ICMP has type in the source port and code in the destination port.
 *
 * @param vif the local vif at which the flow is judged
 */
public record FlowKey(
    int vif,
    IpAddress source,
    IpAddress destination,
    int protocol,
    int sourcePort,
    int destinationPort) {
  /** The key of the packets that answer this flow's. */
  public FlowKey reverse() {
    return new FlowKey(vif, destination, source, protocol, destinationPort, sourcePort);
  }
}
