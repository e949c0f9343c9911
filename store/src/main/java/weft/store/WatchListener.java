package weft.store;

import java.util.List;

/**
 * Hears what happens under a prefix, in order of revision; one call at a time.
 *
 * <p>It runs on a thread of the store that serves this watch alone, and may block it: it then hears
 * later, but nothing is lost that the store still retains.
 */
public interface WatchListener {
  /** All that the transaction of `revision` did under the prefix: at least one event. */
  void changed(long revision, List<Event> events);

  /**
   * The next revision is no longer retained; the watch has ended. The listener must look at the
   * store anew, and watch from there.
   *
   * @param oldestRevision from which on a watch can still start
   */
  void compacted(long oldestRevision);

  /** The store could not be read; the watch has ended. */
  void failed(StoreException cause);
}
