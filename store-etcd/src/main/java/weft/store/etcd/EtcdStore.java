package weft.store.etcd;

import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import weft.store.Entry;
import weft.store.Key;
import weft.store.Lease;
import weft.store.Operation;
import weft.store.Outcome;
import weft.store.Page;
import weft.store.Snapshot;
import weft.store.Store;
import weft.store.StoreException;
import weft.store.Transaction;
import weft.store.Watch;
import weft.store.WatchListener;

/**
 * A store in an etcd cluster, which has to be the store's alone.
 *
 * <p>A commit is on the disks of most members when its stage completes. When a stage fails because
 * the member was lost or no member answered in time, the transaction may be done or not, or be done
 * a little later, as a whole. Transactions that wait at the same time are decided in any order.
 * Leases live by the clocks of the members, in whole seconds, and are not shorter than one and a
 * half election timeouts of the members.
 */
public final class EtcdStore implements Store {
  /** An etcd that has never been written to is at this revision. */
  private static final long FIRST = 1;

  private final EtcdOptions options;
  private final Members members;
  private final Words words;
  private final History history;
  private final Set<Follower> followers = ConcurrentHashMap.newKeySet();

  private EtcdStore(EtcdOptions options, long origin) {
    this.options = options;
    this.members = new Members(options);
    this.words = new Words(origin, options.prefix());
    this.history = new History(members, words);
  }

  /**
   * Opens the store in the cluster.
   *
   * @throws StoreException if no member answers
   */
  public static EtcdStore open(EtcdOptions options) {
    return open(options, FIRST);
  }

  /**
   * @param origin etcd's revision at which the store's is 0
   */
  static EtcdStore open(EtcdOptions options, long origin) {
    EtcdStore store = new EtcdStore(options, origin);
    try {
      store.prepare();
      return store;
    } catch (StoreException e) {
      store.close();
      throw e;
    }
  }

  private void prepare() {
    if (words.isShared()) {
      Members.await(members.ask(KVGrpc.getTxnMethod(), words.firstMark(), Members::notAnswered));
    }
    long _ = revision();
    if (options.maxOperations() > EtcdOptions.MAX_OPERATIONS) {
      try {
        Members.await(
            members.ask(
                KVGrpc.getTxnMethod(),
                words.comparing(options.maxOperations()),
                Members::notAnswered));
      } catch (StoreException e) {
        if (!isTooLarge(e)) {
          throw e;
        }
        throw new StoreException(
            "etcd takes fewer than %1$d operations in a transaction: start its members with --max-txn-ops=%1$d"
                .formatted(options.maxOperations()),
            e);
      }
    }
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public int maxOperations() {
    return words.isShared() ? options.maxOperations() - 1 : options.maxOperations();
  }

  @Override
  public long revision() {
    return history.revision();
  }

  @Override
  public long oldestRevision() {
    return history.oldest();
  }

  @Override
  public CompletionStage<Outcome> commit(Transaction transaction) {
    int size = Math.max(transaction.compares().size(), transaction.operations().size());
    if (size > maxOperations()) {
      return CompletableFuture.completedStage(
          new Outcome.TooLarge(
              "%d comparisons and %d operations in a transaction, of which etcd takes %d"
                  .formatted(
                      transaction.compares().size(),
                      transaction.operations().size(),
                      maxOperations())));
    }
    return members
        .ask(KVGrpc.getTxnMethod(), words.request(transaction), Members::notDone)
        .thenApply(response -> words.outcome(transaction, response))
        .exceptionallyCompose(cause -> refused(transaction, cause));
  }

  private CompletionStage<Outcome> refused(Transaction transaction, Throwable cause) {
    return isTooLarge(cause)
        ? CompletableFuture.completedStage(
            new Outcome.TooLarge(String.valueOf(plain(cause).getMessage())))
        : leaseGone(transaction, cause);
  }

  private static boolean isTooLarge(Throwable cause) {
    Status status = Members.status(cause);
    return status != null
        && status.getCode() == Status.Code.INVALID_ARGUMENT
        && (("" + status.getDescription()).contains("too large")
            || ("" + status.getDescription()).contains("too many operations"));
  }

  /** Finds which lease it was that etcd did not know. */
  private CompletionStage<Outcome> leaseGone(Transaction transaction, Throwable cause) {
    List<Long> leases = new ArrayList<>();
    for (Operation operation : transaction.operations()) {
      if (operation instanceof Operation.Put put && put.lease() != Lease.NONE) {
        leases.add(put.lease());
      }
    }
    if (!isNotFound(cause) || leases.isEmpty()) {
      return CompletableFuture.failedStage(plain(cause));
    }
    return firstGone(leases.stream().distinct().toList());
  }

  private CompletionStage<Outcome> firstGone(List<Long> leases) {
    long first = leases.getFirst();
    if (leases.size() == 1) {
      return CompletableFuture.completedStage(new Outcome.LeaseGone(first));
    }
    return members
        .ask(
            LeaseGrpc.getLeaseTimeToLiveMethod(),
            LeaseTimeToLiveRequest.newBuilder().setID(first).build(),
            Members::notAnswered)
        .thenCompose(answer ->
            answer.getTTL() > 0
                ? firstGone(leases.subList(1, leases.size()))
                : CompletableFuture.completedStage(new Outcome.LeaseGone(first)));
  }

  private static boolean isNotFound(Throwable cause) {
    Status status = Members.status(cause);
    return status != null && status.getCode() == Status.Code.NOT_FOUND;
  }

  private static Throwable plain(Throwable cause) {
    Throwable inner = cause.getCause();
    return cause instanceof CompletionException && inner != null ? inner : cause;
  }

  @Override
  public @Nullable Entry get(Key key) {
    return history.get(key, History.NOW);
  }

  @Override
  public Page scan(Key prefix, @Nullable Key after, int limit) {
    return history.scan(prefix, after, limit, History.NOW);
  }

  /** What it has is gone once its revision is compacted: it then fails with StoreException. */
  @Override
  public Snapshot snapshot() {
    return new View(history, Members.await(history.askLast()));
  }

  private record View(History history, long revision) implements Snapshot {
    @Override
    public @Nullable Entry get(Key key) {
      return history.get(key, revision);
    }

    @Override
    public Page scan(Key prefix, @Nullable Key after, int limit) {
      return history.scan(prefix, after, limit, revision);
    }

    @Override
    public void close() {}
  }

  @Override
  public Watch watch(Key prefix, long fromRevision, WatchListener listener) {
    members.requireOpen();
    long next = fromRevision == 0 ? revision() + 1 : fromRevision;
    Follower follower = new Follower(members, history, words, prefix, next, listener);
    followers.add(follower);
    Thread.ofPlatform()
        .name("store-watch " + prefix)
        .daemon(true)
        .start(() -> {
          try {
            follower.run();
          } finally {
            followers.remove(follower);
          }
        });
    return follower;
  }

  @Override
  public CompletionStage<Void> compact(long revision) {
    // etcd drops deletions at the very revision that it compacts at: one less keeps them.
    return history
        .askRevision()
        .thenCompose(now -> {
          long keep = Math.min(revision, now);
          if (keep <= 1) {
            return CompletableFuture.<Void>completedFuture(null);
          }
          CompactionRequest request =
              CompactionRequest.newBuilder().setRevision(words.theirs(keep - 1)).build();
          return members
              .ask(KVGrpc.getCompactMethod(), request, Members::notAnswered)
              .<Void>thenApply(done -> null)
              .exceptionallyCompose(EtcdStore::unlessCompacted);
        });
  }

  private static CompletionStage<Void> unlessCompacted(Throwable cause) {
    return History.isCompacted(cause)
        ? CompletableFuture.completedStage(null)
        : CompletableFuture.failedStage(plain(cause));
  }

  @Override
  public CompletionStage<Lease> grant(Duration timeToLive) {
    long seconds = Math.max(1, timeToLive.plusSeconds(1).minusNanos(1).toSeconds());
    return members
        .ask(
            LeaseGrpc.getLeaseGrantMethod(),
            LeaseGrantRequest.newBuilder().setTTL(seconds).build(),
            Members::notAnswered)
        .thenApply(answer -> new Lease(answer.getID(), Duration.ofSeconds(answer.getTTL())));
  }

  @Override
  public CompletionStage<Boolean> keepAlive(long lease) {
    return members
        .ask(
            LeaseGrpc.getLeaseKeepAliveMethod(),
            LeaseKeepAliveRequest.newBuilder().setID(lease).build(),
            Members::notAnswered)
        .thenApply(answer -> answer.getTTL() > 0);
  }

  @Override
  public CompletionStage<Boolean> revoke(long lease) {
    return members
        .ask(
            LeaseGrpc.getLeaseRevokeMethod(),
            LeaseRevokeRequest.newBuilder().setID(lease).build(),
            Members::notDone)
        .thenApply(answer -> true)
        .exceptionallyCompose(cause ->
            isNotFound(cause)
                ? CompletableFuture.completedStage(false)
                : CompletableFuture.failedStage(plain(cause)));
  }

  @Override
  public void close() {
    new ArrayList<>(followers).forEach(Follower::close);
    members.close();
  }
}
