package weft.bfd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import weft.bfd.BfdPacket.State;
import weft.net.Hex;

class BfdSessionTest {
  private static final long MS = 1_000_000;

  /** RFC 5880 section 4.1, written out by hand. */
  private static final String DOWN =
      "20400318" + "00000001" + "00000000" + "000f4240" + "000493e0" + "00000000";

  @Test
  void aPacketIsAsTheRfcHasIt() {
    BfdPacket packet =
        new BfdPacket(State.DOWN, 0, false, false, false, 3, 1, 0, 1_000_000, 300_000);
    assertThat(Hex.of(packet.toBytes())).isEqualTo(DOWN);
    assertThat(BfdPacket.parse(packet.toBytes())).isEqualTo(packet);
  }

  @Test
  void whatSelectsNoSessionIsDiscarded() {
    byte[] good = new BfdPacket(State.UP, 0, false, false, false, 3, 1, 2, 1, 1).toBytes();
    assertThat(BfdPacket.parse(good)).isNotNull();
    for (int length = 0; length < good.length; length++) {
      assertThat(BfdPacket.parse(Arrays.copyOf(good, length))).as("cut at " + length).isNull();
    }
    int[][] wrong = {{0, 0x40}, {2, 0}, {3, 23}, {3, 25}, {1, 0xc1}, {1, 0xc4}};
    for (int[] each : wrong) {
      byte[] bad = good.clone();
      bad[each[0]] = (byte) each[1];
      assertThat(BfdPacket.parse(bad)).as(each[0] + " is " + each[1]).isNull();
    }
    BfdPacket mine = new BfdPacket(State.UP, 0, false, false, false, 3, 0, 2, 1, 1);
    assertThat(BfdPacket.parse(mine.toBytes())).isNull();
    BfdPacket yours = new BfdPacket(State.UP, 0, false, false, false, 3, 1, 0, 1, 1);
    assertThat(BfdPacket.parse(yours.toBytes())).isNull();
  }

  @Test
  void twoEndsComeUpAndTheOneThatIsLeftAloneFalls() {
    BfdSession left = new BfdSession(7, 100_000, 3);
    BfdSession right = new BfdSession(9, 200_000, 2);
    assertThat(left.intervalNs()).as("slow before it is up").isEqualTo(1000 * MS);
    long now = 0;
    for (int i = 0; i < 3; i++) {
      now += 1000 * MS;
      assertThat(right.heard(left.packet(), now)).isNull();
      assertThat(left.heard(right.packet(), now)).isNull();
    }
    assertThat(left.state()).isEqualTo(State.UP);
    assertThat(right.state()).isEqualTo(State.UP);
    left.heard(right.packet(), now);
    assertThat(left.intervalNs()).as("the other wants no more").isEqualTo(200 * MS);
    left.look(now + 399 * MS);
    assertThat(left.state()).isEqualTo(State.UP);
    left.look(now + 401 * MS);
    assertThat(left.state()).as("two of the other's intervals").isEqualTo(State.DOWN);
    right.heard(left.packet(), now);
    assertThat(right.state()).as("it is told").isEqualTo(State.DOWN);
  }

  @Test
  void aPollIsAnsweredAndAStrangerIsNot() {
    BfdSession session = new BfdSession(7, 100_000, 3);
    BfdPacket poll = new BfdPacket(State.DOWN, 0, true, false, false, 3, 5, 0, 1, 1);
    BfdPacket answer = session.heard(poll, 1);
    assertThat(answer).isNotNull();
    assertThat(answer.finished()).isTrue();
    assertThat(answer.yours()).isEqualTo(5);
    assertThat(session.heard(new BfdPacket(State.UP, 0, true, false, false, 3, 5, 8, 1, 1), 2))
        .isNull();
    assertThat(session.state()).isEqualTo(State.INIT);
  }
}
