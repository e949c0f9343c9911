package weft.vrouter;

import weft.net.IpAddress;
import weft.net.Ipv4Address;

/**
 * A flow between this host's agent and a guest, which asks no policy.
 *
 * @param guest who is asked: the guest, or who is behind it
 * @param self the address under which the agent is seen
 * @param selfPort for ICMP the number of the echo
 * @param socket whether it is a socket at {@link Service#HOST}, of the same port, that speaks; its
 *     other end is {@link Service#addressOf} the vif
 */
public record OwnFlow(
    int vif,
    IpAddress guest,
    int guestPort,
    IpAddress self,
    int selfPort,
    int protocol,
    boolean socket) {
  public OwnFlow {
    if (socket && !(guest instanceof Ipv4Address && self instanceof Ipv4Address)) {
      throw new IllegalArgumentException("sockets speak IPv4 with guests");
    }
  }

  /** Of what the guest says. */
  public FlowKey fromGuest() {
    return new FlowKey(vif, guest, self, protocol, guestPort, selfPort);
  }

  /** Of what is said to it, as it enters the datapath. */
  public FlowKey toGuest() {
    return socket
        ? new FlowKey(vif, Service.HOST, Service.addressOf(vif), protocol, selfPort, guestPort)
        : fromGuest().reverse();
  }
}
