package weft.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.routing.Samples.agent;
import static weft.routing.Samples.announce;
import static weft.routing.Samples.bgp;
import static weft.routing.Samples.born;
import static weft.routing.Samples.evpnTable;
import static weft.routing.Samples.instance;
import static weft.routing.Samples.rd;
import static weft.routing.Samples.target;
import static weft.routing.Samples.via;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import weft.net.IpAddress;
import weft.routing.RouteAttributes.Pmsi;

/** Who is told to send copies to whom, where some hosts are behind another control node. */
class FloodingTest {
  private static final IpAddress GROUP = IpAddress.parse("239.1.1.1");
  private static final IpAddress ANY = IpAddress.parse("0.0.0.0");
  private static final int PLAIN = 0;

  private final Rib rib = new Rib();
  private final Peer one = agent(1);
  private final Peer two = agent(2);
  private final Peer far = agent(9);
  private final Peer node = bgp(2, Peer.Kind.INTERNAL_BGP);

  @BeforeEach
  void start() {
    rib.apply(new RoutingEvent.InstanceChanged(instance("red", 1)));
    for (Peer peer : List.of(one, two)) {
      rib.apply(new RoutingEvent.PeerUp(peer));
      rib.apply(new RoutingEvent.Subscribe(peer.name(), "red", 1, true));
    }
    rib.apply(new RoutingEvent.PeerUp(node));
    rib.apply(new RoutingEvent.Join(node.name(), Family.VPN_EVPN));
  }

  private void broadcast(Peer peer, int label, Pmsi pmsi) {
    rib.apply(
        announce(
            peer,
            "red",
            new RouteKey.Broadcast(0, peer.address()),
            via(peer, label).with(pmsi),
            1));
  }

  /** What the other control node tells of its agent. */
  private void told(RouteKey key, RouteAttributes attributes) {
    rib.apply(
        new RoutingEvent.Announce(
            node.name(),
            TableId.backbone(Family.VPN_EVPN),
            RouteKey.Vpn.of(rd(far, 1), key),
            0,
            born(attributes, Set.of(target(1)), new OriginVn(64512, 1)),
            null,
            true));
  }

  private List<Advert.Replication> own(Peer peer) {
    rib.takeChanged();
    RibOut ribOut = rib.table(evpnTable("red")).ribOut(ExportPolicy.AGENTS);
    assertThat(ribOut).isNotNull();
    return ribOut.adverts(peer.name()).stream()
        .filter(Advert.Replication.class::isInstance)
        .map(Advert.Replication.class::cast)
        .toList();
  }

  private static List<Integer> labels(List<Advert.Via> vias) {
    return vias.stream().map(via -> via.nextHop().label()).toList();
  }

  private static Pmsi pmsi(int flags) {
    return new Pmsi(flags, Pmsi.INGRESS_REPLICATION, 0);
  }

  private static Pmsi leafOf(Peer replicator) {
    return new Pmsi(Pmsi.LEAF, Pmsi.ASSISTED_REPLICATION, 0, replicator.address());
  }

  @Test
  void hostsOfATreeSendEachOtherNothingAlsoThroughAnotherControlNode() {
    broadcast(one, 11, pmsi(Pmsi.EDGE_REPLICATION));
    broadcast(two, 12, pmsi(PLAIN));
    told(new RouteKey.Broadcast(0, far.address()), via(far, 19).with(pmsi(Pmsi.EDGE_REPLICATION)));
    assertThat(labels(own(one).getFirst().copies())).containsExactly(12);
    assertThat(labels(own(two).getFirst().copies())).containsExactly(11, 19);
  }

  @Test
  void aLeafBehindAnotherControlNodeHasItsReplicatorHere() {
    broadcast(one, 11, pmsi(Pmsi.REPLICATOR | Pmsi.LEAF_INFORMATION_REQUIRED));
    broadcast(two, 12, pmsi(PLAIN));
    told(new RouteKey.Broadcast(0, far.address()), via(far, 19).with(leafOf(one)));
    assertThat(labels(own(one).getFirst().copies())).containsExactly(12);
    assertThat(labels(own(one).getFirst().leaves())).containsExactly(19);
    assertThat(labels(own(two).getFirst().copies())).containsExactly(11);
    assertThat(own(two).getFirst().leaves()).isEmpty();
  }

  /** BGP gives a group's route no label: it comes by that of the host's broadcasts. */
  @Test
  void aGroupIsSentToThoseWhoWantIt() {
    RouteKey here = new RouteKey.Selective(0, GROUP, ANY, one.address());
    rib.apply(announce(one, "red", here, via(one, 21), 1));
    assertThat(own(one)).isEmpty();
    told(new RouteKey.Broadcast(0, far.address()), via(far, 19).with(pmsi(PLAIN)));
    told(new RouteKey.Selective(0, GROUP, ANY, far.address()), via(far, 0));
    told(new RouteKey.Selective(0, IpAddress.parse("239.2.2.2"), ANY, far.address()), via(far, 0));
    Advert.Replication mine = own(one).getFirst();
    assertThat(mine.key()).isEqualTo(here);
    assertThat(labels(mine.copies())).containsExactly(19);
    rib.apply(new RoutingEvent.PeerDown(node.name(), false));
    assertThat(own(one)).isEmpty();
  }
}
