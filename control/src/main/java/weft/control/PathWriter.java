package weft.control;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import weft.bgp.Attribute;
import weft.bgp.Family;
import weft.bgp.PathAttributes;
import weft.net.Encapsulation;
import weft.net.ExtendedCommunity;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.routing.Advert;
import weft.routing.OriginVn;
import weft.routing.OriginVnPath;
import weft.routing.Peer;
import weft.routing.RouteAttributes;
import weft.routing.RouteAttributes.Membership;
import weft.routing.RouteAttributes.Preference;
import weft.routing.TreePart;

/** Writes the attributes of a backbone route as a peer is to be told them. */
final class PathWriter {
  /** GRE as routers know it; Tungsten Fabric sends it beside MPLS over GRE. */
  private static final ExtendedCommunity PLAIN_GRE = new ExtendedCommunity(0x030c_0000_0000_0002L);

  private PathWriter() {}

  static PathAttributes attributes(Family family, Advert advert, BgpRoutes.Style style) {
    boolean internal = style.internal();
    RouteAttributes route = advert.attributes();
    Preference preference = route.preference();
    RouteAttributes.Origin override = style.rewriting().origin();
    RouteAttributes.Origin origin = override == null ? preference.origin() : override;
    List<Attribute> all = new ArrayList<>();
    all.add(new Attribute.Origin(Attribute.Origin.Source.valueOf(origin.name())));
    all.add(AsPaths.written(preference.asPath(), route.carried().asSets(), style));
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
    if (internal && !family.equals(Family.ROUTE_TARGET)) {
      reflection(advert, style, all);
    }
    List<ExtendedCommunity> extended = communities(route, style);
    if (!extended.isEmpty()) {
      all.add(new Attribute.ExtendedCommunities(extended));
    }
    RouteAttributes.Pmsi pmsi = route.pmsi();
    if (pmsi != null && BgpRoutes.isBroadcast(advert) && !CarriedAttributes.hasTunnel(route)) {
      all.add(
          CarriedAttributes.tunnel(
              pmsi, BgpRoutes.field(route, route.label()), route.nextHop().address()));
    }
    OriginVnPath passed = route.membership().passed();
    if (!passed.isEmpty() && !family.equals(Family.INET) && !family.equals(Family.INET6)) {
      all.add(new Attribute.OriginVnPath(passed.networks()));
    }
    CarriedAttributes.addTo(all, route);
    BgpMarks.addLargeTags(all, route.membership(), asn(route, style));
    TreePart tree = route.tree();
    Attribute part = tree == null ? null : MulticastTrees.attribute(tree);
    if (part != null && all.stream().noneMatch(each -> each.type() == part.type())) {
      all.add(part);
    }
    return new PathAttributes(all, route.carried().partial());
  }

  /**
   * Who told a route in our AS first, and past which reflectors it came (RFC 4456 section 8). A
   * membership is ours whoever else wants the target (RFC 4684 section 3.2).
   */
  private static void reflection(Advert advert, BgpRoutes.Style style, List<Attribute> all) {
    if (!(advert instanceof Advert.Backbone(_, RouteAttributes route, Peer source))
        || source.kind() != Peer.Kind.INTERNAL_BGP) {
      return;
    }
    RouteAttributes.Reflection before = route.preference().reflection();
    Integer first = before.originatorId();
    all.add(new Attribute.OriginatorId(new Ipv4Address(first == null ? source.routerId() : first)));
    List<Ipv4Address> clusters = new ArrayList<>();
    clusters.add(new Ipv4Address(style.clusterId()));
    before.clusters().forEach(id -> clusters.add(new Ipv4Address(id)));
    all.add(new Attribute.ClusterList(clusters));
  }

  // ---- communities

  /** The AS of the network that the route was born in, whose groups and tags it has. */
  private static long asn(RouteAttributes route, BgpRoutes.Style style) {
    OriginVn origin = route.membership().originVn();
    return origin == null ? style.asn() : origin.asn();
  }

  private static List<ExtendedCommunity> communities(RouteAttributes route, BgpRoutes.Style style) {
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
      all.addAll(origin.toCommunities());
    }
    long asn = asn(route, style);
    BgpMarks.addGroups(all, route, asn);
    RouteAttributes.Mobility mobility = route.preference().mobility();
    if (!mobility.equals(RouteAttributes.Mobility.NONE)) {
      all.add(ExtendedCommunity.macMobility(mobility.sticky(), (int) mobility.sequence()));
    }
    MacAddress routerMac = route.nextHop().routerMac();
    if (routerMac != null) {
      all.add(ExtendedCommunity.routerMac(routerMac));
    }
    for (ExtendedCommunity community : membership.other()) {
      if ((style.internal() || community.isTransitive())
          && !BgpMarks.isOfAgent(community, membership)) {
        all.add(community);
      }
    }
    BgpMarks.addTags(all, membership, asn);
    return all;
  }
}
