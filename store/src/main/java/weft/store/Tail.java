package weft.store;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import weft.store.RocksFiles.Commit;

/**
 * The last transactions, for watches that need not read them from the disk then.
 *
 * <p>What every watch has is let go of at once: else each transaction would outlive some
 * collections of garbage, and be copied in each, for nobody.
 */
final class Tail {
  private static final int SIZE = 1024;

  /** A transaction is at its revision modulo the size. */
  private final AtomicReferenceArray<@Nullable Commit> commits = new AtomicReferenceArray<>(SIZE);

  private long first = Long.MAX_VALUE;
  private long last;

  private static int place(long revision) {
    return (int) (revision & SIZE - 1);
  }

  /** By the writer alone. */
  void add(Commit commit) {
    commits.set(place(commit.revision()), commit);
    last = commit.revision();
    first = Math.max(Math.min(first, last), last - SIZE + 1);
  }

  /** Lets go of all before a revision; by the writer alone. */
  void forget(long before) {
    while (first <= last && first < before) {
      commits.set(place(first), null);
      first++;
    }
  }

  /** Null if it is not among them; from any thread. */
  @Nullable Commit get(long revision) {
    Commit commit = commits.get(place(revision));
    return commit == null || commit.revision() != revision ? null : commit;
  }
}
