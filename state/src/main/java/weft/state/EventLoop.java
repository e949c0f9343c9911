package weft.state;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A loop on a platform thread of its own.
 *
 * <p>Tasks run in the order submitted; due timers run before tasks that are waiting. A task that
 * throws is a fault of ours: it goes to the fault handler and the loop goes on to the next.
 */
public final class EventLoop implements Loop, AutoCloseable {
  private final Thread thread;
  private final FaultHandler faults;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final PriorityQueue<Scheduled> timers = new PriorityQueue<>();
  private long sequence;
  private boolean closed;

  public EventLoop(String name, FaultHandler faults) {
    this.faults = faults;
    this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
  }

  /** Makes a loop and starts it. */
  public static EventLoop start(String name, FaultHandler faults) {
    EventLoop loop = new EventLoop(name, faults);
    loop.thread.start();
    return loop;
  }

  private final class Scheduled implements Timer, Comparable<Scheduled> {
    private final long deadlineNs;
    private final long order;
    private final Runnable task;

    Scheduled(long deadlineNs, long order, Runnable task) {
      this.deadlineNs = deadlineNs;
      this.order = order;
      this.task = task;
    }

    @Override
    public void cancel() {
      lock.lock();
      try {
        timers.remove(this);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public int compareTo(Scheduled other) {
      int byDeadline = Long.compare(deadlineNs - other.deadlineNs, 0);
      return byDeadline != 0 ? byDeadline : Long.compare(order, other.order);
    }
  }

  @Override
  public void execute(Runnable task) {
    lock.lock();
    try {
      tasks.add(task);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    lock.lock();
    try {
      Scheduled timer = new Scheduled(nowNs() + delay.toNanos(), sequence++, task);
      timers.add(timer);
      changed.signal();
      return timer;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long nowNs() {
    return System.nanoTime();
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread() == thread;
  }

  /** How many tasks wait. */
  public int waiting() {
    lock.lock();
    try {
      return tasks.size();
    } finally {
      lock.unlock();
    }
  }

  /** Stops the loop after the task that runs now; what waits is dropped. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    if (!inLoop()) {
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

  private void run() {
    while (true) {
      Runnable next;
      try {
        next = take();
      } catch (InterruptedException e) {
        return;
      }
      if (next == null) {
        return;
      }
      try {
        next.run();
      } catch (RuntimeException | Error e) {
        faults.fault(thread.getName(), e);
      }
    }
  }

  private @org.jspecify.annotations.Nullable Runnable take() throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        if (closed) {
          return null;
        }
        Scheduled first = timers.peek();
        long waitNs = first == null ? Long.MAX_VALUE : first.deadlineNs - nowNs();
        if (first != null && waitNs <= 0) {
          timers.poll();
          return first.task;
        }
        Runnable task = tasks.poll();
        if (task != null) {
          return task;
        }
        if (first == null) {
          changed.await();
        } else {
          boolean _ = changed.await(waitNs, TimeUnit.NANOSECONDS);
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
