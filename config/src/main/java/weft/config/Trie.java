package weft.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A persistent hash map: a change makes a new map that shares all but a path with the old one.
 *
 * <p>A compressed hash-array mapped prefix trie: a node takes five bits of the hash, and holds its
 * entries and its sub-nodes in one array. No sub-node is left with a single entry, so that a map's
 * shape depends on its content alone, but for keys of equal hash.
 */
final class Trie<K, V> {
  private static final int BITS = 5;

  /** Below this the hash is used up: keys of equal hash are in a plain list. */
  private static final int HASH_END = 32;

  private static final Trie<Object, Object> EMPTY = new Trie<>(new Node(0, 0, new Object[0]), 0);

  private final Node root;
  private final int size;

  private Trie(Node root, int size) {
    this.root = root;
    this.size = size;
  }

  @SuppressWarnings("unchecked") // it holds nothing
  static <K, V> Trie<K, V> empty() {
    return (Trie<K, V>) EMPTY;
  }

  /** The same as putting all of `map`, without the maps in between. */
  static <K, V> Trie<K, V> of(Map<K, V> map) {
    Object[] slots = new Object[2 * map.size()];
    int next = 0;
    for (Map.Entry<K, V> entry : map.entrySet()) {
      slots[next++] = entry.getKey();
      slots[next++] = entry.getValue();
    }
    return ofSlots(slots);
  }

  /**
   * The same as putting all keys with their values.
   *
   * @param slots key and value in turn; no key twice
   */
  static <K, V> Trie<K, V> ofSlots(Object... slots) {
    int size = slots.length / 2;
    return size == 0 ? empty() : new Trie<>(new Sorted(slots).root(), size);
  }

  /** The entries in the order in which a walk of the trie meets their places. */
  private static final class Sorted {
    /** So many entries go to one task. */
    private static final int PART = 1 << 14;

    /** The bits of the hash that the first level takes are the highest here, and so on. */
    private final int[] places;

    private final Object[] slots;

    Sorted(Object[] unsorted) {
      int count = unsorted.length / 2;
      long[] order = new long[count];
      places = new int[count];
      slots = new Object[2 * count];
      each(
          count,
          (from, to) -> {
            for (int i = from; i < to; i++) {
              order[i] = Integer.toUnsignedLong(place(hash(unsorted[2 * i]))) << 31 | i;
            }
          });
      Arrays.parallelSort(order);
      each(
          count,
          (from, to) -> {
            for (int i = from; i < to; i++) {
              int source = (int) (order[i] & Integer.MAX_VALUE);
              places[i] = (int) (order[i] >>> 31);
              slots[2 * i] = unsorted[2 * source];
              slots[2 * i + 1] = unsorted[2 * source + 1];
            }
          });
    }

    private interface Span {
      void over(int from, int to);
    }

    /** Of many entries, on all processors. */
    private static void each(int count, Span span) {
      if (count <= PART) {
        span.over(0, count);
        return;
      }
      IntStream.rangeClosed(0, (count - 1) / PART)
          .parallel()
          .forEach(part -> span.over(part * PART, Math.min(count, (part + 1) * PART)));
    }

    Node root() {
      int size = places.length;
      return node(0, 0, size, size > PART);
    }

    private static int place(int hash) {
      int place = hash >>> 30;
      for (int level = 0; level < 6; level++) {
        place |= ((hash >>> (BITS * level)) & 31) << (27 - BITS * level);
      }
      return place;
    }

    private int bit(int index, int level) {
      return 1 << (level < 6 ? (places[index] >>> (27 - BITS * level)) & 31 : places[index] & 3);
    }

    /**
     * The node of a level above all entries from one index to another.
     *
     * @param wide whether its sub-nodes are made on all processors
     */
    private Node node(int level, int from, int to, boolean wide) {
      if (BITS * level >= HASH_END) {
        return Node.list(Arrays.copyOfRange(slots, 2 * from, 2 * to));
      }
      int data = 0;
      int nodes = 0;
      List<Object> entries = new ArrayList<>();
      List<Range> subs = new ArrayList<>();
      int end;
      for (int start = from; start < to; start = end) {
        int bit = bit(start, level);
        end = start + 1;
        while (end < to && bit(end, level) == bit) {
          end++;
        }
        if (end == start + 1) {
          data |= bit;
          entries.add(slots[2 * start]);
          entries.add(slots[2 * start + 1]);
        } else {
          nodes |= bit;
          subs.add(new Range(start, end));
        }
      }
      if (wide) {
        entries.addAll(subs.parallelStream().map(sub -> below(level, sub)).toList());
      } else {
        subs.forEach(sub -> entries.add(below(level, sub)));
      }
      return new Node(data, nodes, entries.toArray());
    }

    private Node below(int level, Range range) {
      return node(level + 1, range.from(), range.to(), false);
    }

    private record Range(int from, int to) {}
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  @SuppressWarnings("unchecked") // only values of the type are put in
  @Nullable V get(K key) {
    return (V) root.get(hash(key), 0, key);
  }

  boolean contains(K key) {
    return root.get(hash(key), 0, key) != null;
  }

  @SuppressWarnings("ReferenceEquality") // only to spare a copy
  Trie<K, V> with(K key, V value) {
    int hash = hash(key);
    Object before = root.get(hash, 0, key);
    if (before == value) {
      return this;
    }
    return new Trie<>(root.with(hash, 0, key, value), before == null ? size + 1 : size);
  }

  Trie<K, V> without(K key) {
    int hash = hash(key);
    return root.get(hash, 0, key) == null ? this : new Trie<>(root.without(hash, 0, key), size - 1);
  }

  @SuppressWarnings("unchecked") // only keys and values of the types are put in
  void forEach(BiConsumer<? super K, ? super V> action) {
    root.forEach((BiConsumer<Object, Object>) action);
  }

  static int hash(Object key) {
    int hash = key.hashCode();
    hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
    return hash ^ (hash >>> 16);
  }

  /**
   * @param data which of the 32 places hold an entry
   * @param nodes which hold a sub-node
   * @param slots key and value of each entry, then the sub-nodes
   */
  private record Node(int data, int nodes, Object[] slots) {
    private static int bit(int hash, int shift) {
      return 1 << ((hash >>> shift) & 31);
    }

    private int entryAt(int bit) {
      return 2 * Integer.bitCount(data & (bit - 1));
    }

    private int nodeAt(int bit) {
      return 2 * Integer.bitCount(data) + Integer.bitCount(nodes & (bit - 1));
    }

    private int listed(Object key) {
      for (int i = 0; i < slots.length; i += 2) {
        if (slots[i].equals(key)) {
          return i;
        }
      }
      return -1;
    }

    private static Node list(Object... slots) {
      return new Node(0, 0, slots);
    }

    @Nullable Object get(int hash, int shift, Object key) {
      if (shift >= HASH_END) {
        int at = listed(key);
        return at < 0 ? null : slots[at + 1];
      }
      int bit = bit(hash, shift);
      if ((data & bit) != 0) {
        int at = entryAt(bit);
        return slots[at].equals(key) ? slots[at + 1] : null;
      }
      return (nodes & bit) == 0 ? null : ((Node) slots[nodeAt(bit)]).get(hash, shift + BITS, key);
    }

    Node with(int hash, int shift, Object key, Object value) {
      if (shift >= HASH_END) {
        int at = listed(key);
        return at < 0 ? list(inserted(slots.length, key, value)) : list(replaced(at + 1, value));
      }
      int bit = bit(hash, shift);
      if ((nodes & bit) != 0) {
        int at = nodeAt(bit);
        Node sub = ((Node) slots[at]).with(hash, shift + BITS, key, value);
        return new Node(data, nodes, replaced(at, sub));
      }
      int at = entryAt(bit);
      if ((data & bit) == 0) {
        return new Node(data | bit, nodes, inserted(at, key, value));
      }
      if (slots[at].equals(key)) {
        return new Node(data, nodes, replaced(at + 1, value));
      }
      Node pair = pair(shift + BITS, slots[at], slots[at + 1], hash, key, value);
      Node shrunk = new Node(data & ~bit, nodes, removed(at, 2));
      int subAt = shrunk.nodeAt(bit);
      return new Node(data & ~bit, nodes | bit, shrunk.inserted(subAt, pair));
    }

    private static Node pair(
        int shift, Object oneKey, Object one, int hash, Object otherKey, Object other) {
      if (shift >= HASH_END) {
        return list(oneKey, one, otherKey, other);
      }
      int oneBit = bit(hash(oneKey), shift);
      int otherBit = bit(hash, shift);
      if (oneBit == otherBit) {
        return new Node(
            0, oneBit, new Object[] {pair(shift + BITS, oneKey, one, hash, otherKey, other)});
      }
      boolean oneFirst = Integer.compareUnsigned(oneBit, otherBit) < 0;
      Object[] slots =
          oneFirst
              ? new Object[] {oneKey, one, otherKey, other}
              : new Object[] {otherKey, other, oneKey, one};
      return new Node(oneBit | otherBit, 0, slots);
    }

    /** Without a key that is there. */
    Node without(int hash, int shift, Object key) {
      if (shift >= HASH_END) {
        return list(removed(listed(key), 2));
      }
      int bit = bit(hash, shift);
      if ((data & bit) != 0) {
        return new Node(data & ~bit, nodes, removed(entryAt(bit), 2));
      }
      int at = nodeAt(bit);
      Node sub = ((Node) slots[at]).without(hash, shift + BITS, key);
      if (sub.nodes != 0 || sub.slots.length > 2) {
        return new Node(data, nodes, replaced(at, sub));
      }
      Node shrunk = new Node(data, nodes & ~bit, removed(at, 1));
      Object[] moved = shrunk.inserted(shrunk.entryAt(bit), sub.slots);
      return new Node(data | bit, nodes & ~bit, moved);
    }

    void forEach(BiConsumer<Object, Object> action) {
      int entries = nodes == 0 ? slots.length : 2 * Integer.bitCount(data);
      for (int i = 0; i < entries; i += 2) {
        action.accept(slots[i], slots[i + 1]);
      }
      for (int i = entries; i < slots.length; i++) {
        ((Node) slots[i]).forEach(action);
      }
    }

    private Object[] replaced(int at, Object slot) {
      Object[] copy = slots.clone();
      copy[at] = slot;
      return copy;
    }

    private Object[] inserted(int at, Object... more) {
      Object[] copy = Arrays.copyOf(slots, slots.length + more.length);
      System.arraycopy(more, 0, copy, at, more.length);
      System.arraycopy(slots, at, copy, at + more.length, slots.length - at);
      return copy;
    }

    private Object[] removed(int at, int count) {
      Object[] copy = Arrays.copyOf(slots, slots.length - count);
      System.arraycopy(slots, at + count, copy, at, slots.length - at - count);
      return copy;
    }
  }
}
