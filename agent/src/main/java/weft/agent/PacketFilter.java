package weft.agent;

import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.net.Reader;

/**
 * Which frames a capture is for; what is null or negative is not asked. It looks at the frame's own
 * headers, and at those inside a tunnel.
 *
 * @param host either end
 * @param peer the other end
 * @param port of either end
 */
record PacketFilter(@Nullable IpAddress host, @Nullable IpAddress peer, int protocol, int port) {
  private static final int ETHERNET = 12;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final int ARP = 0x0806;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int GRE = 47;
  private static final int SCTP = 132;
  private static final int MPLS_O_UDP = 6635;
  private static final int VXLAN = 4789;

  private record Ends(IpAddress source, IpAddress destination) {}

  boolean passesAll() {
    return host == null && peer == null && protocol < 0 && port < 0;
  }

  boolean matches(byte[] frame) {
    return passesAll() || ethernet(new Reader(frame));
  }

  private boolean ethernet(Reader in) {
    try {
      in.skip(ETHERNET);
      return switch (in.u16()) {
        case IPV4, IPV6 -> ip(in);
        case ARP -> arp(in);
        default -> false;
      };
    } catch (Reader.Underflow e) {
      return false;
    }
  }

  private boolean arp(Reader in) {
    in.skip(14);
    Ipv4Address sender = in.ipv4();
    in.skip(6);
    return protocol < 0 && port < 0 && ends(new Ends(sender, in.ipv4()));
  }

  private boolean ip(Reader in) {
    int first = in.u8();
    int next;
    boolean head = true;
    Ends ends;
    if (first >> 4 == 4) {
      in.skip(5);
      head = (in.u16() & 0x1fff) == 0;
      in.skip(1);
      next = in.u8();
      in.skip(2);
      ends = new Ends(in.ipv4(), in.ipv4());
      in.skip((first & 0xf) * 4 - 20);
    } else {
      in.skip(5);
      next = in.u8();
      in.skip(1);
      Ipv6Address source = in.ipv6();
      ends = new Ends(source, in.ipv6());
    }
    if (!head) {
      return ends(ends) && (protocol < 0 || protocol == next) && port < 0;
    }
    return transport(in, next, ends);
  }

  private boolean transport(Reader in, int next, Ends ends) {
    boolean here = ends(ends) && (protocol < 0 || protocol == next);
    if (next == GRE) {
      in.skip(4);
      return (here && port < 0) || mpls(in);
    }
    if (next != TCP && next != UDP && next != SCTP) {
      return here && port < 0;
    }
    int from = in.u16();
    int to = in.u16();
    if (here && (port < 0 || port == from || port == to)) {
      return true;
    }
    if (next == UDP && to == MPLS_O_UDP) {
      in.skip(4);
      return mpls(in);
    }
    if (next == UDP && to == VXLAN) {
      in.skip(4 + 8);
      return ethernet(in);
    }
    return false;
  }

  /** After the label comes IP, or a frame. */
  private boolean mpls(Reader in) {
    in.skip(4);
    byte[] inner = in.rest();
    int version = inner.length == 0 ? 0 : inner[0] >> 4 & 0xf;
    boolean isIp = (version == 4 && (inner[0] & 0xf) >= 5) || version == 6;
    return (isIp && ip(new Reader(inner))) || ethernet(new Reader(inner));
  }

  private boolean ends(Ends ends) {
    return has(ends, host) && has(ends, peer);
  }

  private static boolean has(Ends ends, @Nullable IpAddress address) {
    return address == null || address.equals(ends.source) || address.equals(ends.destination);
  }
}
