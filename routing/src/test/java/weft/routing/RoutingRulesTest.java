package weft.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.routing.Samples.agent;
import static weft.routing.Samples.announce;
import static weft.routing.Samples.bgp;
import static weft.routing.Samples.born;
import static weft.routing.Samples.inet;
import static weft.routing.Samples.inetTable;
import static weft.routing.Samples.instance;
import static weft.routing.Samples.rd;
import static weft.routing.Samples.target;
import static weft.routing.Samples.via;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weft.net.Encapsulation;
import weft.net.ExtendedCommunity;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.MacAddress;

/** The rules that keep a route out of an instance, or let it in, beside those of targets. */
class RoutingRulesTest {
  private static final TableId VPN = TableId.backbone(Family.VPN_INET);
  private static final RouteKey HOST = inet("10.1.1.3/32");

  private final Rib rib = new Rib();
  private final Peer one = agent(1);
  private final Peer reflector = bgp(1, Peer.Kind.INTERNAL_BGP);

  @BeforeEach
  void up() {
    rib.apply(new RoutingEvent.Speaker(64512, IpAddress.parse("10.255.0.1"), false));
    rib.apply(new RoutingEvent.PeerUp(one));
    rib.apply(new RoutingEvent.PeerUp(reflector));
    rib.apply(new RoutingEvent.Join(reflector.name(), Family.VPN_INET));
  }

  private void instances(int... numbers) {
    for (int n : numbers) {
      String name = "vn" + n;
      rib.apply(new RoutingEvent.InstanceChanged(instance(name, n)));
      rib.apply(new RoutingEvent.Subscribe(one.name(), name, n, true));
    }
  }

  private List<String> peersIn(String instance) {
    Table table = rib.table(inetTable(instance));
    Route route = table == null ? null : table.route(HOST);
    return route == null
        ? List.of()
        : route.selection().ecmp().stream().map(path -> path.peer().name()).toList();
  }

  private void backbone(RouteKey key, RouteAttributes attributes) {
    rib.apply(new RoutingEvent.Announce(reflector.name(), VPN, key, 0, attributes, null, true));
  }

  // ---- networks that a route was led through

  private RouteAttributes led(int target, ExtendedCommunity... through) {
    RouteAttributes told = born(via(agent(9), 30), Set.of(target(target), target(2)), null);
    return told.with(told.membership().with(new OriginVnPath(List.of(through))));
  }

  @Test
  void aRouteDoesNotComeBackIntoANetworkThatItWasLedThrough() {
    instances(1, 2);
    RouteKey key = RouteKey.Vpn.of(rd(agent(9), 1), HOST);
    backbone(key, led(1, ExtendedCommunity.originVn(64512, 7)));
    assertThat(peersIn("vn1")).containsExactly(reflector.name());
    assertThat(peersIn("vn2")).containsExactly(reflector.name());

    backbone(
        key, led(1, ExtendedCommunity.originVn(64512, 7), ExtendedCommunity.originVn(64512, 1)));
    assertThat(peersIn("vn1")).isEmpty();
    assertThat(peersIn("vn2")).containsExactly(reflector.name());

    rib.apply(
        new RoutingEvent.InstanceChanged(instance("vn2", 7, Set.of(target(2)), Set.of(target(2)))));
    assertThat(peersIn("vn2")).isEmpty();

    backbone(key, led(1));
    assertThat(peersIn("vn1")).containsExactly(reflector.name());
    assertThat(peersIn("vn2")).containsExactly(reflector.name());
  }

  @ParameterizedTest
  @CsvSource({
    "64512, 4, 64512, 4, true",
    "64512, 4, 64513, 4, false",
    "64512, 8000004, 64513, 8000004, true",
    "70000, 4, 70000, 4, true",
    "70000, 4, 70001, 4, false",
    "70000, 70004, 70000, 70004, true",
    "70000, 70004, 70001, 70004, false"
  })
  void aNetworkIsFoundInAPathAsTungstenFabricFindsIt(
      long asn, long id, long pathAsn, long pathId, boolean found) {
    OriginVnPath path = new OriginVnPath(new OriginVn(pathAsn, pathId).toCommunities());
    assertThat(path.contains(new OriginVn(asn, id))).isEqualTo(found);
    assertThat(OriginVn.of(path.networks())).isEqualTo(new OriginVn(pathAsn, pathId));
  }

  // ---- accept-own

  private RouteAttributes reflected(int... targets) {
    Set<weft.net.RouteTarget> all = new TreeSet<>();
    for (int n : targets) {
      all.add(target(n));
    }
    RouteAttributes told = born(via(one, 25), all, new OriginVn(64512, 1));
    RouteAttributes.Preference usual = told.preference();
    return told.with(Communities.ACCEPT_OWN)
        .with(
            new RouteAttributes.Preference(
                usual.local() + 50,
                usual.med(),
                usual.origin(),
                usual.asPath(),
                usual.mobility(),
                new RouteAttributes.Reflection(0x0aff_0001, List.of(9))));
  }

  /** RFC 7611: a reflector leads a route of ours into other instances by adding their targets. */
  @Test
  void aRouteOfOursThatComesBackIsForOtherInstancesAlone() {
    instances(1, 2);
    rib.apply(announce(one, "vn1", HOST, via(one, 25), 1));
    RouteKey key = RouteKey.Vpn.of(rd(one, 1), HOST);
    assertThat(peersIn("vn2")).isEmpty();

    backbone(key, reflected(1, 2));
    assertThat(peersIn("vn2")).containsExactly(reflector.name());
    assertThat(peersIn("vn1")).containsExactly(one.name());
    RibOut toReflector = rib.ribOuts(reflector.name()).getFirst();
    assertThat(toReflector.adverts(reflector.name()))
        .as("what we told goes on being told")
        .extracting(Advert::key)
        .containsExactly(key);

    rib.apply(new RoutingEvent.Withdraw(reflector.name(), VPN, key, 0));
    assertThat(peersIn("vn2")).isEmpty();
    assertThat(peersIn("vn1")).containsExactly(one.name());
  }

  @Test
  void whatCameBackGoesWithTheSession() {
    instances(1, 2);
    rib.apply(announce(one, "vn1", HOST, via(one, 25), 1));
    backbone(RouteKey.Vpn.of(rd(one, 1), HOST), reflected(2));
    rib.apply(new RoutingEvent.PeerDown(reflector.name(), true));
    rib.apply(new RoutingEvent.Sweep(reflector.name()));
    assertThat(peersIn("vn2")).isEmpty();
    assertThat(rib.pathCount(reflector.name())).isZero();
  }

  // ---- between VXLAN routers

  /**
   * What a policy lets from one router's network into another's keeps VNI and MAC of its router.
   */
  @Test
  void prefixesGoFromOneRouterToAnotherAndMacsDoNot() {
    rib.apply(
        new RoutingEvent.InstanceChanged(
            instance("router1", 1, Set.of(target(1), target(2)), Set.of(target(1)))));
    rib.apply(
        new RoutingEvent.InstanceChanged(
            instance("router2", 2, Set.of(target(1), target(2)), Set.of(target(2)))));
    rib.apply(new RoutingEvent.Subscribe(one.name(), "router1", 1, true));
    rib.apply(new RoutingEvent.Subscribe(one.name(), "router2", 2, true));
    RouteKey prefix = new RouteKey.Prefix(0, IpPrefix.parse("10.1.1.0/24"));
    RouteKey mac = Samples.mac(1, "10.1.1.3/32");
    NextHop via =
        new NextHop(
            one.address(),
            9001,
            0,
            List.of(Encapsulation.VXLAN),
            MacAddress.parse("02:00:00:00:00:09"));
    rib.apply(announce(one, "router1", prefix, RouteAttributes.of(via), 1));
    rib.apply(announce(one, "router1", mac, RouteAttributes.of(via), 1));
    Table other = rib.table(Samples.evpnTable("router2"));
    Route there = other.route(prefix);
    assertThat(there.best().attributes().nextHop()).isEqualTo(via);
    assertThat(rib.network(there, there.best())).isEqualTo("net-router1");
    assertThat(other.route(mac)).isNull();

    rib.apply(
        new RoutingEvent.InstanceChanged(
            instance("router2", 2, Set.of(target(2)), Set.of(target(2)))));
    assertThat(other.route(prefix)).isNull();
  }

  // ---- paths that are not in use

  private void comesBackWithNothingButASubscription() {
    rib.apply(new RoutingEvent.PeerDown(one.name(), true));
    rib.apply(new RoutingEvent.PeerUp(one));
    rib.apply(new RoutingEvent.Subscribe(one.name(), "vn1", 1, true));
    rib.apply(new RoutingEvent.Sweep(one.name()));
  }

  @Test
  void whatCannotBeUsedGoesWithItsPeerToo() {
    instances(1);
    rib.apply(
        new RoutingEvent.Announce(
            one.name(), inetTable("vn1"), HOST, 0, via(one, 25), rd(one, 1), false));
    comesBackWithNothingButASubscription();
    assertThat(rib.table(inetTable("vn1")).routes()).isEmpty();
    assertThat(rib.pathCount(one.name())).isZero();
  }

  @Test
  void whatAPolicyKeepsOutGoesWithItsPeerToo() {
    RoutingPolicy none =
        new RoutingPolicy(
            List.of(
                List.of(
                    new RoutingPolicy.Term(
                        new RoutingPolicy.Match(
                            List.of(), CommunityMatch.ANY, CommunityMatch.ANY, Set.of()),
                        RoutingPolicy.Update.NONE,
                        RoutingPolicy.Action.REJECT))));
    rib.apply(new RoutingEvent.InstanceChanged(instance("vn1", 1).with(none)));
    rib.apply(new RoutingEvent.Subscribe(one.name(), "vn1", 1, true));
    rib.apply(announce(one, "vn1", HOST, via(one, 25), 1));
    comesBackWithNothingButASubscription();
    rib.apply(new RoutingEvent.InstanceChanged(instance("vn1", 1)));
    assertThat(peersIn("vn1")).isEmpty();
  }
}
