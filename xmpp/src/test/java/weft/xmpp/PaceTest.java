package weft.xmpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** That fast detection begins and ends without either side being held to what it cannot know. */
class PaceTest {
  private static final Duration USUAL = Duration.ofSeconds(90);
  private static final Duration FAST = Duration.ofSeconds(1);

  private final Pace pace = new Pace(USUAL);

  private static long ms(long ms) {
    return Duration.ofMillis(ms).toNanos();
  }

  @Test
  void withoutWishTheUsualTimesHold() {
    assertThat(pace.hold()).isEqualTo(USUAL);
    assertThat(pace.interval(0)).isEqualTo(Duration.ofSeconds(30));
    assertThat(pace.keptAlive(ms(0)) || pace.keptAlive(ms(100))).isFalse();
  }

  @Test
  void weSpeakOftenAtOnceAndHoldThePeerToItOnceItDoes() {
    pace.wish(FAST, 0);
    assertThat(pace.interval(0)).isEqualTo(FAST.dividedBy(3));
    assertThat(pace.hold()).isEqualTo(USUAL);
    assertThat(pace.keptAlive(ms(5000))).isFalse();
    assertThat(pace.keptAlive(ms(35_000))).isFalse();
    assertThat(pace.hold()).isEqualTo(USUAL);
    assertThat(pace.keptAlive(ms(35_333))).isTrue();
    assertThat(pace.hold()).isEqualTo(FAST);
    assertThat(pace.keptAlive(ms(35_666))).isFalse();
  }

  @Test
  void aNewSessionStartsWithTheUsualHoldTime() {
    pace.wish(FAST, 0);
    pace.keptAlive(ms(0));
    pace.keptAlive(ms(300));
    pace.restart();
    assertThat(pace.hold()).isEqualTo(USUAL);
    assertThat(pace.keptAlive(ms(600))).isFalse();
    assertThat(pace.keptAlive(ms(900))).isTrue();
  }

  @Test
  void withTheWishGoneWeSpeakOnForAWhile() {
    pace.wish(FAST, 0);
    pace.keptAlive(ms(0));
    pace.keptAlive(ms(300));
    pace.wish(null, ms(1000));
    assertThat(pace.hold()).isEqualTo(USUAL);
    assertThat(pace.interval(ms(1000))).isEqualTo(FAST.dividedBy(3));
    long after = ms(1000) + Pace.GRACE.toNanos();
    assertThat(pace.interval(after)).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void aWishForMoreThanTheUsualTimeChangesNothing() {
    pace.wish(Duration.ofSeconds(300), 0);
    assertThat(pace.interval(0)).isEqualTo(Duration.ofSeconds(30));
    pace.keptAlive(ms(0));
    pace.keptAlive(ms(1000));
    assertThat(pace.hold()).isEqualTo(USUAL);
  }
}
