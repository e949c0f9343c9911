package weft.compiler;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.schema.FqName;

/** A relation the other way round: who holds a name among its values. */
final class Inverse {
  private final Map<FqName, SortedSet<FqName>> forward = new HashMap<>();
  private final Map<FqName, SortedSet<FqName>> backward = new HashMap<>();

  /** Sets what `holder` holds, and returns the names whose holders changed. */
  SortedSet<FqName> put(FqName holder, SortedSet<FqName> values) {
    SortedSet<FqName> before =
        values.isEmpty() ? forward.remove(holder) : forward.put(holder, values);
    SortedSet<FqName> changed = new TreeSet<>(values);
    if (before != null) {
      changed.addAll(before);
      changed.removeIf(name -> before.contains(name) && values.contains(name));
    }
    for (FqName name : changed) {
      // A copy: sets that were handed out never change.
      SortedSet<FqName> holders = new TreeSet<>(backward.getOrDefault(name, new TreeSet<>()));
      if (values.contains(name)) {
        holders.add(holder);
      } else {
        holders.remove(holder);
      }
      if (holders.isEmpty()) {
        backward.remove(name);
      } else {
        backward.put(name, holders);
      }
    }
    return changed;
  }

  /** Null if nobody holds the name. */
  @Nullable SortedSet<FqName> holders(FqName name) {
    return backward.get(name);
  }
}
