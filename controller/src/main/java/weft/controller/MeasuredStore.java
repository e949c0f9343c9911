package weft.controller;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import weft.http.OpenMetrics;
import weft.state.Latency;
import weft.store.Entry;
import weft.store.Key;
import weft.store.Lease;
import weft.store.Outcome;
import weft.store.Page;
import weft.store.Snapshot;
import weft.store.Store;
import weft.store.Transaction;
import weft.store.Watch;
import weft.store.WatchListener;

/** Passes every call on to a store, and takes the time of its commits. */
final class MeasuredStore implements Store {
  private final Store store;
  private final Latency commits = new Latency();
  private final LongAdder failures = new LongAdder();

  MeasuredStore(Store store) {
    this.store = store;
  }

  void addTo(OpenMetrics metrics) {
    Latency.Snapshot all = commits.snapshot();
    metrics
        .durations(
            "weft_store_commit_seconds",
            "How long commits took, until they were durable.",
            all.boundsNs(),
            all.counts(),
            all.sumNs())
        .counter("weft_store_commit_failures", "Commits of which the store could not say the end.")
        .of(failures.sum());
  }

  @Override
  public CompletionStage<Outcome> commit(Transaction transaction) {
    long begunNs = System.nanoTime();
    return store
        .commit(transaction)
        .whenComplete((_, failure) -> {
          commits.observe(System.nanoTime() - begunNs);
          if (failure != null) {
            failures.increment();
          }
        });
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
  public boolean isShared() {
    return store.isShared();
  }

  @Override
  public int maxOperations() {
    return store.maxOperations();
  }

  @Override
  public @Nullable Entry get(Key key) {
    return store.get(key);
  }

  @Override
  public Page scan(Key prefix, @Nullable Key after, int limit) {
    return store.scan(prefix, after, limit);
  }

  @Override
  public Snapshot snapshot() {
    return store.snapshot();
  }

  @Override
  public Watch watch(Key prefix, long fromRevision, WatchListener listener) {
    return store.watch(prefix, fromRevision, listener);
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
  public void close() {
    store.close();
  }
}
