package weft.datapath;

/**
 * What went through a vif.
 *
 * @param rxPackets packets that came from the guest, or from the underlay in a tunnel
 * @param txPackets packets that were sent to it
 */
public record VifStats(long rxPackets, long rxBytes, long txPackets, long txBytes) {
  public static final VifStats ZERO = new VifStats(0, 0, 0, 0);
}
