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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.RouteTarget;

/** Static routes and aggregates: there with their cause, and gone with it. */
class OwnRoutesTest {
  private final Rib rib = new Rib();
  private final Peer one = agent(1);
  private final Peer two = agent(2);

  @BeforeEach
  void agentsUp() {
    for (Peer peer : List.of(one, two)) {
      rib.apply(new RoutingEvent.PeerUp(peer));
      rib.apply(new RoutingEvent.Subscribe(peer.name(), "red", 1, true));
      rib.apply(new RoutingEvent.Subscribe(peer.name(), "blue", 2, true));
    }
    configure(instance("blue", 2));
  }

  private void configure(InstanceConfig config) {
    rib.apply(new RoutingEvent.InstanceChanged(config));
  }

  private void tell(Peer peer, String prefix, int label) {
    rib.apply(announce(peer, "red", inet(prefix), via(peer, label), 1));
  }

  private void withdraw(Peer peer, String prefix) {
    rib.apply(new RoutingEvent.Withdraw(peer.name(), inetTable("red"), inet(prefix), 0));
  }

  private @Nullable Route route(String instance, String prefix) {
    Table table = rib.table(inetTable(instance));
    return table == null ? null : table.route(inet(prefix));
  }

  private List<String> hops(String instance, String prefix) {
    Route route = route(instance, prefix);
    return route == null
        ? List.of()
        : route.selection().ecmp().stream()
            .map(p -> p.attributes().nextHop().address() + " " + p.attributes().label())
            .toList();
  }

  static StaticRoute fixed(String prefix, String nextHop, RouteTarget... targets) {
    return new StaticRoute(
        IpPrefix.parse(prefix),
        IpAddress.parse(nextHop),
        new TreeSet<>(Set.of(targets)),
        new TreeSet<>());
  }

  static Aggregate aggregate(String prefix, String nextHop) {
    return new Aggregate(IpPrefix.parse(prefix), IpAddress.parse(nextHop));
  }

  @Test
  void aStaticRouteLeadsWhereItsNextHopLeads() {
    configure(
        instance("red", 1)
            .withRoutes(List.of(fixed("192.168.1.0/24", "10.1.1.3", target(2))), List.of()));
    assertThat(hops("red", "192.168.1.0/24")).isEmpty();
    tell(one, "10.1.1.3/32", 25);
    assertThat(hops("red", "192.168.1.0/24")).containsExactly("172.31.0.1 25");
    assertThat(hops("blue", "192.168.1.0/24")).containsExactly("172.31.0.1 25");

    tell(two, "10.1.1.3/32", 30);
    assertThat(hops("red", "192.168.1.0/24")).containsExactly("172.31.0.1 25", "172.31.0.2 30");
    Table backbone = rib.table(TableId.backbone(Family.VPN_INET));
    Path exported =
        backbone.route(RouteKey.Vpn.of(rd(two, 1), inet("192.168.1.0/24"))).selection().best();
    assertThat(exported.attributes().membership().targets()).containsExactly(target(1), target(2));
    assertThat(exported.attributes().membership().originVn()).isEqualTo(new OriginVn(64512, 1));

    withdraw(one, "10.1.1.3/32");
    assertThat(hops("blue", "192.168.1.0/24")).containsExactly("172.31.0.2 30");
    rib.apply(new RoutingEvent.PeerDown(two.name(), false));
    assertThat(route("red", "192.168.1.0/24")).isNull();
    assertThat(route("blue", "192.168.1.0/24")).isNull();
    assertThat(rib.table(TableId.backbone(Family.VPN_INET))).isNull();
  }

  @Test
  void aStaticRouteGoesWithItsConfiguration() {
    tell(one, "10.1.1.3/32", 25);
    tell(one, "10.1.1.4/32", 26);
    InstanceConfig red = instance("red", 1);
    configure(
        red.withRoutes(
            List.of(fixed("192.168.1.0/24", "10.1.1.3"), fixed("192.168.1.0/24", "10.1.1.4")),
            List.of()));
    assertThat(hops("red", "192.168.1.0/24")).containsExactly("172.31.0.1 25", "172.31.0.1 26");
    configure(red.withRoutes(List.of(fixed("192.168.1.0/24", "10.1.1.4")), List.of()));
    assertThat(hops("red", "192.168.1.0/24")).containsExactly("172.31.0.1 26");
    rib.apply(new RoutingEvent.InstanceRemoved("red"));
    assertThat(route("red", "192.168.1.0/24")).isNull();
    assertThat(hops("red", "10.1.1.3/32")).isNotEmpty();
  }

  @Test
  void noStaticRouteIsTheNextHopOfAnother() {
    configure(
        instance("red", 1)
            .withRoutes(
                List.of(fixed("10.1.1.4/32", "10.1.1.3"), fixed("192.168.1.0/24", "10.1.1.4")),
                List.of()));
    tell(one, "10.1.1.3/32", 25);
    assertThat(hops("red", "10.1.1.4/32")).containsExactly("172.31.0.1 25");
    assertThat(hops("red", "192.168.1.0/24")).isEmpty();
    tell(two, "10.1.1.4/32", 30);
    assertThat(hops("red", "192.168.1.0/24")).containsExactly("172.31.0.2 30");
  }

  @Test
  void aNextHopBehindAGatewayIsResolvedTooAndKeepsItsDistinguisher() {
    Peer gateway = bgp(1, Peer.Kind.EXTERNAL_BGP);
    rib.apply(new RoutingEvent.PeerUp(gateway));
    configure(
        instance("red", 1).withRoutes(List.of(fixed("192.168.1.0/24", "10.1.1.3")), List.of()));
    rib.apply(
        new RoutingEvent.Announce(
            gateway.name(),
            TableId.backbone(Family.VPN_INET),
            RouteKey.Vpn.of(rd(one, 9), inet("10.1.1.3/32")),
            0,
            born(via(one, 40), Set.of(target(1)), null),
            null,
            true));
    assertThat(hops("red", "192.168.1.0/24")).containsExactly("172.31.0.1 40");
    assertThat(
            rib.table(TableId.backbone(Family.VPN_INET))
                .route(RouteKey.Vpn.of(rd(one, 9), inet("192.168.1.0/24"))))
        .isNotNull();
  }

  @Test
  void anAggregateStandsForLongerPrefixesOutside() {
    configure(instance("blue", 2, Set.of(target(1), target(2)), Set.of(target(2))));
    configure(
        instance("red", 1).withRoutes(List.of(), List.of(aggregate("10.1.0.0/16", "10.9.9.9"))));
    tell(one, "10.9.9.9/32", 20);
    assertThat(route("red", "10.1.0.0/16")).isNull();
    tell(one, "10.1.1.3/32", 25);
    assertThat(hops("red", "10.1.0.0/16")).containsExactly("172.31.0.1 20");
    assertThat(hops("red", "10.1.1.3/32")).containsExactly("172.31.0.1 25");
    assertThat(hops("blue", "10.1.0.0/16")).containsExactly("172.31.0.1 20");
    assertThat(route("blue", "10.1.1.3/32")).isNull();
    assertThat(hops("blue", "10.9.9.9/32")).containsExactly("172.31.0.1 20");

    withdraw(one, "10.1.1.3/32");
    assertThat(route("red", "10.1.0.0/16")).isNull();
    assertThat(route("blue", "10.1.0.0/16")).isNull();

    tell(one, "10.1.1.4/32", 26);
    assertThat(hops("blue", "10.1.0.0/16")).isNotEmpty();
    configure(instance("red", 1));
    assertThat(route("blue", "10.1.0.0/16")).isNull();
    assertThat(hops("blue", "10.1.1.4/32")).containsExactly("172.31.0.1 26");
  }

  @Test
  void anAggregateStandsOnStaticRoutesAndLongerAggregates() {
    configure(
        instance("red", 1)
            .withRoutes(
                List.of(fixed("192.168.1.0/24", "10.1.1.3")),
                List.of(
                    aggregate("192.168.0.0/16", "10.1.1.3"),
                    aggregate("192.0.0.0/8", "10.1.1.3"))));
    tell(one, "10.1.1.3/32", 25);
    assertThat(hops("red", "192.168.0.0/16")).containsExactly("172.31.0.1 25");
    assertThat(hops("red", "192.0.0.0/8")).containsExactly("172.31.0.1 25");
    withdraw(one, "10.1.1.3/32");
    assertThat(route("red", "192.168.0.0/16")).isNull();
    assertThat(route("red", "192.0.0.0/8")).isNull();
  }
}
