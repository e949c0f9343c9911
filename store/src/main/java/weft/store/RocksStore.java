package weft.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import weft.state.Loop;
import weft.store.RocksFiles.Commit;
import weft.store.RocksFiles.Counter;
import weft.store.RocksFiles.Family;

/**
 * A store in a directory of this machine, by RocksDB.
 *
 * <p>A commit is on disk when its stage completes. When a stage fails because the disk did, the
 * transaction may be found done, as a whole, once the store is opened anew; until then the store
 * refuses all writes and says why, and can still be read.
 */
public final class RocksStore implements Store {
  private final RocksFiles files;
  private final Acknowledged acknowledged;
  private final Leases leases;
  private final RocksWriter writer;
  private final Tail tail = new Tail();
  private final Set<Follower> followers = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private volatile long revision;
  private volatile long oldest;
  private volatile boolean closed;

  private RocksStore(
      RocksFiles files, Acknowledged acknowledged, RocksOptions options, Loop clock) {
    this.files = files;
    this.acknowledged = acknowledged;
    this.revision = files.number(Counter.REVISION, 0);
    this.oldest = files.number(Counter.OLDEST_REVISION, 1);
    this.leases = new Leases(clock, this::expired);
    this.writer = new RocksWriter(files, leases, options, this::written);
  }

  /**
   * Opens the store in `directory`, which is made if need be.
   *
   * @param clock by which leases expire
   * @throws StoreException if it is open already, is damaged or cannot be read
   */
  public static RocksStore open(Path directory, RocksOptions options, Loop clock) {
    Path database = directory.resolve("db");
    try {
      makePrivate(directory);
      Files.createDirectories(database);
      NativeLibrary.load(directory.resolve("lib"));
    } catch (IOException e) {
      throw new StoreException("cannot make the directory of the store: " + e, e);
    }
    RocksFiles files = RocksFiles.open(database, options);
    try {
      check(files, directory);
      Acknowledged acknowledged = acknowledged(files, directory);
      RocksStore store = new RocksStore(files, acknowledged, options, clock);
      store.writer.start();
      return store;
    } catch (StoreException e) {
      files.close();
      throw e;
    }
  }

  private static Acknowledged acknowledged(RocksFiles files, Path directory) {
    Path file = directory.resolve("acknowledged");
    try {
      Acknowledged acknowledged = Acknowledged.open(file);
      long revision = files.number(Counter.REVISION, 0);
      long known = acknowledged.revision();
      if (known > revision) {
        throw new StoreException(
            "the store in %s is damaged: at revision %d, though %d was acknowledged; %s"
                .formatted(directory, revision, known, "remove " + file + " to go on without"));
      }
      return acknowledged;
    } catch (IOException e) {
      throw new StoreException("cannot open " + file + ": " + e, e);
    }
  }

  /** The config has secrets in it: a directory that is made here is its owner's alone. */
  private static void makePrivate(Path directory) throws IOException {
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private static void check(RocksFiles files, Path directory) {
    long revision = files.number(Counter.REVISION, 0);
    long format = files.number(Counter.FORMAT, 0);
    if (format == 0 && revision == 0) {
      files.write(changes ->
          changes.put(Family.NUMBERS, Counter.FORMAT.key(), Records.number(Records.FORMAT)));
    } else if (format != Records.FORMAT) {
      throw new StoreException(
          "the store in " + directory + " has format " + format + ", not " + Records.FORMAT);
    }
    long logged = files.lastLogged();
    if (logged != revision) {
      throw new StoreException(
          "the store in %s is damaged: at revision %d, with a log up to %d"
              .formatted(directory, revision, logged));
    }
  }

  private void written(RocksWriter.Written group) {
    acknowledged.set(group.revision());
    long awaited = group.revision() + 1;
    for (Follower follower : followers) {
      awaited = Math.min(awaited, follower.next);
    }
    tail.forget(awaited);
    group.commits().forEach(tail::add);
    oldest = group.oldestRevision();
    revision = group.revision();
    signal();
  }

  private void signal() {
    lock.lock();
    try {
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void expired(long lease) {
    var _ = writer.deleteKeys(lease);
  }

  /** One watch: a place in the log that moves forward on a thread of its own. */
  private final class Follower implements Watch {
    private final Key prefix;
    private final WatchListener listener;
    private volatile long next;
    private volatile boolean ended;

    Follower(Key prefix, long next, WatchListener listener) {
      this.prefix = prefix;
      this.next = next;
      this.listener = listener;
    }

    void run() {
      try {
        while (awaitNext()) {
          if (next < oldest) {
            ended = true;
            listener.compacted(oldest);
          } else {
            advance(revision);
          }
        }
      } catch (StoreException e) {
        if (!ended && !closed) {
          listener.failed(e);
        }
      } catch (InterruptedException e) {
        if (!ended && !closed) {
          listener.failed(new StoreException("the watch was interrupted", e));
        }
      } finally {
        followers.remove(this);
      }
    }

    /** False once the watch has ended. */
    private boolean awaitNext() throws InterruptedException {
      lock.lock();
      try {
        while (!ended && !closed && revision < next) {
          moved.await();
        }
        return !ended && !closed;
      } finally {
        lock.unlock();
      }
    }

    private void advance(long last) {
      while (!ended && !closed && next <= last) {
        Commit recent = tail.get(next);
        List<Commit> commits = recent == null ? files.log(next, last) : List.of(recent);
        if (commits.isEmpty() || commits.getFirst().revision() != next) {
          ended = true;
          listener.compacted(commits.isEmpty() ? oldest : commits.getFirst().revision());
          return;
        }
        for (Commit commit : commits) {
          if (ended || closed) {
            return;
          }
          next = commit.revision() + 1;
          List<Event> events = Watches.under(prefix, commit.events());
          if (!events.isEmpty()) {
            listener.changed(commit.revision(), events);
          }
        }
      }
    }

    @Override
    public void close() {
      ended = true;
      followers.remove(this);
      signal();
    }
  }

  private void open() {
    if (closed) {
      throw new StoreException("the store is closed");
    }
  }

  @Override
  public long revision() {
    return revision;
  }

  @Override
  public long oldestRevision() {
    return oldest;
  }

  @Override
  public CompletionStage<Outcome> commit(Transaction transaction) {
    return writer.commit(transaction);
  }

  @Override
  public @Nullable Entry get(Key key) {
    return files.get(key);
  }

  @Override
  public Page scan(Key prefix, @Nullable Key after, int limit) {
    try (Snapshot now = files.view()) {
      return now.scan(prefix, after, limit);
    }
  }

  @Override
  public Snapshot snapshot() {
    return files.view();
  }

  @Override
  public Watch watch(Key prefix, long fromRevision, WatchListener listener) {
    open();
    long next = fromRevision == 0 ? revision + 1 : fromRevision;
    Follower follower = new Follower(prefix, next, listener);
    followers.add(follower);
    Thread.ofPlatform().name("store-watch " + prefix).daemon(true).start(follower::run);
    return follower;
  }

  @Override
  public CompletionStage<Void> compact(long before) {
    return writer.compact(before).thenAccept(now -> {});
  }

  @Override
  public CompletionStage<Lease> grant(Duration timeToLive) {
    return writer.grant(timeToLive);
  }

  @Override
  public CompletionStage<Boolean> keepAlive(long lease) {
    return CompletableFuture.completedStage(leases.keepAlive(lease));
  }

  @Override
  public CompletionStage<Boolean> revoke(long lease) {
    return leases.end(lease) ? writer.deleteKeys(lease) : CompletableFuture.completedStage(false);
  }

  @Override
  public void close() {
    leases.close();
    writer.close();
    closed = true;
    signal();
    new ArrayList<>(followers).forEach(Follower::close);
    files.close();
  }
}
