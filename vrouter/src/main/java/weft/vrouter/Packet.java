package weft.vrouter;

import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.MacAddress;
import weft.net.Reader;

/**
 * What forwarding looks at in a frame.
 *
 * @param ip null for frames that are neither IPv4, IPv6 nor ARP
 */
public record Packet(MacAddress destination, MacAddress source, @Nullable Payload ip) {
  public static final int ICMP = 1;
  public static final int TCP = 6;
  public static final int UDP = 17;
  public static final int ICMP_V6 = 58;

  /** What is under the Ethernet header. */
  public sealed interface Payload {}

  /** An ARP request or reply for an IPv4 address. */
  public record Arp(boolean request, IpAddress sender, IpAddress target) implements Payload {}

  /**
   * An IP packet.
   *
   * @param sourcePort for ICMP echo the identifier, for other ICMP the type
   * @param destinationPort for ICMP echo 0, for other ICMP the code
   */
  public record Ip(
      IpAddress source,
      IpAddress destination,
      int protocol,
      int sourcePort,
      int destinationPort,
      int ttl)
      implements Payload {
    FlowKey flowKey(int vif) {
      return new FlowKey(vif, source, destination, protocol, sourcePort, destinationPort);
    }
  }

  /** Reads a frame, or returns null if it is truncated or its headers contradict each other. */
  public static @Nullable Packet parse(byte[] frame) {
    Reader reader = new Reader(frame);
    try {
      MacAddress destination = reader.mac();
      MacAddress source = reader.mac();
      return switch (reader.u16()) {
        case 0x0800 -> of(destination, source, ipv4(reader));
        case 0x0806 -> of(destination, source, arp(reader));
        case 0x86dd -> of(destination, source, ipv6(reader));
        default -> new Packet(destination, source, null);
      };
    } catch (Reader.Underflow e) {
      return null;
    }
  }

  private static @Nullable Packet of(
      MacAddress destination, MacAddress source, @Nullable Payload payload) {
    return payload == null ? null : new Packet(destination, source, payload);
  }

  private static @Nullable Ip ipv4(Reader reader) {
    int first = reader.u8();
    int headerLength = (first & 0xf) * 4;
    reader.skip(1);
    int totalLength = reader.u16();
    if (first >>> 4 != 4 || headerLength < 20 || totalLength < headerLength) {
      return null;
    }
    reader.skip(4);
    int ttl = reader.u8();
    int protocol = reader.u8();
    reader.skip(2);
    IpAddress source = reader.ipv4();
    IpAddress destination = reader.ipv4();
    reader.skip(headerLength - 20);
    int[] ports = ports(protocol, reader);
    return new Ip(source, destination, protocol, ports[0], ports[1], ttl);
  }

  private static @Nullable Ip ipv6(Reader reader) {
    if (reader.u8() >>> 4 != 6) {
      return null;
    }
    reader.skip(5);
    int protocol = reader.u8();
    int hopLimit = reader.u8();
    IpAddress source = reader.ipv6();
    IpAddress destination = reader.ipv6();
    int[] ports = ports(protocol, reader);
    return new Ip(source, destination, protocol, ports[0], ports[1], hopLimit);
  }

  private static int[] ports(int protocol, Reader reader) {
    return switch (protocol) {
      case TCP, UDP -> new int[] {reader.u16(), reader.u16()};
      case ICMP, ICMP_V6 -> {
        int type = reader.u8();
        int code = reader.u8();
        reader.skip(2);
        boolean echo = protocol == ICMP ? type == 0 || type == 8 : type == 128 || type == 129;
        yield echo ? new int[] {reader.u16(), 0} : new int[] {type, code};
      }
      default -> new int[] {0, 0};
    };
  }

  private static @Nullable Arp arp(Reader reader) {
    if (reader.u16() != 1 || reader.u16() != 0x0800 || reader.u16() != 0x0604) {
      return null;
    }
    int operation = reader.u16();
    reader.skip(6);
    IpAddress sender = reader.ipv4();
    reader.skip(6);
    return new Arp(operation == 1, sender, reader.ipv4());
  }
}
