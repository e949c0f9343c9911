package weft.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import weft.state.FaultHandler;
import weft.state.Loop;
import weft.store.Compare;
import weft.store.Key;
import weft.store.Outcome;
import weft.store.Store;
import weft.store.StoreException;
import weft.store.Transaction;

/**
 * The config objects in a store, with a copy of all of them in memory.
 *
 * <p>Several processes may each have one over the same store. May be used from any thread. Stages
 * complete on threads of the store: what hangs on them must not block. They fail with {@link
 * StoreException} when the store does.
 */
public final class ConfigDb implements AutoCloseable {
  /** How often the store may have changed under a plan before the caller has to decide anew. */
  private static final int PLANS = 100;

  private static final int RETRIES = 200;

  private final Store store;
  private final Replica replica;

  /** What transactions that are under way allocate: others had better pick something else. */
  private final Set<AllocationKey> allocating = ConcurrentHashMap.newKeySet();

  private ConfigDb(Store store, FaultHandler faults) {
    this.store = store;
    this.replica = new Replica(store, faults);
  }

  /** As the other, for those who hear of a fault by what no longer works. */
  public static ConfigDb open(Store store) {
    return open(store, (where, cause) -> {});
  }

  /**
   * Reads the config and follows it from then on; blocks until it is read.
   *
   * @param faults hears of a record in the store that cannot be read; nothing is followed then any
   *     more, and every commit fails
   */
  public static ConfigDb open(Store store, FaultHandler faults) {
    ConfigDb db = new ConfigDb(store, faults);
    db.replica.start();
    return db;
  }

  /** The config as last heard of. */
  public ConfigImage image() {
    return replica.known().image();
  }

  /** Completes with an image that has all that was in the store when this was called. */
  public CompletionStage<ConfigImage> sync() {
    return reachStore().thenApply(Known::image);
  }

  private CompletionStage<Known> reachStore() {
    long revision;
    try {
      revision = store.revision();
    } catch (StoreException e) {
      return CompletableFuture.failedStage(e);
    }
    return replica.reach(revision);
  }

  /** How many comparisons, and how many operations, the store takes in a transaction. */
  public int maxOperations() {
    return store.maxOperations();
  }

  /** Begins a transaction on the present image. */
  public ConfigTransaction transaction() {
    return new ConfigTransaction(this, image());
  }

  /** Whether a value has no owner and no transaction under way is about to give it one. */
  public boolean seemsFree(AllocationKey key) {
    return image().owner(key) == null && !allocating.contains(key);
  }

  /** False if another transaction was faster. */
  boolean claim(AllocationKey key) {
    return allocating.add(key);
  }

  void release(AllocationKey key) {
    allocating.remove(key);
  }

  /**
   * Commits a transaction. Its outcome is decided against the store: whatever this process has not
   * heard of yet counts. Once it completes, {@link #image} shows what was decided upon; with {@link
   * ConfigOutcome.Committed}, the transaction itself.
   *
   * @throws IllegalArgumentException if a replaced object changes type, name or parent
   */
  public CompletionStage<ConfigOutcome> commit(ConfigTransaction transaction) {
    transaction.seal();
    StoreException ended = replica.failure();
    if (ended != null) {
      transaction.abandon();
      return CompletableFuture.failedStage(ended);
    }
    if (transaction.isEmpty()) {
      return CompletableFuture.completedStage(new ConfigOutcome.Committed(image().revision()));
    }
    transaction.allocations().keySet().forEach(transaction::claim);
    return attempt(transaction, replica.known(), false, PLANS)
        .whenComplete((outcome, failure) -> transaction.abandon());
  }

  /**
   * Says what a commit would lead to, as far as is known once all is heard of that the store has
   * now; nothing is committed.
   *
   * @return {@link ConfigOutcome.Committed} with the revision that this was judged by, or the
   *     refusal
   */
  public CompletionStage<ConfigOutcome> rehearse(ConfigTransaction transaction) {
    transaction.seal();
    return reachStore()
        .<ConfigOutcome>thenApply(known ->
            switch (Plan.of(transaction, known)) {
              case Plan.Result.Refused refused -> refused.outcome();
              case Plan.Result.Ready ready -> rehearsed(ready.transaction(), known);
            })
        .whenComplete((outcome, failure) -> transaction.abandon());
  }

  private ConfigOutcome rehearsed(Transaction planned, Known known) {
    int size = Math.max(planned.compares().size(), planned.operations().size());
    return size > store.maxOperations()
        ? new ConfigOutcome.TooLarge(
            "%d operations in a transaction, of which the store takes %d"
                .formatted(size, store.maxOperations()))
        : new ConfigOutcome.Committed(known.image().revision());
  }

  /**
   * Plans the transaction by what is known, and has the store decide.
   *
   * @param current whether all that the store had when this began is known: only then a refusal is
   *     true
   */
  private CompletionStage<ConfigOutcome> attempt(
      ConfigTransaction transaction, Known known, boolean current, int plansLeft) {
    boolean freesUnknown =
        transaction.freed().stream().anyMatch(key -> known.image().owner(key) == null);
    Plan.Result plan = Plan.of(transaction, known);
    if (!current && (freesUnknown || plan instanceof Plan.Result.Refused)) {
      return reachStore().thenCompose(now -> attempt(transaction, now, true, plansLeft));
    }
    return switch (plan) {
      case Plan.Result.Refused refused -> CompletableFuture.completedStage(refused.outcome());
      case Plan.Result.Ready ready ->
          store
              .commit(unlessRestored(ready.transaction()))
              .thenCompose(outcome -> decided(transaction, outcome, plansLeft));
    };
  }

  private CompletionStage<ConfigOutcome> decided(
      ConfigTransaction transaction, Outcome outcome, int plansLeft) {
    return switch (outcome) {
      case Outcome.Committed(long revision) ->
          replica.reach(revision).thenApply(known -> new ConfigOutcome.Committed(revision));
      // What the plan relied on has changed: with that known, either the plan changes or the
      // answer.
      case Outcome.Conflict(Key key, long _) when key.equals(Restore.APPLYING) ->
          CompletableFuture.failedStage(new StoreException("a restore from a backup is under way"));
      case Outcome.Conflict(Key key, long _) when isFence(transaction, key) ->
          CompletableFuture.completedStage(new ConfigOutcome.Fenced(key));
      case Outcome.Conflict(Key key, long actual) ->
          reachStore()
              .thenCompose(known ->
                  plansLeft > 0
                      ? attempt(transaction, known, true, plansLeft - 1)
                      : CompletableFuture.failedStage(
                          new StoreException(
                              "%s changed too often, now at revision %d".formatted(key, actual))));
      case Outcome.LeaseGone(long lease) ->
          throw new IllegalStateException("the config has no leases, but " + lease);
      case Outcome.TooLarge(String reason) ->
          CompletableFuture.completedStage(new ConfigOutcome.TooLarge(reason));
    };
  }

  private Transaction unlessRestored(Transaction transaction) {
    if (!store.isShared()) {
      return transaction; // Nobody else has it open.
    }
    List<Compare> compares = new ArrayList<>();
    compares.add(Restore.NOT_UNDER_WAY);
    compares.addAll(transaction.compares());
    return new Transaction(compares, transaction.operations());
  }

  private static boolean isFence(ConfigTransaction transaction, Key key) {
    Compare fence = transaction.fence();
    return fence != null && fence.key().equals(key);
  }

  /**
   * Commits what `build` puts into a transaction, and lets it build anew on a fresh image when an
   * object was changed in between, or a value that it picked was taken.
   *
   * @param build runs on the caller's thread first, then on threads of the store
   */
  public CompletionStage<ConfigOutcome> commitRetrying(Consumer<ConfigTransaction> build) {
    return retrying(build, RETRIES);
  }

  private CompletionStage<ConfigOutcome> retrying(Consumer<ConfigTransaction> build, int left) {
    ConfigTransaction transaction = transaction();
    try {
      build.accept(transaction);
    } catch (RuntimeException e) {
      transaction.abandon();
      throw e;
    }
    return commit(transaction)
        .thenCompose(outcome ->
            left > 0 && isPassing(outcome, transaction)
                ? retrying(build, left - 1)
                : CompletableFuture.completedStage(outcome));
  }

  private static boolean isPassing(ConfigOutcome outcome, ConfigTransaction transaction) {
    return switch (outcome) {
      case ConfigOutcome.Conflict _ -> true;
      case ConfigOutcome.AllocationTaken taken -> transaction.isPicked(taken.key());
      case ConfigOutcome.Committed _,
          ConfigOutcome.NameTaken _,
          ConfigOutcome.UuidTaken _,
          ConfigOutcome.Missing _,
          ConfigOutcome.StillReferenced _,
          ConfigOutcome.Fenced _,
          ConfigOutcome.TooLarge _ ->
          false;
    };
  }

  /**
   * Tells `listener` of the whole config, and then of its changes; changes that come faster than it
   * takes them are joined.
   *
   * @param loop on which it is called
   */
  public ConfigFeed feed(Loop loop, ConfigListener listener) {
    return replica.subscribe(loop, listener);
  }

  /** Ends the feeds; the store stays open. */
  @Override
  public void close() {
    replica.close();
  }
}
