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
  public static final int SCTP = 132;

  /** What is under the Ethernet header. */
  public sealed interface Payload {}

  /** An ARP request or reply for an IPv4 address. */
  public record Arp(boolean request, MacAddress senderMac, IpAddress sender, IpAddress target)
      implements Payload {}

  /**
   * An IP packet.
   *
   * @param sourcePort for ICMP as {@link FlowKey} has it
   * @param destinationPort likewise
   * @param icmpType for ICMP of either family, else 0
   */
  public record Ip(
      IpAddress source,
      IpAddress destination,
      int protocol,
      int sourcePort,
      int destinationPort,
      int icmpType,
      int ttl)
      implements Payload {
    /** If it is ICMP, an echo request. */
    public Ip(
        IpAddress source,
        IpAddress destination,
        int protocol,
        int sourcePort,
        int destinationPort,
        int ttl) {
      this(
          source,
          destination,
          protocol,
          sourcePort,
          destinationPort,
          protocol == ICMP ? 8 : protocol == ICMP_V6 ? 128 : 0,
          ttl);
    }

    /** True for ICMP whose answer is known by a number. */
    boolean isEcho() {
      return protocol == ICMP
          ? icmpType == 0 || icmpType == 8
          : protocol == ICMP_V6 && (icmpType == 128 || icmpType == 129);
    }

    /** The packet with an address and port of it changed. */
    Ip translated(Flow.Nat nat) {
      FlowKey to = nat.translated(flowKey(0));
      return new Ip(
          to.source(),
          to.destination(),
          protocol,
          to.sourcePort(),
          to.destinationPort(),
          icmpType,
          ttl);
    }

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
    Ports ports = ports(protocol, reader);
    return new Ip(
        source, destination, protocol, ports.source(), ports.destination(), ports.icmpType(), ttl);
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
    Ports ports = ports(protocol, reader);
    return new Ip(
        source,
        destination,
        protocol,
        ports.source(),
        ports.destination(),
        ports.icmpType(),
        hopLimit);
  }

  private record Ports(int source, int destination, int icmpType) {}

  private static Ports ports(int protocol, Reader reader) {
    return switch (protocol) {
      case TCP, UDP, SCTP -> new Ports(reader.u16(), reader.u16(), 0);
      case ICMP, ICMP_V6 -> {
        int type = reader.u8();
        int code = reader.u8();
        reader.skip(2);
        int id = reader.u16();
        reader.skip(2);
        boolean request = type == (protocol == ICMP ? 8 : 128);
        boolean reply = type == (protocol == ICMP ? 0 : 129);
        yield request
            ? new Ports(id, 0, type)
            : reply ? new Ports(0, id, type) : new Ports(type, code, type);
      }
      default -> new Ports(0, 0, 0);
    };
  }

  private static @Nullable Arp arp(Reader reader) {
    if (reader.u16() != 1 || reader.u16() != 0x0800 || reader.u16() != 0x0604) {
      return null;
    }
    int operation = reader.u16();
    MacAddress senderMac = reader.mac();
    IpAddress sender = reader.ipv4();
    reader.skip(6);
    return new Arp(operation == 1, senderMac, sender, reader.ipv4());
  }
}
