package weft.config;

import static weft.config.Objects.child;
import static weft.config.Objects.referring;
import static weft.config.Objects.root;
import static weft.config.Objects.with;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import weft.schema.ConfigObject;
import weft.state.EventLoop;
import weft.state.FaultHandler;
import weft.store.RocksOptions;
import weft.store.RocksStore;

/**
 * Measures ports created a second, each with a reference and an id, and makes more of them: {@code
 * ConfigThroughput <directory> <objects>}; or, with 0 objects, what it takes to read those that are
 * there.
 */
final class ConfigThroughput {
  private static final IntegerPool IDS = new IntegerPool("ids", 1, 1 << 24);

  private ConfigThroughput() {}

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    int objects = Integer.parseInt(args[1]);
    ConfigObject domain = root("domain", "d");
    ConfigObject project = child(domain, "project", "p");
    ConfigObject network = child(project, "virtual-network", "n");
    try (EventLoop clock = EventLoop.start("clock", FaultHandler.rethrow());
        RocksStore store = RocksStore.open(directory, RocksOptions.DEFAULT, clock)) {
      if (objects > 0) {
        ConfigDb db = ConfigDb.open(store);
        db.commit(db.transaction().create(domain).create(project).create(network))
            .toCompletableFuture()
            .join();
        for (int writers : new int[] {1, 64}) {
          System.out.printf("%d writers: %d/s%n", writers, create(db, project, network, writers));
        }
        bulk(db, project, network, objects);
      } else {
        System.gc();
        long before = used();
        long start = System.nanoTime();
        ConfigDb db = ConfigDb.open(store);
        long took = (System.nanoTime() - start) / 1_000_000;
        System.gc();
        System.out.printf(
            "%d objects: read in %d ms, %d bytes each%n",
            db.image().size(), took, (used() - before) / db.image().size());
      }
    }
  }

  private static long used() {
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static ConfigObject port(ConfigObject project, ConfigObject network, String name) {
    ConfigObject port = child(project, "virtual-machine-interface", name);
    return referring(with(port, "display_name", "port " + name), network);
  }

  private static long create(ConfigDb db, ConfigObject project, ConfigObject network, int writers)
      throws Exception {
    long start = System.nanoTime();
    LongAdder done = new LongAdder();
    CountDownLatch ended = new CountDownLatch(writers);
    for (int i = 0; i < writers; i++) {
      String prefix = writers + "-" + i + "-";
      Thread.startVirtualThread(() -> {
        for (int n = 0; System.nanoTime() - start < Duration.ofSeconds(2).toNanos(); n++) {
          ConfigObject port = port(project, network, prefix + n);
          db.commitRetrying(tx -> tx.create(port).allocateLowest(IDS, port.uuid().toString()))
              .toCompletableFuture()
              .join();
          done.increment();
        }
        ended.countDown();
      });
    }
    ended.await();
    return done.sum() * 1_000_000_000L / (System.nanoTime() - start);
  }

  private static void bulk(ConfigDb db, ConfigObject project, ConfigObject network, int objects) {
    for (int made = 0; made < objects; made += 500) {
      ConfigTransaction transaction = db.transaction();
      for (int i = 0; i < 500; i++) {
        transaction.create(port(project, network, "bulk-" + made + "-" + i));
      }
      db.commit(transaction).toCompletableFuture().join();
    }
  }
}
