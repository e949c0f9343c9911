package weft.agent;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import weft.vrouter.Drop;

/**
 * The latest drops, kept while somebody asks for them: the datapath tells each drop only then.
 *
 * <p>The datapath tells on a thread of its own; the rest is called on the loop.
 */
final class DropWatch {
  private static final int KEPT = 2000;
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /**
   * @param number counts all drops that were told
   */
  record Told(long number, Drop drop) {}

  private final Forwarding forwarding;
  private final Deque<Told> latest = new ArrayDeque<>();
  private long last;
  private boolean watched;
  private long askedNs;

  DropWatch(Forwarding forwarding) {
    this.forwarding = forwarding;
    forwarding.drops(this::dropped);
  }

  private void dropped(Drop drop) {
    synchronized (latest) {
      last++;
      latest.add(new Told(last, drop));
      if (latest.size() > KEPT) {
        latest.remove();
      }
    }
  }

  /** Those after number `after`; all to come if it is negative. The watch goes on for a while. */
  List<Told> after(long after, long nowNs) {
    askedNs = nowNs;
    if (!watched) {
      watched = true;
      forwarding.watchDrops(true);
    }
    synchronized (latest) {
      List<Told> found = new ArrayList<>();
      latest.stream().filter(each -> after >= 0 && each.number() > after).forEach(found::add);
      return found;
    }
  }

  /** The number of the last one. */
  long last() {
    synchronized (latest) {
      return last;
    }
  }

  /** Ends the watch if nobody has asked for long. */
  void tick(long nowNs) {
    if (watched && nowNs - askedNs > PATIENCE.toNanos()) {
      watched = false;
      forwarding.watchDrops(false);
    }
  }
}
