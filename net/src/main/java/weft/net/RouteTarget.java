package weft.net;

/**
 * A route target (RFC 4360 section 4), kept as the eight bytes of its extended community.
 *
 * <p>Text form as in the config model: `target:64512:8000001`, `target:10.0.0.1:5`,
 * `target:70000L:5`.
 */
public record RouteTarget(long bits) implements Comparable<RouteTarget> {
  private static final String HEAD = "target:";

  public RouteTarget {
    if (!new ExtendedCommunity(bits).isRouteTarget()) {
      throw new IllegalArgumentException(String.format("0x%016x is not a route target", bits));
    }
  }

  public static RouteTarget ofAs2(int asn, long number) {
    return new RouteTarget(0x0002L << 48 | (asn & 0xffffL) << 32 | number & 0xffff_ffffL);
  }

  public static RouteTarget ofAddress(Ipv4Address address, int number) {
    return new RouteTarget(
        0x0102L << 48 | (address.bits() & 0xffff_ffffL) << 16 | number & 0xffffL);
  }

  public static RouteTarget ofAs4(long asn, int number) {
    return new RouteTarget(0x0202L << 48 | (asn & 0xffff_ffffL) << 16 | number & 0xffffL);
  }

  /** Parses `target:administrator:number`. */
  public static RouteTarget parse(String text) {
    if (!text.startsWith(HEAD)) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a route target: target:asn:number expected");
    }
    AdministeredNumber parts = AdministeredNumber.parse(text.substring(HEAD.length()));
    return switch (parts.administrator()) {
      case AdministeredNumber.Address a -> ofAddress(a.address(), (int) parts.number());
      case AdministeredNumber.As2 a -> ofAs2(a.asn(), parts.number());
      case AdministeredNumber.As4 a -> ofAs4(a.asn(), (int) parts.number());
    };
  }

  public ExtendedCommunity toCommunity() {
    return new ExtendedCommunity(bits);
  }

  @Override
  public int compareTo(RouteTarget other) {
    return Long.compareUnsigned(bits, other.bits);
  }

  @Override
  public String toString() {
    return HEAD
        + switch ((int) (bits >>> 56)) {
          case 0 -> (bits >>> 32 & 0xffff) + ":" + (bits & 0xffff_ffffL);
          case 1 -> new Ipv4Address((int) (bits >>> 16)) + ":" + (bits & 0xffff);
          default -> {
            long asn = bits >>> 16 & 0xffff_ffffL;
            yield asn + (asn > 0xffff ? "" : "L") + ":" + (bits & 0xffff);
          }
        };
  }
}
