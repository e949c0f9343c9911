package weft.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Values computed from inputs and from one another, each remembering what it read.
 *
 * <p>A change of an input makes what read it stale; {@link #settle} computes again only what is
 * stale, and stops where a value comes out as before. Values are compared with `equals` and must
 * depend on nothing but what is read through {@link Reads}. Not thread-safe: it belongs to one
 * loop.
 */
public final class Graph {
  /**
   * The name of a value that is set from outside; a record, so that equal names are one input.
   *
   * @param <V> its value; null while it is not set
   */
  public interface Input<V> {}

  /**
   * The name of a computed value together with its computation; a record, likewise.
   *
   * @param <V> its value
   */
  public interface Computed<V> {
    V compute(Reads reads);
  }

  /** How a computation gets at what it depends on. */
  public interface Reads {
    <V> @Nullable V input(Input<V> input);

    <V> V value(Computed<V> computed);
  }

  private static final class Cell {
    final Object name;
    @Nullable Object value;
    Set<Cell> reads = Set.of();
    final Set<Cell> readers = new LinkedHashSet<>();
    boolean held;
    boolean stale = true;
    boolean computing;
    // Moments of this graph's clock: 0 is before everything.
    long changedAt;
    long computedAt;
    long reportedAt;

    Cell(Object name) {
      this.name = name;
    }
  }

  private final Map<Object, Cell> cells = new HashMap<>();
  // What is held and may have changed since it was reported last: stale, or read by something else.
  private final Set<Cell> unreported = new LinkedHashSet<>();
  private long clock;

  /** Sets an input, or with null takes it away. */
  public <V> void set(Input<V> input, @Nullable V value) {
    Cell cell = cells.get(input);
    if (cell == null) {
      if (value == null) {
        return;
      }
      cell = cell(input);
    }
    if (Objects.equals(cell.value, value)) {
      return;
    }
    cell.value = value;
    cell.changedAt = ++clock;
    cell.readers.forEach(this::markStale);
    dropIfUnused(cell);
  }

  /** The value that an input was last set to. */
  @SuppressWarnings("unchecked")
  public <V> @Nullable V get(Input<V> input) {
    Cell cell = cells.get(input);
    return cell == null ? null : (V) cell.value;
  }

  /** Keeps a value computed from now on: {@link #settle} reports when it has changed. */
  public void hold(Computed<?> computed) {
    Cell cell = cell(computed);
    if (!cell.held) {
      cell.held = true;
      cell.reportedAt = 0;
      unreported.add(cell);
    }
  }

  /** Lets go of a value, and of what was computed for it alone. */
  public void release(Computed<?> computed) {
    Cell cell = cells.get(computed);
    if (cell != null && cell.held) {
      cell.held = false;
      unreported.remove(cell);
      dropIfUnused(cell);
    }
  }

  /** Computes what is stale of what is held, and names what came out different. */
  public List<Computed<?>> settle() {
    List<Computed<?>> changed = new ArrayList<>();
    for (Cell cell : List.copyOf(unreported)) {
      unreported.remove(cell);
      refresh(cell);
      if (cell.changedAt > cell.reportedAt) {
        cell.reportedAt = cell.changedAt;
        changed.add((Computed<?>) cell.name);
      }
    }
    return changed;
  }

  /** The value of something held, computed if it is stale. */
  @SuppressWarnings("unchecked")
  public <V> V value(Computed<V> computed) {
    Cell cell = cells.get(computed);
    if (cell == null || !cell.held) {
      throw new IllegalArgumentException("not held: " + computed);
    }
    refresh(cell);
    return (V) Objects.requireNonNull(cell.value);
  }

  /** The inputs that a held value depends on, directly or through others, in the order read. */
  public Set<Input<?>> inputsOf(Computed<?> computed) {
    Set<Input<?>> inputs = new LinkedHashSet<>();
    Cell root = cells.get(computed);
    if (root != null) {
      collectInputs(root, new HashSet<>(), inputs);
    }
    return inputs;
  }

  private static void collectInputs(Cell cell, Set<Cell> seen, Set<Input<?>> inputs) {
    if (!seen.add(cell)) {
      return;
    }
    if (cell.name instanceof Input<?> input) {
      inputs.add(input);
    }
    cell.reads.forEach(read -> collectInputs(read, seen, inputs));
  }

  /** How many inputs and computed values are remembered. */
  public int size() {
    return cells.size();
  }

  private Cell cell(Object name) {
    return cells.computeIfAbsent(name, Cell::new);
  }

  private void markStale(Cell first) {
    Deque<Cell> pending = new ArrayDeque<>();
    pending.add(first);
    for (Cell cell = pending.poll(); cell != null; cell = pending.poll()) {
      if (!cell.stale) {
        cell.stale = true;
        pending.addAll(cell.readers);
      }
      if (cell.held) {
        unreported.add(cell);
      }
    }
  }

  private void refresh(Cell cell) {
    if (!(cell.name instanceof Computed<?> computed) || !cell.stale) {
      return;
    }
    if (cell.computing) {
      throw new IllegalStateException("depends on itself: " + cell.name);
    }
    cell.computing = true;
    try {
      if (cell.computedAt == 0 || anyReadChanged(cell)) {
        compute(cell, computed);
      }
      cell.stale = false;
    } finally {
      cell.computing = false;
    }
  }

  /** In the order read: what a changed value would no longer read is not computed in vain. */
  private boolean anyReadChanged(Cell cell) {
    for (Cell read : cell.reads) {
      refresh(read);
      if (read.changedAt > cell.computedAt) {
        return true;
      }
    }
    return false;
  }

  private void compute(Cell cell, Computed<?> computed) {
    Set<Cell> reads = new LinkedHashSet<>();
    Object value = computed.compute(new Recorder(cell, reads));
    for (Cell former : cell.reads) {
      if (!reads.contains(former)) {
        former.readers.remove(cell);
        dropIfUnused(former);
      }
    }
    cell.reads = reads;
    cell.computedAt = ++clock;
    if (!value.equals(cell.value)) {
      cell.value = value;
      cell.changedAt = clock;
    }
  }

  private void dropIfUnused(Cell cell) {
    boolean input = cell.name instanceof Input<?>;
    if (cell.held || !cell.readers.isEmpty() || (input && cell.value != null)) {
      return;
    }
    cells.remove(cell.name);
    for (Cell read : cell.reads) {
      read.readers.remove(cell);
      dropIfUnused(read);
    }
    cell.reads = Set.of();
  }

  private final class Recorder implements Reads {
    private final Cell reader;
    private final Set<Cell> reads;

    Recorder(Cell reader, Set<Cell> reads) {
      this.reader = reader;
      this.reads = reads;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <V> @Nullable V input(Input<V> input) {
      return (V) read(input).value;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <V> V value(Computed<V> computed) {
      Cell cell = read(computed);
      refresh(cell);
      return (V) Objects.requireNonNull(cell.value);
    }

    private Cell read(Object name) {
      Cell cell = cell(name);
      reads.add(cell);
      cell.readers.add(reader);
      return cell;
    }
  }
}
