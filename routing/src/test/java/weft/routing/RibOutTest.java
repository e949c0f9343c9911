package weft.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.routing.Samples.agent;
import static weft.routing.Samples.bgp;
import static weft.routing.Samples.inet;
import static weft.routing.Samples.inetTable;
import static weft.routing.Samples.via;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RibOutTest {
  private static final TableId TABLE = TableId.backbone(Family.INET);
  private final Table table = new Table(inetTable("red"), new AttributePool());
  private final RibOut ribOut = table.addRibOut(ExportPolicy.AGENTS, 1);
  private final Table fabric = new Table(TABLE, new AttributePool());
  private final RibOut backbone = fabric.addRibOut(ExportPolicy.EXTERNAL_BGP, 1);
  private final Peer fast = agent(1);
  private final Peer slow = agent(2);

  private void set(String prefix, int label) {
    RouteAttributes attributes = via(agent(7), label);
    ribOut.set(
        table.locate(inet(prefix)),
        new Advert.Unicast(
            inet(prefix), attributes, List.of(new Advert.Via(attributes.nextHop(), "net"))));
  }

  private static List<String> names(Batch batch) {
    return batch.updates().stream()
        .map(update ->
            switch (update) {
              case RibOut.Update.Tell tell ->
                  "+" + tell.key() + "=" + tell.advert().attributes().nextHop().label();
              case RibOut.Update.Retract retract -> "-" + retract.key();
            })
        .toList();
  }

  @Test
  void peersThatAreEquallyFarShareOneBatch() {
    ribOut.join(fast);
    ribOut.join(slow);
    set("10.0.0.1/32", 20);
    Batch first = ribOut.next(fast.name(), 32);
    first.parts().getFirst().keep("bytes");
    assertThat(ribOut.next(slow.name(), 32)).isSameAs(first);
    assertThat(first.parts().getFirst().encoded()).isEqualTo("bytes");
    assertThat(ribOut.isPending(slow.name())).isFalse();
  }

  @Test
  void aSlowPeerGetsTheStateAndNotTheHistory() {
    ribOut.join(fast);
    ribOut.join(slow);
    set("10.0.0.1/32", 20);
    set("10.0.0.2/32", 21);
    assertThat(names(ribOut.next(fast.name(), 32)))
        .containsExactly("+10.0.0.1/32=20", "+10.0.0.2/32=21");
    set("10.0.0.1/32", 22);
    ribOut.set(table.locate(inet("10.0.0.2/32")), (Advert) null);
    set("10.0.0.1/32", 23);
    ribOut.trim();
    assertThat(names(ribOut.next(fast.name(), 32)))
        .containsExactly("-10.0.0.2/32", "+10.0.0.1/32=23");
    assertThat(names(ribOut.next(slow.name(), 32)))
        .containsExactly("-10.0.0.2/32", "+10.0.0.1/32=23");
    ribOut.trim();
    assertThat(ribOut.isPending(slow.name())).isFalse();
  }

  @Test
  void whoJoinsLaterIsToldWhatIsThereAndNotWhatWas() {
    ribOut.join(fast);
    set("10.0.0.1/32", 20);
    set("10.0.0.2/32", 21);
    ribOut.set(table.locate(inet("10.0.0.1/32")), (Advert) null);
    ribOut.join(slow);
    assertThat(names(ribOut.next(slow.name(), 32))).containsExactly("+10.0.0.2/32=21");
    ribOut.set(table.locate(inet("10.0.0.2/32")), (Advert) null);
    assertThat(names(ribOut.next(slow.name(), 32))).containsExactly("-10.0.0.2/32");
  }

  @Test
  void aBatchKeepsToItsLimit() {
    ribOut.join(fast);
    for (int i = 0; i < 70; i++) {
      set("10.0.0." + i + "/32", 20 + i);
    }
    assertThat(ribOut.next(fast.name(), 32).updates()).hasSize(32);
    assertThat(ribOut.next(fast.name(), 32).updates()).hasSize(32);
    assertThat(ribOut.next(fast.name(), 32).updates()).hasSize(6);
    assertThat(ribOut.next(fast.name(), 32).isEmpty()).isTrue();
  }

  /** All but who told a route share what tells it; who told it hears nothing of it. */
  @Test
  void whatAPeerToldIsAPartForAllOthers() {
    List<Peer> peers = Stream.of(1, 2, 3).map(n -> bgp(n, Peer.Kind.EXTERNAL_BGP)).toList();
    peers.forEach(backbone::join);
    RouteKey first = inet("10.0.0.1/32");
    RouteKey second = inet("10.0.0.2/32");
    backbone.set(fabric.locate(first), path(first, peers.get(0)));
    backbone.set(fabric.locate(second), path(second, peers.get(1)));
    Batch toFirst = backbone.next(peers.get(0).name(), 32);
    Batch toSecond = backbone.next(peers.get(1).name(), 32);
    Batch toThird = backbone.next(peers.get(2).name(), 32);
    assertThat(names(toFirst)).containsExactly("+10.0.0.2/32=20");
    assertThat(names(toSecond)).containsExactly("+10.0.0.1/32=20");
    assertThat(toThird.parts())
        .containsExactly(toSecond.parts().getFirst(), toFirst.parts().getFirst());
    backbone.trim();

    // Who knows another's path and tells a better one must forget what it knows.
    backbone.set(fabric.locate(first), path(first, peers.get(1)));
    assertThat(names(backbone.next(peers.get(0).name(), 32))).containsExactly("+10.0.0.1/32=20");
    assertThat(names(backbone.next(peers.get(1).name(), 32))).containsExactly("-10.0.0.1/32");
    assertThat(names(backbone.next(peers.get(2).name(), 32))).containsExactly("+10.0.0.1/32=20");
  }

  @Test
  void theOnlyPeerHearsNothingOfItsOwn() {
    Peer peer = bgp(1, Peer.Kind.EXTERNAL_BGP);
    backbone.join(peer);
    RouteKey key = inet("10.0.0.1/32");
    backbone.set(fabric.locate(key), path(key, peer));
    assertThat(backbone.isPending(peer.name())).isTrue();
    assertThat(backbone.next(peer.name(), 32).isEmpty()).isTrue();
    assertThat(backbone.isPending(peer.name())).isFalse();
    Peer other = bgp(2, Peer.Kind.EXTERNAL_BGP);
    backbone.join(other);
    assertThat(names(backbone.next(other.name(), 32))).containsExactly("+10.0.0.1/32=20");
    backbone.set(fabric.locate(key), (Path) null);
    assertThat(names(backbone.next(other.name(), 32))).containsExactly("-10.0.0.1/32");
  }

  private static Path path(RouteKey key, Peer peer) {
    return new Path(TABLE, key, peer, 0, via(peer, 20), null, Path.Condition.VALID, false);
  }
}
