package weft.vrouter;

import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;

/**
 * A flow entry as the datapath keeps it.
 *
 * @param forward true for the direction whose first packet made the flow
 * @param fromGuest true if this direction is what the guest sends
 * @param reason why it is dropped, or NONE
 * @param acl the ACL that decided, 0 if none was asked
 * @param rule index of the rule in that ACL, or -1 if none matched
 * @param ageMs since the last packet
 * @param nat how its packets are changed, or null
 * @param outward its packets go to the underlay by this host's address, or come from there
 * @param shared how much of the addresses connections share it by, null if it is of one connection
 * @param tcp flags of TCP that this direction has had since its last SYN, as they stand in the
 *     header: FIN 1, SYN 2, RST 4, ACK 16
 */
public record Flow(
    FlowKey key,
    Acl.Action action,
    boolean forward,
    boolean fromGuest,
    DropReason reason,
    int acl,
    int rule,
    long packets,
    long bytes,
    long ageMs,
    @Nullable Nat nat,
    boolean outward,
    @Nullable Shared shared,
    int tcp) {
  /** A flow whose packets go as they are. */
  public Flow(
      FlowKey key,
      Acl.Action action,
      boolean forward,
      boolean fromGuest,
      DropReason reason,
      int acl,
      int rule,
      long packets,
      long bytes,
      long ageMs) {
    this(
        key, action, forward, fromGuest, reason, acl, rule, packets, bytes, ageMs, null, false,
        null, 0);
  }

  /** The key of the entry for the other direction. */
  public FlowKey reverseKey() {
    return (nat == null ? key : nat.translated(key)).reverse();
  }

  /**
   * A flow of several connections; ports of 0 are any.
   *
   * @param sourceLength how many bits of the source it has
   */
  public record Shared(int sourceLength, int destinationLength) {}

  /**
   * How packets of a flow are changed.
   *
   * @param source true if it is their source, false if it is their destination
   * @param address what takes its place
   * @param port likewise
   * @param vrf where the outside address is
   * @param far what takes the place of the other address, or null
   */
  public record Nat(boolean source, IpAddress address, int port, int vrf, @Nullable IpAddress far) {
    /** One that changes one address only. */
    public Nat(boolean source, IpAddress address, int port, int vrf) {
      this(source, address, port, vrf, null);
    }

    public FlowKey translated(FlowKey key) {
      IpAddress other = far != null ? far : source ? key.destination() : key.source();
      return source
          ? new FlowKey(key.vif(), address, other, key.protocol(), port, key.destinationPort())
          : new FlowKey(key.vif(), other, address, key.protocol(), key.sourcePort(), port);
    }
  }
}
