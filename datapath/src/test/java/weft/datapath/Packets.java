package weft.datapath;

import java.util.Arrays;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.net.MacAddress;
import weft.net.Writer;

/** Packets by layer, from the inside out: `ethernet(a, b, ipv4(c, d, udp(1, 2, data)))`. */
final class Packets {
  static final int TCP = 6;
  static final int UDP = 17;
  static final int ICMP = 1;

  private Packets() {}

  /** What stands after a header, with the number by which the header before names it. */
  record Layer(int type, byte[] bytes) {}

  static byte[] data(int size) {
    byte[] data = new byte[size];
    for (int i = 0; i < size; i++) {
      data[i] = (byte) i;
    }
    return data;
  }

  static byte[] ethernet(MacAddress to, MacAddress from, Layer inner) {
    return new Writer().mac(to).mac(from).u16(inner.type()).bytes(inner.bytes()).toBytes();
  }

  static Layer ipv4(String from, String to, Layer inner) {
    return ipv4(from, to, 64, 0, 1, inner);
  }

  /**
   * @param fragment flags and offset as they stand in the header
   */
  static Layer ipv4(String from, String to, int ttl, int fragment, int id, Layer inner) {
    byte[] bytes =
        new Writer()
            .u8(0x45)
            .u8(0)
            .u16(20 + inner.bytes().length)
            .u16(id)
            .u16(fragment)
            .u8(ttl)
            .u8(inner.type())
            .u16(0)
            .ip(Ipv4Address.parse(from))
            .ip(Ipv4Address.parse(to))
            .bytes(inner.bytes())
            .toBytes();
    int checksum = checksum(bytes, 0, 20);
    bytes[10] = (byte) (checksum >> 8);
    bytes[11] = (byte) checksum;
    return new Layer(0x0800, bytes);
  }

  static Layer ipv6(String from, String to, Layer inner) {
    return new Layer(
        0x86dd,
        new Writer()
            .u32(0x60000000L)
            .u16(inner.bytes().length)
            .u8(inner.type())
            .u8(64)
            .ip(Ipv6Address.parse(from))
            .ip(Ipv6Address.parse(to))
            .bytes(inner.bytes())
            .toBytes());
  }

  static Layer udp(int from, int to, byte[] data) {
    return new Layer(
        UDP, new Writer().u16(from).u16(to).u16(8 + data.length).u16(0).bytes(data).toBytes());
  }

  static Layer tcp(int from, int to) {
    return tcp(from, to, 0x02);
  }

  static Layer tcp(int from, int to, int flags) {
    Writer out = new Writer().u16(from).u16(to).u32(1).u32(0);
    return new Layer(TCP, out.u16(0x5000 | flags).u16(512).u16(0).u16(0).toBytes());
  }

  static Layer echo(int type, int id) {
    return new Layer(
        ICMP, new Writer().u8(type).u8(0).u16(0).u16(id).u16(1).bytes(data(32)).toBytes());
  }

  static Layer echo6(int type, int id) {
    return new Layer(
        58, new Writer().u8(type).u8(0).u16(0).u16(id).u16(1).bytes(data(32)).toBytes());
  }

  /** Neighbour discovery from `from` to `to` about `target`, with its option of one MAC. */
  static Layer neighbour(
      int type, String from, String to, int flags, String target, int option, MacAddress mac) {
    byte[] message =
        new Writer()
            .u8(type)
            .u8(0)
            .u16(0)
            .i32(flags << 24)
            .ip(Ipv6Address.parse(target))
            .u8(option)
            .u8(1)
            .mac(mac)
            .toBytes();
    byte[] ip = ipv6(from, to, new Layer(58, message)).bytes();
    ip[7] = (byte) 255;
    return checked(new Layer(0x86dd, ip));
  }

  /** An ICMP error with what it is about: an IP packet. */
  static Layer unreachable(Layer about) {
    return new Layer(ICMP, new Writer().u8(3).u8(3).u16(0).i32(0).bytes(about.bytes()).toBytes());
  }

  static Layer arp(int operation, MacAddress mac, String sender, MacAddress other, String target) {
    return new Layer(
        0x0806,
        new Writer()
            .u16(1)
            .u16(0x0800)
            .u8(6)
            .u8(4)
            .u16(operation)
            .mac(mac)
            .ip(Ipv4Address.parse(sender))
            .mac(other)
            .ip(Ipv4Address.parse(target))
            .toBytes());
  }

  static Layer mplsUdp(int port, int label, byte[] payload) {
    byte[] bytes = mpls(label, payload);
    return udp(50000, port, bytes);
  }

  static Layer mplsGre(int label, byte[] payload) {
    return new Layer(47, new Writer().u16(0).u16(0x8847).bytes(mpls(label, payload)).toBytes());
  }

  static byte[] mpls(int label, byte[] payload) {
    return new Writer().i32(label << 12 | 0x100 | 64).bytes(payload).toBytes();
  }

  static Layer vxlan(int vni, byte[] frame) {
    return udp(50000, 4789, new Writer().i32(0x08000000).i32(vni << 8).bytes(frame).toBytes());
  }

  /** What stands under the label of a tree: a control word, a VXLAN header and the frame. */
  static byte[] branch(byte[] frame) {
    return new Writer().i32(0).i32(0x08000000).i32(PacketLab.VNI_1 << 8).bytes(frame).toBytes();
  }

  /** Where the transport's checksum is in an IP packet, or -1 if it has none. */
  private static int transportChecksum(byte[] ip) {
    boolean v4 = ip[0] >>> 4 == 4;
    int payload = v4 ? (ip[0] & 0xf) * 4 : 40;
    return switch (v4 ? ip[9] : ip[6]) {
      case ICMP -> payload + 2;
      case 58 -> payload + 2;
      case TCP -> payload + 16;
      case UDP -> payload + 6;
      default -> -1;
    };
  }

  /** The sum over pseudo header and transport as it stands; 0 if its checksum is right. */
  static int transportSum(byte[] ip) {
    boolean v4 = ip[0] >>> 4 == 4;
    int payload = v4 ? (ip[0] & 0xf) * 4 : 40;
    int protocol = v4 ? ip[9] : ip[6];
    Writer all = new Writer();
    if (protocol != ICMP) {
      all.bytes(ip, v4 ? 12 : 8, v4 ? 8 : 32).i32(protocol).i32(ip.length - payload);
    }
    all.bytes(ip, payload, ip.length - payload);
    byte[] bytes = all.toBytes();
    return checksum(bytes, 0, bytes.length);
  }

  /** An IP packet with the checksum of its transport. */
  static Layer checked(Layer packet) {
    byte[] ip = packet.bytes().clone();
    int at = transportChecksum(ip);
    if (at >= 0 && at + 1 < ip.length) {
      ip[at] = 0;
      ip[at + 1] = 0;
      int sum = transportSum(ip);
      ip[at] = (byte) (sum >> 8);
      ip[at + 1] = (byte) sum;
    }
    return new Layer(packet.type(), ip);
  }

  /** True if header and transport of an IP packet have the right checksums. */
  static boolean sumsUp(byte[] ip) {
    boolean header = ip[0] >>> 4 != 4 || checksum(ip, 0, 20) == 0;
    return header && (transportChecksum(ip) < 0 || transportSum(ip) == 0);
  }

  static int checksum(byte[] bytes, int from, int length) {
    int sum = 0;
    for (int i = from; i < from + length; i += 2) {
      sum += (bytes[i] & 0xff) << 8 | (i + 1 < from + length ? bytes[i + 1] & 0xff : 0);
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return ~sum & 0xffff;
  }

  static byte[] from(byte[] frame, int at) {
    return Arrays.copyOfRange(frame, at, frame.length);
  }

  static IpAddress ip(String text) {
    return IpAddress.parse(text);
  }
}
