package weft.routing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Routes of any tables, each once by identity, in one flat array. */
@SuppressWarnings("ReferenceEquality") // a set by identity
final class RouteSet {
  private static final int LEAST = 2;

  private @Nullable Route[] slots = new @Nullable Route[LEAST];
  private int size;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  boolean contains(Route route) {
    return slots[find(route)] == route;
  }

  /** The slot of the route, or the free one where it would be. */
  private int find(Route route) {
    int mask = slots.length - 1;
    int at = route.hash & mask;
    while (slots[at] != null && slots[at] != route) {
      at = at + 1 & mask;
    }
    return at;
  }

  /** Returns whether it was not there. */
  boolean add(Route route) {
    int at = find(route);
    if (slots[at] == route) {
      return false;
    }
    if ((size + 1) * 4L > slots.length * 3L) {
      resize(slots.length * 2);
      at = find(route);
    }
    slots[at] = route;
    size++;
    return true;
  }

  /** Returns whether it was there. */
  boolean remove(Route route) {
    int mask = slots.length - 1;
    int free = find(route);
    if (slots[free] == null) {
      return false;
    }
    for (int at = free + 1 & mask; slots[at] != null; at = at + 1 & mask) {
      Route next = slots[at];
      if (next != null && (at - next.hash & mask) >= (at - free & mask)) {
        slots[free] = next;
        free = at;
      }
    }
    slots[free] = null;
    size--;
    if (slots.length > LEAST && size * 8L < slots.length) {
      resize(slots.length / 2);
    }
    return true;
  }

  private void resize(int capacity) {
    @Nullable Route[] old = slots;
    slots = new @Nullable Route[capacity];
    for (Route route : old) {
      if (route != null) {
        slots[find(route)] = route;
      }
    }
  }

  /** All, in no order, for a walk that may change the set. */
  List<Route> toList() {
    List<Route> all = new ArrayList<>(size);
    for (Route route : slots) {
      if (route != null) {
        all.add(route);
      }
    }
    return all;
  }
}
