package weft.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import weft.testkit.Seeds;

class PoolTest {
  @Test
  void findsTheLowestFreeValueAcrossChunks() {
    Seeds.each(
        30,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          Pool pool = Pool.EMPTY;
          TreeSet<Long> taken = new TreeSet<>();
          long base = random.nextBoolean() ? 0 : 8_000_000;
          LongStream.range(base, base + random.nextInt(9000)).forEach(taken::add);
          for (int holes = random.nextInt(4); holes > 0; holes--) {
            taken.remove(base + random.nextInt(9000));
          }
          for (long value : taken) {
            pool = pool.with(Long.toString(value), "owner");
          }
          if (random.nextBoolean()) {
            pool = Pool.of(new TreeMap<>(pool.owners()));
          }
          for (int i = 0; i < 50; i++) {
            long first = base + random.nextInt(9000);
            long last = first + random.nextInt(9000);
            long avoided = first + random.nextInt(3);
            OptionalLong expected =
                LongStream.rangeClosed(first, last)
                    .filter(value -> !taken.contains(value) && value != avoided)
                    .findFirst();
            assertThat(pool.lowestFree(first, last, value -> value == avoided)).isEqualTo(expected);
            long shunned = last - random.nextInt(3);
            OptionalLong highest =
                LongStream.rangeClosed(first, last)
                    .filter(value -> !taken.contains(value) && value != shunned)
                    .max();
            assertThat(pool.highestFree(first, last, value -> value == shunned)).isEqualTo(highest);
          }
          for (long value : taken) {
            pool = pool.without(Long.toString(value));
          }
          assertThat(pool.isEmpty()).isTrue();
          assertThat(pool.lowestFree(base, base, none -> false)).hasValue(base);
        });
  }

  @Test
  void takesNoTextForANumber() {
    Pool pool = Pool.EMPTY.with("007", "x").with("10.0.0.7", "x").with("-1", "x").with("", "x");
    assertThat(pool.lowestFree(0, 10, none -> false)).hasValue(0);
    assertThat(pool.owners()).hasSize(4);
    long address = 0x0a00_0007;
    assertThat(pool.lowestFree(address, address + 1, none -> false)).hasValue(address + 1);
    for (String none : List.of("10.0.0.08", "10.0.0.256", "10.0.8", "10.0.0.0.8", "10..0.8", ".")) {
      pool = pool.with(none, "x");
    }
    assertThat(pool.highestFree(address, address + 1, none -> false)).hasValue(address + 1);
    assertThat(Pool.EMPTY.with("0", "x").lowestFree(0, 0, none -> false)).isEmpty();
  }
}
