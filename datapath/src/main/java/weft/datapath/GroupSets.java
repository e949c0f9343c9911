package weft.datapath;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The sets of security groups that routes carry, each stored once under a number; the empty set is
 * 0.
 */
final class GroupSets {
  private static final class Holding {
    final SortedSet<Integer> groups;
    int users;

    Holding(SortedSet<Integer> groups) {
      this.groups = groups;
    }
  }

  private final KernelMap map;
  private final int setAt;
  private final int groupAt;
  private final Map<SortedSet<Integer>, Integer> ids = new HashMap<>();
  private final ConcurrentNavigableMap<Integer, Holding> sets = new ConcurrentSkipListMap<>();

  GroupSets(BpfObject object) {
    Struct key = object.struct("group_key");
    map = object.map("groups", key.size(), Integer.BYTES);
    setAt = key.at("set");
    groupAt = key.at("group");
    map.forEach((k, _) ->
        sets.computeIfAbsent(Bytes.i32(k, setAt), _ -> new Holding(new TreeSet<>()))
            .groups
            .add(Bytes.i32(k, groupAt)));
    sets.forEach((id, holding) -> ids.put(holding.groups, id));
  }

  /** The number of a set, which is stored if it is new. The caller uses it until it releases it. */
  int use(SortedSet<Integer> groups) {
    if (groups.isEmpty()) {
      return 0;
    }
    Integer known = ids.get(groups);
    if (known != null) {
      retain(known);
      return known;
    }
    int id = firstFree();
    try {
      for (int group : groups) {
        map.put(write(id, group), map.value());
      }
    } catch (DatapathException e) {
      for (int group : groups) {
        map.delete(write(id, group));
      }
      throw e;
    }
    Holding holding = new Holding(new TreeSet<>(groups));
    holding.users = 1;
    sets.put(id, holding);
    ids.put(holding.groups, id);
    return id;
  }

  private int firstFree() {
    int id = 1;
    for (int used : sets.keySet()) {
      if (used != id) {
        break;
      }
      id++;
    }
    return id;
  }

  /** One user more of a set that is stored. */
  void retain(int id) {
    Holding holding = sets.get(id);
    if (holding != null) {
      holding.users++;
    }
  }

  /** One user less; the last one takes the set away. */
  void release(int id) {
    Holding holding = sets.get(id);
    if (holding == null || --holding.users > 0) {
      return;
    }
    for (int group : holding.groups) {
      map.delete(write(id, group));
    }
    sets.remove(id);
    ids.remove(holding.groups);
  }

  /** Drops the sets that nobody uses: what a process left that died between two writes. */
  void dropUnused() {
    for (Map.Entry<Integer, Holding> entry : new TreeMap<>(sets).entrySet()) {
      if (entry.getValue().users == 0) {
        release(entry.getKey());
      }
    }
  }

  SortedSet<Integer> groups(int id) {
    Holding holding = sets.get(id);
    return holding == null ? new TreeSet<>() : holding.groups;
  }

  /** The number of a stored set, or null. */
  @Nullable Integer idOf(SortedSet<Integer> groups) {
    return groups.isEmpty() ? Integer.valueOf(0) : ids.get(groups);
  }

  private MemorySegment write(int set, int group) {
    MemorySegment key = map.key();
    Bytes.i32(key, setAt, set);
    Bytes.i32(key, groupAt, group);
    return key;
  }
}
