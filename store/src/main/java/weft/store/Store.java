package weft.store;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A sorted map of keys to values with a history: etcd's model, whatever the engine.
 *
 * <p>There is one revision for the whole store. Each transaction that changes anything moves it on
 * by one, and all that it changed bears that revision. The changes themselves are retained for a
 * while, so that a watch can start in the past.
 *
 * <p>All methods may be called from any thread. Those that return a stage complete it on a thread
 * of the store: what hangs on it must not block. A stage fails with {@link StoreException} when the
 * store cannot say what became of the request; each engine says what may then be true.
 */
public interface Store extends AutoCloseable {
  /** The revision of the last transaction; 0 for a store that has never been written to. */
  long revision();

  /** The oldest revision from which a watch can start. */
  long oldestRevision();

  /** Completes once the outcome is durable. May block while too many others wait. */
  CompletionStage<Outcome> commit(Transaction transaction);

  /** Whether other processes may write to it as well. */
  default boolean isShared() {
    return false;
  }

  /** How many comparisons, and how many operations, a transaction may have. */
  default int maxOperations() {
    return Integer.MAX_VALUE;
  }

  @Nullable Entry get(Key key);

  /**
   * The entries whose key starts with `prefix`, in order of keys.
   *
   * @param after only those behind this key; null for all
   * @param limit at most so many
   */
  Page scan(Key prefix, @Nullable Key after, int limit);

  /** The store as it is now, to be read at leisure. */
  Snapshot snapshot();

  /**
   * Tells `listener` of all that happened under `prefix` since `fromRevision`, and then of all that
   * happens.
   *
   * @param fromRevision the first revision to tell of; 0 for what happens from now on
   */
  Watch watch(Key prefix, long fromRevision, WatchListener listener);

  /** Forgets the changes of all revisions before `revision`; the entries stay. */
  CompletionStage<Void> compact(long revision);

  /** Makes a lease. It outlives the process: a store that is opened anew grants its time again. */
  CompletionStage<Lease> grant(Duration timeToLive);

  /** Lets a lease live its time from now on; false if it is gone. */
  CompletionStage<Boolean> keepAlive(long lease);

  /** Ends a lease and deletes its entries, in one transaction; false if it was gone. */
  CompletionStage<Boolean> revoke(long lease);

  @Override
  void close();
}
