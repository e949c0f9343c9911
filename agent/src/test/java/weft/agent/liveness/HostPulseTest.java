package weft.agent.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import weft.agent.liveness.HostPulse.State;

class HostPulseTest {
  private final HostPulse pulse = new HostPulse();

  @Test
  void whoNeverAnsweredIsNotWatched() {
    for (int i = 0; i < 20; i++) {
      int _ = pulse.ask(i);
      assertThat(pulse.look()).isFalse();
    }
    assertThat(pulse.state()).isEqualTo(State.UNKNOWN);
  }

  @Test
  void threeQuestionsWithoutAnswerAreSilenceAndOneAnswerEndsIt() {
    assertThat(pulse.answered(pulse.ask(0), 10)).isTrue();
    assertThat(pulse.state()).isEqualTo(State.ALIVE);
    assertThat(pulse.roundTripNs()).isEqualTo(10);
    assertThat(pulse.look()).isFalse();
    int _ = pulse.ask(100);
    assertThat(pulse.look()).isFalse();
    int late = pulse.ask(200);
    assertThat(pulse.look()).isFalse();
    int _ = pulse.ask(300);
    assertThat(pulse.look()).isTrue();
    assertThat(pulse.state()).isEqualTo(State.SILENT);
    assertThat(pulse.silences()).isEqualTo(1);
    assertThat(pulse.look()).as("told once").isFalse();
    assertThat(pulse.answered(late, 400)).isTrue();
    assertThat(pulse.state()).isEqualTo(State.ALIVE);
  }

  @Test
  void anOldOrForeignAnswerCountsForNothing() {
    int first = pulse.ask(0);
    assertThat(pulse.answered(first + 1, 1)).isFalse();
    assertThat(pulse.answered(-1, 1)).isFalse();
    for (int i = 0; i < 2 * HostPulse.MISSES; i++) {
      int _ = pulse.ask(i);
    }
    assertThat(pulse.answered(first, 1)).isFalse();
    assertThat(pulse.state()).isEqualTo(State.UNKNOWN);
  }
}
