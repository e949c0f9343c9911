package weft.lab;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waiting for what another program brings about. */
public final class Await {
  private static final long STEP_MS = 20;

  private Await() {}

  /**
   * Waits until `condition` holds. @throws LabException naming `what` if it does not within `limit`
   */
  public static void until(String what, Duration limit, BooleanSupplier condition) {
    value(what, limit, () -> condition.getAsBoolean() ? Boolean.TRUE : null);
  }

  /** Waits until `supplier` gives a value. */
  public static <T> T value(String what, Duration limit, Supplier<@Nullable T> supplier) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      T value = supplier.get();
      if (value != null) {
        return value;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new LabException("did not come about within " + limit.toMillis() + " ms: " + what);
      }
      pause();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(STEP_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted");
    }
  }
}
