package weft.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static weft.store.conformance.StoreConformance.await;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.store.Compare;
import weft.store.Key;
import weft.store.Outcome;
import weft.store.Page;
import weft.store.Snapshot;
import weft.store.Store;
import weft.store.StoreException;
import weft.store.Transaction;
import weft.store.Watch;
import weft.store.conformance.StoreConformance.Ear;
import weft.testkit.EtcdCluster;

/** Two stores in one etcd, each under a prefix of its own. */
@Tag("lab")
@Timeout(60)
class SharedEtcdTest {
  private static EtcdCluster cluster;

  @BeforeAll
  static void startEtcd() {
    cluster = EtcdCluster.start(1, "--max-txn-ops=512");
  }

  @AfterAll
  static void stopEtcd() {
    cluster.close();
  }

  private static EtcdOptions options(String prefix) {
    return EtcdOptions.of(cluster.endpoints()).withPrefix(prefix);
  }

  private static long put(Store store, String key, String value) {
    Transaction transaction = Transaction.builder().put(new Key(key), value).build();
    return ((Outcome.Committed) await(store.commit(transaction))).revision();
  }

  /** The pace is that of the failures. */
  private static void putOnceItCan(Store store, String key) {
    for (int i = 0; i < 20; i++) {
      try {
        put(store, key, "1");
        return;
      } catch (CompletionException e) {
        assertThat(e).hasCauseInstanceOf(StoreException.class);
      }
    }
    put(store, key, "1");
  }

  @Test
  void neitherSeesTheOther() throws Exception {
    try (Store one = EtcdStore.open(options("one/"));
        Store other = EtcdStore.open(options("two/"))) {
      Ear ear = new Ear();
      try (Watch _ = one.watch(Key.EMPTY, 0, ear)) {
        long first = put(one, "a", "1");
        long second = put(other, "a", "2");
        assertThat(second).isGreaterThan(first);
        // What another does moves etcd on, but not this store.
        assertThat(one.revision()).isEqualTo(first);
        assertThat(other.revision()).isEqualTo(second);
        assertThat(one.get(new Key("a")).text()).isEqualTo("1");
        Page all = one.scan(Key.EMPTY, null, 10);
        assertThat(all.entries()).extracting(entry -> entry.key().text()).containsExactly("a");
        assertThat(ear.next()).contains("a@").contains("=1");
        Transaction nothing =
            Transaction.builder().require(Compare.modified(new Key("a"), first)).build();
        assertThat(await(one.commit(nothing))).isEqualTo(new Outcome.Committed(first));
        // A long idle store is still read, though all of its revisions are compacted.
        await(other.compact(put(other, "b", "1")));
        assertThat(one.revision()).isEqualTo(first);
        try (Snapshot snapshot = one.snapshot()) {
          assertThat(snapshot.revision()).isGreaterThan(first);
          assertThat(snapshot.scan(Key.EMPTY, null, 10).entries()).hasSize(1);
        }
        put(one, "b", "3");
        assertThat(ear.next()).contains("b@").contains("=3");
      }
    }
  }

  @Test
  void largeTransactionsAreForMembersThatTakeThem() {
    try (Store store = EtcdStore.open(options("large/").withMaxOperations(512))) {
      assertThat(store.maxOperations()).isEqualTo(511);
      Transaction.Builder large = Transaction.builder();
      for (int i = 0; i < 511; i++) {
        large.put(new Key("k" + i), "");
      }
      assertThat(await(store.commit(large.build()))).isInstanceOf(Outcome.Committed.class);
    }
    assertThatThrownBy(() -> EtcdStore.open(options("large/").withMaxOperations(513)))
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "etcd takes fewer than 513 operations in a transaction: start its members with"
                + " --max-txn-ops=513");
  }

  /** The first request takes its time; once none is answered, the next ones fail soon. */
  @Test
  void whileNoMemberAnswersItIsSaidSoon() throws Exception {
    try (EtcdCluster alone = EtcdCluster.start(1);
        Store store =
            EtcdStore.open(EtcdOptions.of(alone.endpoints()).withTimeout(Duration.ofSeconds(3)))) {
      put(store, "a", "1");
      alone.kill(0);
      assertThatThrownBy(store::revision)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("within 3.0 s");
      long begun = System.nanoTime();
      assertThatThrownBy(() -> put(store, "b", "1"))
          .hasCauseInstanceOf(StoreException.class)
          .hasMessageContaining("within 1.0 s");
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(3));
      alone.startAgain(0);
      alone.awaitListening(0);
      putOnceItCan(store, "c");
      assertThat(store.get(new Key("a")).text()).isEqualTo("1");
    }
  }
}
