package weft.agent.core;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Values read out of what may change, kept until something changes that they were read from.
 *
 * <p>While a value is being read, all that is asked for on the way is noted as a source of it:
 * facts and other values. A change makes stale what was read from it, and what was read from that.
 */
final class Readings {
  /** What a value can be read from. */
  interface Source {}

  private final Map<Source, Set<Value<?, ?>>> readers = new HashMap<>();
  private final Deque<Set<Source>> beingRead = new ArrayDeque<>();

  /** One value with its sources; each is only itself. */
  private static final class Value<K, V> implements Source {
    final Kind<K, V> kind;
    final K key;
    final Set<Source> sources = new HashSet<>();
    @Nullable V value;

    Value(Kind<K, V> kind, K key) {
      this.kind = kind;
      this.key = key;
    }

    void drop() {
      kind.known.remove(key, this);
      if (kind.asked) {
        kind.stale.add(key);
      }
    }
  }

  /**
   * The values of one kind, by what they are of.
   *
   * <p>Those that are asked for from outside stay until {@link #forget} or a change, which {@link
   * #takeStale} tells; the others go with the last value that was read from them.
   */
  static final class Kind<K, V> {
    private final Readings readings;
    private final boolean asked;
    private final Function<K, @Nullable V> reading;
    private final Map<K, Value<K, V>> known = new HashMap<>();
    private Set<K> stale = new LinkedHashSet<>();
    private long count;

    private Kind(Readings readings, boolean asked, Function<K, @Nullable V> reading) {
      this.readings = readings;
      this.asked = asked;
      this.reading = reading;
    }

    @Nullable V of(K key) {
      Value<K, V> value = known.get(key);
      if (value == null) {
        value = new Value<>(this, key);
        count++;
        readings.beingRead.push(value.sources);
        try {
          value.value = reading.apply(key);
        } finally {
          readings.beingRead.pop();
        }
        known.put(key, value);
        readings.keep(value);
      }
      readings.note(value);
      return value.value;
    }

    void forget(K key) {
      Value<K, V> value = known.remove(key);
      if (value != null) {
        readings.leave(value);
      }
      stale.remove(key);
    }

    /** Those that a change has made stale since the last call. */
    Set<K> takeStale() {
      Set<K> taken = stale;
      stale = new LinkedHashSet<>();
      return taken;
    }

    /** How often one of them was read. */
    long count() {
      return count;
    }
  }

  /** Values that are asked for from outside. */
  <K, V> Kind<K, V> asked(Function<K, @Nullable V> reading) {
    return new Kind<>(this, true, reading);
  }

  /** Values that others are read from. */
  <K, V> Kind<K, V> shared(Function<K, @Nullable V> reading) {
    return new Kind<>(this, false, reading);
  }

  /** What is being read has asked for this. */
  void note(Source source) {
    Set<Source> sources = beingRead.peek();
    if (sources != null) {
      sources.add(source);
    }
  }

  /** These have changed. */
  void changed(Collection<? extends Source> sources) {
    Deque<Source> changed = new ArrayDeque<>(sources);
    for (Source next = changed.poll(); next != null; next = changed.poll()) {
      Set<Value<?, ?>> values = readers.get(next);
      for (Value<?, ?> value : values == null ? Set.<Value<?, ?>>of() : Set.copyOf(values)) {
        value.drop();
        changed.add(value);
        leave(value);
      }
    }
  }

  private void keep(Value<?, ?> value) {
    for (Source source : value.sources) {
      readers.computeIfAbsent(source, _ -> new HashSet<>()).add(value);
    }
  }

  /** A value goes, and with it those that only it was read from. */
  private void leave(Value<?, ?> value) {
    for (Source source : value.sources) {
      Set<Value<?, ?>> others = readers.get(source);
      if (others != null && others.remove(value) && others.isEmpty()) {
        readers.remove(source);
        if (source instanceof Value<?, ?> inner && !inner.kind.asked) {
          inner.kind.known.remove(inner.key, inner);
          leave(inner);
        }
      }
    }
  }

  /** Facts and values that others were read from. */
  int sources() {
    return readers.size();
  }
}
