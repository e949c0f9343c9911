package weft.bgp;

import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.net.Reader;
import weft.net.Writer;

/**
 * The next hop field of MP_REACH, whose form the family decides: VPN families put a zero route
 * distinguisher before it, the IPv6 ones map an IPv4 address (RFC 4364, 4659, 8950).
 */
final class NextHops {
  private static final long MAPPED = 0x0000_ffff_0000_0000L;

  private NextHops() {}

  private static boolean isVpn(Family family) {
    return family.safi() == 128;
  }

  /** Reads the whole of `in`; a link-local address after the global one is passed over. */
  static IpAddress read(Family family, Reader in) {
    int length = in.remaining();
    int head = isVpn(family) && (length == 12 || length == 24 || length == 48) ? 8 : 0;
    in.skip(head);
    IpAddress address =
        switch (length - head) {
          case 4 -> in.ipv4();
          case 16, 32, 40 -> unmapped(in.ipv6());
          default -> throw new NlriCodec.Bad("next hop of " + length + " bytes");
        };
    in.skip(in.remaining());
    return address;
  }

  private static IpAddress unmapped(Ipv6Address address) {
    return address.high() == 0 && (address.low() & 0xffff_ffff_0000_0000L) == MAPPED
        ? new Ipv4Address((int) address.low())
        : address;
  }

  static byte[] write(Family family, IpAddress nextHop) {
    Writer out = new Writer(24);
    if (isVpn(family)) {
      out.i64(0);
    }
    if (family.afi() == 2 && nextHop instanceof Ipv4Address(int bits)) {
      out.i64(0).i64(MAPPED | bits & 0xffff_ffffL);
    } else {
      out.ip(nextHop);
    }
    return out.toBytes();
  }
}
