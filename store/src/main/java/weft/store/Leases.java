package weft.store;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import weft.state.Loop;

/**
 * The leases that live, and the keys bound to them.
 *
 * <p>What concerns life and time may be called from any thread; the keys belong to the thread that
 * writes the store.
 */
final class Leases implements AutoCloseable {
  private static final Duration TICK = Duration.ofMillis(200);

  private record Term(long lengthNs, long deadlineNs) {
    Term renewed(long nowNs) {
      return new Term(lengthNs, nowNs + lengthNs);
    }
  }

  private final Loop clock;
  private final LongConsumer expired;
  private final Map<Long, Term> terms = new ConcurrentHashMap<>();
  private final Map<Long, SortedSet<Key>> keys = new HashMap<>();
  private volatile Loop.Timer timer;
  private volatile boolean closed;

  /**
   * @param expired hears, on the loop, of each lease that has just ended
   */
  Leases(Loop clock, LongConsumer expired) {
    this.clock = clock;
    this.expired = expired;
    this.timer = clock.schedule(TICK, this::tick);
  }

  private void tick() {
    if (closed) {
      return;
    }
    long nowNs = clock.nowNs();
    terms.forEach((id, term) -> {
      // Only if it is this term still: a lease that was told to live on meanwhile does so.
      if (term.deadlineNs() - nowNs <= 0 && terms.remove(id, term)) {
        expired.accept(id);
      }
    });
    timer = clock.schedule(TICK, this::tick);
  }

  void add(Lease lease) {
    long lengthNs = lease.timeToLive().toNanos();
    terms.put(lease.id(), new Term(lengthNs, clock.nowNs() + lengthNs));
  }

  boolean alive(long id) {
    return terms.containsKey(id);
  }

  boolean keepAlive(long id) {
    long nowNs = clock.nowNs();
    return terms.computeIfPresent(id, (same, term) -> term.renewed(nowNs)) != null;
  }

  /** Ends a lease at once; false if it had ended. */
  boolean end(long id) {
    return terms.remove(id) != null;
  }

  /** The keys of a lease, which has none from now on. */
  List<Key> takeKeys(long id) {
    SortedSet<Key> bound = keys.remove(id);
    return bound == null ? List.of() : List.copyOf(bound);
  }

  void bind(long id, Key key) {
    keys.computeIfAbsent(id, absent -> new TreeSet<>()).add(key);
  }

  void unbind(long id, Key key) {
    Collection<Key> bound = keys.get(id);
    if (bound != null) {
      bound.remove(key);
    }
  }

  @Override
  public void close() {
    closed = true;
    timer.cancel();
  }
}
