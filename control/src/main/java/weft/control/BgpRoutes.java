package weft.control;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.bgp.Attribute;
import weft.bgp.Codec;
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
import weft.routing.Family;
import weft.routing.NextHop;
import weft.routing.OriginVn;
import weft.routing.OriginVnPath;
import weft.routing.Peer;
import weft.routing.RibOut;
import weft.routing.RouteAttributes;
import weft.routing.RouteAttributes.Membership;
import weft.routing.RouteAttributes.Preference;
import weft.routing.RouteKey;
import weft.routing.RoutingEvent;
import weft.routing.TableId;
import weft.routing.TreePart;

/** Translates routes between BGP and the backbone tables. */
final class BgpRoutes {
  /** Hexadecimal digits of a route distinguisher and of a label. */
  private static final int RD_DIGITS = 16;

  private static final int LABEL_DIGITS = 6;

  private BgpRoutes() {}

  /**
   * How a peer is to be told.
   *
   * @param asn ours towards it
   * @param internal it is of that AS
   * @param routerId ours
   * @param clusterId ours as a route reflector; 0 if we are none
   * @param ipv6NextHops families of IPv4 whose routes may have an IPv6 next hop (RFC 8950)
   * @param manyPaths families whose routes it is told with their numbers (RFC 7911)
   */
  record Style(
      long asn,
      boolean internal,
      Ipv4Address routerId,
      int clusterId,
      Peering.Rewriting rewriting,
      Set<weft.bgp.Family> ipv6NextHops,
      Set<weft.bgp.Family> manyPaths) {
    /** Whether it can be told a route of that family with that next hop. */
    private boolean takes(weft.bgp.Family family, IpAddress nextHop) {
      return family.afi() != 1
          || family.equals(weft.bgp.Family.ROUTE_TARGET)
          || nextHop.isV4()
          || ipv6NextHops.contains(family);
    }
  }

  static final Map<weft.bgp.Family, Family> FAMILIES =
      Map.of(
          weft.bgp.Family.ERMVPN,
          Family.VPN_ERMVPN,
          weft.bgp.Family.INET,
          Family.INET,
          weft.bgp.Family.INET6,
          Family.INET6,
          weft.bgp.Family.INET_LABELED,
          Family.INET_LABELED,
          weft.bgp.Family.ROUTE_TARGET,
          Family.ROUTE_TARGET,
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
      case VPN_ERMVPN -> weft.bgp.Family.ERMVPN;
      case INET_LABELED -> weft.bgp.Family.INET_LABELED;
      case ROUTE_TARGET -> weft.bgp.Family.ROUTE_TARGET;
      case INET6 -> weft.bgp.Family.INET6;
      case EVPN, ERMVPN -> throw new IllegalArgumentException("no backbone family: " + family);
    };
  }

  // ---- from peers

  /**
   * What a peer tells of one family; routes of kinds that have no table are left out.
   *
   * @param asn ours, whose security groups and tags hold here
   * @param mapsPreference its MED and our local preference stand for each other
   */
  static void read(
      String peer,
      PathAttributes told,
      Update.Reach reach,
      long asn,
      Peering.Terms terms,
      boolean mapsPreference,
      Consumer<RoutingEvent.Told> events) {
    Family family = FAMILIES.get(reach.family());
    if (family == null) {
      return;
    }
    TableId table = TableId.backbone(family);
    RouteAttributes common = attributes(told, asn, reach.nextHop(), terms.encapsulations());
    Long med = common.preference().med();
    if (mapsPreference && med != null && told.get(Attribute.LocalPreference.class) == null) {
      common = common.with(common.preference().withLocal(preferenceOf(med)));
    }
    boolean vni = isVni(common.nextHop().encapsulations());
    for (Nlri one : reach.routes()) {
      Nlri nlri = one instanceof Nlri.WithPath(int _, Nlri route) ? route : one;
      int number = one instanceof Nlri.WithPath(int id, Nlri _) ? id : 0;
      RouteKey key = key(nlri);
      if (key != null) {
        RouteAttributes attributes =
            CarriedAttributes.over(nlri, common)
                .withLabels(label(nlri, told, vni), l3Label(nlri, vni));
        if (nlri instanceof Nlri.SelectiveMulticast selective) {
          attributes = attributes.with(new RouteAttributes.Pmsi(selective.flags(), 0, 0));
        }
        events.accept(new RoutingEvent.Announce(peer, table, key, number, attributes, null, true));
      }
    }
  }

  /** As MED is made of the preference of agents' routes, so that active and standby stay so. */
  private static long preferenceOf(long med) {
    if (med == 100 || med == 200) {
      return 300 - med;
    }
    return 0xffff_ffffL - med;
  }

  static void withdrawn(
      String peer, weft.bgp.Family told, List<Nlri> routes, Consumer<RoutingEvent.Told> events) {
    Family family = FAMILIES.get(told);
    if (family == null) {
      return;
    }
    TableId table = TableId.backbone(family);
    for (Nlri one : routes) {
      int number = one instanceof Nlri.WithPath(int id, Nlri _) ? id : 0;
      RouteKey key = key(one);
      if (key != null) {
        events.accept(new RoutingEvent.Withdraw(peer, table, key, number));
      }
    }
  }

  private static @Nullable RouteKey key(Nlri nlri) {
    return switch (nlri) {
      case Nlri.WithPath r -> key(r.route());
      case Nlri.Ip r -> new RouteKey.Inet(r.prefix());
      case Nlri.Labeled r -> new RouteKey.Inet(r.prefix());
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
      case Nlri.EthernetAutoDiscovery r -> other(1, r.distinguisher(), r, LABEL_DIGITS);
      case Nlri.EthernetSegment r -> other(4, r.distinguisher(), r, 0);
      case Nlri.SelectiveMulticast r ->
          RouteKey.Vpn.of(
              r.distinguisher(),
              new RouteKey.Selective(r.tag(), orAny(r.group()), orAny(r.source()), r.originator()));
      case Nlri.MulticastTree r ->
          RouteKey.Vpn.of(
              r.distinguisher(),
              new RouteKey.Tree(
                  r.type() == Nlri.MulticastTree.LOCAL
                      ? RouteKey.Tree.Kind.LOCAL
                      : RouteKey.Tree.Kind.GLOBAL,
                  r.router().bits(),
                  r.group(),
                  r.source()));
      case Nlri.UnknownEvpn _ -> null;
      case Nlri.RouteTargetMembership r ->
          new RouteKey.Membership(r.length(), r.originAs(), r.target());
    };
  }

  private static IpAddress orAny(@Nullable IpAddress address) {
    return address == null ? Ipv4Address.ANY : address;
  }

  private static @Nullable IpAddress unlessAny(IpAddress address) {
    return address.masked(0).equals(address) ? null : address;
  }

  /**
   * An EVPN route that is only carried.
   *
   * @param label digits at its end that are no part of what it is about
   */
  private static RouteKey other(int type, RouteDistinguisher rd, Nlri.Evpn route, int label) {
    String body = Codec.body(route).hex();
    return RouteKey.Vpn.of(
        rd, new RouteKey.OtherEvpn(type, body.substring(RD_DIGITS, body.length() - label)));
  }

  /** But for the labels, which routes have for themselves. */
  private static RouteAttributes attributes(
      PathAttributes told, long asn, IpAddress via, List<Encapsulation> usual) {
    List<Encapsulation> encapsulations = new ArrayList<>();
    SortedSet<RouteTarget> targets = new TreeSet<>();
    BgpMarks.Told marks = BgpMarks.told(told.extendedCommunities(), asn);
    SortedSet<ExtendedCommunity> other = new TreeSet<>(marks.tags());
    OriginVn originVn = OriginVn.of(told.extendedCommunities());
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
      } else if (community.isRouterMac()) {
        routerMac = new MacAddress(community.value());
      } else if (community.isMacMobility()) {
        mobility =
            new RouteAttributes.Mobility(
                (community.value() >>> 40 & 1) != 0, community.number() & 0xffff_ffffL);
      } else if (!OriginVn.isPartOf(community) && !BgpMarks.isMark(community)) {
        other.add(community);
      }
    }
    if (encapsulations.isEmpty()) {
      encapsulations.addAll(usual);
    }
    Attribute.Communities plain = told.get(Attribute.Communities.class);
    SortedSet<Integer> communities = new TreeSet<>(plain == null ? List.of() : plain.values());
    Attribute.PmsiTunnel pmsi = told.get(Attribute.PmsiTunnel.class);
    RouteAttributes attributes =
        new RouteAttributes(
                new NextHop(unmapped(via), 0, 0, encapsulations, routerMac),
                preference(told, mobility),
                new Membership(targets, originVn, marks.groups(), communities, other)
                    .with(passed(told))
                    .withLargeTags(BgpMarks.largeTags(told, asn)),
                pmsi == null ? null : CarriedAttributes.pmsi(pmsi))
            .with(BgpMarks.with(CarriedAttributes.of(told, unmapped(via)), marks));
    TreePart tree = MulticastTrees.part(told);
    return tree == null ? attributes : attributes.with(tree);
  }

  private static OriginVnPath passed(PathAttributes told) {
    Attribute.OriginVnPath path = told.get(Attribute.OriginVnPath.class);
    return path == null ? OriginVnPath.NONE : new OriginVnPath(path.networks());
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
        AsPaths.steps(told.asPath()),
        mobility,
        originator == null && clusters == null
            ? RouteAttributes.Reflection.NONE
            : new RouteAttributes.Reflection(
                originator == null ? null : (Integer) originator.id().bits(),
                clusters == null
                    ? List.of()
                    : clusters.ids().stream().map(Ipv4Address::bits).toList()));
  }

  private static boolean isVni(List<Encapsulation> encapsulations) {
    return encapsulations.contains(Encapsulation.VXLAN)
        && !encapsulations.contains(Encapsulation.MPLS_O_GRE)
        && !encapsulations.contains(Encapsulation.MPLS_O_UDP);
  }

  private static int label(Nlri nlri, PathAttributes told, boolean vni) {
    return switch (nlri) {
      case Nlri.WithPath r -> label(r.route(), told, vni);
      case Nlri.Vpn r -> r.label().value();
      case Nlri.Labeled r -> r.label().value();
      case Nlri.EthernetAutoDiscovery r -> r.label().bits();
      case Nlri.MacIp r -> number(r.label(), vni);
      case Nlri.EvpnPrefix r -> number(r.label(), vni);
      case Nlri.InclusiveMulticast _ -> {
        Attribute.PmsiTunnel pmsi = told.get(Attribute.PmsiTunnel.class);
        yield pmsi == null ? 0 : number(pmsi.label(), vni);
      }
      case Nlri.Ip _,
          Nlri.EthernetSegment _,
          Nlri.SelectiveMulticast _,
          Nlri.UnknownEvpn _,
          Nlri.MulticastTree _,
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

  /** The updates for a peer, those with the same attributes together. */
  static List<Update> updates(TableId table, List<RibOut.Update> updates, Style style) {
    weft.bgp.Family family = family(table.family());
    List<Nlri> gone = new ArrayList<>();
    Map<Object, Group> told = new LinkedHashMap<>();
    Group group = null;
    boolean numbered = style.manyPaths().contains(family);
    for (RibOut.Update update : updates) {
      int number = numbered ? update.number() : 0;
      switch (update) {
        case RibOut.Update.Tell(Advert advert, int _)
            when !style.takes(family, advert.attributes().nextHop().address()) ->
            gone.add(nlri(family, advert.key(), number, null));
        case RibOut.Update.Tell(Advert advert, int _) -> {
          if (group == null || !group.takes(advert)) {
            group = told.computeIfAbsent(Group.by(advert), _ -> new Group(advert));
          }
          group.routes.add(nlri(family, advert.key(), number, advert.attributes()));
        }
        case RibOut.Update.Retract(RouteKey key, int _) ->
            gone.add(nlri(family, key, number, null));
      }
    }
    List<Update> found = new ArrayList<>();
    if (!gone.isEmpty()) {
      found.add(Update.withdraw(family, gone));
    }
    for (Group one : told.values()) {
      found.add(
          Update.announce(
              PathWriter.attributes(family, one.first, style),
              family,
              isMembership(one.first)
                  ? style.routerId()
                  : one.first.attributes().nextHop().address(),
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

    /** A broadcast route has its label in the attributes; a reflected one says who told it. */
    static Object by(Advert advert) {
      Object shared = isBroadcast(advert) ? advert.attributes() : advert.attributes().common();
      return advert instanceof Advert.Backbone(_, _, Peer source)
              && source.kind() == Peer.Kind.INTERNAL_BGP
          ? new Reflected(shared, source.routerId())
          : shared;
    }

    private record Reflected(Object shared, int from) {}

    boolean takes(Advert advert) {
      return by(first).equals(by(advert));
    }
  }

  private static boolean isMembership(Advert advert) {
    return advert.key() instanceof RouteKey.Membership;
  }

  static boolean isBroadcast(Advert advert) {
    return advert.key() instanceof RouteKey.VpnOther(_, RouteKey.Broadcast _);
  }

  /**
   * @param number under which it is told, or 0 if its only path is
   */
  private static Nlri nlri(
      weft.bgp.Family family, RouteKey key, int number, @Nullable RouteAttributes attributes) {
    Nlri route = nlri(family, key, attributes);
    return number == 0 ? route : new Nlri.WithPath(number, route);
  }

  /** The route as BGP writes it; without attributes, for a withdrawal, labels mean nothing. */
  private static Nlri nlri(
      weft.bgp.Family family, RouteKey key, @Nullable RouteAttributes attributes) {
    int label = attributes == null ? 0 : attributes.label();
    if (key instanceof RouteKey.Inet inet) {
      IpPrefix prefix = inet.prefix();
      return family.equals(weft.bgp.Family.INET_LABELED)
          ? new Nlri.Labeled(prefix, new Label(label & Label.MAX))
          : new Nlri.Ip(prefix);
    }
    if (key instanceof RouteKey.Membership(int length, long originAs, long target)) {
      return new Nlri.RouteTargetMembership(length, originAs, target);
    }
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
            CarriedAttributes.segment(attributes),
            r.tag(),
            r.mac(),
            r.address().length() == 0 ? null : r.address().address(),
            field,
            attributes == null || l3Label == 0 ? null : field(attributes, l3Label));
      }
      case RouteKey.Broadcast r -> new Nlri.InclusiveMulticast(rd, r.tag(), r.originator());
      case RouteKey.Prefix r -> {
        IpAddress gateway = CarriedAttributes.gateway(attributes, r.prefix());
        Nlri.Segment segment = CarriedAttributes.segment(attributes);
        yield new Nlri.EvpnPrefix(rd, segment, r.tag(), r.prefix(), gateway, field);
      }
      case RouteKey.Selective r -> {
        RouteAttributes.Pmsi told = attributes == null ? null : attributes.pmsi();
        yield new Nlri.SelectiveMulticast(
            rd,
            r.tag(),
            unlessAny(r.source()),
            unlessAny(r.group()),
            r.originator(),
            told == null ? 0 : told.flags());
      }
      case RouteKey.OtherEvpn(int type, String rest) -> {
        String end = type == 1 ? "%06x".formatted(label) : "";
        String body = "%016x".formatted(rd.bits()) + rest + end;
        yield new Nlri.UnknownEvpn(type, new Nlri.HexBytes(body));
      }
      case RouteKey.Tree r -> MulticastTrees.nlri(rd, r);
      case RouteKey.Group _, RouteKey.Membership _, RouteKey.Vpn _ ->
          throw new IllegalArgumentException("no backbone route: " + key);
    };
  }

  static Nlri.LabelField field(RouteAttributes attributes, int label) {
    return label > Label.MAX || isVxlan(attributes.nextHop())
        ? Nlri.LabelField.vni(label)
        : Nlri.LabelField.mpls(new Label(label));
  }

  /** What an agent tells under several encapsulations is a label; a VNI comes with VXLAN alone. */
  private static boolean isVxlan(NextHop nextHop) {
    return nextHop.encapsulations().equals(List.of(Encapsulation.VXLAN));
  }
}
