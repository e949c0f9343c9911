package weft.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.routing.Samples.agent;
import static weft.routing.Samples.inet;
import static weft.routing.Samples.inetTable;
import static weft.routing.Samples.via;

import java.util.List;
import org.junit.jupiter.api.Test;

class RibOutTest {
  private final RibOut ribOut = new RibOut(inetTable("red"), ExportPolicy.AGENTS);
  private final Peer fast = agent(1);
  private final Peer slow = agent(2);

  private void set(String prefix, int label) {
    RouteAttributes attributes = via(agent(7), label);
    ribOut.set(
        inet(prefix),
        new Advert.Unicast(
            inet(prefix), attributes, List.of(new Advert.Via(attributes.nextHop(), "net"))));
  }

  private static List<String> names(RibOut.Batch batch) {
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
    RibOut.Batch first = ribOut.next(fast.name(), 32);
    first.keep("bytes");
    assertThat(ribOut.next(slow.name(), 32)).isSameAs(first);
    assertThat(first.encoded()).isEqualTo("bytes");
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
    ribOut.set(inet("10.0.0.2/32"), (Advert) null);
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
    ribOut.set(inet("10.0.0.1/32"), (Advert) null);
    ribOut.join(slow);
    assertThat(names(ribOut.next(slow.name(), 32))).containsExactly("+10.0.0.2/32=21");
    ribOut.set(inet("10.0.0.2/32"), (Advert) null);
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
}
