package weft.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.config.ConfigDb;
import weft.config.ConfigOutcome;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Schema;
import weft.state.FaultHandler;
import weft.store.Compare;
import weft.store.Key;
import weft.store.Lease;
import weft.store.Outcome;
import weft.store.Page;
import weft.store.Store;
import weft.store.StoreException;
import weft.store.Transaction;
import weft.store.Watch;
import weft.testkit.EtcdCluster;

/** The store on one member. */
@Tag("lab")
@Timeout(60)
class EtcdStoreTest extends EtcdConformance {
  private static EtcdCluster cluster;

  @BeforeAll
  static void startEtcd() {
    cluster = EtcdCluster.start(1);
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
    return 2;
  }

  @Test
  void aTransactionThatIsTooLargeIsRefused() {
    Transaction.Builder largest = Transaction.builder();
    for (int i = 0; i < 128; i++) {
      largest.require(Compare.absent(key("k" + i))).put(key("k" + i), "");
    }
    assertThat(commit(largest)).isEqualTo(new Outcome.Committed(1));
    Transaction.Builder tooLarge = Transaction.builder();
    for (int i = 0; i < 129; i++) {
      tooLarge.put(key("k" + i), "new");
    }
    assertThat(commit(tooLarge))
        .isEqualTo(
            new Outcome.TooLarge(
                "0 comparisons and 129 operations in a transaction, of which etcd takes 128"));
    byte[] large = new byte[7 << 18];
    assertThat(commit(Transaction.builder().put(key("large"), large)))
        .isInstanceOf(Outcome.TooLarge.class)
        .asString()
        .contains("too large");
    assertThat(store.revision()).isEqualTo(1);
  }

  @Test
  void pagesAreWhollyOfOneRevision() {
    for (int from = 0; from < 2400; from += 100) {
      Transaction.Builder some = Transaction.builder();
      for (int i = from; i < from + 100; i++) {
        some.put(key("p/%04d".formatted(i)), "" + i);
      }
      commit(some);
    }
    Page all = store.scan(key("p/"), null, 5000);
    assertThat(all.entries()).hasSize(2400);
    assertThat(all.more()).isFalse();
    assertThat(all.entries().getLast().text()).isEqualTo("2399");
    assertThat(store.scan(key("p/"), null, 2400).more()).isFalse();
    assertThat(store.scan(key("p/"), null, 2399).more()).isTrue();
    assertThat(store.scan(key("p/"), null, 0)).isEqualTo(new Page(24, List.of(), true));
    assertThat(store.scan(key("p/"), key("q"), 5).entries()).isEmpty();
  }

  @Test
  void aDeletionAtTheOldestRevisionIsHeard() throws Exception {
    put("a", "1");
    put("b", "1");
    delete("a");
    put("b", "2");
    await(store.compact(3));
    assertThat(store.oldestRevision()).isEqualTo(3);
    Ear ear = new Ear();
    Ear gone = new Ear();
    try (Watch _ = store.watch(Key.EMPTY, 3, ear);
        Watch _ = store.watch(Key.EMPTY, 2, gone)) {
      assertThat(ear.next()).isEqualTo("3 [-a]");
      assertThat(ear.next()).isEqualTo("4 [b@2/4=2]");
      assertThat(gone.next()).isEqualTo("compacted 3");
    }
  }

  @Test
  void theLeaseThatIsGoneIsNamed() {
    Lease first = await(store.grant(Duration.ofSeconds(60)));
    Lease second = await(store.grant(Duration.ofSeconds(60)));
    assertThat(await(store.revoke(second.id()))).isTrue();
    assertThat(
            commit(
                Transaction.builder()
                    .put(key("a"), bytes("1"), first)
                    .put(key("b"), bytes("1"), second)))
        .isEqualTo(new Outcome.LeaseGone(second.id()));
    assertThat(store.get(key("a"))).isNull();
  }

  private static ConfigObject object(String type, ConfigObject parent, FqName name) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("uuid", UUID.randomUUID().toString());
    body.set("fq_name", name.toJson());
    if (parent != null) {
      body.put("parent_type", parent.type().name());
      body.put("parent_uuid", parent.uuid().toString());
    }
    return ConfigObject.of(Schema.required(type), body, 0);
  }

  @Test
  void twoServersShareOneConfig() throws Exception {
    ConfigObject domain = object("domain", null, FqName.of("d"));
    int each = 15;
    try (Store second = EtcdStore.open(options(), origin);
        ConfigDb here = ConfigDb.open(store, FaultHandler.rethrow());
        ConfigDb there = ConfigDb.open(second, FaultHandler.rethrow())) {
      assertThat(await(here.commit(here.transaction().create(domain))))
          .isInstanceOf(ConfigOutcome.Committed.class);
      await(there.sync());
      AtomicInteger made = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        ConfigDb db = i % 2 == 0 ? here : there;
        threads.add(
            Thread.startVirtualThread(() -> {
              // All want the same names: each is given once.
              for (int n = 0; n < each; n++) {
                ConfigObject project = object("project", domain, FqName.of("d", "p" + n));
                if (await(db.commit(db.transaction().create(project)))
                    instanceof ConfigOutcome.Committed) {
                  made.incrementAndGet();
                }
              }
            }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(made).hasValue(each);
      await(here.sync());
      await(there.sync());
      assertThat(here.image().revision()).isEqualTo(there.image().revision());
      assertThat(store.scan(key("config/object/"), null, 1000).entries()).hasSize(each + 1);
    }
  }

  @Test
  void anAbsentClusterIsReported() {
    EtcdOptions nowhere =
        EtcdOptions.of(List.of("127.0.0.1:1")).withTimeout(Duration.ofMillis(300));
    assertThatThrownBy(() -> EtcdStore.open(nowhere))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("no member of etcd at [127.0.0.1:1] answered within 0.3 s");
  }
}
