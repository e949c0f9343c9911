package weft.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeltaTest {
  @Test
  void putAndRemovalLeaveNoTrace() {
    Delta.Builder<String, Integer> builder = new Delta.Builder<>();
    builder.add("a", null, 1).add("a", 1, 2).add("a", 2, null);
    builder.add("b", 1, 2).add("b", 2, 1);
    assertThat(builder.build(5).isEmpty()).isTrue();
  }

  @Test
  void changesOfOneKeyBecomeOne() {
    Delta.Builder<String, Integer> builder = new Delta.Builder<>();
    builder.add("a", 1, 2).add("b", null, 7).add("a", 2, 3).add("c", 9, null);
    assertThat(builder.build(5).changes())
        .containsExactly(
            new Change.Put<>("a", 1, 3),
            new Change.Put<>("b", null, 7),
            new Change.Remove<>("c", 9));
  }

  /**
   * Whatever is desired, done, fails or vanishes: doing what is pending ends in the desired state.
   */
  @Test
  void trackerConvergesFromAnyHistory() {
    for (long seed = 1; seed <= 200; seed++) {
      Random random = new Random(seed);
      DeltaTracker<Integer, Integer> tracker = new DeltaTracker<>();
      Map<Integer, Integer> world = new HashMap<>();
      Map<Integer, Integer> wish = new HashMap<>();
      for (int step = 0; step < 100; step++) {
        int key = random.nextInt(8);
        int value = random.nextInt(3);
        switch (random.nextInt(5)) {
          case 0 -> {
            wish.put(key, value);
            tracker.desire(key, value);
          }
          case 1 -> {
            wish.remove(key);
            tracker.undesire(key);
          }
          case 2 -> {
            world.put(key, value);
            tracker.actual(key, value);
          }
          case 3 -> {
            world.remove(key);
            tracker.absent(key);
          }
          default -> work(tracker, world, random.nextInt(3));
        }
      }
      work(tracker, world, Integer.MAX_VALUE);
      assertThat(world).as("seed %d", seed).isEqualTo(wish);
      assertThat(tracker.inSync()).isTrue();
      assertThat(tracker.actual()).isEqualTo(wish);
    }
  }

  private static void work(
      DeltaTracker<Integer, Integer> tracker, Map<Integer, Integer> world, int most) {
    int done = 0;
    for (Map.Entry<Integer, Integer> update : tracker.pendingUpdates().entrySet()) {
      if (done++ < most) {
        world.put(update.getKey(), update.getValue());
        tracker.actual(update.getKey(), update.getValue());
      }
    }
    for (Integer key : tracker.pendingDeletes()) {
      if (done++ < most) {
        world.remove(key);
        tracker.absent(key);
      }
    }
  }
}
