package weft.routing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Routes of any tables, each once by identity, in one flat array.
 *
 * <p>What is removed leaves a mark behind, so that removal looks at no other route: in a large set
 * each look is one into memory that no cache has. Marks go when the array is filled anew.
 */
@SuppressWarnings("ReferenceEquality") // a set by identity
final class RouteSet {
  private static final int LEAST = 2;

  /** Where there was something: no {@link Route}, so that it is never found. */
  private static final Object GONE = new Object();

  private @Nullable Object[] slots = new @Nullable Object[LEAST];
  private int size;

  /** Slots that are not empty. */
  private int filled;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  boolean contains(Route route) {
    return find(route) >= 0;
  }

  /** The slot of the route, or -1. */
  private int find(Route route) {
    int mask = slots.length - 1;
    for (int at = route.hash & mask; slots[at] != null; at = at + 1 & mask) {
      if (slots[at] == route) {
        return at;
      }
    }
    return -1;
  }

  /** Returns whether it was not there. */
  boolean add(Route route) {
    int mask = slots.length - 1;
    int gone = -1;
    int at = route.hash & mask;
    for (; slots[at] != null; at = at + 1 & mask) {
      if (slots[at] == route) {
        return false;
      }
      if (slots[at] == GONE && gone < 0) {
        gone = at;
      }
    }
    size++;
    if (gone >= 0) {
      slots[gone] = route;
      return true;
    }
    slots[at] = route;
    filled++;
    if (filled * 4L > slots.length * 3L) {
      refill();
    }
    return true;
  }

  /** Returns whether it was there. */
  boolean remove(Route route) {
    int at = find(route);
    if (at < 0) {
      return false;
    }
    slots[at] = GONE;
    size--;
    if (slots.length > LEAST && size * 8L < slots.length) {
      refill();
    }
    return true;
  }

  /** Moves all into an array in which there is room for half as many more, without marks. */
  private void refill() {
    @Nullable Object[] old = slots;
    int capacity = LEAST;
    while (capacity < size * 2L) {
      capacity *= 2;
    }
    slots = new @Nullable Object[capacity];
    filled = size;
    int mask = capacity - 1;
    for (Object one : old) {
      if (one instanceof Route route) {
        int at = route.hash & mask;
        while (slots[at] != null) {
          at = at + 1 & mask;
        }
        slots[at] = route;
      }
    }
  }

  /** All, in no order, for a walk that may change the set. */
  List<Route> toList() {
    List<Route> all = new ArrayList<>(size);
    for (Object one : slots) {
      if (one instanceof Route route) {
        all.add(route);
      }
    }
    return all;
  }
}
