package weft.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import weft.net.IpAddress;
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
    IpAddress free = IpAddress.parse("10.0.0.8");
    assertThat(pool.highestFree(IpAddress.parse("10.0.0.7"), free, none -> false)).isEqualTo(free);
    assertThat(Pool.EMPTY.with("0", "x").lowestFree(0, 0, none -> false)).isEmpty();
  }

  /** Across chunks, and for IPv6 also across the halves of the address. */
  @Test
  void findsFreeAddressesOfBothFamiliesFromBothEnds() {
    List<String> bases =
        List.of("10.0.0.0", "255.255.200.0", "fd00::", "fd00::ffff:ffff:ffff:f000");
    Seeds.each(
        40,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          IpAddress base = IpAddress.parse(bases.get(random.nextInt(bases.size())));
          int size = random.nextInt(1, 9000);
          Pool pool = Pool.EMPTY;
          BitSet taken = new BitSet();
          taken.set(0, random.nextInt(9000));
          for (int holes = random.nextInt(4); holes > 0; holes--) {
            taken.clear(random.nextInt(9000));
          }
          for (int i = taken.nextSetBit(0); i >= 0; i = taken.nextSetBit(i + 1)) {
            pool = pool.with(base.plus(i).toString(), "owner");
          }
          for (int i = 0; i < 30; i++) {
            int first = random.nextInt(size);
            int last = random.nextInt(first, size);
            int shunned = random.nextInt(first, last + 1);
            Predicate<IpAddress> avoid = base.plus(shunned)::equals;
            boolean wasTaken = taken.get(shunned);
            taken.set(shunned);
            int lowest = taken.nextClearBit(first);
            int highest = taken.previousClearBit(last);
            taken.set(shunned, wasTaken);
            assertThat(pool.lowestFree(base.plus(first), base.plus(last), avoid))
                .isEqualTo(lowest > last ? null : base.plus(lowest));
            assertThat(pool.highestFree(base.plus(first), base.plus(last), avoid))
                .isEqualTo(highest < first ? null : base.plus(highest));
          }
        });
  }
}
