package weft.controller.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Threads that each create, change and delete objects of their own, until they are told to end. */
public final class Writers {
  private final AtomicBoolean ending = new AtomicBoolean();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final List<Thread> threads = new ArrayList<>();

  private Writers() {}

  /** Makes what the writers share, and starts them. */
  public static Writers start(Ledger ledger, Site site, int count, long seed) throws Exception {
    Ground ground = Ground.make(ledger, site.server(0));
    Writers writers = new Writers();
    for (int i = 0; i < count; i++) {
      Writer writer = new Writer(i, ledger, site, ground, seed * 1000 + i);
      writers.threads.add(Thread.ofVirtual().name("writer " + i).start(() -> writers.run(writer)));
    }
    return writers;
  }

  private void run(Writer writer) {
    try {
      while (!ending.get()) {
        writer.step();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
    }
  }

  /** Waits for the calls under way; there must be servers. */
  public void end() throws InterruptedException {
    ending.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw new AssertionError("a writer failed", thrown);
    }
  }
}
