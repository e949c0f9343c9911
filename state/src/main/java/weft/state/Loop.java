package weft.state;

import java.time.Duration;

/**
 * One thread of execution that owns state, and its clock.
 *
 * <p>Cores are driven from a loop and never block it. The real one is {@link EventLoop}; tests
 * drive a simulated one with virtual time.
 */
public interface Loop {
  /** Runs `task` on the loop, after what was submitted before. May be called from any thread. */
  void execute(Runnable task);

  /** Runs `task` on the loop once `delay` has passed. May be called from any thread. */
  Timer schedule(Duration delay, Runnable task);

  /** Nanoseconds on a clock that only moves forward; the origin has no meaning. */
  long nowNs();

  /** True if the caller runs on this loop. */
  boolean inLoop();

  /** A pending task. */
  interface Timer {
    /** Makes sure that the task does not start any more; no effect once it has. */
    void cancel();
  }
}
