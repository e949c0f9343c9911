package weft.state;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The changes that lead from one revision of a table to another, at most one a key, in the order
 * first touched.
 *
 * @param revision the revision that the table has once the changes are applied
 */
public record Delta<K, V>(long revision, List<Change<K, V>> changes) {
  public Delta {
    changes = List.copyOf(changes);
  }

  public boolean isEmpty() {
    return changes.isEmpty();
  }

  /**
   * Gathers changes so that a put and its removal, or a return to the first value, leave no trace.
   */
  public static final class Builder<K, V> {
    private record Span<V>(@Nullable V before, @Nullable V after) {}

    private final Map<K, Span<V>> spans = new LinkedHashMap<>();

    /** Records that `key` went from `before` to `after`; null stands for absent. */
    public Builder<K, V> add(K key, @Nullable V before, @Nullable V after) {
      Span<V> span = spans.get(key);
      V first = span == null ? before : span.before();
      if (Objects.equals(first, after)) {
        spans.remove(key);
      } else {
        spans.put(key, new Span<>(first, after));
      }
      return this;
    }

    public Builder<K, V> add(Change<K, V> change) {
      return switch (change) {
        case Change.Put<K, V> put -> add(put.key(), put.before(), put.after());
        case Change.Remove<K, V> remove -> add(remove.key(), remove.before(), null);
      };
    }

    public boolean isEmpty() {
      return spans.isEmpty();
    }

    public Delta<K, V> build(long revision) {
      List<Change<K, V>> changes = new ArrayList<>(spans.size());
      spans.forEach((key, span) -> {
        V before = span.before();
        V after = span.after();
        if (after != null) {
          changes.add(new Change.Put<>(key, before, after));
        } else if (before != null) {
          changes.add(new Change.Remove<>(key, before));
        }
      });
      return new Delta<>(revision, changes);
    }
  }
}
