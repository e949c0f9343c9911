package weft.store.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import weft.store.Compare;
import weft.store.Entry;
import weft.store.Event;
import weft.store.Key;
import weft.store.Lease;
import weft.store.Outcome;
import weft.store.Page;
import weft.store.Snapshot;
import weft.store.Store;
import weft.store.StoreException;
import weft.store.Transaction;
import weft.store.Watch;
import weft.store.WatchListener;
import weft.testkit.Seeds;
import weft.testkit.SimulatedLoop;

/** What every engine has to do. */
public abstract class StoreConformance {
  protected final SimulatedLoop clock = new SimulatedLoop();
  protected Store store;

  protected abstract Store open();

  /** Opens an empty store beside those there were. */
  protected abstract Store fresh(long number);

  /** Closes the store and opens it again, if it can do that without losing all. */
  protected Store reopened(Store before) {
    return before;
  }

  /** Lets time go by for the leases of the store. */
  protected void pass(Duration time) {
    clock.advance(time);
  }

  /** So many units of the time that the store's leases can tell apart. */
  protected Duration time(int units) {
    return Duration.ofSeconds(units);
  }

  /** Whether transactions of one thread are decided in the order in which it asked for them. */
  protected boolean decidesInOrder() {
    return true;
  }

  /** With how many seeds the store is compared with a plain map. */
  protected int seeds() {
    return 6;
  }

  @BeforeEach
  void start() {
    store = open();
  }

  @AfterEach
  void stop() {
    store.close();
  }

  public static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  protected static Key key(String text) {
    return new Key(text);
  }

  protected static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  protected Outcome commit(Transaction.Builder transaction) {
    return await(store.commit(transaction.build()));
  }

  /** Puts in a transaction of its own; returns its revision. */
  protected long put(String key, String value) {
    Outcome outcome = commit(Transaction.builder().put(key(key), value));
    return ((Outcome.Committed) outcome).revision();
  }

  protected long delete(String key) {
    return ((Outcome.Committed) commit(Transaction.builder().delete(key(key)))).revision();
  }

  /** Hears a watch and lets a test wait for what it hears, each as one line. */
  public static final class Ear implements WatchListener {
    public final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @Override
    public void changed(long revision, List<Event> events) {
      List<String> texts = new ArrayList<>();
      for (Event event : events) {
        assertThat(event.revision()).isEqualTo(revision);
        texts.add(
            switch (event) {
              case Event.Put(Entry entry) -> entry.toString();
              case Event.Delete(Key key, long _) -> "-" + key;
            });
      }
      heard.add(revision + " " + texts);
    }

    @Override
    public void compacted(long oldestRevision) {
      heard.add("compacted " + oldestRevision);
    }

    @Override
    public void failed(StoreException cause) {
      heard.add("failed " + cause.getMessage());
    }

    public String next() throws InterruptedException {
      String next = heard.poll(20, TimeUnit.SECONDS);
      return next == null ? "nothing" : next;
    }
  }

  @Test
  void startsEmptyAtRevisionZero() {
    assertThat(store.revision()).isZero();
    assertThat(store.oldestRevision()).isEqualTo(1);
    assertThat(store.get(key("a"))).isNull();
    assertThat(store.scan(Key.EMPTY, null, 10)).isEqualTo(new Page(0, List.of(), false));
  }

  @Test
  void eachTransactionHasOneRevisionForAllItsKeys() {
    Outcome outcome =
        commit(Transaction.builder().put(key("a"), "1").put(key("b"), "2").put(key("c"), "3"));
    assertThat(outcome).isEqualTo(new Outcome.Committed(1));
    assertThat(put("b", "4")).isEqualTo(2);
    assertThat(store.get(key("a"))).isEqualTo(new Entry(key("a"), bytes("1"), 1, 1, 0));
    assertThat(store.get(key("b"))).isEqualTo(new Entry(key("b"), bytes("4"), 1, 2, 0));
    assertThat(store.revision()).isEqualTo(2);
  }

  @Test
  void aKeyMadeAnewHasANewCreateRevision() {
    put("a", "1");
    delete("a");
    put("a", "2");
    assertThat(store.get(key("a"))).isEqualTo(new Entry(key("a"), bytes("2"), 3, 3, 0));
  }

  @Test
  void whatChangesNothingTakesNoRevision() {
    put("a", "1");
    assertThat(delete("nothing")).isEqualTo(1);
    assertThat(commit(Transaction.builder())).isEqualTo(new Outcome.Committed(1));
    assertThat(commit(Transaction.builder().require(Compare.modified(key("a"), 1))))
        .isEqualTo(new Outcome.Committed(1));
  }

  @Test
  void aFailedComparisonNamesTheFirstKeyAndLeavesAllAsItIs() {
    put("a", "1");
    put("b", "1");
    Outcome outcome =
        commit(
            Transaction.builder()
                .require(Compare.modified(key("a"), 1))
                .require(Compare.absent(key("b")))
                .require(Compare.absent(key("a")))
                .put(key("a"), "2")
                .delete(key("b")));
    assertThat(outcome).isEqualTo(new Outcome.Conflict(key("b"), 2));
    assertThat(store.revision()).isEqualTo(2);
    assertThat(store.get(key("a")).text()).isEqualTo("1");
    assertThat(store.get(key("b")).text()).isEqualTo("1");
  }

  @Test
  void comparesWithWhatIsAbsent() {
    assertThat(commit(Transaction.builder().require(Compare.absent(key("a"))).put(key("a"), "1")))
        .isEqualTo(new Outcome.Committed(1));
    assertThat(
            commit(Transaction.builder().require(Compare.modified(key("b"), 1)).put(key("b"), "1")))
        .isEqualTo(new Outcome.Conflict(key("b"), 0));
  }

  @Test
  void comparesTheCreateRevisionAcrossPuts() {
    put("a", "1");
    put("a", "2");
    assertThat(
            commit(Transaction.builder().require(Compare.created(key("a"), 1)).put(key("b"), "")))
        .isEqualTo(new Outcome.Committed(3));
    delete("a");
    put("a", "3");
    assertThat(
            commit(Transaction.builder().require(Compare.created(key("a"), 1)).put(key("c"), "")))
        .isEqualTo(new Outcome.Conflict(key("a"), 5));
  }

  @Test
  void aTransactionTouchesAKeyOnceAndNeverTheEmptyOne() {
    assertThatThrownBy(() -> Transaction.builder().put(key("a"), "1").delete(key("a")).build())
        .hasMessage("two operations on key a");
    assertThatThrownBy(() -> Transaction.builder().put(Key.EMPTY, "1").build())
        .hasMessage("the empty key names no entry");
    assertThatThrownBy(() -> key("a\ud800b")).hasMessage("a key holds half a character at 1");
  }

  @Test
  void scansAPrefixInPagesInOrderOfBytes() {
    // The last two sort the other way round as UTF-16.
    List<String> names = List.of("p/", "p/a", "p/a0", "p/b", "p/\uff5e", "p/\ud83d\ude00");
    names.reversed().forEach(name -> put(name, name));
    put("o", "");
    put("q", "");
    List<String> seen = new ArrayList<>();
    Page page = store.scan(key("p/"), null, 4);
    assertThat(page.more()).isTrue();
    page.entries().forEach(entry -> seen.add(entry.key().text()));
    page = store.scan(key("p/"), page.entries().getLast().key(), 4);
    assertThat(page.more()).isFalse();
    assertThat(page.revision()).isEqualTo(8);
    page.entries().forEach(entry -> seen.add(entry.key().text()));
    assertThat(seen).isEqualTo(names);
    assertThat(store.scan(key("p/"), key("a"), 2).entries()).hasSize(2);
    assertThat(store.scan(key("p/a"), null, 2).more()).isFalse();
  }

  @Test
  void aSnapshotStaysAsItWas() {
    put("a", "1");
    put("b", "1");
    try (Snapshot snapshot = store.snapshot()) {
      put("a", "2");
      delete("b");
      put("c", "1");
      assertThat(snapshot.revision()).isEqualTo(2);
      assertThat(snapshot.get(key("a")).text()).isEqualTo("1");
      assertThat(snapshot.get(key("c"))).isNull();
      assertThat(snapshot.scan(Key.EMPTY, null, 10).entries()).hasSize(2);
    }
  }

  @Test
  void aWatchReplaysAndThenFollows() throws Exception {
    put("w/a", "1");
    put("x", "1");
    put("w/b", "1");
    Ear ear = new Ear();
    try (Watch _ = store.watch(key("w/"), 1, ear)) {
      assertThat(ear.next()).isEqualTo("1 [w/a@1/1=1]");
      assertThat(ear.next()).isEqualTo("3 [w/b@3/3=1]");
      put("x", "2");
      commit(Transaction.builder().put(key("w/a"), "2").put(key("v"), "").delete(key("w/b")));
      assertThat(ear.next()).isEqualTo("5 [w/a@1/5=2, -w/b]");
    }
    assertThat(ear.heard).isEmpty();
  }

  @Test
  void aWatchStartsAtAnyRevisionPastPresentOrFuture() throws Exception {
    IntStream.rangeClosed(1, 5).forEach(i -> put("a", "" + i));
    Ear past = new Ear();
    Ear now = new Ear();
    Ear future = new Ear();
    try (Watch _ = store.watch(Key.EMPTY, 4, past);
        Watch _ = store.watch(Key.EMPTY, 0, now);
        Watch _ = store.watch(Key.EMPTY, 7, future)) {
      put("a", "6");
      put("a", "7");
      assertThat(past.next()).isEqualTo("4 [a@1/4=4]");
      assertThat(past.next()).isEqualTo("5 [a@1/5=5]");
      assertThat(past.next()).isEqualTo("6 [a@1/6=6]");
      assertThat(past.next()).isEqualTo("7 [a@1/7=7]");
      assertThat(now.next()).isEqualTo("6 [a@1/6=6]");
      assertThat(now.next()).isEqualTo("7 [a@1/7=7]");
      assertThat(future.next()).isEqualTo("7 [a@1/7=7]");
    }
  }

  @Test
  void aWatchFromACompactedRevisionIsToldSo() throws Exception {
    IntStream.rangeClosed(1, 5).forEach(i -> put("a", "" + i));
    await(store.compact(4));
    assertThat(store.oldestRevision()).isEqualTo(4);
    Ear gone = new Ear();
    Ear there = new Ear();
    try (Watch _ = store.watch(Key.EMPTY, 3, gone);
        Watch _ = store.watch(Key.EMPTY, 4, there)) {
      assertThat(gone.next()).isEqualTo("compacted 4");
      assertThat(there.next()).isEqualTo("4 [a@1/4=4]");
      assertThat(there.next()).isEqualTo("5 [a@1/5=5]");
    }
    assertThat(store.get(key("a")).text()).isEqualTo("5");
  }

  @Test
  void compactionNeverTakesTheLastRevision() {
    put("a", "1");
    put("a", "2");
    await(store.compact(100));
    assertThat(store.oldestRevision()).isEqualTo(2);
    await(store.compact(1));
    assertThat(store.oldestRevision()).isEqualTo(2);
  }

  @Test
  void aListenerMayCommitAndCloseItsWatch() throws Exception {
    Ear ear = new Ear();
    CompletableFuture<Watch> self = new CompletableFuture<>();
    WatchListener chain =
        new WatchListener() {
          @Override
          public void changed(long revision, List<Event> events) {
            ear.changed(revision, events);
            if (revision < 3) {
              put("a", "" + revision);
            } else {
              self.orTimeout(20, TimeUnit.SECONDS).join().close();
            }
          }

          @Override
          public void compacted(long oldestRevision) {
            ear.compacted(oldestRevision);
          }

          @Override
          public void failed(StoreException cause) {
            ear.failed(cause);
          }
        };
    self.complete(store.watch(key("a"), 0, chain));
    put("a", "0");
    assertThat(ear.next()).isEqualTo("1 [a@1/1=0]");
    assertThat(ear.next()).isEqualTo("2 [a@1/2=1]");
    assertThat(ear.next()).isEqualTo("3 [a@1/3=2]");
  }

  @Test
  void whatGoesWithALeaseGoesWhenItEnds() throws Exception {
    Lease lease = await(store.grant(time(5)));
    Lease other = await(store.grant(time(60)));
    commit(
        Transaction.builder()
            .put(key("l/a"), bytes("1"), lease)
            .put(key("l/b"), bytes("1"), lease)
            .put(key("l/c"), bytes("1"), other)
            .put(key("l/d"), bytes("1"), lease));
    put("l/d", "stays: put again without a lease");
    Ear ear = new Ear();
    try (Watch _ = store.watch(key("l/"), 0, ear)) {
      pass(time(4));
      assertThat(await(store.keepAlive(lease.id()))).isTrue();
      pass(time(4));
      assertThat(store.get(key("l/a")).lease()).isEqualTo(lease.id());
      pass(time(2));
      assertThat(ear.next()).isEqualTo("3 [-l/a, -l/b]");
    }
    assertThat(store.scan(key("l/"), null, 9).entries()).hasSize(2);
    assertThat(await(store.keepAlive(lease.id()))).isFalse();
    assertThat(await(store.revoke(lease.id()))).isFalse();
    assertThat(commit(Transaction.builder().put(key("l/e"), bytes("1"), lease)))
        .isEqualTo(new Outcome.LeaseGone(lease.id()));
    assertThat(await(store.revoke(other.id()))).isTrue();
    assertThat(store.scan(key("l/"), null, 9).entries())
        .extracting(Entry::text)
        .containsExactly("stays: put again without a lease");
    assertThat(store.revision()).isEqualTo(4);
  }

  @Test
  void concurrentComparesLetOneThroughEach() throws Exception {
    put("counter", "0");
    int writers = 8;
    int each = 50;
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      threads.add(
          Thread.startVirtualThread(() -> {
            for (int done = 0; done < each; ) {
              Entry seen = store.get(key("counter"));
              Transaction.Builder increment =
                  Transaction.builder()
                      .require(Compare.modified(seen.key(), seen.modRevision()))
                      .put(seen.key(), "" + (Integer.parseInt(seen.text()) + 1));
              if (commit(increment) instanceof Outcome.Committed) {
                done++;
              }
            }
          }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(store.get(key("counter")).text()).isEqualTo("" + writers * each);
    assertThat(store.revision()).isEqualTo(1 + writers * each);
  }

  @Test
  void doesWhatAPlainMapDoes() {
    Seeds.each(
        seeds(),
        seed -> {
          try {
            store = new StoreModel(seed, store, this::reopened, decidesInOrder()).run(150);
            store.close();
            store = fresh(seed);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void aClosedStoreSaysSo() {
    store.close();
    assertThatThrownBy(() -> put("a", "1")).hasMessageContaining("the store is closed");
    assertThatThrownBy(() -> store.snapshot()).hasMessageContaining("the store is closed");
    store = open();
  }
}
