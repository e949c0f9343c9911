package weft.agent.local;

import org.jspecify.annotations.Nullable;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.Reader;
import weft.net.Writer;

/**
 * An IPv4 packet in an Ethernet frame, without IP options (RFC 894, RFC 791).
 *
 * <p>Checksums of what is read are not looked at: guests leave them to their device. What is
 * written has them.
 */
@SuppressWarnings("ArrayRecordComponent") // written once, read once
record Ipv4Frame(
    MacAddress destinationMac,
    MacAddress sourceMac,
    Ipv4Address source,
    Ipv4Address destination,
    int protocol,
    byte[] payload) {
  static final int ICMP = 1;
  static final int UDP = 17;
  static final int USUAL = 64;
  private static final int ETHERTYPE = 0x0800;
  private static final int HEADER = 20;

  /** Reads a frame; null if it is not whole IPv4, or a fragment. */
  static @Nullable Ipv4Frame parse(byte[] frame) {
    try {
      Reader in = new Reader(frame);
      MacAddress to = in.mac();
      MacAddress from = in.mac();
      int type = in.u16();
      if (type != ETHERTYPE) {
        return null;
      }
      int first = in.u8();
      int headerLength = (first & 0xf) * 4;
      in.skip(1);
      int total = in.u16();
      in.skip(2);
      boolean fragment = (in.u16() & 0x3fff) != 0;
      in.skip(1);
      int protocol = in.u8();
      in.skip(2);
      Ipv4Address source = in.ipv4();
      Ipv4Address destination = in.ipv4();
      if (first >> 4 != 4 || headerLength < HEADER || total < headerLength || fragment) {
        return null;
      }
      in.skip(headerLength - HEADER);
      return new Ipv4Frame(to, from, source, destination, protocol, in.bytes(total - headerLength));
    } catch (Reader.Underflow e) {
      return null;
    }
  }

  byte[] toBytes() {
    return toBytes(USUAL);
  }

  byte[] toBytes(int hopLimit) {
    Writer out = new Writer(14 + HEADER + payload.length);
    out.mac(destinationMac).mac(sourceMac).u16(ETHERTYPE);
    out.u8(0x45).u8(0).u16(HEADER + payload.length).u16(0).u16(0).u8(hopLimit).u8(protocol).u16(0);
    out.ip(source).ip(destination);
    byte[] header = out.toBytes();
    out.patchU16(24, fold(sum(header, 14, HEADER, 0)));
    out.bytes(payload);
    return out.toBytes();
  }

  /** A UDP datagram (RFC 768) with its checksum, to be the payload between these addresses. */
  static byte[] udp(
      Ipv4Address source, int sourcePort, Ipv4Address destination, int port, byte[] content) {
    int length = 8 + content.length;
    Writer out = new Writer(length);
    out.u16(sourcePort).u16(port).u16(length).u16(0).bytes(content);
    Writer pseudo = new Writer(12);
    pseudo.ip(source).ip(destination).u8(0).u8(UDP).u16(length);
    int check = fold(sum(out.toBytes(), 0, length, sum(pseudo.toBytes(), 0, 12, 0)));
    out.patchU16(6, check == 0 ? 0xffff : check);
    return out.toBytes();
  }

  /** The one's complement sum of RFC 1071, not yet folded. */
  static long sum(byte[] bytes, int from, int length, long start) {
    long sum = start;
    for (int i = 0; i < length; i += 2) {
      int high = bytes[from + i] & 0xff;
      int low = i + 1 < length ? bytes[from + i + 1] & 0xff : 0;
      sum += high << 8 | low;
    }
    return sum;
  }

  static int fold(long sum) {
    long folded = sum;
    while (folded >>> 16 != 0) {
      folded = (folded & 0xffff) + (folded >>> 16);
    }
    return (int) (~folded & 0xffff);
  }
}
