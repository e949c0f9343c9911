package weft.agent.local;

import org.jspecify.annotations.Nullable;
import weft.bfd.BfdPacket;
import weft.net.Ipv4Address;
import weft.net.MacAddress;

/** BFD packets in frames to and from guests (RFC 5881). */
public final class BfdFrame {
  private static final int PORT = 3784;
  private static final int FIRST_SOURCE = 49152;
  private static final int HOPS = 255;

  private BfdFrame() {}

  /** The frame that carries a packet to a guest. */
  public static byte[] to(
      MacAddress guest, BfdPacket packet, Ipv4Address self, Ipv4Address target) {
    int source = FIRST_SOURCE + (packet.mine() & 0x3fff);
    return new Ipv4Frame(
            guest,
            MacAddress.GATEWAY,
            self,
            target,
            Ipv4Frame.UDP,
            Ipv4Frame.udp(self, source, target, PORT, packet.toBytes()))
        .toBytes(HOPS);
  }

  /** What a guest has sent from `target` to `self`, or null. */
  public static @Nullable BfdPacket from(byte[] frame, Ipv4Address self, Ipv4Address target) {
    Ipv4Frame ip = Ipv4Frame.parse(frame);
    if (ip == null
        || ip.protocol() != Ipv4Frame.UDP
        || !ip.source().equals(target)
        || !ip.destination().equals(self)) {
      return null;
    }
    Udp udp = Udp.parse(ip.payload());
    return udp == null || udp.to() != PORT ? null : BfdPacket.parse(udp.content());
  }
}
