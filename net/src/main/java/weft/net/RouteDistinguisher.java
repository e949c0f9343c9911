package weft.net;

/**
 * A route distinguisher (RFC 4364 section 4.2): two bytes of type, six of value.
 *
 * <p>Text form: `asn:number` for types 0 and 2, `address:number` for type 1.
 */
public record RouteDistinguisher(long bits) implements Comparable<RouteDistinguisher> {
  public static final RouteDistinguisher ZERO = new RouteDistinguisher(0);

  /** Type 0: two-byte AS number. */
  public static RouteDistinguisher ofAs2(int asn, long number) {
    return new RouteDistinguisher((asn & 0xffffL) << 32 | number & 0xffff_ffffL);
  }

  /** Type 1: IPv4 address. */
  public static RouteDistinguisher ofAddress(Ipv4Address address, int number) {
    return new RouteDistinguisher(
        1L << 48 | (address.bits() & 0xffff_ffffL) << 16 | number & 0xffffL);
  }

  /** Type 2: four-byte AS number. */
  public static RouteDistinguisher ofAs4(long asn, int number) {
    return new RouteDistinguisher(2L << 48 | (asn & 0xffff_ffffL) << 16 | number & 0xffffL);
  }

  public int type() {
    return (int) (bits >>> 48);
  }

  /** The inverse of `toString` for types 0, 1 and 2. */
  public static RouteDistinguisher parse(String text) {
    AdministeredNumber parts = AdministeredNumber.parse(text);
    return switch (parts.administrator()) {
      case AdministeredNumber.Address a -> ofAddress(a.address(), (int) parts.number());
      case AdministeredNumber.As2 a -> ofAs2(a.asn(), parts.number());
      case AdministeredNumber.As4 a -> ofAs4(a.asn(), (int) parts.number());
    };
  }

  @Override
  public int compareTo(RouteDistinguisher other) {
    return Long.compareUnsigned(bits, other.bits);
  }

  @Override
  public String toString() {
    return switch (type()) {
      case 0 -> (bits >>> 32 & 0xffff) + ":" + (bits & 0xffff_ffffL);
      case 1 -> new Ipv4Address((int) (bits >>> 16)) + ":" + (bits & 0xffff);
      case 2 -> (bits >>> 16 & 0xffff_ffffL) + "L:" + (bits & 0xffff);
      default -> String.format("0x%016x", bits);
    };
  }
}
