package weft.agent.local;

import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.net.MacAddress;
import weft.net.Reader;
import weft.net.Writer;

/**
 * Asks for an echo by way of a guest, and knows the answer (RFC 792, RFC 4443).
 *
 * @param guestMac to whom the frame goes
 * @param self the address that asks, of the family of `target`
 * @param id tells this probe's answers from others
 */
public record EchoProbe(MacAddress guestMac, IpAddress self, IpAddress target, int id) {
  private static final int REQUEST = 8;
  private static final int REPLY = 0;
  private static final int REQUEST_V6 = 128;
  private static final int REPLY_V6 = 129;
  private static final byte[] CONTENT = new byte[24];

  public byte[] request(int sequence) {
    boolean v4 = target.isV4();
    byte[] message =
        new Writer(8 + CONTENT.length)
            .u8(v4 ? REQUEST : REQUEST_V6)
            .u8(0)
            .u16(0)
            .u16(id)
            .u16(sequence)
            .bytes(CONTENT)
            .toBytes();
    if (self instanceof Ipv4Address from && target instanceof Ipv4Address to) {
      int check = Ipv4Frame.fold(Ipv4Frame.sum(message, 0, message.length, 0));
      message[2] = (byte) (check >> 8);
      message[3] = (byte) check;
      return new Ipv4Frame(guestMac, MacAddress.GATEWAY, from, to, Ipv4Frame.ICMP, message)
          .toBytes();
    }
    if (self instanceof Ipv6Address from && target instanceof Ipv6Address to) {
      byte[] checked = Ipv6Frame.icmp(from, to, message);
      return new Ipv6Frame(
              guestMac, MacAddress.GATEWAY, from, to, Ipv6Frame.ICMP, Ipv6Frame.ON_LINK, checked)
          .toBytes();
    }
    throw new IllegalStateException("a probe has addresses of one family");
  }

  /** The sequence number that a frame answers, or -1 if it is no answer to this probe. */
  public int answered(byte[] frame) {
    Ipv4Frame v4 = Ipv4Frame.parse(frame);
    if (v4 != null) {
      return v4.protocol() == Ipv4Frame.ICMP
              && v4.source().equals(target)
              && v4.destination().equals(self)
          ? sequence(v4.payload(), REPLY)
          : -1;
    }
    Ipv6Frame v6 = Ipv6Frame.parse(frame);
    return v6 != null
            && v6.nextHeader() == Ipv6Frame.ICMP
            && v6.source().equals(target)
            && v6.destination().equals(self)
        ? sequence(v6.payload(), REPLY_V6)
        : -1;
  }

  private int sequence(byte[] message, int reply) {
    try {
      Reader in = new Reader(message);
      boolean mine = in.u8() == reply && in.u8() == 0;
      in.skip(2);
      boolean asked = in.u16() == id;
      return mine && asked ? in.u16() : -1;
    } catch (Reader.Underflow e) {
      return -1;
    }
  }
}
