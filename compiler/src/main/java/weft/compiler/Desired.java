package weft.compiler;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What one unit of derivation wants.
 *
 * @param requests the numbers that it misses
 */
record Desired(List<DerivedObject> objects, SortedSet<Allocation.Request> requests) {
  static final Desired NOTHING = new Desired(List.of(), new TreeSet<>());

  static Desired of(DerivedObject object) {
    return new Desired(List.of(object), new TreeSet<>());
  }
}
