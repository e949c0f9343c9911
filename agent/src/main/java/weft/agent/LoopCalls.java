package weft.agent;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import weft.http.HttpError;
import weft.state.Loop;

/** Runs work of request threads on the agent's loop, then what the loop does after each event. */
final class LoopCalls {
  private static final long PATIENCE_S = 10;

  private final Loop loop;
  private final Runnable afterwards;

  /**
   * @param afterwards is run on the loop after each piece of work
   */
  LoopCalls(Loop loop, Runnable afterwards) {
    this.loop = loop;
    this.afterwards = afterwards;
  }

  /** Runs `work` on the loop and waits for its result; throws what it throws. */
  <T> T call(Callable<T> work) throws Exception {
    CompletableFuture<T> result = new CompletableFuture<>();
    loop.execute(() -> {
      try {
        T value = work.call();
        afterwards.run();
        result.complete(value);
      } catch (Exception e) {
        result.completeExceptionally(e);
      }
    });
    try {
      return result.get(PATIENCE_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    } catch (TimeoutException e) {
      throw new HttpError(503, "the agent is busy");
    }
  }

  void later(Duration delay, Runnable work) {
    loop.schedule(
        delay,
        () -> {
          work.run();
          afterwards.run();
        });
  }
}
