package weft.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import weft.state.Loop;

/**
 * A store without a disk, for tests and simulations.
 *
 * <p>A commit is decided when it returns, and unless another thread is at it already, all watches
 * have heard of it: on one thread, everything happens in the same order each time.
 */
public final class MemoryStore implements Store {
  private final ReentrantLock lock = new ReentrantLock();
  private final NavigableMap<Key, Entry> entries = new TreeMap<>();
  private final NavigableMap<Long, List<Event>> log = new TreeMap<>();
  private final List<Cursor> cursors = new CopyOnWriteArrayList<>();
  private final AtomicInteger undelivered = new AtomicInteger();
  private final Leases leases;
  private long revision;
  private long oldest = 1;
  private long lastLease;
  private boolean closed;

  /**
   * @param clock by which leases expire, and on which it happens
   */
  public MemoryStore(Loop clock) {
    this.leases = new Leases(clock, this::deleteKeysOf);
  }

  private final class Cursor implements Watch {
    private final Key prefix;
    private final WatchListener listener;
    private long next;

    Cursor(Key prefix, long next, WatchListener listener) {
      this.prefix = prefix;
      this.next = next;
      this.listener = listener;
    }

    @Override
    public void close() {
      cursors.remove(this);
    }

    /** One at a time: see {@link #deliver}. */
    void advance() {
      while (cursors.contains(this)) {
        long at = next;
        List<Event> events;
        long oldestNow;
        lock.lock();
        try {
          if (at > revision) {
            return;
          }
          oldestNow = oldest;
          events = at < oldest ? List.of() : Watches.under(prefix, log.getOrDefault(at, List.of()));
        } finally {
          lock.unlock();
        }
        if (at < oldestNow) {
          cursors.remove(this);
          listener.compacted(oldestNow);
          return;
        }
        next = at + 1;
        if (!events.isEmpty()) {
          listener.changed(at, events);
        }
      }
    }
  }

  private <T> T locked(Supplier<T> body) {
    lock.lock();
    try {
      if (closed) {
        throw new StoreException("the store is closed");
      }
      return body.get();
    } finally {
      lock.unlock();
    }
  }

  /** Lets the watches catch up; who comes while another does leaves its part to the other. */
  private void deliver() {
    if (undelivered.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      cursors.forEach(Cursor::advance);
      seen = undelivered.addAndGet(-seen);
    } while (seen != 0);
  }

  @Override
  public long revision() {
    return locked(() -> revision);
  }

  @Override
  public long oldestRevision() {
    return locked(() -> oldest);
  }

  @Override
  public CompletionStage<Outcome> commit(Transaction transaction) {
    CompletionStage<Outcome> outcome = stage(() -> decide(transaction));
    deliver();
    return outcome;
  }

  private <T> CompletionStage<T> stage(Supplier<T> body) {
    try {
      return CompletableFuture.completedStage(locked(body));
    } catch (StoreException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  private Version version(Key key) {
    Entry entry = entries.get(key);
    return entry == null ? Version.ABSENT : entry.version();
  }

  private Outcome decide(Transaction transaction) {
    return switch (Referee.judge(transaction, revision + 1, this::version, leases::alive)) {
      case Referee.Verdict.Refused refused -> refused.outcome();
      case Referee.Verdict.Accepted accepted -> {
        if (!accepted.events().isEmpty()) {
          revision++;
          log.put(revision, accepted.events());
          accepted.events().forEach(this::apply);
        }
        yield new Outcome.Committed(revision);
      }
    };
  }

  private void apply(Event event) {
    Entry before = entries.remove(event.key());
    if (before != null && before.lease() != Lease.NONE) {
      leases.unbind(before.lease(), before.key());
    }
    switch (event) {
      case Event.Put put -> {
        entries.put(put.key(), put.entry());
        if (put.entry().lease() != Lease.NONE) {
          leases.bind(put.entry().lease(), put.key());
        }
      }
      case Event.Delete _ -> {}
    }
  }

  private void deleteKeysOf(long lease) {
    lock.lock();
    try {
      Transaction.Builder deletes = Transaction.builder();
      leases.takeKeys(lease).forEach(deletes::delete);
      decide(deletes.build());
    } finally {
      lock.unlock();
    }
    deliver();
  }

  @Override
  public @Nullable Entry get(Key key) {
    lock.lock();
    try {
      return entries.get(key);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Page scan(Key prefix, @Nullable Key after, int limit) {
    return locked(() -> page(entries, revision, prefix, after, limit));
  }

  private static Page page(
      NavigableMap<Key, Entry> all, long revision, Key prefix, @Nullable Key after, int limit) {
    boolean within = after == null || after.compareTo(prefix) < 0;
    List<Entry> found = new ArrayList<>();
    for (Entry entry : (within ? all.tailMap(prefix, true) : all.tailMap(after, false)).values()) {
      if (!entry.key().startsWith(prefix)) {
        break;
      }
      if (found.size() == limit) {
        return new Page(revision, found, true);
      }
      found.add(entry);
    }
    return new Page(revision, found, false);
  }

  @Override
  public Snapshot snapshot() {
    return locked(() -> new Copy(new TreeMap<>(entries), revision));
  }

  private record Copy(NavigableMap<Key, Entry> entries, long revision) implements Snapshot {
    @Override
    public @Nullable Entry get(Key key) {
      return entries.get(key);
    }

    @Override
    public Page scan(Key prefix, @Nullable Key after, int limit) {
      return page(entries, revision, prefix, after, limit);
    }

    @Override
    public void close() {}
  }

  @Override
  public Watch watch(Key prefix, long fromRevision, WatchListener listener) {
    Cursor cursor =
        locked(() -> {
          long next = fromRevision == 0 ? revision + 1 : fromRevision;
          Cursor made = new Cursor(prefix, next, listener);
          cursors.add(made);
          return made;
        });
    deliver();
    return cursor;
  }

  @Override
  public CompletionStage<Void> compact(long before) {
    return stage(
            () -> {
              oldest = Math.max(oldest, Math.min(before, revision));
              log.headMap(oldest, false).clear();
              return oldest;
            })
        .thenAccept(now -> {});
  }

  @Override
  public CompletionStage<Lease> grant(Duration timeToLive) {
    return stage(() -> {
      Lease lease = new Lease(++lastLease, timeToLive);
      leases.add(lease);
      return lease;
    });
  }

  @Override
  public CompletionStage<Boolean> keepAlive(long lease) {
    return CompletableFuture.completedStage(leases.keepAlive(lease));
  }

  @Override
  public CompletionStage<Boolean> revoke(long lease) {
    boolean ended = leases.end(lease);
    if (ended) {
      deleteKeysOf(lease);
    }
    return CompletableFuture.completedStage(ended);
  }

  @Override
  public void close() {
    leases.close();
    cursors.clear();
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }
}
