package weft.net;

/** A BGP extended community (RFC 4360): eight bytes, the first one or two of which are its type. */
public record ExtendedCommunity(long bits) implements Comparable<ExtendedCommunity> {
  private static final int ENCAPSULATION = 0x030c;
  private static final int MAC_MOBILITY = 0x0600;
  private static final int ROUTER_MAC = 0x0603;
  private static final int E_TREE = 0x0605;
  private static final int SECURITY_GROUP = 0x8004;
  private static final int SECURITY_GROUP_AS4 = 0x8204;
  private static final int ORIGIN_VN = 0x8071;
  private static final int TAG = 0x8084;
  private static final int TAG_AS4 = 0x8284;
  private static final int LOAD_BALANCE = 0x03aa;

  /** Encapsulation (RFC 9012 section 4.1). */
  public static ExtendedCommunity encapsulation(Encapsulation encapsulation) {
    return of(ENCAPSULATION, encapsulation.code());
  }

  /** MAC mobility (RFC 7432 section 7.7). */
  public static ExtendedCommunity macMobility(boolean sticky, int sequence) {
    return of(MAC_MOBILITY, (sticky ? 1L << 40 : 0) | sequence & 0xffff_ffffL);
  }

  /** EVPN router's MAC (RFC 9135 section 8.1). */
  public static ExtendedCommunity routerMac(MacAddress mac) {
    return of(ROUTER_MAC, mac.bits());
  }

  /** Tungsten Fabric's security group, 80/04: AS number, then group id. */
  public static ExtendedCommunity securityGroup(int asn, int id) {
    return of(SECURITY_GROUP, (asn & 0xffffL) << 32 | id & 0xffff_ffffL);
  }

  /** The AS number of four bytes of the security group that has the index in place of its own. */
  public static ExtendedCommunity securityGroupAs4(long asn, int index) {
    return of(SECURITY_GROUP_AS4, (asn & 0xffff_ffffL) << 16 | index & 0xffffL);
  }

  /** Tungsten Fabric's origin VN, 80/71: AS number, then network id. */
  public static ExtendedCommunity originVn(int asn, int networkId) {
    return of(ORIGIN_VN, (asn & 0xffffL) << 32 | networkId & 0xffff_ffffL);
  }

  /** Tungsten Fabric's tag, 80/84: AS number, then tag. */
  public static ExtendedCommunity tag(int asn, int id) {
    return of(TAG, (asn & 0xffffL) << 32 | id & 0xffff_ffffL);
  }

  /** The AS number of four bytes of the tag that has the index in place of its own. */
  public static ExtendedCommunity tagAs4(long asn, int index) {
    return of(TAG_AS4, (asn & 0xffff_ffffL) << 16 | index & 0xffffL);
  }

  /**
   * Tungsten Fabric's load balance, 03/AA.
   *
   * @param fields by bits, from the lowest: destination port, source port, protocol, destination
   *     address, source address
   */
  public static ExtendedCommunity loadBalance(int fields, boolean sourceBias) {
    return of(LOAD_BALANCE, (fields & 0x1fL) << 43 | (sourceBias ? 1L << 31 : 0));
  }

  private static ExtendedCommunity of(int type, long value) {
    return new ExtendedCommunity((long) type << 48 | value);
  }

  /** The first two bytes: type and subtype. */
  public int type() {
    return (int) (bits >>> 48);
  }

  /** The last six bytes. */
  public long value() {
    return bits & 0xffff_ffff_ffffL;
  }

  /** True for route targets of the three forms of RFC 4360 and RFC 5668. */
  public boolean isRouteTarget() {
    int type = type();
    return type == 0x0002 || type == 0x0102 || type == 0x0202;
  }

  public boolean isEncapsulation() {
    return type() == ENCAPSULATION;
  }

  public boolean isSecurityGroup() {
    return type() == SECURITY_GROUP;
  }

  public boolean isSecurityGroupAs4() {
    return type() == SECURITY_GROUP_AS4;
  }

  public boolean isOriginVn() {
    return type() == ORIGIN_VN;
  }

  public boolean isTag() {
    return type() == TAG;
  }

  public boolean isTagAs4() {
    return type() == TAG_AS4;
  }

  public boolean isLoadBalance() {
    return type() == LOAD_BALANCE;
  }

  public boolean isMacMobility() {
    return type() == MAC_MOBILITY;
  }

  /** An E-Tree extended community: the route leads to a leaf (RFC 8317 section 5.1). */
  public static ExtendedCommunity leaf() {
    return new ExtendedCommunity((long) E_TREE << 48 | 1L << 40);
  }

  /** An E-Tree extended community with the leaf indication (RFC 8317 section 5.1). */
  public boolean isLeaf() {
    return type() == E_TREE && (value() >>> 40 & 1) != 0;
  }

  public boolean isRouterMac() {
    return type() == ROUTER_MAC;
  }

  /** The low four bytes, where security group, origin VN and MAC mobility keep their number. */
  public int number() {
    return (int) bits;
  }

  /** False if the community must not leave the AS (RFC 4360 section 2, bit T). */
  public boolean isTransitive() {
    return (bits >>> 62 & 1) == 0;
  }

  @Override
  public int compareTo(ExtendedCommunity other) {
    return Long.compareUnsigned(bits, other.bits);
  }

  @Override
  public String toString() {
    return isRouteTarget() ? new RouteTarget(bits).toString() : String.format("0x%016x", bits);
  }
}
