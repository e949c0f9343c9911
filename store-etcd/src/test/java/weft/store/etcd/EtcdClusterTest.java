package weft.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.store.Compare;
import weft.store.Event;
import weft.store.Key;
import weft.store.Outcome;
import weft.store.Page;
import weft.store.Store;
import weft.store.StoreException;
import weft.store.Transaction;
import weft.store.Watch;
import weft.store.WatchListener;
import weft.testkit.EtcdCluster;

/** The store on three members, and what it does when some of them die. */
@Tag("lab")
@Timeout(60)
class EtcdClusterTest extends EtcdConformance {
  private static EtcdCluster cluster;

  @BeforeAll
  static void startEtcd() {
    cluster = EtcdCluster.start(3);
  }

  @AfterAll
  static void stopEtcd() {
    cluster.close();
  }

  private static EtcdOptions options() {
    return EtcdOptions.of(cluster.endpoints());
  }

  @Override
  EtcdOptions cluster() {
    return options();
  }

  @Override
  protected int seeds() {
    return 1;
  }

  /** Notes all that it hears. */
  private static final class Ledger implements WatchListener {
    final ConcurrentLinkedQueue<Event> heard = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<String> troubles = new ConcurrentLinkedQueue<>();
    final CompletableFuture<Void> end = new CompletableFuture<>();

    @Override
    public void changed(long revision, List<Event> events) {
      heard.addAll(events);
      if (events.getFirst().key().text().equals("end")) {
        end.complete(null);
      }
    }

    @Override
    public void compacted(long oldestRevision) {
      troubles.add("compacted " + oldestRevision);
    }

    @Override
    public void failed(StoreException cause) {
      troubles.add("failed " + cause.getMessage());
    }
  }

  /** Creates keys of its own, one after the other, until told to stop. */
  private final class Writer {
    final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    final AtomicInteger unknown = new AtomicInteger();
    final Semaphore done = new Semaphore(0);
    volatile boolean stop;

    void run(String name) {
      for (int i = 0; !stop; i++) {
        Key key = key(name + "/" + i);
        Transaction create =
            Transaction.builder().require(Compare.absent(key)).put(key, "" + i).build();
        try {
          Outcome outcome = await(store.commit(create));
          assertThat(outcome).isInstanceOf(Outcome.Committed.class);
          acknowledged.put(key.text(), ((Outcome.Committed) outcome).revision());
        } catch (CompletionException e) {
          assertThat(e.getCause()).isInstanceOf(StoreException.class);
          unknown.incrementAndGet();
        }
        done.release();
      }
    }

    /** Waits until so many more writes have been answered. */
    void more(int count) throws InterruptedException {
      done.drainPermits();
      assertThat(done.tryAcquire(count, 20, TimeUnit.SECONDS)).as("writes go on").isTrue();
    }
  }

  @Test
  void aMemberKilledAmongWritesLosesAndRepeatsNothing() throws Exception {
    Ledger ledger = new Ledger();
    Writer writer = new Writer();
    try (Watch _ = store.watch(Key.EMPTY, 1, ledger)) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String name = "w" + i;
        threads.add(Thread.startVirtualThread(() -> writer.run(name)));
      }
      for (int member = 0; member < 3; member++) {
        writer.more(100);
        cluster.kill(member);
        writer.more(100);
        cluster.startAgain(member);
        try (Store back =
            EtcdStore.open(
                EtcdOptions.of(List.of(cluster.endpoints().get(member)))
                    .withTimeout(Duration.ofSeconds(20)),
                origin)) {
          assertThat(back.revision()).isPositive();
        }
      }
      writer.stop = true;
      for (Thread thread : threads) {
        thread.join();
      }
      put("end", "");
      ledger.end.orTimeout(20, TimeUnit.SECONDS).join();
    }
    assertThat(ledger.troubles).isEmpty();
    long last = 0;
    Map<String, Long> heard = new ConcurrentHashMap<>();
    for (Event event : ledger.heard) {
      assertThat(event.revision()).as("each revision once, none left out").isEqualTo(last + 1);
      last = event.revision();
      heard.put(event.key().text(), event.revision());
    }
    assertThat(heard).containsAllEntriesOf(writer.acknowledged);
    assertThat(last).isEqualTo(store.revision());
    Page all = store.scan(Key.EMPTY, null, Integer.MAX_VALUE);
    assertThat(all.entries()).hasSize(heard.size());
    assertThat(heard.size())
        .isBetween(
            writer.acknowledged.size() + 1, writer.acknowledged.size() + writer.unknown.get() + 1);
  }

  @Test
  void withoutAMajorityItSaysSoAndGoesOnAfterwards() throws Exception {
    put("a", "1");
    Ear ear = new Ear();
    try (Store impatient = EtcdStore.open(options().withTimeout(Duration.ofSeconds(2)), origin);
        Watch _ = store.watch(Key.EMPTY, 0, ear)) {
      cluster.kill(0);
      cluster.kill(1);
      CompletableFuture<Outcome> lost =
          impatient.commit(Transaction.builder().put(key("b"), "1").build()).toCompletableFuture();
      assertThat(lost)
          .failsWithin(Duration.ofSeconds(10))
          .withThrowableThat()
          .withCauseInstanceOf(StoreException.class);
      cluster.startAgain(0);
      cluster.startAgain(1);
      try (Store patient = EtcdStore.open(options().withTimeout(Duration.ofSeconds(20)), origin)) {
        await(patient.commit(Transaction.builder().put(key("c"), "1").build()));
      }
      String heard = ear.next();
      // The lost one may have been done after all.
      assertThat(heard.contains("b@") ? ear.next() : heard).contains("c@");
    }
  }
}
