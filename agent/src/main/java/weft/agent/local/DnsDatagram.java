package weft.agent.local;

import org.jspecify.annotations.Nullable;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.Reader;

/**
 * A question of a guest over UDP.
 *
 * @param server the address that was asked
 * @param message the question, or what was sent in its place
 */
@SuppressWarnings("ArrayRecordComponent") // written once, read once
public record DnsDatagram(
    MacAddress guestMac, Ipv4Address guest, int port, Ipv4Address server, byte[] message) {
  private static final int DNS = 53;

  /** Null if the frame is no datagram to a DNS server. */
  public static @Nullable DnsDatagram parse(byte[] frame) {
    Ipv4Frame packet = Ipv4Frame.parse(frame);
    if (packet == null || packet.protocol() != Ipv4Frame.UDP) {
      return null;
    }
    try {
      Reader in = new Reader(packet.payload());
      int from = in.u16();
      int to = in.u16();
      int length = in.u16();
      in.skip(2);
      if (to != DNS || length < 8) {
        return null;
      }
      return new DnsDatagram(
          packet.sourceMac(), packet.source(), from, packet.destination(), in.bytes(length - 8));
    } catch (Reader.Underflow e) {
      return null;
    }
  }

  /** The frame that answers it. */
  public byte[] answer(byte[] content) {
    return new Ipv4Frame(
            guestMac,
            MacAddress.GATEWAY,
            server,
            guest,
            Ipv4Frame.UDP,
            Ipv4Frame.udp(server, DNS, guest, port, content))
        .toBytes();
  }
}
