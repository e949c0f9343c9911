package weft.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.store.Compare;
import weft.store.Entry;
import weft.store.Key;
import weft.store.Operation;
import weft.store.Outcome;
import weft.store.Page;
import weft.store.Store;
import weft.store.StoreException;
import weft.store.Transaction;

/**
 * Replaces what a store holds by a backup: as a whole, though in many transactions.
 *
 * <p>The backup is first brought into the store beside what is there. Then one transaction decides
 * that it counts, and what is there is made like it; whoever comes upon a store where that was
 * broken off brings it to its end. A backup that was not brought in as a whole is thrown away.
 * `restore/state` says how far it is, and its revision is compared in each step: of two who do the
 * same only one goes on.
 */
public final class Restore {
  static final Key ROOT = new Key("restore/");
  static final Key STATE = ROOT.append("state");
  static final Key STAGED = ROOT.append("staged/");

  /** There while the content is being replaced. */
  static final Key APPLYING = ROOT.append("applying");

  /** What every other transaction demands of a store that others might restore meanwhile. */
  public static final Compare NOT_UNDER_WAY = Compare.absent(APPLYING);

  private static final Logger LOG = LoggerFactory.getLogger(Restore.class);
  private static final int PAGE = 500;
  private static final int MOST_OPERATIONS = 1000;
  private static final int MOST_BYTES = 1 << 19;

  private final Store store;
  private long state;

  private Restore(Store store) {
    this.store = store;
  }

  /** Somebody else goes on with it. */
  private static final class Superseded extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Restores a backup.
   *
   * @param force also if the store is not empty
   * @throws BackupException if the file is not a whole backup; nothing has happened then
   * @throws StoreException if the store is not empty, or fails; what then becomes of it is decided
   *     by the next {@link #finish}
   */
  public static Backup.Summary run(Store store, Path file, boolean force) throws IOException {
    Backup.Summary whole = Backup.read(file, (key, value) -> {});
    finish(store);
    if (!force) {
      requireEmpty(store);
    }
    Restore restore = new Restore(store);
    try {
      restore.begin();
      restore.stage(file);
      restore.decide();
      restore.apply();
      restore.clear();
    } catch (Superseded e) {
      throw new StoreException(
          "the restore was taken over: a controller was started meanwhile, or another restore", e);
    }
    return whole;
  }

  /**
   * Brings a restore that was broken off to its end, or undoes it; does nothing if there is none.
   */
  public static void finish(Store store) {
    while (true) {
      Entry there = store.get(STATE);
      if (there == null) {
        return;
      }
      LOG.warn("a restore was broken off while {}: it is brought to its end", there.text());
      Restore restore = new Restore(store);
      restore.state = there.modRevision();
      try {
        if (there.text().equals("applying")) {
          restore.apply();
        }
        restore.clear();
      } catch (Superseded e) {
        LOG.info("another goes on with the restore");
      }
    }
  }

  private static void requireEmpty(Store store) {
    Entries entries = new Entries(store, Key.EMPTY, Backup::isKept);
    if (entries.hasNext()) {
      throw new StoreException(
          "the store is not empty: it holds " + entries.next().key() + "; --force replaces all");
    }
  }

  private void begin() {
    state = step(Transaction.builder().require(Compare.absent(STATE)).put(STATE, "staging"));
  }

  private void stage(Path file) throws IOException {
    try (Steps steps = new Steps()) {
      Backup.read(
          file, (key, value) -> steps.add(new Operation.Put(STAGED.append(key.text()), value)));
    }
  }

  private void decide() {
    state = step(mine().put(STATE, "applying").put(APPLYING, ""));
  }

  /** Makes the content like what is staged; what is so already stays untouched. */
  private void apply() {
    Entries staged = new Entries(store, STAGED, entry -> true);
    Entries present = new Entries(store, Key.EMPTY, Backup::isKept);
    try (Steps steps = new Steps()) {
      Entry wanted = staged.nextOrNull();
      Entry there = present.nextOrNull();
      while (wanted != null || there != null) {
        if (wanted == null || (there != null && there.key().compareTo(target(wanted)) < 0)) {
          steps.add(new Operation.Delete(Objects.requireNonNull(there).key()));
          there = present.nextOrNull();
          continue;
        }
        boolean known = there != null && there.key().equals(target(wanted));
        if (there == null || !known || !Arrays.equals(wanted.value(), there.value())) {
          steps.add(new Operation.Put(target(wanted), wanted.value()));
        }
        wanted = staged.nextOrNull();
        there = known ? present.nextOrNull() : there;
      }
    }
    state = step(mine().put(STATE, "clearing").delete(APPLYING));
  }

  private static Key target(Entry staged) {
    return new Key(staged.key().after(STAGED));
  }

  private void clear() {
    try (Steps steps = new Steps()) {
      Entries staged = new Entries(store, STAGED, entry -> true);
      while (staged.hasNext()) {
        steps.add(new Operation.Delete(staged.next().key()));
      }
    }
    long _ = step(mine().delete(STATE));
  }

  private Transaction.Builder mine() {
    return Transaction.builder().require(Compare.modified(STATE, state));
  }

  /** Returns the revision. */
  private long step(Transaction.Builder transaction) {
    Outcome outcome;
    try {
      outcome = store.commit(transaction.build()).toCompletableFuture().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof StoreException cause
          ? new StoreException(String.valueOf(cause.getMessage()), e)
          : e;
    }
    return switch (outcome) {
      case Outcome.Committed(long revision) -> revision;
      case Outcome.Conflict _ -> throw new Superseded();
      case Outcome.TooLarge(String reason) ->
          throw new StoreException("the store does not take an entry of the backup: " + reason);
      case Outcome.LeaseGone gone -> throw new IllegalStateException("no lease, but " + gone);
    };
  }

  /** Gathers operations to as large transactions as the store takes. */
  private final class Steps implements AutoCloseable {
    private final int most = Math.min(store.maxOperations(), MOST_OPERATIONS);
    private Transaction.Builder gathered = mine();
    private int operations;
    private int bytes;

    void add(Operation operation) {
      int size = operation.key().text().length();
      switch (operation) {
        case Operation.Put put -> {
          size += put.value().length;
          makeRoom(size);
          gathered.put(put.key(), put.value());
        }
        case Operation.Delete delete -> {
          makeRoom(size);
          gathered.delete(delete.key());
        }
      }
      operations++;
      bytes += size;
    }

    private void makeRoom(int size) {
      if (operations > 0 && (operations >= most || bytes + size > MOST_BYTES)) {
        flush();
      }
    }

    private void flush() {
      long _ = step(gathered);
      gathered = mine();
      operations = 0;
      bytes = 0;
    }

    @Override
    public void close() {
      if (operations > 0) {
        flush();
      }
    }
  }

  /** Entries under a prefix in the order of their keys, read page by page as they are then. */
  private static final class Entries implements Iterator<Entry> {
    private final Store store;
    private final Key prefix;
    private final Predicate<Entry> wanted;
    private Page page;
    private int at;
    private @Nullable Entry next;

    Entries(Store store, Key prefix, Predicate<Entry> wanted) {
      this.store = store;
      this.prefix = prefix;
      this.wanted = wanted;
      this.page = store.scan(prefix, null, PAGE);
      advance();
    }

    private void advance() {
      next = null;
      while (next == null) {
        if (at < page.entries().size()) {
          Entry entry = page.entries().get(at++);
          next = wanted.test(entry) ? entry : null;
        } else if (page.more()) {
          page = store.scan(prefix, page.entries().getLast().key(), PAGE);
          at = 0;
        } else {
          return;
        }
      }
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public Entry next() {
      Entry entry = nextOrNull();
      if (entry == null) {
        throw new NoSuchElementException();
      }
      return entry;
    }

    @Nullable Entry nextOrNull() {
      Entry entry = next;
      if (entry != null) {
        advance();
      }
      return entry;
    }
  }
}
