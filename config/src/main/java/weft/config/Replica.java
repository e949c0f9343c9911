package weft.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.state.FaultHandler;
import weft.state.Loop;
import weft.store.Event;
import weft.store.Key;
import weft.store.Snapshot;
import weft.store.Store;
import weft.store.StoreException;
import weft.store.Watch;
import weft.store.WatchListener;

/**
 * The copy of the config in memory: follows the store, and lets others wait for it and follow it.
 *
 * <p>It is written by the thread of the watch alone; the lock orders those who join with what is
 * published. It watches the whole store, so that its revision is the store's and not only that of
 * the last change to the config.
 */
final class Replica implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

  /** So long somebody waits to hear of a revision; the store is cut off then. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Executor SWEEP =
      CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private record Waiter(long revision, long deadlineNs, CompletableFuture<Known> answer) {}

  private final Store store;
  private final FaultHandler faults;
  private final ReentrantLock lock = new ReentrantLock();
  private final PriorityQueue<Waiter> waiters =
      new PriorityQueue<>(Comparator.comparingLong(Waiter::revision));
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private volatile Known known = Known.NOTHING;
  private volatile @Nullable Watch watch;
  private final CountDownLatch closed = new CountDownLatch(1);
  private @Nullable StoreException ended;
  private boolean sweeping;

  /** What a restore has done so far; null while there is none. */
  private @Nullable List<Event> restored;

  Replica(Store store, FaultHandler faults) {
    this.store = store;
    this.faults = faults;
  }

  void start() {
    readAll();
  }

  Known known() {
    return known;
  }

  @SuppressWarnings("ReferenceEquality") // the one that stands for nothing known
  private void readAll() {
    Known now;
    restored = null;
    try (Snapshot snapshot = store.snapshot()) {
      if (snapshot.get(Restore.APPLYING) != null) {
        throw new StoreException("a restore from a backup is under way");
      }
      now = Loading.of(snapshot);
    }
    publish(known == Known.NOTHING ? first(now) : Reading.ofAll(known, now));
    follow(now.image().revision() + 1);
  }

  /** Nobody listens yet. */
  private static Reading.Result first(Known now) {
    long revision = now.image().revision();
    return new Reading.Result(now, new ConfigDelta(revision, List.of(), List.of(), false));
  }

  /**
   * Reads all anew, as often as it takes: the store may be away, or compacted again meanwhile. What
   * is known stays true of the past.
   */
  private void readAgain() {
    Duration pause = FIRST_PAUSE;
    while (failure() == null) {
      try {
        readAll();
        return;
      } catch (StoreException e) {
        LOG.warn("the config has to be read anew, and cannot be: {}", e.getMessage());
      }
      try {
        boolean _ = closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        throw new StoreException("interrupted while reading the config anew", e);
      }
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
              ? LONGEST_PAUSE
              : pause.multipliedBy(2);
    }
  }

  private void follow(long revision) {
    Watch next = store.watch(Key.EMPTY, revision, new Follower());
    lock.lock();
    try {
      watch = next;
      if (ended != null) {
        next.close(); // Closed while it was read.
      }
    } finally {
      lock.unlock();
    }
  }

  private final class Follower implements WatchListener {
    @Override
    public void changed(long revision, List<Event> events) {
      guarded(() -> take(revision, events));
    }

    @Override
    public void compacted(long oldestRevision) {
      guarded(Replica.this::readAgain);
    }

    @Override
    public void failed(StoreException cause) {
      end(cause);
    }
  }

  /** While a backup is restored, nothing is told; then all at once. */
  private void take(long revision, List<Event> events) {
    List<Event> news = events;
    for (Event event : events) {
      if (event.key().equals(Restore.APPLYING)) {
        restored = event instanceof Event.Put ? new ArrayList<>() : restored;
      }
    }
    if (restored != null) {
      restored.addAll(events);
      if (!events.contains(new Event.Delete(Restore.APPLYING, revision))) {
        return;
      }
      news = restored;
      restored = null;
    }
    publish(Reading.of(known, revision, news));
  }

  /** What cannot be read is a fault of ours; what is known would no longer be true from then on. */
  private void guarded(Runnable step) {
    try {
      if (failure() == null) {
        step.run();
      }
    } catch (StoreException e) {
      end(e);
    } catch (RuntimeException | Error e) {
      end(new StoreException("the config in the store cannot be read: " + e, e));
      faults.fault("config", e);
    }
  }

  /** Why nothing is followed any more; null while all is well. */
  @Nullable StoreException failure() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  private void publish(Reading.Result result) {
    List<Waiter> reached = new ArrayList<>();
    lock.lock();
    try {
      known = result.known();
      if (!result.delta().isEmpty()) {
        subscriptions.forEach(each -> each.offer(result.delta(), known.image()));
      }
      for (Waiter first = waiters.peek();
          first != null && first.revision() <= result.delta().revision();
          first = waiters.peek()) {
        reached.add(waiters.remove());
      }
    } finally {
      lock.unlock();
    }
    reached.forEach(waiter -> waiter.answer().complete(result.known()));
  }

  /** Completes once what is known includes `revision`. */
  CompletionStage<Known> reach(long revision) {
    lock.lock();
    try {
      if (known.image().revision() >= revision) {
        return CompletableFuture.completedStage(known);
      }
      if (ended != null) {
        return CompletableFuture.failedStage(ended);
      }
      CompletableFuture<Known> answer = new CompletableFuture<>();
      waiters.add(new Waiter(revision, System.nanoTime() + PATIENCE.toNanos(), answer));
      if (!sweeping) {
        sweeping = true;
        SWEEP.execute(this::sweep);
      }
      return answer;
    } finally {
      lock.unlock();
    }
  }

  /** Sends away who has waited for too long. */
  private void sweep() {
    List<Waiter> overdue = new ArrayList<>();
    lock.lock();
    try {
      long now = System.nanoTime();
      for (Waiter waiter : waiters) {
        if (waiter.deadlineNs() - now <= 0) {
          overdue.add(waiter);
        }
      }
      waiters.removeAll(overdue);
      sweeping = !waiters.isEmpty();
      if (sweeping) {
        SWEEP.execute(this::sweep);
      }
    } finally {
      lock.unlock();
    }
    for (Waiter waiter : overdue) {
      waiter
          .answer()
          .completeExceptionally(
              new StoreException(
                  "the store is at revision %d, of which nothing has been heard within %d s"
                      .formatted(waiter.revision(), PATIENCE.toSeconds())));
    }
  }

  ConfigFeed subscribe(Loop loop, ConfigListener listener) {
    Subscription subscription = new Subscription(loop, listener, subscriptions::remove);
    lock.lock();
    try {
      subscriptions.add(subscription);
      subscription.begin(known.image());
    } finally {
      lock.unlock();
    }
    return subscription;
  }

  private void end(StoreException cause) {
    closed.countDown();
    List<Waiter> abandoned;
    lock.lock();
    try {
      ended = ended == null ? cause : ended;
      abandoned = List.copyOf(waiters);
      waiters.clear();
    } finally {
      lock.unlock();
    }
    abandoned.forEach(waiter -> waiter.answer().completeExceptionally(cause));
  }

  @Override
  public void close() {
    end(new StoreException("the config is closed"));
    Watch current = watch;
    if (current != null) {
      current.close();
    }
    subscriptions.forEach(Subscription::close);
  }
}
