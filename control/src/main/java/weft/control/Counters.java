package weft.control;

import java.util.Map;
import java.util.TreeMap;

/** Counts by name, of things that went wrong or are worth counting. Belongs to the node's loop. */
final class Counters {
  private final Map<String, Long> counts = new TreeMap<>();

  void count(String name) {
    counts.merge(name, 1L, Long::sum);
  }

  Map<String, Long> all() {
    return Map.copyOf(counts);
  }
}
