package weft.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Counts by name, of things that went wrong or are worth counting. Belongs to the node's loop. */
final class Counters {
  private final Map<String, Long> counts = new TreeMap<>();

  private final List<Supplier<Map<String, Long>>> others = new ArrayList<>();

  void count(String name) {
    counts.merge(name, 1L, Long::sum);
  }

  /** Shows what somebody else counts along with these. */
  void include(Supplier<Map<String, Long>> source) {
    others.add(source);
  }

  /** All counts, in the order of their names. */
  SortedMap<String, Long> all() {
    SortedMap<String, Long> all = new TreeMap<>(counts);
    others.forEach(source -> all.putAll(source.get()));
    return all;
  }
}
