package weft.api;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import weft.api.model.Edit;
import weft.config.AllocationKey;

/**
 * The values that requests under way in this process are about to take.
 *
 * <p>Not needed for correctness, which the store's transactions see to: it lets concurrent requests
 * choose different values instead of all the same, of which only one could win.
 */
final class Claims {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition released = lock.newCondition();
  private final Set<AllocationKey> held = new HashSet<>();
  private long releases;

  /** The claims of one attempt of one request; closed once its outcome shows in the image. */
  final class Scope implements Edit.Claims, AutoCloseable {
    private final List<AllocationKey> mine = new ArrayList<>();
    private boolean inVain;

    private Scope() {}

    /**
     * The attempt ends for want of what others hold: nobody is woken by its end, or those who wait
     * would wake each other all the time instead of waiting for those who have it.
     */
    void inVain() {
      inVain = true;
    }

    @Override
    public boolean claim(AllocationKey key) {
      lock.lock();
      try {
        boolean claimed = held.add(key);
        if (claimed) {
          mine.add(key);
        }
        return claimed;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        mine.forEach(held::remove);
        if (!mine.isEmpty() && !inVain) {
          releases++;
          released.signalAll();
        }
        mine.clear();
      } finally {
        lock.unlock();
      }
    }
  }

  Scope open() {
    return new Scope();
  }

  /** How often claims were let go of so far by attempts that had all they wanted. */
  long releases() {
    lock.lock();
    try {
      return releases;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until claims are let go of once more than `seen`, or a second has passed. */
  void awaitRelease(long seen) throws InterruptedException {
    lock.lock();
    try {
      long leftNs = TimeUnit.SECONDS.toNanos(1);
      while (releases == seen && leftNs > 0) {
        leftNs = released.awaitNanos(leftNs);
      }
    } finally {
      lock.unlock();
    }
  }
}
