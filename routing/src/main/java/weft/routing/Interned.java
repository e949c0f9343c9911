package weft.routing;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Values of which equal ones are one object, with how often each is held, in flat arrays: open
 * addressing with linear probing.
 *
 * <p>No value costs an object of its own here: with a great many of them those would be what
 * collections spend their time on.
 */
final class Interned<T> {
  private static final int LEAST = 16;

  private int[] hashes = new int[LEAST];
  private int[] holders = new int[LEAST];
  private @Nullable Object[] values = new @Nullable Object[LEAST];
  private int size;

  // Routes come in runs with the same attributes: what was asked for last, and where it is.
  private @Nullable T asked;
  private int answer;

  /** How many different ones are held. */
  int size() {
    return size;
  }

  /** What stands for all that equal this one, held once more; null if nothing does yet. */
  @Nullable T hold(T value) {
    int at = find(value);
    if (at < 0) {
      return null;
    }
    holders[at]++;
    return at(at);
  }

  /** Makes a value stand for all that equal it, of which there are none yet, and holds it once. */
  void add(T value) {
    if ((size + 1) * 4L > values.length * 3L) {
      resize(values.length * 2);
    }
    int hash = hash(value);
    int at = free(hash);
    values[at] = value;
    hashes[at] = hash;
    holders[at] = 1;
    size++;
    asked = null;
  }

  /** Ends one hold. Returns what stood for the value if that was the last, else null. */
  @Nullable T release(T value) {
    int at = find(value);
    if (at < 0) {
      throw new IllegalStateException("not held: " + value);
    }
    holders[at]--;
    if (holders[at] > 0) {
      return null;
    }
    T gone = at(at);
    asked = null;
    size--;
    close(at);
    return gone;
  }

  @SuppressWarnings("unchecked") // only `add` fills the slots
  private T at(int slot) {
    return (T) Objects.requireNonNull(values[slot]);
  }

  /** The slot of what equals the value, or -1. */
  @SuppressWarnings("ReferenceEquality") // spares the search
  private int find(T value) {
    if (asked == value) {
      return answer;
    }
    int hash = hash(value);
    int mask = values.length - 1;
    for (int at = hash & mask; ; at = at + 1 & mask) {
      Object found = values[at];
      if (found == null) {
        return -1;
      }
      if (hashes[at] == hash && found.equals(value)) {
        asked = value;
        answer = at;
        return at;
      }
    }
  }

  private int free(int hash) {
    int mask = values.length - 1;
    int at = hash & mask;
    while (values[at] != null) {
      at = at + 1 & mask;
    }
    return at;
  }

  /** Moves back what probing passed the gap for. */
  private void close(int gap) {
    int mask = values.length - 1;
    int free = gap;
    for (int at = gap + 1 & mask; values[at] != null; at = at + 1 & mask) {
      int home = hashes[at] & mask;
      if ((at - home & mask) >= (at - free & mask)) {
        move(at, free);
        free = at;
      }
    }
    values[free] = null;
    if (values.length > LEAST && size * 8L < values.length) {
      resize(values.length / 2);
    }
  }

  private void move(int from, int to) {
    values[to] = values[from];
    hashes[to] = hashes[from];
    holders[to] = holders[from];
  }

  private void resize(int capacity) {
    int[] oldHashes = hashes;
    int[] oldHolders = holders;
    @Nullable Object[] old = values;
    hashes = new int[capacity];
    holders = new int[capacity];
    values = new @Nullable Object[capacity];
    for (int i = 0; i < old.length; i++) {
      if (old[i] != null) {
        int at = free(oldHashes[i]);
        values[at] = old[i];
        hashes[at] = oldHashes[i];
        holders[at] = oldHolders[i];
      }
    }
  }

  /** Spread over all bits. */
  private static int hash(Object value) {
    int h = value.hashCode() * 0x9e37_79b9;
    return h ^ h >>> 16;
  }
}
