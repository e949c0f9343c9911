package weft.vrouter;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Ports of this host's address that stand for guests' ports in the underlay; for ICMP numbers of
 * echoes.
 *
 * @param ranges in ascending order, apart from each other
 */
public record PortPool(List<Range> ranges) implements TableValue {
  /** How many ranges a pool may have. */
  public static final int MOST_RANGES = 8;

  public PortPool {
    List<Range> sorted = new ArrayList<>();
    for (Range each : ranges.stream().sorted(Comparator.comparingInt(Range::low)).toList()) {
      Range last = sorted.isEmpty() ? null : sorted.getLast();
      if (last != null && each.low <= last.high + 1) {
        sorted.set(sorted.size() - 1, new Range(last.low, Math.max(last.high, each.high)));
      } else {
        sorted.add(each);
      }
    }
    if (sorted.size() > MOST_RANGES) {
      throw new IllegalArgumentException(
          "a pool of ports has at most " + MOST_RANGES + " ranges, not " + sorted.size());
    }
    ranges = List.copyOf(sorted);
  }

  /** From `low` to `high`, both of it. */
  public record Range(int low, int high) {
    public Range {
      if (low < 1 || high < low || high > 65535) {
        throw new IllegalArgumentException(low + "-" + high + " is no range of ports");
      }
    }
  }

  public IntStream ports() {
    return ranges.stream().flatMapToInt(range -> IntStream.rangeClosed(range.low, range.high));
  }

  public boolean contains(int port) {
    return ranges.stream().anyMatch(range -> range.low <= port && port <= range.high);
  }
}
