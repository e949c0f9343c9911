package weft.agent.local;

import org.jspecify.annotations.Nullable;
import weft.net.Ipv6Address;
import weft.net.MacAddress;
import weft.net.Reader;
import weft.net.Writer;

/**
 * An IPv6 packet in an Ethernet frame, without extension headers (RFC 2464, RFC 8200).
 *
 * <p>Checksums of what is read are not looked at: guests leave them to their device. What is
 * written has them.
 */
@SuppressWarnings("ArrayRecordComponent") // written once, read once
record Ipv6Frame(
    MacAddress destinationMac,
    MacAddress sourceMac,
    Ipv6Address source,
    Ipv6Address destination,
    int nextHeader,
    int hopLimit,
    byte[] payload) {
  static final int UDP = 17;
  static final int ICMP = 58;

  /** Of neighbour discovery, which by this shows that no router has passed it on. */
  static final int ON_LINK = 255;

  static final int USUAL = 64;
  private static final int ETHERTYPE = 0x86dd;
  private static final int HEADER = 40;

  /** Reads a frame; null if it is not whole IPv6. */
  static @Nullable Ipv6Frame parse(byte[] frame) {
    try {
      Reader in = new Reader(frame);
      MacAddress to = in.mac();
      MacAddress from = in.mac();
      if (in.u16() != ETHERTYPE || in.u8() >> 4 != 6) {
        return null;
      }
      in.skip(3);
      int length = in.u16();
      int next = in.u8();
      int hops = in.u8();
      Ipv6Address source = in.ipv6();
      Ipv6Address destination = in.ipv6();
      return new Ipv6Frame(to, from, source, destination, next, hops, in.bytes(length));
    } catch (Reader.Underflow e) {
      return null;
    }
  }

  byte[] toBytes() {
    return new Writer(14 + HEADER + payload.length)
        .mac(destinationMac)
        .mac(sourceMac)
        .u16(ETHERTYPE)
        .i32(6 << 28)
        .u16(payload.length)
        .u8(nextHeader)
        .u8(hopLimit)
        .ip(source)
        .ip(destination)
        .bytes(payload)
        .toBytes();
  }

  /** A UDP datagram with its checksum, to be the payload between these addresses. */
  static byte[] udp(
      Ipv6Address source, int sourcePort, Ipv6Address destination, int port, byte[] content) {
    Writer out = new Writer(8 + content.length);
    out.u16(sourcePort).u16(port).u16(8 + content.length).u16(0).bytes(content);
    int check = checksum(source, destination, UDP, out.toBytes());
    out.patchU16(6, check == 0 ? 0xffff : check);
    return out.toBytes();
  }

  /** An ICMPv6 message with its checksum in place of the zeros that `message` has there. */
  static byte[] icmp(Ipv6Address source, Ipv6Address destination, byte[] message) {
    return checked(source, destination, ICMP, 2, message);
  }

  /** A message with its checksum in place of the zeros that it has at `offset`. */
  static byte[] checked(
      Ipv6Address source, Ipv6Address destination, int nextHeader, int offset, byte[] message) {
    byte[] checked = message.clone();
    int check = checksum(source, destination, nextHeader, message);
    checked[offset] = (byte) (check >> 8);
    checked[offset + 1] = (byte) check;
    return checked;
  }

  private static int checksum(
      Ipv6Address source, Ipv6Address destination, int nextHeader, byte[] payload) {
    byte[] pseudo =
        new Writer(40).ip(source).ip(destination).i32(payload.length).i32(nextHeader).toBytes();
    long sum = Ipv4Frame.sum(pseudo, 0, pseudo.length, 0);
    return Ipv4Frame.fold(Ipv4Frame.sum(payload, 0, payload.length, sum));
  }
}
