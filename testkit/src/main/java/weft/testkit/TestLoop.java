package weft.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import weft.state.EventLoop;

/** The loop of one test, with what the test opens on it; used by the test's thread alone. */
public final class TestLoop {
  private final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();
  private final EventLoop loop = EventLoop.start("test", (_, cause) -> faults.add(cause));
  private final List<AutoCloseable> open = new ArrayList<>();

  public EventLoop loop() {
    return loop;
  }

  /** Has it closed at the end, before all that was added earlier. */
  public void add(AutoCloseable closeable) {
    open.add(closeable);
  }

  /** Has it closed at the end, after all else. */
  public void addFirst(AutoCloseable closeable) {
    open.addFirst(closeable);
  }

  /** What the task returns when it runs on the loop. */
  public <T> T ask(Supplier<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    loop.execute(() -> result.complete(task.get()));
    return result.join();
  }

  /** Asks again and again until the answer is as wanted; fails after a minute. */
  public <T> T until(Supplier<T> task, Predicate<T> wanted) {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (true) {
      T answer = ask(task);
      if (wanted.test(answer)) {
        return answer;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("still " + answer);
      }
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  /** Closes everything, and fails if the loop met a fault. */
  public void end() throws Exception {
    for (AutoCloseable closeable : open.reversed()) {
      closeable.close();
    }
    loop.close();
    Throwable fault = faults.peek();
    if (fault != null) {
      throw new AssertionError(faults.size() + " faults on the loop", fault);
    }
  }
}
