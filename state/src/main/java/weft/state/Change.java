package weft.state;

import org.jspecify.annotations.Nullable;

/**
 * What happened to one key of a table.
 *
 * @param <K> the table's key
 * @param <V> the table's value, compared with `equals`
 */
public sealed interface Change<K, V> {
  K key();

  /** The value before, or null if there was none. */
  @Nullable V before();

  /** The key now has the value `after`. */
  record Put<K, V>(K key, @Nullable V before, V after) implements Change<K, V> {}

  /** The key is gone. */
  record Remove<K, V>(K key, V before) implements Change<K, V> {}
}
