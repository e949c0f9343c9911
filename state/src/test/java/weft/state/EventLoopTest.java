package weft.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class EventLoopTest {
  @Test
  void tasksRunInOrderOnTheLoopAndTimersAtTheirTime() throws InterruptedException {
    List<String> seen = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    try (EventLoop loop = EventLoop.start("test", FaultHandler.rethrow())) {
      long start = loop.nowNs();
      loop.schedule(
          Duration.ofMillis(40),
          () -> {
            seen.add("late");
            assertThat(loop.nowNs() - start).isGreaterThanOrEqualTo(40_000_000);
            done.countDown();
          });
      Loop.Timer cancelled = loop.schedule(Duration.ofMillis(20), () -> seen.add("never"));
      loop.schedule(Duration.ofMillis(10), () -> seen.add("early"));
      loop.execute(() -> seen.add("first " + loop.inLoop()));
      loop.execute(() -> seen.add("second"));
      cancelled.cancel();
      assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(seen)
        .containsSubsequence("first true", "second")
        .containsSubsequence("early", "late")
        .hasSize(4);
  }

  @Test
  void aFaultIsReportedAndTheLoopGoesOn() throws InterruptedException {
    List<String> faults = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    try (EventLoop loop =
        EventLoop.start("test", (where, cause) -> faults.add(where + ": " + cause.getMessage()))) {
      loop.execute(() -> {
        throw new IllegalStateException("broken");
      });
      loop.execute(done::countDown);
      assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(faults).containsExactly("test: broken");
  }

  @Test
  void closeDropsWhatWaits() {
    EventLoop loop = EventLoop.start("test", FaultHandler.rethrow());
    List<String> seen = new ArrayList<>();
    loop.schedule(Duration.ofHours(1), () -> seen.add("never"));
    loop.close();
    loop.execute(() -> seen.add("never"));
    assertThat(seen).isEmpty();
  }
}
