package weft.agent.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of the forwarding tables, each given to a stable name.
 *
 * <p>What is given is history, so every step is an {@link Entry} of a journal: the same journal
 * leads to the same numbers. Numbers rise and wrap; a freed one rests for {@link #QUARANTINE_NS}
 * before it can be given again, so that what is still under way to the old owner does not reach the
 * new one; only if there is no other is the one taken that has rested longest.
 */
public final class Ids {
  public static final long QUARANTINE_NS = 300_000_000_000L;

  /** From here on labels are given by control nodes, to the trees that this host is in. */
  public static final int TREE_LABELS = 1_000_000;

  /** A kind of number, with its range. */
  public enum Pool {
    VIF("vif", 1, 8191),
    VRF("vrf", 1, 65535),
    NEXT_HOP("nh", 1, 1048575),
    ACL("acl", 1, 65535),
    LABEL("label", 16, TREE_LABELS - 1),
    NETWORK("network", 1, 1048575);

    private final String word;
    private final int first;
    private final int last;

    Pool(String word, int first, int last) {
      this.word = word;
      this.first = first;
      this.last = last;
    }

    public String word() {
      return word;
    }

    /** The pool of that word, or null. */
    public static @Nullable Pool ofWord(String word) {
      for (Pool pool : values()) {
        if (pool.word.equals(word)) {
          return pool;
        }
      }
      return null;
    }
  }

  /**
   * One step of the journal.
   *
   * @param given true if the number was given to the name, false if it was taken back
   */
  public record Entry(boolean given, Pool pool, int id, String name) {}

  /** A name in its pool. */
  public record Name(Pool pool, String text) {}

  private record Resting(int id, String name, long untilNs) {}

  private static final class Table {
    final Map<String, Integer> ids = new HashMap<>();
    final TreeMap<Integer, String> names = new TreeMap<>();
    final Map<Integer, String> resting = new HashMap<>();
    final Deque<Resting> queue = new ArrayDeque<>();
    int next;
  }

  private final Map<Pool, Table> tables = new EnumMap<>(Pool.class);
  private final List<Entry> journal = new ArrayList<>();
  private long nowNs;

  public Ids() {
    for (Pool pool : Pool.values()) {
      Table table = new Table();
      table.next = pool.first;
      tables.put(pool, table);
    }
  }

  /** Takes a journal up again; what it freed rests anew from `nowNs`. */
  public static Ids replay(List<Entry> journal, long nowNs) {
    Ids ids = new Ids();
    ids.nowNs = nowNs;
    for (Entry entry : journal) {
      Table table = ids.table(entry.pool());
      if (entry.id() < entry.pool().first || entry.id() > entry.pool().last) {
        continue;
      }
      if (entry.given()) {
        ids.bind(table, entry);
      } else if (entry.name().equals(table.names.get(entry.id()))) {
        ids.rest(table, entry.id(), entry.name());
      } else if (!table.names.containsKey(entry.id())) {
        ids.rest(table, entry.id(), entry.name());
      }
      if (entry.id() >= table.next) {
        table.next = entry.id() + 1;
      }
    }
    return ids;
  }

  private void bind(Table table, Entry entry) {
    Integer before = table.ids.put(entry.name(), entry.id());
    if (before != null) {
      table.names.remove(before);
    }
    String owner = table.names.put(entry.id(), entry.name());
    if (owner != null && !owner.equals(entry.name())) {
      table.ids.remove(owner);
    }
    wake(table, entry.id());
  }

  private Table table(Pool pool) {
    Table table = tables.get(pool);
    if (table == null) {
      throw new IllegalStateException("no pool " + pool);
    }
    return table;
  }

  /** Moves the clock, by which freed numbers rest. */
  public void advance(long now) {
    nowNs = now;
    for (Table table : tables.values()) {
      while (!table.queue.isEmpty() && table.queue.getFirst().untilNs() - now <= 0) {
        table.resting.remove(table.queue.removeFirst().id());
      }
    }
  }

  /** The number of `name`, given now if it has none. */
  public int of(Pool pool, String name) {
    Table table = table(pool);
    Integer known = table.ids.get(name);
    if (known != null) {
      return known;
    }
    int id = resume(table, name);
    if (id < 0) {
      id = free(pool, table);
    }
    table.ids.put(name, id);
    table.names.put(id, name);
    journal.add(new Entry(true, pool, id, name));
    return id;
  }

  /** A name that comes back while its number rests gets the same one again. */
  private static int resume(Table table, String name) {
    for (Map.Entry<Integer, String> entry : table.resting.entrySet()) {
      if (entry.getValue().equals(name)) {
        int id = entry.getKey();
        wake(table, id);
        return id;
      }
    }
    return -1;
  }

  private static void wake(Table table, int id) {
    if (table.resting.remove(id) != null) {
      table.queue.removeIf(resting -> resting.id() == id);
    }
  }

  private static int free(Pool pool, Table table) {
    int range = pool.last - pool.first + 1;
    for (int tried = 0; tried < range; tried++) {
      if (table.next > pool.last) {
        table.next = pool.first;
      }
      int id = table.next++;
      if (!table.names.containsKey(id) && !table.resting.containsKey(id)) {
        return id;
      }
    }
    if (table.queue.isEmpty()) {
      throw new IllegalStateException("no free number left for a " + pool.word);
    }
    int longest = table.queue.getFirst().id();
    wake(table, longest);
    return longest;
  }

  /** Takes the number of `name` back, if it has one. */
  public void release(Pool pool, String name) {
    Table table = table(pool);
    Integer id = table.ids.get(name);
    if (id != null) {
      rest(table, id, name);
      journal.add(new Entry(false, pool, id, name));
    }
  }

  private void rest(Table table, int id, String name) {
    table.ids.remove(name);
    table.names.remove(id);
    wake(table, id);
    table.resting.put(id, name);
    table.queue.addLast(new Resting(id, name, nowNs + QUARANTINE_NS));
  }

  /** Takes back every number whose name is not in `used`. */
  public void retain(Set<Name> used) {
    tables.forEach((pool, table) -> {
      for (String name : List.copyOf(table.names.values())) {
        if (!used.contains(new Name(pool, name))) {
          release(pool, name);
        }
      }
    });
  }

  /** All names of a pool, by their numbers. */
  public Map<Integer, String> names(Pool pool) {
    return Map.copyOf(table(pool).names);
  }

  /** The name that has `id`, or null. */
  public @Nullable String name(Pool pool, int id) {
    return table(pool).names.get(id);
  }

  /** The number of `name`, or 0 if it has none. */
  public int find(Pool pool, String name) {
    Integer id = table(pool).ids.get(name);
    return id == null ? 0 : id;
  }

  /** The steps since the last call, to be written down before they show outside. */
  public List<Entry> drainJournal() {
    List<Entry> steps = List.copyOf(journal);
    journal.clear();
    return steps;
  }

  /** The shortest journal that leads here: what rests comes first. */
  public List<Entry> compacted() {
    List<Entry> steps = new ArrayList<>();
    tables.forEach((pool, table) -> {
      for (Resting resting : table.queue) {
        steps.add(new Entry(false, pool, resting.id(), resting.name()));
      }
      table.names.forEach((id, name) -> steps.add(new Entry(true, pool, id, name)));
    });
    return steps;
  }
}
