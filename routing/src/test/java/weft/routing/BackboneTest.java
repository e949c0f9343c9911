package weft.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.routing.Samples.agent;
import static weft.routing.Samples.born;
import static weft.routing.Samples.target;
import static weft.routing.Samples.via;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import weft.net.IpPrefix;
import weft.net.RouteDistinguisher;

/** What BGP peers are told of the backbone: filters, reflection, peers that are away. */
class BackboneTest {
  private final Rib rib = new Rib();

  private void told(Peer peer, TableId table, RouteKey key, RouteAttributes attributes) {
    rib.apply(new RoutingEvent.Announce(peer.name(), table, key, 0, attributes, null, true));
  }

  /** What a BGP peer has not been told of a table, as `+` and `-` with the key. */
  private List<String> news(Peer peer, Family family) {
    rib.takeChanged();
    Table table = rib.table(TableId.backbone(family));
    RibOut ribOut = table == null ? null : table.ribOut(ExportPolicy.of(peer.kind()));
    List<String> found = new ArrayList<>();
    while (ribOut != null && ribOut.isPending(peer.name())) {
      for (RibOut.Update update : ribOut.next(peer.name(), 2).updates()) {
        switch (update) {
          case RibOut.Update.Tell(Advert advert, int _) ->
              found.add(
                  "+%s %d %s"
                      .formatted(
                          advert.key(),
                          advert.attributes().preference().local(),
                          advert.attributes().membership().communities().stream()
                              .map(Integer::toHexString)
                              .toList()));
          case RibOut.Update.Retract(RouteKey key, int _) -> found.add("-" + key);
        }
      }
    }
    return found;
  }

  /** RFC 4684: exactly the routes of the targets that a peer has told. */
  @Test
  void aPeerWithAFilterIsToldWhatItAsksFor() {
    Peer gateway = Samples.bgp(1, Peer.Kind.EXTERNAL_BGP);
    Peer other = Samples.bgp(2, Peer.Kind.EXTERNAL_BGP);
    TableId vpn = TableId.backbone(Family.VPN_INET);
    TableId wishes = TableId.backbone(Family.ROUTE_TARGET);
    RouteDistinguisher rd = RouteDistinguisher.ofAs2(64512, 1);
    rib.apply(new RoutingEvent.PeerUp(gateway));
    rib.apply(new RoutingEvent.PeerUp(other));
    rib.apply(
        new RoutingEvent.Join(
            gateway.name(), Family.VPN_INET, new RoutingEvent.Wishes(true, false)));
    RouteKey one = RouteKey.Vpn.of(rd, IpPrefix.parse("10.0.0.1/32"));
    RouteKey two = RouteKey.Vpn.of(rd, IpPrefix.parse("10.0.0.2/32"));
    told(other, vpn, one, born(via(other, 20), Set.of(target(1)), null));
    told(other, vpn, two, born(via(other, 21), Set.of(target(2)), null));
    assertThat(news(gateway, Family.VPN_INET)).isEmpty();

    RouteKey first = RouteKey.Membership.of(64512, target(1));
    RouteKey second = RouteKey.Membership.of(64999, target(2));
    told(gateway, wishes, first, via(gateway, 0));
    assertThat(news(gateway, Family.VPN_INET)).containsExactly("+" + one + " 100 []");
    told(gateway, wishes, second, via(gateway, 0));
    assertThat(news(gateway, Family.VPN_INET)).containsExactly("+" + two + " 100 []");
    rib.apply(new RoutingEvent.Withdraw(gateway.name(), wishes, first, 0));
    assertThat(news(gateway, Family.VPN_INET)).containsExactly("-" + one);
    // A route whose target changes comes or goes.
    told(other, vpn, one, born(via(other, 20), Set.of(target(1), target(2)), null));
    told(other, vpn, two, born(via(other, 21), Set.of(target(3)), null));
    assertThat(news(gateway, Family.VPN_INET)).containsExactly("+" + one + " 100 []", "-" + two);
    told(gateway, wishes, new RouteKey.Membership(0, 0, 0), via(gateway, 0));
    assertThat(news(gateway, Family.VPN_INET)).containsExactly("+" + two + " 100 []");
  }

  /** RFC 4684: we want what instances with subscribers import, and say so. */
  @Test
  void whatSubscribedInstancesImportIsWanted() {
    Peer gateway = Samples.bgp(1, Peer.Kind.INTERNAL_BGP);
    Peer agent = agent(1);
    rib.apply(new RoutingEvent.Speaker(64512, agent.address(), false));
    rib.apply(new RoutingEvent.PeerUp(gateway));
    rib.apply(new RoutingEvent.Join(gateway.name(), Family.ROUTE_TARGET));
    rib.apply(
        new RoutingEvent.InstanceChanged(
            Samples.instance("mauve", 9, Set.of(target(91)), Set.of(target(92)))));
    assertThat(news(gateway, Family.ROUTE_TARGET)).isEmpty();
    rib.apply(new RoutingEvent.PeerUp(agent));
    rib.apply(new RoutingEvent.Subscribe(agent.name(), "mauve", 1, true));
    String told = RouteKey.Membership.of(64512, target(91)).toString();
    assertThat(news(gateway, Family.ROUTE_TARGET)).containsExactly("+" + told + " 100 []");
    rib.apply(new RoutingEvent.PeerDown(agent.name(), true));
    assertThat(news(gateway, Family.ROUTE_TARGET)).isEmpty();
    rib.apply(new RoutingEvent.Sweep(agent.name()));
    assertThat(news(gateway, Family.ROUTE_TARGET)).containsExactly("-" + told);
  }

  /** RFC 9494: marked for who knows the mark, a last choice within the AS, kept from others. */
  @Test
  void routesOfAPeerThatIsAwayForLong() {
    Peer lost = Samples.bgp(1, Peer.Kind.EXTERNAL_BGP);
    Peer knowing = Samples.bgp(2, Peer.Kind.EXTERNAL_BGP);
    Peer unknowing = Samples.bgp(3, Peer.Kind.EXTERNAL_BGP);
    Peer internal = Samples.bgp(4, Peer.Kind.INTERNAL_BGP);
    TableId vpn = TableId.backbone(Family.VPN_INET);
    for (Peer peer : List.of(lost, knowing, unknowing, internal)) {
      rib.apply(new RoutingEvent.PeerUp(peer));
      rib.apply(
          new RoutingEvent.Join(
              peer.name(), Family.VPN_INET, new RoutingEvent.Wishes(false, peer.equals(knowing))));
    }
    RouteDistinguisher rd = RouteDistinguisher.ofAs2(64512, 1);
    RouteKey kept = RouteKey.Vpn.of(rd, IpPrefix.parse("10.0.0.1/32"));
    RouteKey brief = RouteKey.Vpn.of(rd, IpPrefix.parse("10.0.0.2/32"));
    RouteAttributes attributes = born(via(lost, 20), Set.of(target(1)), null);
    told(lost, vpn, kept, attributes);
    told(lost, vpn, brief, attributes.with(RouteAttributes.NO_LLGR));
    for (Peer peer : List.of(knowing, unknowing, internal)) {
      assertThat(news(peer, Family.VPN_INET)).hasSize(2);
    }
    rib.apply(new RoutingEvent.PeerDown(lost.name(), true));
    for (Peer peer : List.of(knowing, unknowing, internal)) {
      assertThat(news(peer, Family.VPN_INET)).isEmpty();
    }
    rib.apply(new RoutingEvent.PeerLost(lost.name(), Family.VPN_INET));
    assertThat(news(knowing, Family.VPN_INET))
        .containsExactlyInAnyOrder("-" + brief, "+" + kept + " 100 [ffff0006]");
    assertThat(news(unknowing, Family.VPN_INET)).containsExactlyInAnyOrder("-" + brief, "-" + kept);
    assertThat(news(internal, Family.VPN_INET))
        .containsExactlyInAnyOrder("-" + brief, "+" + kept + " 0 [ffff0006, ffffff01]");
    rib.apply(new RoutingEvent.PeerUp(lost));
    told(lost, vpn, kept, attributes);
    for (Peer peer : List.of(knowing, unknowing, internal)) {
      assertThat(news(peer, Family.VPN_INET)).containsExactly("+" + kept + " 100 []");
    }
  }

  /** RFC 4456: a reflector tells its clients what the others of its AS told. */
  @Test
  void aReflectorTellsItsClientsOfEachOther() {
    Peer one = Samples.bgp(1, Peer.Kind.INTERNAL_BGP);
    Peer two = Samples.bgp(2, Peer.Kind.INTERNAL_BGP);
    TableId vpn = TableId.backbone(Family.VPN_INET);
    for (Peer peer : List.of(one, two)) {
      rib.apply(new RoutingEvent.PeerUp(peer));
      rib.apply(new RoutingEvent.Join(peer.name(), Family.VPN_INET));
    }
    RouteKey key =
        RouteKey.Vpn.of(RouteDistinguisher.ofAs2(64512, 1), IpPrefix.parse("10.0.0.1/32"));
    told(one, vpn, key, born(via(one, 20), Set.of(target(1)), null));
    assertThat(news(two, Family.VPN_INET)).isEmpty();
    rib.apply(new RoutingEvent.Speaker(64512, one.address(), true));
    assertThat(news(two, Family.VPN_INET)).containsExactly("+" + key + " 100 []");
    assertThat(news(one, Family.VPN_INET)).noneMatch(line -> line.startsWith("+"));
    rib.apply(new RoutingEvent.Speaker(64512, one.address(), false));
    assertThat(news(two, Family.VPN_INET)).containsExactly("-" + key);
  }
}
