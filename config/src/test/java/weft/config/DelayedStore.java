package weft.config;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import weft.store.Entry;
import weft.store.Event;
import weft.store.Key;
import weft.store.Lease;
import weft.store.Outcome;
import weft.store.Page;
import weft.store.Snapshot;
import weft.store.Store;
import weft.store.StoreException;
import weft.store.Transaction;
import weft.store.Watch;
import weft.store.WatchListener;

/** A server's way to a store on which news can be held up and which can break, for one thread. */
final class DelayedStore implements Store {
  private final Store store;
  private final List<Held> watches = new ArrayList<>();
  private boolean holding;
  private int maxOperations = Integer.MAX_VALUE;
  private int commits = Integer.MAX_VALUE;

  DelayedStore(Store store) {
    this.store = store;
  }

  /** Lets the store say that it takes no more at once. */
  DelayedStore takeAtMost(int operations) {
    maxOperations = operations;
    return this;
  }

  /** Lets so many more transactions through, and then none. */
  DelayedStore breakAfter(int transactions) {
    commits = transactions;
    return this;
  }

  @Override
  public int maxOperations() {
    return maxOperations;
  }

  private final class Held implements WatchListener {
    private final WatchListener listener;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private Watch watch;

    Held(WatchListener listener) {
      this.listener = listener;
    }

    private void hear(Runnable news) {
      if (holding) {
        waiting.add(news);
      } else {
        news.run();
      }
    }

    @Override
    public void changed(long revision, List<Event> events) {
      hear(() -> listener.changed(revision, events));
    }

    @Override
    public void compacted(long oldestRevision) {
      hear(() -> listener.compacted(oldestRevision));
    }

    @Override
    public void failed(StoreException cause) {
      hear(() -> listener.failed(cause));
    }
  }

  void hold() {
    holding = true;
  }

  void release() {
    holding = false;
    for (Held watch : List.copyOf(watches)) {
      for (Runnable news = watch.waiting.poll(); news != null; news = watch.waiting.poll()) {
        news.run();
      }
    }
  }

  /** Forgets what was held up, as if the store had been compacted in the meantime. */
  void lose() {
    holding = false;
    for (Held watch : List.copyOf(watches)) {
      watches.remove(watch);
      watch.watch.close();
      watch.waiting.clear();
      watch.listener.compacted(store.revision());
    }
  }

  @Override
  public Watch watch(Key prefix, long fromRevision, WatchListener listener) {
    Held held = new Held(listener);
    watches.add(held);
    held.watch = store.watch(prefix, fromRevision, held);
    return held.watch;
  }

  @Override
  public long revision() {
    return store.revision();
  }

  @Override
  public long oldestRevision() {
    return store.oldestRevision();
  }

  @Override
  public CompletionStage<Outcome> commit(Transaction transaction) {
    return commits-- > 0
        ? store.commit(transaction)
        : CompletableFuture.failedStage(new StoreException("dead"));
  }

  @Override
  public Entry get(Key key) {
    return store.get(key);
  }

  @Override
  public Page scan(Key prefix, Key after, int limit) {
    return store.scan(prefix, after, limit);
  }

  @Override
  public Snapshot snapshot() {
    return store.snapshot();
  }

  @Override
  public CompletionStage<Void> compact(long revision) {
    return store.compact(revision);
  }

  @Override
  public CompletionStage<Lease> grant(Duration timeToLive) {
    return store.grant(timeToLive);
  }

  @Override
  public CompletionStage<Boolean> keepAlive(long lease) {
    return store.keepAlive(lease);
  }

  @Override
  public CompletionStage<Boolean> revoke(long lease) {
    return store.revoke(lease);
  }

  @Override
  public void close() {}
}
