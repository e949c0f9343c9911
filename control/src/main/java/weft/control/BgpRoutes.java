package weft.control;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.bgp.Attribute;
import weft.bgp.Nlri;
import weft.bgp.PathAttributes;
import weft.bgp.Update;
import weft.net.Encapsulation;
import weft.net.ExtendedCommunity;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;
import weft.routing.Advert;
import weft.routing.ExportPolicy;
import weft.routing.Family;
import weft.routing.NextHop;
import weft.routing.OriginVn;
import weft.routing.RibOut;
import weft.routing.RouteAttributes;
import weft.routing.RouteAttributes.Membership;
import weft.routing.RouteAttributes.Preference;
import weft.routing.RouteKey;
import weft.routing.RoutingEvent;
import weft.routing.TableId;

/** Translates routes between BGP and the backbone tables. */
final class BgpRoutes {
  /** GRE as routers know it; Tungsten Fabric sends it beside MPLS over GRE. */
  private static final ExtendedCommunity PLAIN_GRE = new ExtendedCommunity(0x030c_0000_0000_0002L);

  private static final int ORIGIN_VN_AS4 = 0x8271;

  private BgpRoutes() {}

  static final Map<weft.bgp.Family, Family> FAMILIES =
      Map.of(
          weft.bgp.Family.INET,
          Family.INET,
          weft.bgp.Family.INET_VPN,
          Family.VPN_INET,
          weft.bgp.Family.INET6_VPN,
          Family.VPN_INET6,
          weft.bgp.Family.EVPN,
          Family.VPN_EVPN);

  static weft.bgp.Family family(Family family) {
    return switch (family) {
      case INET -> weft.bgp.Family.INET;
      case VPN_INET -> weft.bgp.Family.INET_VPN;
      case VPN_INET6 -> weft.bgp.Family.INET6_VPN;
      case VPN_EVPN -> weft.bgp.Family.EVPN;
      case INET_LABELED -> weft.bgp.Family.INET_LABELED;
      case ROUTE_TARGET -> weft.bgp.Family.ROUTE_TARGET;
      case INET6 -> weft.bgp.Family.INET6;
      case EVPN, ERMVPN -> throw new IllegalArgumentException("no backbone family: " + family);
    };
  }

  // ---- from peers

  /** What an update tells, in its order; routes of kinds that have no table are left out. */
  static void read(String peer, Update update, Consumer<RoutingEvent> events) {
    for (Update.Unreach unreach : update.unreach()) {
      withdrawn(peer, unreach.family(), unreach.routes(), events);
    }
    for (Update.Reach reach : update.reach()) {
      Family family = FAMILIES.get(reach.family());
      if (family == null) {
        continue;
      }
      TableId table = TableId.backbone(family);
      RouteAttributes common = attributes(update.attributes(), reach.nextHop());
      boolean vni = isVni(common.nextHop().encapsulations());
      for (Nlri nlri : reach.routes()) {
        RouteKey key = key(nlri);
        if (key != null) {
          RouteAttributes attributes =
              common.withLabels(label(nlri, update.attributes(), vni), l3Label(nlri, vni));
          events.accept(new RoutingEvent.Announce(peer, table, key, 0, attributes, null, true));
        }
      }
    }
  }

  /** The same of an update whose routes are not to be taken: all of them are withdrawn. */
  static void readAsWithdrawn(String peer, Update update, Consumer<RoutingEvent> events) {
    for (Update.Unreach unreach : update.unreach()) {
      withdrawn(peer, unreach.family(), unreach.routes(), events);
    }
    for (Update.Reach reach : update.reach()) {
      withdrawn(peer, reach.family(), reach.routes(), events);
    }
  }

  private static void withdrawn(
      String peer, weft.bgp.Family told, List<Nlri> routes, Consumer<RoutingEvent> events) {
    Family family = FAMILIES.get(told);
    if (family == null) {
      return;
    }
    TableId table = TableId.backbone(family);
    for (Nlri nlri : routes) {
      RouteKey key = key(nlri);
      if (key != null) {
        events.accept(new RoutingEvent.Withdraw(peer, table, key, 0));
      }
    }
  }

  private static @Nullable RouteKey key(Nlri nlri) {
    return switch (nlri) {
      case Nlri.Ip r -> new RouteKey.Inet(r.prefix());
      case Nlri.Vpn r -> RouteKey.Vpn.of(r.distinguisher(), r.prefix());
      case Nlri.MacIp r -> {
        IpAddress address = r.address();
        IpPrefix prefix =
            address == null ? new IpPrefix(Ipv4Address.ANY, 0) : address.toHostPrefix();
        yield RouteKey.Vpn.of(r.distinguisher(), new RouteKey.Mac(r.tag(), r.mac(), prefix));
      }
      case Nlri.InclusiveMulticast r ->
          RouteKey.Vpn.of(r.distinguisher(), new RouteKey.Broadcast(r.tag(), r.originator()));
      case Nlri.EvpnPrefix r ->
          RouteKey.Vpn.of(r.distinguisher(), new RouteKey.Prefix(r.tag(), r.prefix()));
      case Nlri.EthernetAutoDiscovery _,
          Nlri.EthernetSegment _,
          Nlri.UnknownEvpn _,
          Nlri.RouteTargetMembership _ ->
          null;
    };
  }

  /** But for the labels, which routes have for themselves. */
  private static RouteAttributes attributes(PathAttributes told, IpAddress via) {
    List<Encapsulation> encapsulations = new ArrayList<>();
    SortedSet<RouteTarget> targets = new TreeSet<>();
    SortedSet<Integer> groups = new TreeSet<>();
    SortedSet<ExtendedCommunity> other = new TreeSet<>();
    OriginVn originVn = null;
    MacAddress routerMac = null;
    RouteAttributes.Mobility mobility = RouteAttributes.Mobility.NONE;
    for (ExtendedCommunity community : told.extendedCommunities()) {
      if (community.isRouteTarget()) {
        targets.add(new RouteTarget(community.bits()));
      } else if (community.isEncapsulation()) {
        Encapsulation encapsulation = Encapsulation.ofCode(community.number() & 0xffff);
        if (encapsulation != null && !encapsulations.contains(encapsulation)) {
          encapsulations.add(encapsulation);
        }
      } else if (community.isSecurityGroup()) {
        groups.add(community.number());
      } else if (community.isOriginVn()) {
        originVn = new OriginVn(community.value() >>> 32, community.number() & 0xffff_ffffL);
      } else if (community.type() == ORIGIN_VN_AS4) {
        originVn = new OriginVn(community.value() >>> 16, community.value() & 0xffff);
      } else if (community.isRouterMac()) {
        routerMac = new MacAddress(community.value());
      } else if (community.isMacMobility()) {
        mobility =
            new RouteAttributes.Mobility(
                (community.value() >>> 40 & 1) != 0, community.number() & 0xffff_ffffL);
      } else {
        other.add(community);
      }
    }
    Attribute.Communities plain = told.get(Attribute.Communities.class);
    SortedSet<Integer> communities = new TreeSet<>(plain == null ? List.of() : plain.values());
    Attribute.PmsiTunnel pmsi = told.get(Attribute.PmsiTunnel.class);
    return new RouteAttributes(
        new NextHop(unmapped(via), 0, 0, encapsulations, routerMac),
        preference(told, mobility),
        new Membership(targets, originVn, groups, communities, other),
        pmsi == null ? null : new RouteAttributes.Pmsi(pmsi.flags(), pmsi.tunnelType(), 0));
  }

  private static Preference preference(PathAttributes told, RouteAttributes.Mobility mobility) {
    Attribute.LocalPreference preference = told.get(Attribute.LocalPreference.class);
    Attribute.MultiExitDiscriminator med = told.get(Attribute.MultiExitDiscriminator.class);
    Attribute.Origin origin = told.get(Attribute.Origin.class);
    Attribute.OriginatorId originator = told.get(Attribute.OriginatorId.class);
    Attribute.ClusterList clusters = told.get(Attribute.ClusterList.class);
    return new Preference(
        preference == null ? Preference.USUAL_LOCAL : preference.value(),
        med == null ? null : (Long) med.value(),
        origin == null
            ? RouteAttributes.Origin.INCOMPLETE
            : RouteAttributes.Origin.valueOf(origin.source().name()),
        asPath(told.asPath()),
        mobility,
        new RouteAttributes.Reflection(
            originator == null ? null : (Integer) originator.id().bits(),
            clusters == null
                ? List.of()
                : clusters.ids().stream().map(Ipv4Address::bits).toList()));
  }

  private static List<Long> asPath(Attribute.AsPath path) {
    List<Long> asns = new ArrayList<>();
    for (Attribute.AsPath.Segment segment : path.segments()) {
      if (segment.ordered()) {
        asns.addAll(segment.asns());
      } else if (!segment.asns().isEmpty()) {
        asns.add(segment.asns().getFirst());
      }
    }
    return asns;
  }

  private static boolean isVni(List<Encapsulation> encapsulations) {
    return encapsulations.contains(Encapsulation.VXLAN)
        && !encapsulations.contains(Encapsulation.MPLS_O_GRE)
        && !encapsulations.contains(Encapsulation.MPLS_O_UDP);
  }

  private static int label(Nlri nlri, PathAttributes told, boolean vni) {
    return switch (nlri) {
      case Nlri.Vpn r -> r.label().value();
      case Nlri.MacIp r -> number(r.label(), vni);
      case Nlri.EvpnPrefix r -> number(r.label(), vni);
      case Nlri.InclusiveMulticast _ -> {
        Attribute.PmsiTunnel pmsi = told.get(Attribute.PmsiTunnel.class);
        yield pmsi == null ? 0 : number(pmsi.label(), vni);
      }
      case Nlri.Ip _,
          Nlri.EthernetAutoDiscovery _,
          Nlri.EthernetSegment _,
          Nlri.UnknownEvpn _,
          Nlri.RouteTargetMembership _ ->
          0;
    };
  }

  private static int l3Label(Nlri nlri, boolean vni) {
    Nlri.LabelField field = nlri instanceof Nlri.MacIp r ? r.l3Label() : null;
    return field == null ? 0 : number(field, vni);
  }

  private static int number(Nlri.LabelField field, boolean vni) {
    return vni ? field.asVni() : field.asMpls().value();
  }

  /** VPNv6 carries an IPv4 next hop as a mapped IPv6 address (RFC 4659 section 3.2.1.1). */
  private static IpAddress unmapped(IpAddress address) {
    return address instanceof Ipv6Address six && six.high() == 0 && six.low() >>> 32 == 0xffffL
        ? new Ipv4Address((int) six.low())
        : address;
  }

  // ---- to peers

  /**
   * The updates for a peer, those with the same attributes together.
   *
   * @param asn ours
   */
  static List<Update> updates(
      TableId table, List<RibOut.Update> updates, long asn, ExportPolicy policy) {
    weft.bgp.Family family = family(table.family());
    boolean internal = policy == ExportPolicy.INTERNAL_BGP;
    List<Nlri> gone = new ArrayList<>();
    Map<Object, Group> told = new LinkedHashMap<>();
    Group group = null;
    for (RibOut.Update update : updates) {
      switch (update) {
        case RibOut.Update.Tell(Advert advert) -> {
          if (group == null || !group.takes(advert)) {
            group = told.computeIfAbsent(Group.by(advert), _ -> new Group(advert));
          }
          group.routes.add(nlri(advert.key(), advert.attributes()));
        }
        case RibOut.Update.Retract(RouteKey key) -> gone.add(nlri(key, null));
      }
    }
    List<Update> found = new ArrayList<>();
    if (!gone.isEmpty()) {
      found.add(Update.withdraw(family, gone));
    }
    for (Group one : told.values()) {
      found.add(
          Update.announce(
              attributes(one.first, asn, internal),
              family,
              one.first.attributes().nextHop().address(),
              one.routes));
    }
    return found;
  }

  /** Routes that one update can tell: they differ in their keys and labels alone. */
  private static final class Group {
    final Advert first;
    final List<Nlri> routes = new ArrayList<>();

    Group(Advert first) {
      this.first = first;
    }

    /** A broadcast route has its label in the attributes. */
    static Object by(Advert advert) {
      return isBroadcast(advert) ? advert.attributes() : advert.attributes().common();
    }

    boolean takes(Advert advert) {
      return by(first).equals(by(advert));
    }
  }

  private static boolean isBroadcast(Advert advert) {
    return advert.key() instanceof RouteKey.VpnOther(_, RouteKey.Broadcast _);
  }

  /** The route as BGP writes it; without attributes, for a withdrawal, labels mean nothing. */
  private static Nlri nlri(RouteKey key, @Nullable RouteAttributes attributes) {
    if (key instanceof RouteKey.Inet(IpPrefix prefix)) {
      return new Nlri.Ip(prefix);
    }
    int label = attributes == null ? 0 : attributes.label();
    if (key instanceof RouteKey.VpnInet vpn) {
      return new Nlri.Vpn(vpn.rd(), vpn.prefix(), new Label(label & Label.MAX));
    }
    if (!(key instanceof RouteKey.VpnOther(RouteDistinguisher rd, RouteKey inner))) {
      throw new IllegalArgumentException("no backbone route: " + key);
    }
    Nlri.LabelField field = attributes == null ? Nlri.LabelField.vni(0) : field(attributes, label);
    return switch (inner) {
      case RouteKey.Inet r -> new Nlri.Vpn(rd, r.prefix(), new Label(label & Label.MAX));
      case RouteKey.Mac r -> {
        int l3Label = attributes == null ? 0 : attributes.nextHop().l3Label();
        yield new Nlri.MacIp(
            rd,
            Nlri.Segment.NONE,
            r.tag(),
            r.mac(),
            r.address().length() == 0 ? null : r.address().address(),
            field,
            attributes == null || l3Label == 0 ? null : field(attributes, l3Label));
      }
      case RouteKey.Broadcast r -> new Nlri.InclusiveMulticast(rd, r.tag(), r.originator());
      case RouteKey.Prefix r -> {
        IpAddress gateway = r.prefix().isV4() ? Ipv4Address.ANY : new Ipv6Address(0, 0);
        yield new Nlri.EvpnPrefix(rd, Nlri.Segment.NONE, r.tag(), r.prefix(), gateway, field);
      }
      case RouteKey.Group _, RouteKey.OtherEvpn _, RouteKey.Membership _, RouteKey.Vpn _ ->
          throw new IllegalArgumentException("no backbone route: " + key);
    };
  }

  private static Nlri.LabelField field(RouteAttributes attributes, int label) {
    return label > Label.MAX || isVxlan(attributes.nextHop())
        ? Nlri.LabelField.vni(label)
        : Nlri.LabelField.mpls(new Label(label));
  }

  /** What an agent tells under several encapsulations is a label; a VNI comes with VXLAN alone. */
  private static boolean isVxlan(NextHop nextHop) {
    return nextHop.encapsulations().equals(List.of(Encapsulation.VXLAN));
  }

  private static PathAttributes attributes(Advert advert, long asn, boolean internal) {
    RouteAttributes route = advert.attributes();
    Preference preference = route.preference();
    List<Attribute> all = new ArrayList<>();
    all.add(new Attribute.Origin(Attribute.Origin.Source.valueOf(preference.origin().name())));
    List<Long> asns = new ArrayList<>(preference.asPath());
    if (!internal) {
      asns.addFirst(asn);
    }
    all.add(
        asns.isEmpty()
            ? Attribute.AsPath.EMPTY
            : new Attribute.AsPath(List.of(new Attribute.AsPath.Segment(true, asns))));
    if (internal) {
      all.add(new Attribute.LocalPreference(preference.local()));
    }
    Long med = preference.med();
    if (med != null && (internal || preference.asPath().isEmpty())) {
      all.add(new Attribute.MultiExitDiscriminator(med));
    }
    SortedSet<Integer> communities = route.membership().communities();
    if (!communities.isEmpty()) {
      all.add(new Attribute.Communities(List.copyOf(communities)));
    }
    List<ExtendedCommunity> extended = communities(route, internal);
    if (!extended.isEmpty()) {
      all.add(new Attribute.ExtendedCommunities(extended));
    }
    RouteAttributes.Pmsi pmsi = route.pmsi();
    if (pmsi != null && isBroadcast(advert)) {
      all.add(
          Attribute.PmsiTunnel.ingressReplication(
              field(route, route.label()), route.nextHop().address()));
    }
    return new PathAttributes(all);
  }

  private static List<ExtendedCommunity> communities(RouteAttributes route, boolean internal) {
    Membership membership = route.membership();
    List<ExtendedCommunity> all = new ArrayList<>();
    membership.targets().forEach(target -> all.add(target.toCommunity()));
    for (Encapsulation encapsulation : route.nextHop().encapsulations()) {
      if (encapsulation == Encapsulation.MPLS_O_GRE) {
        all.add(PLAIN_GRE);
      }
      all.add(ExtendedCommunity.encapsulation(encapsulation));
    }
    OriginVn origin = membership.originVn();
    if (origin != null) {
      all.add(
          origin.asn() <= 0xffff
              ? ExtendedCommunity.originVn((int) origin.asn(), (int) origin.networkId())
              : new ExtendedCommunity(
                  (long) ORIGIN_VN_AS4 << 48
                      | (origin.asn() & 0xffff_ffffL) << 16
                      | origin.networkId() & 0xffff));
    }
    int asn = origin == null || origin.asn() > 0xffff ? 0 : (int) origin.asn();
    membership.securityGroups().forEach(id -> all.add(ExtendedCommunity.securityGroup(asn, id)));
    RouteAttributes.Mobility mobility = route.preference().mobility();
    if (!mobility.equals(RouteAttributes.Mobility.NONE)) {
      all.add(ExtendedCommunity.macMobility(mobility.sticky(), (int) mobility.sequence()));
    }
    MacAddress routerMac = route.nextHop().routerMac();
    if (routerMac != null) {
      all.add(ExtendedCommunity.routerMac(routerMac));
    }
    for (ExtendedCommunity community : membership.other()) {
      if (internal || community.isTransitive()) {
        all.add(community);
      }
    }
    return all;
  }
}
