package weft.state;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Desired against actual state of a table that lives elsewhere (the kernel, a peer, a store).
 *
 * <p>The owner sets what it desires; the shell reads what is pending, does it, and reports what is
 * now actual. What failed stays pending. On restart the actual content is read back first: the
 * difference is then an ordinary pending change. Not thread-safe: it belongs to one loop.
 */
public final class DeltaTracker<K, V> {
  private final Map<K, V> desired = new HashMap<>();
  private final Map<K, V> actual = new HashMap<>();
  private final Map<K, V> updates = new LinkedHashMap<>();
  private final Set<K> deletes = new LinkedHashSet<>();

  public void desire(K key, V value) {
    desired.put(key, value);
    reconsider(key);
  }

  public void undesire(K key) {
    desired.remove(key);
    reconsider(key);
  }

  /** Makes `all` the whole of what is desired. */
  public void desireExactly(Map<K, V> all) {
    for (K key : List.copyOf(desired.keySet())) {
      if (!all.containsKey(key)) {
        undesire(key);
      }
    }
    all.forEach(this::desire);
  }

  /** Reports that the world has `value` under `key`: after writing it, or when reading back. */
  public void actual(K key, V value) {
    actual.put(key, value);
    reconsider(key);
  }

  /** Reports that the world has nothing under `key`. */
  public void absent(K key) {
    actual.remove(key);
    reconsider(key);
  }

  private void reconsider(K key) {
    V wanted = desired.get(key);
    V present = actual.get(key);
    updates.remove(key);
    deletes.remove(key);
    if (wanted == null) {
      if (present != null) {
        deletes.add(key);
      }
    } else if (!wanted.equals(present)) {
      updates.put(key, wanted);
    }
  }

  public @Nullable V desired(K key) {
    return desired.get(key);
  }

  public @Nullable V actual(K key) {
    return actual.get(key);
  }

  public Map<K, V> desired() {
    return Map.copyOf(desired);
  }

  public Map<K, V> actual() {
    return Map.copyOf(actual);
  }

  /**
   * What must be written, in the order it became so. A copy: the caller may report back while it
   * walks.
   */
  public Map<K, V> pendingUpdates() {
    return new LinkedHashMap<>(updates);
  }

  /** What must be removed, in the order it became so. A copy, likewise. */
  public Set<K> pendingDeletes() {
    return new LinkedHashSet<>(deletes);
  }

  public boolean inSync() {
    return updates.isEmpty() && deletes.isEmpty();
  }
}
