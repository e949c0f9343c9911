package weft.routing;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a RibOut in the order of their latest changes: an array with gaps where entries
 * have moved on, closed from time to time.
 */
@SuppressWarnings("ReferenceEquality") // of arrays
final class ChangeLog {
  private static final int LEAST = 16;

  private @Nullable Entry[] entries = new @Nullable Entry[LEAST];
  private int end;
  private int live;
  private int retracted;

  /** Before it there is no retracted entry. */
  private int trimmed;

  /** The place after the last. */
  int end() {
    return end;
  }

  /** What lies at a place, or null for a gap. */
  @Nullable Entry at(int place) {
    return entries[place];
  }

  boolean isFull() {
    return end == entries.length;
  }

  /** Adds an entry at the end; only if it is not full. */
  void add(Entry entry) {
    entry.place(end);
    entries[end++] = entry;
    live++;
    if (entry.isRetracted()) {
      retracted++;
    }
  }

  void remove(Entry entry) {
    entries[entry.place()] = null;
    live--;
    if (entry.isRetracted()) {
      retracted--;
    }
  }

  /**
   * Closes all gaps and makes room for more. Returns where each place up to the end has moved; a
   * gap has moved to the entry after it.
   */
  int[] compact() {
    int[] moved = new int[end + 1];
    int capacity = Math.max(LEAST, live + (live >> 1));
    @Nullable Entry[] left = capacity > entries.length ? new @Nullable Entry[capacity] : entries;
    int to = 0;
    for (int place = 0; place < end; place++) {
      moved[place] = to;
      Entry entry = entries[place];
      if (entry != null) {
        entry.place(to);
        left[to++] = entry;
      }
    }
    moved[end] = to;
    trimmed = moved[trimmed];
    if (left == entries) {
      Arrays.fill(entries, to, end, null);
      if (capacity < entries.length / 2) {
        left = Arrays.copyOf(entries, capacity);
      }
    }
    entries = left;
    end = to;
    return moved;
  }

  /** Drops the retracted entries before a place, and tells which. */
  void dropRetracted(int before, Consumer<Entry> dropped) {
    if (retracted == 0) {
      trimmed = end;
      return;
    }
    for (int place = trimmed; place < before; place++) {
      Entry entry = entries[place];
      if (entry != null && entry.isRetracted()) {
        remove(entry);
        dropped.accept(entry);
      }
    }
    trimmed = Math.max(trimmed, before);
  }
}
