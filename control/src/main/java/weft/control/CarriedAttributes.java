package weft.control;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.bgp.Attribute;
import weft.bgp.Nlri;
import weft.bgp.PathAttributes;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.routing.Carried;
import weft.routing.RouteAttributes;

/** What BGP tells of a route that means nothing to the tables, from BGP and back. */
final class CarriedAttributes {
  private CarriedAttributes() {}

  static Carried of(PathAttributes told, IpAddress nextHop) {
    List<Record> kept = new ArrayList<>();
    for (Attribute attribute : told.attributes()) {
      switch (attribute) {
        case Attribute.Origin _,
            Attribute.AsPath _,
            Attribute.MultiExitDiscriminator _,
            Attribute.LocalPreference _,
            Attribute.Communities _,
            Attribute.OriginatorId _,
            Attribute.ClusterList _,
            Attribute.ExtendedCommunities _,
            Attribute.OriginVnPath _ -> {}
        case Attribute.PmsiTunnel tunnel -> {
          if (!isOurs(tunnel, nextHop)) {
            kept.add(tunnel);
          }
        }
        case Attribute.AtomicAggregate a -> kept.add(a);
        case Attribute.Aggregator a -> kept.add(a);
        case Attribute.LargeCommunities a -> kept.add(a);
        case Attribute.EdgeDiscovery a -> kept.add(a);
        case Attribute.EdgeForwarding a -> kept.add(a);
        case Attribute.Unknown a -> kept.add(a);
      }
    }
    Attribute.AsPath path = told.asPath();
    boolean hasSet = path.segments().stream().anyMatch(segment -> !segment.ordered());
    if (kept.isEmpty() && !hasSet && told.partial().isEmpty()) {
      return Carried.NOTHING;
    }
    return new Carried("", null, AsPaths.sets(path), kept, new TreeSet<>(told.partial()));
  }

  /** Whether it is the tunnel that we would write for such a route. */
  private static boolean isOurs(Attribute.PmsiTunnel tunnel, IpAddress nextHop) {
    RouteAttributes.Pmsi read = pmsi(tunnel);
    return tunnel.equals(tunnel(read, tunnel.label(), nextHop));
  }

  static RouteAttributes.Pmsi pmsi(Attribute.PmsiTunnel tunnel) {
    byte[] id = tunnel.identifier().toBytes();
    boolean leaf = tunnel.tunnelType() == RouteAttributes.Pmsi.ASSISTED_REPLICATION;
    return new RouteAttributes.Pmsi(
        tunnel.flags(),
        tunnel.tunnelType(),
        0,
        leaf && id.length == Integer.BYTES ? Ipv4Address.of(id) : null);
  }

  /** The tunnel by which copies come to `nextHop`; of a leaf it names the replicator. */
  static Attribute.PmsiTunnel tunnel(
      RouteAttributes.Pmsi pmsi, Nlri.LabelField label, IpAddress nextHop) {
    IpAddress replicator = pmsi.replicator();
    int type = replicator == null ? RouteAttributes.Pmsi.INGRESS_REPLICATION : pmsi.type();
    IpAddress end = replicator == null ? nextHop : replicator;
    return new Attribute.PmsiTunnel(pmsi.flags(), type, label, Nlri.HexBytes.of(end.toBytes()));
  }

  /** With the Ethernet segment and the gateway, which the route itself has in BGP. */
  static RouteAttributes over(Nlri nlri, RouteAttributes common) {
    String segment = "";
    IpAddress gateway = null;
    if (nlri instanceof Nlri.MacIp route) {
      segment = hex(route.segment());
    } else if (nlri instanceof Nlri.EvpnPrefix route) {
      segment = hex(route.segment());
      gateway = isZero(route.gateway()) ? null : route.gateway();
    }
    return segment.isEmpty() && gateway == null
        ? common
        : common.with(common.carried().over(segment, gateway));
  }

  private static boolean isZero(IpAddress address) {
    return switch (address) {
      case Ipv4Address four -> four.bits() == 0;
      case Ipv6Address six -> six.high() == 0 && six.low() == 0;
    };
  }

  private static String hex(Nlri.Segment segment) {
    return segment.equals(Nlri.Segment.NONE)
        ? ""
        : "%02x%016x%02x".formatted(segment.type(), segment.high(), segment.low());
  }

  static Nlri.Segment segment(@Nullable RouteAttributes attributes) {
    String hex = attributes == null ? "" : attributes.carried().segment();
    return hex.isEmpty()
        ? Nlri.Segment.NONE
        : new Nlri.Segment(
            Integer.parseInt(hex, 0, 2, 16),
            Long.parseUnsignedLong(hex, 2, 18, 16),
            Integer.parseInt(hex, 18, 20, 16));
  }

  static IpAddress gateway(@Nullable RouteAttributes attributes, IpPrefix prefix) {
    IpAddress gateway = attributes == null ? null : attributes.carried().gateway();
    if (gateway != null) {
      return gateway;
    }
    return prefix.isV4() ? Ipv4Address.ANY : new Ipv6Address(0, 0);
  }

  static boolean hasTunnel(RouteAttributes route) {
    return route.carried().attributes().stream().anyMatch(Attribute.PmsiTunnel.class::isInstance);
  }

  static void addTo(List<Attribute> all, RouteAttributes route) {
    for (Record carried : route.carried().attributes()) {
      if (carried instanceof Attribute attribute) {
        all.add(attribute);
      }
    }
  }
}
