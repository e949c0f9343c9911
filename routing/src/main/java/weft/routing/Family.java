package weft.routing;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The kinds of table: those of a routing instance and those of the VPN backbone. */
public enum Family {
  INET("inet.0"),
  INET6("inet6.0"),
  EVPN("evpn.0"),
  ERMVPN("ermvpn.0"),
  VPN_INET("bgp.l3vpn.0"),
  VPN_INET6("bgp.l3vpn-inet6.0"),
  VPN_EVPN("bgp.evpn.0"),
  VPN_ERMVPN("bgp.ermvpn.0"),
  /** Labelled IPv4 of the fabric (RFC 8277). */
  INET_LABELED("inet.3"),
  /** Who wants routes with which route targets (RFC 4684). */
  ROUTE_TARGET("bgp.rtarget.0");

  /** Those that every routing instance has. */
  private static final Set<Family> IN_INSTANCE = EnumSet.of(INET, INET6, EVPN, ERMVPN);

  private static final Set<Family> IN_FABRIC = EnumSet.of(INET, INET6, EVPN, ERMVPN, INET_LABELED);

  private final String suffix;

  Family(String suffix) {
    this.suffix = suffix;
  }

  /** Those that agents tell and hear of an instance: in the fabric's own also labelled routes. */
  static Set<Family> of(String instance) {
    return instance.equals(TableId.MASTER) ? IN_FABRIC : IN_INSTANCE;
  }

  /** The table's own name, after the instance's. */
  public String suffix() {
    return suffix;
  }

  /** True for the tables whose keys carry a route distinguisher. */
  public boolean isVpn() {
    return this == VPN_INET || this == VPN_INET6 || this == VPN_EVPN || this == VPN_ERMVPN;
  }

  /** True for the tables that BGP peers tell routes of in the fabric's own instance. */
  boolean isOfFabric() {
    return this == INET || this == INET6 || this == INET_LABELED || this == ROUTE_TARGET;
  }

  /** The backbone table that routes of this family are exported to, or null if there is none. */
  public @Nullable Family backbone() {
    return switch (this) {
      case INET -> VPN_INET;
      case INET6 -> VPN_INET6;
      case EVPN -> VPN_EVPN;
      case ERMVPN -> VPN_ERMVPN;
      case VPN_INET, VPN_INET6, VPN_EVPN, VPN_ERMVPN, INET_LABELED, ROUTE_TARGET -> null;
    };
  }

  /** The instance table that routes of this backbone table are imported into; itself otherwise. */
  public Family inInstance() {
    return switch (this) {
      case VPN_INET -> INET;
      case VPN_INET6 -> INET6;
      case VPN_EVPN -> EVPN;
      case VPN_ERMVPN -> ERMVPN;
      case INET, INET6, EVPN, ERMVPN, INET_LABELED, ROUTE_TARGET -> this;
    };
  }
}
