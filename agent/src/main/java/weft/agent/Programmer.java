package weft.agent;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.datapath.Failure;
import weft.state.Change;
import weft.state.Delta;
import weft.state.DeltaTracker;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;

/**
 * Brings the datapath's tables to what the core desires.
 *
 * <p>After a start the tables of the last run forward on, while the agent learns again what it
 * knew: as long as that lasts only new keys are written. What differs and what is stale waits for
 * {@link #settled}, so that half-learned state never replaces what works.
 */
final class Programmer {
  private final Forwarding forwarding;
  private final Runnable vifsGone;
  private final DeltaTracker<TableKey, TableValue> tracker = new DeltaTracker<>();
  private final Map<TableKey, String> failures = new LinkedHashMap<>();
  private boolean relearning;
  private long revision;

  /**
   * @param vifsGone is called when vifs have gone, whose flows are still there
   */
  Programmer(Forwarding forwarding, Runnable vifsGone) {
    this.forwarding = forwarding;
    this.vifsGone = vifsGone;
    Map<TableKey, TableValue> found = forwarding.contents();
    found.forEach(tracker::actual);
    relearning = !found.isEmpty();
  }

  /** Takes over what the core wants changed. */
  void desire(Delta<TableKey, TableValue> delta) {
    for (Change<TableKey, TableValue> change : delta.changes()) {
      switch (change) {
        case Change.Put<TableKey, TableValue> put -> tracker.desire(put.key(), put.after());
        case Change.Remove<TableKey, TableValue> remove -> tracker.undesire(remove.key());
      }
    }
  }

  /** All is learned again: from now on the tables follow. */
  void settled() {
    relearning = false;
  }

  boolean relearning() {
    return relearning;
  }

  /** Writes what is pending. What fails stays pending and is tried again at the next call. */
  void flush() {
    Delta<TableKey, TableValue> delta = pending();
    if (delta.isEmpty()) {
      return;
    }
    Map<TableKey, String> failed = new LinkedHashMap<>();
    for (Failure failure : forwarding.apply(delta)) {
      failed.put(failure.key(), failure.reason());
    }
    boolean vifs = false;
    for (Change<TableKey, TableValue> change : delta.changes()) {
      if (failed.containsKey(change.key())) {
        continue;
      }
      switch (change) {
        case Change.Put<TableKey, TableValue> put -> tracker.actual(put.key(), put.after());
        case Change.Remove<TableKey, TableValue> remove -> {
          tracker.absent(remove.key());
          vifs |= remove.key() instanceof TableKey.VifKey;
        }
      }
    }
    failures.clear();
    failures.putAll(failed);
    if (vifs) {
      vifsGone.run();
    }
  }

  private Delta<TableKey, TableValue> pending() {
    Delta.Builder<TableKey, TableValue> delta = new Delta.Builder<>();
    tracker
        .pendingUpdates()
        .forEach((key, value) -> {
          TableValue present = tracker.actual(key);
          if (!relearning || present == null) {
            delta.add(key, present, value);
          }
        });
    if (!relearning) {
      for (TableKey key : tracker.pendingDeletes()) {
        delta.add(key, tracker.actual(key), null);
      }
    }
    return delta.build(++revision);
  }

  /** What could not be written, and why. */
  Map<TableKey, String> failures() {
    return Map.copyOf(failures);
  }

  boolean inSync() {
    return tracker.inSync();
  }

  /** What this process has written or found under `key`. */
  @Nullable TableValue actual(TableKey key) {
    return tracker.actual(key);
  }
}
