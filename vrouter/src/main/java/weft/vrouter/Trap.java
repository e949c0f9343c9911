package weft.vrouter;

/**
 * A packet that the datapath hands to the agent.
 *
 * @param vif where it came in
 * @param frame from the Ethernet header on; checksums may be unfinished
 */
public record Trap(Reason reason, int vif, byte[] frame) {
  /** Why it was handed up. The ordinal is the datapath's code. */
  public enum Reason {
    NONE,
    DHCP,
    RECEIVE,
    ARP,
    ROUTER_SOLICITATION,
    MAC
  }
}
