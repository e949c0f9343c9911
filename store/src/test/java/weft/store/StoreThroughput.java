package weft.store;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import weft.state.EventLoop;
import weft.state.FaultHandler;

/**
 * Measures durable commits a second: {@code StoreThroughput <directory>}.
 *
 * <p>A commit compares one key and puts three: an object of 600 bytes and two small records.
 */
final class StoreThroughput {
  private StoreThroughput() {}

  public static void main(String[] args) throws Exception {
    try (EventLoop clock = EventLoop.start("clock", FaultHandler.rethrow());
        RocksStore store = RocksStore.open(Path.of(args[0]), RocksOptions.DEFAULT, clock)) {
      measure(store, 1, Duration.ofSeconds(1));
      for (int committers : new int[] {1, 16, 64}) {
        System.out.printf(
            "%d committers: %d/s%n", committers, measure(store, committers, Duration.ofSeconds(2)));
      }
    }
  }

  private static long measure(RocksStore store, int committers, Duration time) throws Exception {
    long start = System.nanoTime();
    LongAdder commits = new LongAdder();
    CountDownLatch done = new CountDownLatch(committers);
    for (int i = 0; i < committers; i++) {
      Thread.startVirtualThread(() -> {
        byte[] value = new byte[600];
        while (System.nanoTime() - start < time.toNanos()) {
          long revision = store.revision();
          String name = Thread.currentThread().threadId() + "/" + commits.sum();
          Key object = new Key("object/" + name);
          Transaction transaction =
              Transaction.builder()
                  .require(Compare.absent(object))
                  .put(object, value)
                  .put(new Key("name/" + name), name)
                  .put(new Key("guard/" + revision % 1000), "")
                  .build();
          if (store.commit(transaction).toCompletableFuture().join() instanceof Outcome.Committed) {
            commits.increment();
          }
        }
        done.countDown();
      });
    }
    done.await();
    return commits.sum() * 1_000_000_000L / (System.nanoTime() - start);
  }
}
