package weft.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a RibOut tells of routes beside their first paths, and under which numbers (RFC 7911). */
final class FurtherPaths {
  /** A path beside the first of its key. */
  private static final class Further extends Entry {
    private final int number;

    Further(RouteKey key, int number) {
      super(key);
      this.number = number;
    }

    @Override
    int number() {
      return number;
    }
  }

  /** By key; that of number n at n - 2, null if there is none. */
  private final Map<RouteKey, List<@Nullable Further>> byKey = new HashMap<>();

  boolean has(RouteKey key) {
    return byKey.containsKey(key);
  }

  Collection<Entry> of(RouteKey key) {
    List<Entry> found = new ArrayList<>();
    for (Further entry : list(key)) {
      if (entry != null) {
        found.add(entry);
      }
    }
    return found;
  }

  private List<@Nullable Further> list(RouteKey key) {
    return byKey.getOrDefault(key, List.of());
  }

  @Nullable Entry get(RouteKey key, int number) {
    List<@Nullable Further> list = list(key);
    return number - 2 < list.size() ? list.get(number - 2) : null;
  }

  Entry add(RouteKey key, int number) {
    List<@Nullable Further> list = byKey.computeIfAbsent(key, _ -> new ArrayList<>(1));
    while (list.size() < number - 1) {
      list.add(null);
    }
    Further added = new Further(key, number);
    list.set(number - 2, added);
    return added;
  }

  /** Forgets one of them. */
  void drop(Entry entry) {
    List<@Nullable Further> list = byKey.get(entry.key);
    if (list != null) {
      list.set(entry.number() - 2, null);
      if (list.stream().noneMatch(Objects::nonNull)) {
        byKey.remove(entry.key);
      }
    }
  }

  /**
   * The paths in the order of their numbers, from 1; null for a number that none has. A path keeps
   * its number while it is told; one that is free is given to another.
   *
   * @param first what has number 1 now
   */
  @Nullable Path[] numbered(RouteKey key, @Nullable Entry first, List<Path> told) {
    List<@Nullable Entry> before = new ArrayList<>();
    before.add(first);
    before.addAll(list(key));
    @Nullable Path[] numbered = new @Nullable Path[Math.max(before.size(), told.size())];
    List<Path> waiting = new ArrayList<>();
    for (Path path : told) {
      int at = find(path, before);
      if (at < 0) {
        waiting.add(path);
      } else {
        numbered[at] = path;
      }
    }
    int free = 0;
    for (Path path : waiting) {
      while (numbered[free] != null) {
        free++;
      }
      numbered[free] = path;
    }
    return numbered;
  }

  private static int find(Path path, List<@Nullable Entry> entries) {
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      Path known = entry == null ? null : entry.path();
      if (known != null && known.isSame(path)) {
        return i;
      }
    }
    return -1;
  }
}
