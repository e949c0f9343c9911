package weft.agent.local;

import org.jspecify.annotations.Nullable;
import weft.bfd.BfdPacket;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.net.MacAddress;

/** BFD packets in frames to and from guests (RFC 5881). */
public final class BfdFrame {
  private static final int PORT = 3784;
  private static final int FIRST_SOURCE = 49152;
  private static final int HOPS = 255;

  private BfdFrame() {}

  /**
   * The frame that carries a packet to a guest.
   *
   * @param self of the family of `target`
   */
  public static byte[] to(MacAddress guest, BfdPacket packet, IpAddress self, IpAddress target) {
    int source = FIRST_SOURCE + (packet.mine() & 0x3fff);
    byte[] content = packet.toBytes();
    if (self instanceof Ipv4Address from && target instanceof Ipv4Address to) {
      byte[] datagram = Ipv4Frame.udp(from, source, to, PORT, content);
      return new Ipv4Frame(guest, MacAddress.GATEWAY, from, to, Ipv4Frame.UDP, datagram)
          .toBytes(HOPS);
    }
    if (self instanceof Ipv6Address from && target instanceof Ipv6Address to) {
      byte[] datagram = Ipv6Frame.udp(from, source, to, PORT, content);
      return new Ipv6Frame(guest, MacAddress.GATEWAY, from, to, Ipv6Frame.UDP, HOPS, datagram)
          .toBytes();
    }
    throw new IllegalStateException("a session has addresses of one family");
  }

  /** What a guest has sent from `target` to `self`, or null. */
  public static @Nullable BfdPacket from(byte[] frame, IpAddress self, IpAddress target) {
    Ipv4Frame v4 = Ipv4Frame.parse(frame);
    if (v4 != null && v4.source().equals(target) && v4.destination().equals(self)) {
      return v4.protocol() == Ipv4Frame.UDP ? packet(v4.payload()) : null;
    }
    Ipv6Frame v6 = Ipv6Frame.parse(frame);
    if (v6 != null && v6.source().equals(target) && v6.destination().equals(self)) {
      return v6.nextHeader() == Ipv6Frame.UDP ? packet(v6.payload()) : null;
    }
    return null;
  }

  private static @Nullable BfdPacket packet(byte[] datagram) {
    Udp udp = Udp.parse(datagram);
    return udp == null || udp.to() != PORT ? null : BfdPacket.parse(udp.content());
  }
}
