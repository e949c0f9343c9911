package weft.store;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import weft.state.EventLoop;
import weft.state.FaultHandler;

/**
 * A program that writes to a store until it is killed or the store refuses, and says on its output
 * what was acknowledged: `key revision`, each line written at once.
 *
 * <p>Each of its threads writes keys `thread/number` in order, and with each its own record of the
 * number reached, compared with what it was before.
 */
final class CrashingWriter {
  private static final int THREADS = 8;

  private CrashingWriter() {}

  public static void main(String[] args) throws Exception {
    int valueBytes = Integer.parseInt(args[1]);
    RocksOptions options = RocksOptions.DEFAULT.withBufferBytes(Long.parseLong(args[2]));
    try (EventLoop clock = EventLoop.start("clock", FaultHandler.rethrow());
        RocksStore store = RocksStore.open(Path.of(args[0]), options, clock)) {
      CountDownLatch done = new CountDownLatch(THREADS);
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        Thread.startVirtualThread(() -> {
          try {
            write(store, thread, valueBytes, System.out);
          } catch (CompletionException e) {
            say(System.out, "refused " + e.getCause().getMessage());
          }
          done.countDown();
        });
      }
      done.await();
      say(System.out, "readable " + (store.get(new Key("reached/0")) != null));
    }
    System.exit(0);
  }

  private static void write(RocksStore store, int thread, int valueBytes, PrintStream out) {
    Key counter = new Key("reached/" + thread);
    while (true) {
      Entry reached = store.get(counter);
      long seen = reached == null ? 0 : reached.modRevision();
      long number = reached == null ? 0 : 1 + Long.parseLong(reached.text());
      Key key = new Key(thread + "/" + number);
      Transaction step =
          Transaction.builder()
              .require(Compare.modified(counter, seen))
              .put(counter, Long.toString(number))
              .require(Compare.absent(key))
              .put(key, new byte[valueBytes])
              .build();
      Outcome outcome = store.commit(step).toCompletableFuture().join();
      if (outcome instanceof Outcome.Committed(long revision)) {
        say(out, key + " " + revision);
      } else {
        throw new IllegalStateException("" + outcome);
      }
    }
  }

  private static void say(PrintStream out, String line) {
    out.println(line);
    out.flush();
  }
}
