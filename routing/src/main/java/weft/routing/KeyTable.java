package weft.routing;

import java.util.AbstractCollection;
import java.util.Collection;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Things by their keys, in two flat arrays: open addressing with linear probing.
 *
 * <p>The hashes lie apart, so that a search looks at no object but the one it finds. Removal closes
 * the gap; there are no tombstones.
 *
 * @param <E> what is kept
 */
@SuppressWarnings("ReferenceEquality") // what lies in a slot is that very object
final class KeyTable<E extends Keyed> {
  private static final int LEAST = 16;

  private int[] hashes = new int[LEAST];
  private @Nullable Keyed[] slots = new @Nullable Keyed[LEAST];
  private int size;

  int size() {
    return size;
  }

  @Nullable E get(RouteKey key) {
    return get(key, Keyed.hash(key));
  }

  /** With the hash of the key, where it is known. */
  @SuppressWarnings("unchecked") // only `add` fills the slots
  @Nullable E get(RouteKey key, int hash) {
    int mask = slots.length - 1;
    for (int at = hash & mask; ; at = at + 1 & mask) {
      Keyed found = slots[at];
      if (found == null) {
        return null;
      }
      if (hashes[at] == hash && found.key.equals(key)) {
        return (E) found;
      }
    }
  }

  /** Adds what has a key that is not there. */
  void add(E element) {
    if ((size + 1) * 4L > slots.length * 3L) {
      resize(slots.length * 2);
    }
    place(element, element.hash);
    size++;
  }

  private void place(Keyed element, int hash) {
    int mask = slots.length - 1;
    int at = hash & mask;
    while (slots[at] != null) {
      at = at + 1 & mask;
    }
    slots[at] = element;
    hashes[at] = hash;
  }

  /** Removes that very object. */
  void remove(E element) {
    int mask = slots.length - 1;
    int at = element.hash & mask;
    while (slots[at] != element) {
      if (slots[at] == null) {
        return;
      }
      at = at + 1 & mask;
    }
    close(at);
    size--;
    if (slots.length > LEAST && size * 8L < slots.length) {
      resize(slots.length / 2);
    }
  }

  /** Moves back what probing passed the gap for. */
  private void close(int gap) {
    int mask = slots.length - 1;
    int free = gap;
    for (int at = gap + 1 & mask; slots[at] != null; at = at + 1 & mask) {
      int home = hashes[at] & mask;
      if ((at - home & mask) >= (at - free & mask)) {
        slots[free] = slots[at];
        hashes[free] = hashes[at];
        free = at;
      }
    }
    slots[free] = null;
  }

  private void resize(int capacity) {
    int[] oldHashes = hashes;
    @Nullable Keyed[] old = slots;
    hashes = new int[capacity];
    slots = new @Nullable Keyed[capacity];
    for (int i = 0; i < old.length; i++) {
      Keyed element = old[i];
      if (element != null) {
        place(element, oldHashes[i]);
      }
    }
  }

  /** All, in no order; not to be changed during a walk. */
  Collection<E> values() {
    return new AbstractCollection<>() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public Iterator<E> iterator() {
        return new Walk();
      }
    };
  }

  /**
   * A walk in portions, between which the table may change: it finds all that is there from its
   * beginning to its end, and some things twice.
   *
   * <p>It rests at an empty slot only. What lies behind that has its home behind it too, and
   * removal moves nothing before its home.
   */
  final class Portions {
    private int capacity = slots.length;
    private int at;

    /** Goes on over about so many slots; false once it has been everywhere. */
    @SuppressWarnings("unchecked") // only `add` fills the slots
    boolean next(int most, Consumer<E> each) {
      if (capacity != slots.length) {
        capacity = slots.length;
        at = 0;
      }
      for (int seen = 0; at < slots.length; seen++) {
        Keyed found = slots[at];
        if (found != null) {
          each.accept((E) found);
        } else if (seen >= most) {
          return true;
        }
        at++;
      }
      return false;
    }
  }

  private final class Walk implements Iterator<E> {
    private int at;

    @Override
    public boolean hasNext() {
      while (at < slots.length && slots[at] == null) {
        at++;
      }
      return at < slots.length;
    }

    @Override
    @SuppressWarnings("unchecked") // only `add` fills the slots
    public E next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Keyed found = slots[at++];
      if (found == null) {
        throw new NoSuchElementException();
      }
      return (E) found;
    }
  }
}
