package weft.agent.local;

import org.jspecify.annotations.Nullable;
import weft.net.Ipv6Address;
import weft.net.MacAddress;
import weft.net.Reader;
import weft.net.Writer;

/**
 * A TCP segment (RFC 9293) in a frame of IPv6, to or from a guest.
 *
 * @param acknowledged what the sender waits for next; counts with {@link #ACK} only
 * @param flags such as {@link #SYN}
 */
@SuppressWarnings("ArrayRecordComponent") // written once, read once
public record TcpSegment(
    int from, int to, int sequence, int acknowledged, int flags, byte[] content) {
  public static final int FIN = 1;
  public static final int SYN = 2;
  public static final int RST = 4;
  public static final int PSH = 8;
  public static final int ACK = 16;

  private static final int PROTOCOL = 6;
  private static final int WORDS = 5;
  private static final int CHECKSUM = 16;
  private static final int WINDOW = 1220; // a segment of the least MTU

  /** The frame that carries it to a guest. */
  public byte[] to(MacAddress guest, Ipv6Address self, Ipv6Address target) {
    byte[] segment =
        new Writer(4 * WORDS + content.length)
            .u16(from)
            .u16(to)
            .i32(sequence)
            .i32(acknowledged)
            .u8(WORDS << 4)
            .u8(flags)
            .u16(WINDOW)
            .u16(0)
            .u16(0)
            .bytes(content)
            .toBytes();
    return new Ipv6Frame(
            guest,
            MacAddress.GATEWAY,
            self,
            target,
            PROTOCOL,
            Ipv6Frame.USUAL,
            Ipv6Frame.checked(self, target, PROTOCOL, CHECKSUM, segment))
        .toBytes();
  }

  /** What a guest has sent from `target` to `self`, or null. */
  public static @Nullable TcpSegment from(byte[] frame, Ipv6Address self, Ipv6Address target) {
    Ipv6Frame ip = Ipv6Frame.parse(frame);
    if (ip == null
        || ip.nextHeader() != PROTOCOL
        || !ip.source().equals(target)
        || !ip.destination().equals(self)) {
      return null;
    }
    try {
      Reader in = new Reader(ip.payload());
      int from = in.u16();
      int to = in.u16();
      int sequence = (int) in.u32();
      int acknowledged = (int) in.u32();
      int header = (in.u8() >> 4) * 4;
      int flags = in.u8();
      in.skip(6 + header - 4 * WORDS);
      return header < 4 * WORDS
          ? null
          : new TcpSegment(
              from, to, sequence, acknowledged, flags, in.bytes(ip.payload().length - header));
    } catch (Reader.Underflow e) {
      return null;
    }
  }

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }
}
