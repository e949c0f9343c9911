package weft.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.routing.Samples.address;
import static weft.routing.Samples.agent;
import static weft.routing.Samples.announce;
import static weft.routing.Samples.bgp;
import static weft.routing.Samples.born;
import static weft.routing.Samples.evpnTable;
import static weft.routing.Samples.inet;
import static weft.routing.Samples.inetTable;
import static weft.routing.Samples.instance;
import static weft.routing.Samples.mac;
import static weft.routing.Samples.rd;
import static weft.routing.Samples.target;
import static weft.routing.Samples.via;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import weft.routing.RouteAttributes.Preference;

class RibTest {
  private final Rib rib = new Rib();
  private final Peer one = agent(1);
  private final Peer two = agent(2);

  @BeforeEach
  void agentsUp() {
    rib.apply(new RoutingEvent.PeerUp(one));
    rib.apply(new RoutingEvent.PeerUp(two));
  }

  private void subscribe(Peer peer, String instance, int id) {
    rib.apply(new RoutingEvent.Subscribe(peer.name(), instance, id, true));
  }

  private Path best(TableId table, RouteKey key) {
    Table found = rib.table(table);
    Route route = found == null ? null : found.route(key);
    return route == null ? null : route.selection().best();
  }

  private List<String> told(Peer peer, TableId table) {
    Table found = rib.table(table);
    RibOut ribOut = found == null ? null : found.ribOut(ExportPolicy.of(peer.kind()));
    return ribOut == null
        ? List.of()
        : ribOut.adverts(peer.name()).stream().map(a -> a.key().toString()).toList();
  }

  @Test
  void aRouteReachesEveryAgentOfItsInstanceAndTheBackbone() {
    rib.apply(new RoutingEvent.InstanceChanged(instance("red", 1)));
    subscribe(one, "red", 3);
    subscribe(two, "red", 5);
    rib.apply(announce(one, "red", inet("10.1.1.3/32"), via(one, 25), 3));

    assertThat(told(one, inetTable("red"))).containsExactly("10.1.1.3/32");
    assertThat(told(two, inetTable("red"))).containsExactly("10.1.1.3/32");
    Path exported =
        best(TableId.backbone(Family.VPN_INET), RouteKey.Vpn.of(rd(one, 3), inet("10.1.1.3/32")));
    assertThat(exported.attributes().membership().targets()).containsExactly(target(1));
    assertThat(exported.attributes().membership().originVn()).isEqualTo(new OriginVn(64512, 1));
    assertThat(exported.imported()).isTrue();
  }

  @Test
  void tenantsWithTheSameAddressesStayApart() {
    rib.apply(new RoutingEvent.InstanceChanged(instance("red", 1)));
    rib.apply(new RoutingEvent.InstanceChanged(instance("blue", 2)));
    subscribe(one, "red", 1);
    subscribe(two, "blue", 1);
    rib.apply(announce(one, "red", inet("10.1.1.3/32"), via(one, 25), 1));
    rib.apply(announce(two, "blue", inet("10.1.1.3/32"), via(two, 30), 1));

    assertThat(best(inetTable("red"), inet("10.1.1.3/32")).peer()).isEqualTo(one);
    assertThat(best(inetTable("blue"), inet("10.1.1.3/32")).peer()).isEqualTo(two);
  }

  @Test
  void networksJoinedByPolicyShareRoutesButNotMacs() {
    rib.apply(
        new RoutingEvent.InstanceChanged(
            instance("red", 1, Set.of(target(1), target(2)), Set.of(target(1)))));
    rib.apply(
        new RoutingEvent.InstanceChanged(
            instance("blue", 2, Set.of(target(1), target(2)), Set.of(target(2)))));
    subscribe(one, "red", 1);
    subscribe(two, "blue", 1);
    rib.apply(announce(one, "red", inet("10.1.1.3/32"), via(one, 25), 1));
    rib.apply(announce(one, "red", mac(3, "10.1.1.3/32"), via(one, 26), 1));

    Path imported = best(inetTable("blue"), inet("10.1.1.3/32"));
    assertThat(imported.imported()).isTrue();
    assertThat(imported.id().table()).isEqualTo(inetTable("red"));
    RibOut ribOut = rib.table(inetTable("blue")).ribOut(ExportPolicy.AGENTS);
    assertThat(((Advert.Unicast) ribOut.adverts(two.name()).getFirst()).vias())
        .containsExactly(new Advert.Via(via(one, 25).nextHop(), "net-red"));
    assertThat(told(two, evpnTable("blue"))).isEmpty();

    rib.apply(new RoutingEvent.InstanceChanged(instance("blue", 2)));
    assertThat(best(inetTable("blue"), inet("10.1.1.3/32"))).isNull();
  }

  @Test
  void whatIsToldBeforeItsInstanceIsConfiguredWaits() {
    subscribe(one, "red", 1);
    subscribe(two, "red", 2);
    rib.apply(announce(one, "red", inet("10.1.1.3/32"), via(one, 25), 1));
    assertThat(told(two, inetTable("red"))).isEmpty();
    assertThat(rib.table(TableId.backbone(Family.VPN_INET))).isNull();

    rib.apply(new RoutingEvent.InstanceChanged(instance("red", 1)));
    assertThat(told(two, inetTable("red"))).containsExactly("10.1.1.3/32");
    assertThat(rib.table(TableId.backbone(Family.VPN_INET)).size()).isEqualTo(1);
  }

  @Test
  void aLostAgentsRoutesStayUntilSwept() {
    rib.apply(new RoutingEvent.InstanceChanged(instance("red", 1)));
    subscribe(one, "red", 1);
    subscribe(two, "red", 1);
    rib.apply(announce(one, "red", inet("10.1.1.3/32"), via(one, 25), 1));
    rib.apply(announce(one, "red", inet("10.1.1.4/32"), via(one, 26), 1));
    rib.apply(new RoutingEvent.PeerDown(one.name(), true));

    assertThat(told(two, inetTable("red"))).hasSize(2);
    assertThat(best(inetTable("red"), inet("10.1.1.3/32")).condition())
        .isEqualTo(Path.Condition.STALE);

    rib.apply(new RoutingEvent.PeerUp(one));
    subscribe(one, "red", 1);
    rib.apply(announce(one, "red", inet("10.1.1.3/32"), via(one, 25), 1));
    rib.apply(new RoutingEvent.Sweep(one.name()));

    assertThat(told(two, inetTable("red"))).containsExactly("10.1.1.3/32");
    assertThat(best(inetTable("red"), inet("10.1.1.3/32")).condition())
        .isEqualTo(Path.Condition.VALID);
  }

  @Test
  void aLostAgentThatDoesNotComeBackLeavesNothing() {
    rib.apply(new RoutingEvent.InstanceChanged(instance("red", 1)));
    subscribe(one, "red", 1);
    rib.apply(announce(one, "red", inet("10.1.1.3/32"), via(one, 25), 1));
    rib.apply(new RoutingEvent.PeerDown(one.name(), true));
    rib.apply(new RoutingEvent.Sweep(one.name()));

    assertThat(rib.tables()).isEmpty();
    assertThat(rib.subscriptions(one.name())).isEmpty();
  }

  @Test
  void aRouteWithoutSubscriptionIsRefused() {
    assertThat(rib.apply(announce(one, "red", inet("10.1.1.3/32"), via(one, 25), 1)))
        .isEqualTo(Verdict.NOT_SUBSCRIBED);
    assertThat(rib.apply(new RoutingEvent.Unsubscribe(one.name(), "red")))
        .isEqualTo(Verdict.NOT_SUBSCRIBED);
    subscribe(one, "red", 1);
    assertThat(rib.apply(new RoutingEvent.Subscribe(one.name(), "red", 1, true)))
        .isEqualTo(Verdict.REPEATED);
  }

  @Test
  void eachAgentIsToldWhoElseWantsBroadcasts() {
    rib.apply(new RoutingEvent.InstanceChanged(instance("red", 1)));
    Peer three = agent(3);
    rib.apply(new RoutingEvent.PeerUp(three));
    for (Peer peer : List.of(one, two, three)) {
      subscribe(peer, "red", 1);
      rib.apply(
          announce(
              peer,
              "red",
              new RouteKey.Broadcast(0, peer.address()),
              via(peer, 100 + peer.routerId() % 10),
              1));
    }
    RibOut ribOut = rib.table(evpnTable("red")).ribOut(ExportPolicy.AGENTS);
    assertThat(rib.takeChanged()).contains(ribOut);
    Advert.Replication mine = (Advert.Replication) ribOut.adverts(one.name()).getFirst();
    assertThat(mine.key()).isEqualTo(new RouteKey.Broadcast(0, address(1)));
    assertThat(mine.copies())
        .extracting(v -> v.nextHop().address())
        .containsExactly(address(2), address(3));

    rib.apply(new RoutingEvent.PeerDown(three.name(), false));
    assertThat(rib.takeChanged()).contains(ribOut);
    mine = (Advert.Replication) ribOut.adverts(one.name()).getFirst();
    assertThat(mine.copies()).extracting(v -> v.nextHop().address()).containsExactly(address(2));
    rib.apply(new RoutingEvent.PeerDown(two.name(), false));
    assertThat(rib.takeChanged()).contains(ribOut);
    assertThat(ribOut.adverts(one.name())).isEmpty();
  }

  @Test
  void aGatewaysRouteIsImportedByTargetAndNamedAfterTheNetworkThatExportsIt() {
    rib.apply(new RoutingEvent.InstanceChanged(instance("red", 1)));
    Peer gateway = bgp(1, Peer.Kind.INTERNAL_BGP);
    rib.apply(new RoutingEvent.PeerUp(gateway));
    rib.apply(new RoutingEvent.Join(gateway.name(), Family.VPN_INET));
    subscribe(one, "red", 1);
    RouteKey key = RouteKey.Vpn.of(rd(two, 9), inet("0.0.0.0/0"));
    rib.apply(
        new RoutingEvent.Announce(
            gateway.name(),
            TableId.backbone(Family.VPN_INET),
            key,
            0,
            born(via(two, 16), Set.of(target(1)), null),
            null,
            true));

    assertThat(best(inetTable("red"), inet("0.0.0.0/0")).attributes().membership().originVn())
        .isEqualTo(new OriginVn(64512, 1));
    assertThat(told(one, inetTable("red"))).containsExactly("0.0.0.0/0");
    assertThat(told(gateway, TableId.backbone(Family.VPN_INET))).isEmpty();
  }

  @Test
  void equalPathsAreUsedTogether() {
    rib.apply(new RoutingEvent.InstanceChanged(instance("red", 1)));
    subscribe(one, "red", 1);
    subscribe(two, "red", 1);
    rib.apply(announce(one, "red", inet("10.1.1.9/32"), via(one, 25), 1));
    rib.apply(announce(two, "red", inet("10.1.1.9/32"), via(two, 35), 1));
    RibOut ribOut = rib.table(inetTable("red")).ribOut(ExportPolicy.AGENTS);
    assertThat(((Advert.Unicast) ribOut.adverts(one.name()).getFirst()).vias()).hasSize(2);

    rib.apply(
        announce(one, "red", inet("10.1.1.9/32"), via(one, 25).with(Preference.of(200, 100L)), 1));
    assertThat(((Advert.Unicast) ribOut.adverts(one.name()).getFirst()).vias())
        .extracting(v -> v.nextHop().label())
        .containsExactly(25);
    Selection selection = rib.table(inetTable("red")).route(inet("10.1.1.9/32")).selection();
    assertThat(selection.decision(0)).hasToString("Preferred(byLocalPreference)");
    assertThat(selection.decision(1)).hasToString("NotPreferred(byLocalPreference)");
  }
}
