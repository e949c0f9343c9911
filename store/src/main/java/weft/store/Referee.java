package weft.store;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongPredicate;

/**
 * Decides what a transaction does to the entries as they are: the semantics that all engines share.
 */
final class Referee {
  private Referee() {}

  sealed interface Verdict {
    /** It may happen; no events means that it changes nothing and takes no revision. */
    record Accepted(List<Event> events) implements Verdict {}

    record Refused(Outcome outcome) implements Verdict {}
  }

  /**
   * @param revision that the transaction gets
   * @param versions what is there now
   */
  static Verdict judge(
      Transaction transaction,
      long revision,
      Function<Key, Version> versions,
      LongPredicate leaseAlive) {
    for (Compare compare : transaction.compares()) {
      long actual = actual(compare.target(), versions.apply(compare.key()));
      if (actual != compare.revision()) {
        return new Verdict.Refused(new Outcome.Conflict(compare.key(), actual));
      }
    }
    List<Event> events = new ArrayList<>(transaction.operations().size());
    for (Operation operation : transaction.operations()) {
      Version before = versions.apply(operation.key());
      switch (operation) {
        case Operation.Put put -> {
          if (put.lease() != Lease.NONE && !leaseAlive.test(put.lease())) {
            return new Verdict.Refused(new Outcome.LeaseGone(put.lease()));
          }
          long created = before.isAbsent() ? revision : before.created();
          events.add(
              new Event.Put(new Entry(put.key(), put.value(), created, revision, put.lease())));
        }
        case Operation.Delete delete -> {
          if (!before.isAbsent()) {
            events.add(new Event.Delete(delete.key(), revision));
          }
        }
      }
    }
    return new Verdict.Accepted(events);
  }

  private static long actual(Compare.Target target, Version version) {
    return switch (target) {
      case MODIFIED -> version.modified();
      case CREATED -> version.created();
    };
  }
}
