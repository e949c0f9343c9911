package weft.testkit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.PriorityQueue;
import weft.state.Loop;

/** A loop that runs on the test's own thread, with a clock that stands still unless it is moved. */
public final class SimulatedLoop implements Loop {
  private record Scheduled(long deadlineNs, long order, Runnable task)
      implements Comparable<Scheduled> {
    @Override
    public int compareTo(Scheduled other) {
      int byDeadline = Long.compare(deadlineNs, other.deadlineNs);
      return byDeadline != 0 ? byDeadline : Long.compare(order, other.order);
    }
  }

  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final PriorityQueue<Scheduled> timers = new PriorityQueue<>();
  private long nowNs;
  private long order;

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    Scheduled timer = new Scheduled(nowNs + delay.toNanos(), order++, task);
    timers.add(timer);
    return () -> timers.remove(timer);
  }

  @Override
  public long nowNs() {
    return nowNs;
  }

  @Override
  public boolean inLoop() {
    return true;
  }

  /** Runs what waits, without moving the clock. */
  public void run() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** Moves the clock by `time`, running each timer at its moment. */
  public void advance(Duration time) {
    long until = nowNs + time.toNanos();
    run();
    for (Scheduled next = timers.peek();
        next != null && next.deadlineNs <= until;
        next = timers.peek()) {
      timers.poll();
      nowNs = next.deadlineNs;
      next.task.run();
      run();
    }
    nowNs = until;
  }
}
