package weft.agent.local;

import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.net.MacAddress;

/**
 * A question of a guest over UDP.
 *
 * @param server the address that was asked
 * @param message the question, or what was sent in its place
 */
@SuppressWarnings("ArrayRecordComponent") // written once, read once
public record DnsDatagram(
    MacAddress guestMac, IpAddress guest, int port, IpAddress server, byte[] message) {
  private static final int DNS = 53;

  /** Null if the frame is no datagram to a DNS server. */
  public static @Nullable DnsDatagram parse(byte[] frame) {
    Ipv4Frame v4 = Ipv4Frame.parse(frame);
    if (v4 != null) {
      return v4.protocol() == Ipv4Frame.UDP
          ? of(v4.sourceMac(), v4.source(), v4.destination(), v4.payload())
          : null;
    }
    Ipv6Frame v6 = Ipv6Frame.parse(frame);
    return v6 != null && v6.nextHeader() == Ipv6Frame.UDP
        ? of(v6.sourceMac(), v6.source(), v6.destination(), v6.payload())
        : null;
  }

  private static @Nullable DnsDatagram of(
      MacAddress guestMac, IpAddress guest, IpAddress server, byte[] datagram) {
    Udp udp = Udp.parse(datagram);
    return udp == null || udp.to() != DNS
        ? null
        : new DnsDatagram(guestMac, guest, udp.from(), server, udp.content());
  }

  /** The frame that answers it. */
  public byte[] answer(byte[] content) {
    if (server instanceof Ipv4Address from && guest instanceof Ipv4Address to) {
      return new Ipv4Frame(
              guestMac,
              MacAddress.GATEWAY,
              from,
              to,
              Ipv4Frame.UDP,
              Ipv4Frame.udp(from, DNS, to, port, content))
          .toBytes();
    }
    if (server instanceof Ipv6Address from && guest instanceof Ipv6Address to) {
      return new Ipv6Frame(
              guestMac,
              MacAddress.GATEWAY,
              from,
              to,
              Ipv6Frame.UDP,
              Ipv6Frame.USUAL,
              Ipv6Frame.udp(from, DNS, to, port, content))
          .toBytes();
    }
    throw new IllegalStateException("a datagram has addresses of one family");
  }
}
