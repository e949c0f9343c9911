package weft.control;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import weft.http.HttpError;
import weft.state.EventLoop;

/** Asks the loop on behalf of other threads, which wait for the answer. */
record Questions(EventLoop loop) {
  private static final int PATIENCE_SECONDS = 5;

  /** Computes on the loop: briefly, as routing waits meanwhile. */
  <T> T ask(Supplier<T> question) throws InterruptedException {
    CompletableFuture<T> answer = new CompletableFuture<>();
    loop.execute(() -> {
      try {
        answer.complete(question.get());
      } catch (HttpError e) {
        answer.completeExceptionally(e);
      }
    });
    try {
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new HttpError(503, "The control node does not answer in time");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof HttpError error ? error : new IllegalStateException(e);
    }
  }
}
