package weft.bgp;

/** An address family: AFI and SAFI (RFC 4760). */
public record Family(int afi, int safi) implements Comparable<Family> {
  public static final Family INET = new Family(1, 1);
  public static final Family INET6 = new Family(2, 1);
  public static final Family INET_LABELED = new Family(1, 4);
  public static final Family INET6_LABELED = new Family(2, 4);
  public static final Family INET_VPN = new Family(1, 128);
  public static final Family INET6_VPN = new Family(2, 128);
  public static final Family EVPN = new Family(25, 70);
  public static final Family ROUTE_TARGET = new Family(1, 132);

  /** The multicast trees of Tungsten Fabric. */
  public static final Family ERMVPN = new Family(1, 243);

  /** True for the families whose routes this module can read. */
  public boolean isKnown() {
    return equals(INET)
        || equals(INET6)
        || equals(INET_LABELED)
        || equals(INET6_LABELED)
        || equals(INET_VPN)
        || equals(INET6_VPN)
        || equals(EVPN)
        || equals(ROUTE_TARGET)
        || equals(ERMVPN);
  }

  @Override
  public int compareTo(Family other) {
    return Integer.compare(afi << 8 | safi, other.afi << 8 | other.safi);
  }

  @Override
  public String toString() {
    return afi + "/" + safi;
  }
}
