package weft.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.store.RocksFiles.Commit;
import weft.store.RocksFiles.Counter;
import weft.store.RocksFiles.Family;

/**
 * The one thread that writes a store: it takes all that waits, decides one after the other, writes
 * the group with one fsync, and only then answers.
 *
 * <p>Once a write fails it is over: what is on disk is whole but not known to be the same as what
 * was answered, so every further request is refused until the store is opened anew.
 */
final class RocksWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RocksWriter.class);
  private static final int GROUP = 1024;

  private sealed interface Request {
    CompletableFuture<?> answer();

    record Commit(Transaction transaction, CompletableFuture<Outcome> answer) implements Request {}

    record Grant(Duration timeToLive, CompletableFuture<Lease> answer) implements Request {}

    /** The lease is no longer alive. */
    record DeleteKeys(long lease, CompletableFuture<Boolean> answer) implements Request {}

    record Compact(long revision, CompletableFuture<Long> answer) implements Request {}

    record Stop(CompletableFuture<Boolean> answer) implements Request {}
  }

  /** What the watches get to know once a group is on disk. */
  record Written(long revision, long oldestRevision, List<Commit> commits) {}

  private final RocksFiles files;
  private final Leases leases;
  private final long retained;
  private final Consumer<Written> written;
  private final BlockingQueue<Request> queue;
  private final Thread thread;
  private final RecentVersions recent = new RecentVersions();
  private long revision;
  private long oldest;
  private long lastLease;
  private volatile @Nullable StoreException refusal;

  RocksWriter(RocksFiles files, Leases leases, RocksOptions options, Consumer<Written> written) {
    this.files = files;
    this.leases = leases;
    this.retained = options.retainedRevisions();
    this.written = written;
    this.queue = new ArrayBlockingQueue<>(options.maxWaiting());
    this.revision = files.number(Counter.REVISION, 0);
    this.oldest = files.number(Counter.OLDEST_REVISION, 1);
    this.lastLease = files.number(Counter.LAST_LEASE, 0);
    files.each(Family.LEASES, (id, lease) -> leases.add(Records.lease(lease)));
    files.each(
        Family.BINDINGS,
        (record, nothing) -> {
          Records.Binding binding = Records.binding(record);
          leases.bind(binding.lease(), binding.key());
        });
    this.thread = Thread.ofPlatform().name("store-writer").daemon(true).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private <T> CompletionStage<T> submit(Request request, CompletableFuture<T> answer) {
    StoreException refused = refusal;
    if (refused != null) {
      return CompletableFuture.failedStage(refused);
    }
    try {
      queue.put(request);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return CompletableFuture.failedStage(new StoreException("interrupted while waiting", e));
    }
    if (refusal != null) {
      // The writer may have gone before it could see this request.
      refuseWaiting();
    }
    return answer;
  }

  CompletionStage<Outcome> commit(Transaction transaction) {
    CompletableFuture<Outcome> answer = new CompletableFuture<>();
    return submit(new Request.Commit(transaction, answer), answer);
  }

  CompletionStage<Lease> grant(Duration timeToLive) {
    CompletableFuture<Lease> answer = new CompletableFuture<>();
    return submit(new Request.Grant(timeToLive, answer), answer);
  }

  CompletionStage<Boolean> deleteKeys(long lease) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    return submit(new Request.DeleteKeys(lease, answer), answer);
  }

  CompletionStage<Long> compact(long before) {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    return submit(new Request.Compact(before, answer), answer);
  }

  private void run() {
    List<Request> requests = new ArrayList<>();
    try {
      boolean stop = false;
      while (!stop) {
        requests.clear();
        requests.add(queue.take());
        queue.drainTo(requests, GROUP - 1);
        stop = process(requests);
      }
    } catch (StoreException e) {
      fail("the store refuses writes because one failed: " + e.getMessage(), e, requests);
    } catch (InterruptedException | RuntimeException | Error e) {
      fail("the store refuses writes because its writer broke: " + e, e, requests);
    }
    refuseWaiting();
  }

  private void fail(String reason, Throwable cause, List<Request> unanswered) {
    StoreException refused = new StoreException(reason, cause);
    refusal = refused;
    LOG.error("{}", reason, cause);
    unanswered.forEach(request -> request.answer().completeExceptionally(refused));
  }

  private void refuseWaiting() {
    StoreException refused = refusal;
    if (refused == null) {
      return;
    }
    for (Request waiting = queue.poll(); waiting != null; waiting = queue.poll()) {
      waiting.answer().completeExceptionally(refused);
    }
  }

  /** Returns whether to stop. */
  private boolean process(List<Request> requests) {
    Group group = new Group();
    boolean stop = false;
    for (Request request : requests) {
      switch (request) {
        case Request.Commit commit -> group.commit(commit);
        case Request.Grant grant -> group.grant(grant);
        case Request.DeleteKeys deletion -> group.deleteKeys(deletion);
        case Request.Compact compact -> group.compact(compact);
        case Request.Stop last -> {
          stop = true;
          group.answers.add(() -> last.answer().complete(true));
        }
      }
    }
    group.retain();
    files.write(group::write);
    group.staged.forEach((key, event) -> recent.put(key, Version.of(event)));
    revision = group.last;
    oldest = group.oldestNow;
    lastLease = group.leaseNow;
    if (stop) {
      refusal = new StoreException("the store is closed");
    }
    written.accept(new Written(revision, oldest, group.commits));
    group.answers.forEach(Runnable::run);
    return stop;
  }

  /** What one write brings about; nothing of it shows before that has succeeded. */
  private final class Group {
    private final Map<Key, Event> staged = new HashMap<>();
    private final List<Commit> commits = new ArrayList<>();
    private final List<Lease> granted = new ArrayList<>();
    private final Set<Long> ended = new LinkedHashSet<>();
    private final Map<Records.Binding, Boolean> bindings = new HashMap<>();
    private final List<Runnable> answers = new ArrayList<>();
    private long last = revision;
    private long oldestNow = oldest;
    private long leaseNow = lastLease;

    private Version version(Key key) {
      Event changed = staged.get(key);
      if (changed != null) {
        return Version.of(changed);
      }
      Version known = recent.get(key);
      if (known == null) {
        known = files.version(key);
        recent.put(key, known);
      }
      return known;
    }

    void commit(Request.Commit request) {
      Outcome outcome = decide(request.transaction());
      answers.add(() -> request.answer().complete(outcome));
    }

    private Outcome decide(Transaction transaction) {
      return switch (Referee.judge(transaction, last + 1, this::version, leases::alive)) {
        case Referee.Verdict.Refused refused -> refused.outcome();
        case Referee.Verdict.Accepted accepted -> {
          if (!accepted.events().isEmpty()) {
            last++;
            commits.add(new Commit(last, accepted.events()));
            accepted.events().forEach(this::stage);
          }
          yield new Outcome.Committed(last);
        }
      };
    }

    private void stage(Event event) {
      Key key = event.key();
      long leaseBefore = version(key).lease();
      if (leaseBefore != Lease.NONE) {
        leases.unbind(leaseBefore, key);
        bindings.put(new Records.Binding(leaseBefore, key), false);
      }
      staged.put(key, event);
      long lease = Version.of(event).lease();
      if (lease != Lease.NONE) {
        leases.bind(lease, key);
        bindings.put(new Records.Binding(lease, key), true);
      }
    }

    void grant(Request.Grant request) {
      Lease lease = new Lease(++leaseNow, request.timeToLive());
      granted.add(lease);
      answers.add(() -> {
        leases.add(lease);
        request.answer().complete(lease);
      });
    }

    void deleteKeys(Request.DeleteKeys request) {
      ended.add(request.lease());
      Transaction.Builder deletes = Transaction.builder();
      leases.takeKeys(request.lease()).forEach(deletes::delete);
      decide(deletes.build());
      answers.add(() -> request.answer().complete(true));
    }

    void compact(Request.Compact request) {
      oldestNow = Math.max(oldestNow, Math.min(request.revision(), last));
      long now = oldestNow;
      answers.add(() -> request.answer().complete(now));
    }

    /**
     * Lets go of old revisions a good many at a time: each truncation leaves a mark to be read
     * over.
     */
    void retain() {
      long slack = Math.max(1, retained / 4);
      if (last - oldestNow >= retained + slack) {
        oldestNow = last - retained + 1;
      }
    }

    void write(RocksFiles.Changes changes) throws RocksDBException {
      for (Event event : staged.values()) {
        byte[] key = event.key().bytes();
        switch (event) {
          case Event.Put(Entry entry) -> changes.put(Family.ENTRIES, key, Records.entry(entry));
          case Event.Delete _ -> changes.delete(Family.ENTRIES, key);
        }
      }
      for (Commit commit : commits) {
        changes.put(Family.LOG, Records.number(commit.revision()), Records.events(commit.events()));
      }
      for (Map.Entry<Records.Binding, Boolean> each : bindings.entrySet()) {
        byte[] record = Records.binding(each.getKey().lease(), each.getKey().key());
        if (each.getValue()) {
          changes.put(Family.BINDINGS, record, new byte[0]);
        } else {
          changes.delete(Family.BINDINGS, record);
        }
      }
      for (Lease lease : granted) {
        changes.put(Family.LEASES, Records.number(lease.id()), Records.lease(lease));
      }
      for (long lease : ended) {
        changes.delete(Family.LEASES, Records.number(lease));
      }
      number(changes, Counter.LAST_LEASE, lastLease, leaseNow);
      number(changes, Counter.REVISION, revision, last);
      number(changes, Counter.OLDEST_REVISION, oldest, oldestNow);
      if (oldestNow != oldest) {
        changes.truncateLog(oldestNow);
      }
    }

    private static void number(RocksFiles.Changes changes, Counter counter, long before, long now)
        throws RocksDBException {
      if (now != before) {
        changes.put(Family.NUMBERS, counter.key(), Records.number(now));
      }
    }
  }

  /** Finishes what waits, and stops. */
  @Override
  public void close() {
    CompletableFuture<Boolean> stopped = new CompletableFuture<>();
    var _ = submit(new Request.Stop(stopped), stopped);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
