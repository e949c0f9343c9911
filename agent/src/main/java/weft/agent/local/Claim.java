package weft.agent.local;

import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.MacAddress;
import weft.net.Reader;

/** What a guest says of an address as its own, by ARP (RFC 826) or neighbour advertisement. */
public final class Claim {
  private static final int ARP = 0x0806;
  private static final int ADVERTISEMENT = 136;

  private Claim() {}

  /** The address, or null if the frame says nothing of the kind. */
  public static @Nullable IpAddress of(byte[] frame) {
    Ipv6Frame v6 = Ipv6Frame.parse(frame);
    return v6 == null ? ofArp(frame) : ofAdvertisement(v6);
  }

  private static @Nullable IpAddress ofArp(byte[] frame) {
    try {
      Reader in = new Reader(frame);
      in.skip(12);
      if (in.u16() != ARP || in.u16() != 1 || in.u16() != 0x0800 || in.u16() != 0x0604) {
        return null;
      }
      in.skip(2);
      MacAddress _ = in.mac();
      return in.ipv4();
    } catch (Reader.Underflow e) {
      return null;
    }
  }

  private static @Nullable IpAddress ofAdvertisement(Ipv6Frame packet) {
    byte[] message = packet.payload();
    if (packet.nextHeader() != Ipv6Frame.ICMP
        || message.length < 24
        || (message[0] & 0xff) != ADVERTISEMENT) {
      return null;
    }
    Reader in = new Reader(message);
    in.skip(8);
    return in.ipv6();
  }
}
