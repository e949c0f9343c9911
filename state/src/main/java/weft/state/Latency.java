package weft.state;

import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;

/** How long something took, each time it happened, counted in classes. For any thread. */
public final class Latency {
  /** Up to which time each class reaches, in nanoseconds; one more class takes the rest. */
  private static final long[] BOUNDS =
      LongStream.of(
              100,
              500,
              1000,
              2500,
              5000,
              10_000,
              25_000,
              50_000,
              100_000,
              250_000,
              500_000,
              1_000_000,
              2_500_000,
              5_000_000,
              10_000_000)
          .map(micros -> micros * 1000)
          .toArray();

  private final AtomicLongArray counts = new AtomicLongArray(BOUNDS.length + 1);
  private final LongAdder sumNs = new LongAdder();

  /**
   * What was counted.
   *
   * @param boundsNs of the classes but the last, ascending
   * @param counts of each class
   */
  public record Snapshot(List<Long> boundsNs, List<Long> counts, long sumNs) {
    public Snapshot {
      boundsNs = List.copyOf(boundsNs);
      counts = List.copyOf(counts);
    }
  }

  /** It happened once and took so long. */
  public void observe(long ns) {
    int at = 0;
    while (at < BOUNDS.length && ns > BOUNDS[at]) {
      at++;
    }
    counts.incrementAndGet(at);
    sumNs.add(ns);
  }

  public Snapshot snapshot() {
    return new Snapshot(
        LongStream.of(BOUNDS).boxed().toList(),
        LongStream.range(0, BOUNDS.length + 1).mapToObj(i -> counts.get((int) i)).toList(),
        sumNs.sum());
  }
}
