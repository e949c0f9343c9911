package weft.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static weft.config.Objects.child;
import static weft.config.Objects.referring;
import static weft.config.Objects.root;
import static weft.config.Objects.unreferring;
import static weft.config.Objects.with;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import weft.config.ConfigOutcome.AllocationTaken;
import weft.config.ConfigOutcome.Committed;
import weft.config.ConfigOutcome.Conflict;
import weft.config.ConfigOutcome.Missing;
import weft.config.ConfigOutcome.NameTaken;
import weft.config.ConfigOutcome.StillReferenced;
import weft.config.ConfigOutcome.UuidTaken;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.state.Change;
import weft.state.FaultHandler;
import weft.store.Key;
import weft.store.MemoryStore;
import weft.store.StoreException;
import weft.store.Transaction;
import weft.testkit.SimulatedLoop;

class ConfigDbTest {
  private final SimulatedLoop loop = new SimulatedLoop();
  private final MemoryStore store = new MemoryStore(loop);
  private final ConfigDb db = ConfigDb.open(store, FaultHandler.rethrow());
  private final ConfigObject domain = root("domain", "d");
  private final ConfigObject project = child(domain, "project", "p");
  private final ConfigObject network = child(project, "virtual-network", "n");
  private final ConfigObject port =
      referring(child(project, "virtual-machine-interface", "i"), network);

  @BeforeEach
  void fill() {
    committed(db.transaction().create(domain).create(project));
  }

  @AfterEach
  void stop() {
    db.close();
    store.close();
  }

  static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  private ConfigOutcome commit(ConfigTransaction transaction) {
    return await(db.commit(transaction));
  }

  private void committed(ConfigTransaction transaction) {
    assertThat(commit(transaction)).isInstanceOf(Committed.class);
  }

  private ConfigObject stored(ConfigObject object) {
    return db.image().object(object.uuid());
  }

  @Test
  void whatIsCommittedIsInTheImageWithItsIndices() {
    committed(db.transaction().create(port).create(network));
    ConfigImage image = db.image();
    assertThat(image.size()).isEqualTo(4);
    assertThat(image.revision()).isEqualTo(store.revision()).isEqualTo(2);
    assertThat(stored(port)).isEqualTo(port.withRevision(2));
    assertThat(image.object("virtual-network", FqName.of("d", "p", "n")))
        .isEqualTo(stored(network));
    assertThat(image.object("virtual-machine-interface", FqName.of("d", "p", "n"))).isNull();
    assertThat(image.children(project.uuid())).containsExactly(stored(port), stored(network));
    assertThat(image.children(project.uuid(), "virtual-network")).containsExactly(stored(network));
    assertThat(image.referrers(network.uuid())).containsExactly(stored(port));
    assertThat(image.referrers(network.uuid(), "project")).isEmpty();
    assertThat(image.objects("virtual-network")).containsExactly(stored(network));
    assertThat(image.objects("virtual-network", network.fqName())).isEmpty();
    assertThat(image.objects("nothing")).isEmpty();
  }

  @Test
  void aNameIsTakenOnceAndFreeAfterDeletion() {
    committed(db.transaction().create(network));
    ConfigObject same = child(project, "virtual-network", "n");
    assertThat(commit(db.transaction().create(same)))
        .isEqualTo(new NameTaken("virtual-network", same.fqName(), network.uuid()));
    committed(db.transaction().delete(stored(network)).create(same));
    assertThat(db.image().object("virtual-network", same.fqName()).uuid()).isEqualTo(same.uuid());
    committed(db.transaction().delete(stored(same)));
    committed(db.transaction().create(network));
    ConfigObject twin = child(project, "virtual-network", "twin");
    ConfigObject other = child(project, "virtual-network", "twin");
    assertThat(commit(db.transaction().create(twin).create(other)))
        .isEqualTo(new NameTaken("virtual-network", twin.fqName(), twin.uuid()));
  }

  @Test
  void aUuidIsTakenWhateverTheType() {
    ConfigObject imposter =
        ConfigObject.of(
            network.type(), network.body().deepCopy().put("uuid", project.uuid().toString()), 0);
    assertThat(commit(db.transaction().create(imposter))).isEqualTo(new UuidTaken(stored(project)));
  }

  @Test
  void whatIsReferredToHasToExist() {
    assertThat(commit(db.transaction().create(port)))
        .isEqualTo(new Missing(port, "virtual-network", network.uuid()));
    ConfigObject orphan = child(network, "access-control-list", "a");
    assertThat(commit(db.transaction().create(orphan)))
        .isEqualTo(new Missing(orphan, "virtual-network", network.uuid()));
    committed(db.transaction().create(network));
    assertThat(commit(db.transaction().delete(stored(network)).create(port)))
        .isEqualTo(new Missing(port, "virtual-network", network.uuid()));
    assertThat(stored(network)).isNotNull();
    assertThat(stored(port)).isNull();
  }

  @Test
  void aReferenceAddedLaterHasToExistToo() {
    ConfigObject bare = child(project, "virtual-machine-interface", "bare");
    committed(db.transaction().create(bare));
    ConfigObject referring = referring(stored(bare), network);
    assertThat(commit(db.transaction().replace(referring)))
        .isEqualTo(new Missing(referring, "virtual-network", network.uuid()));
    committed(db.transaction().create(network).replace(referring));
    assertThat(db.image().referrers(network.uuid())).containsExactly(stored(bare));
  }

  @Test
  void whatIsReferredToStays() {
    committed(db.transaction().create(network).create(port));
    assertThat(commit(db.transaction().delete(stored(network))))
        .isEqualTo(new StillReferenced(stored(network), List.of(), List.of(stored(port))));
    assertThat(commit(db.transaction().delete(stored(project))))
        .isEqualTo(
            new StillReferenced(
                stored(project), List.of(stored(port), stored(network)), List.of()));
    committed(db.transaction().replace(unreferring(stored(port), network)).delete(stored(network)));
    assertThat(stored(network)).isNull();
    assertThat(store.scan(new Key("config/guard/" + network.uuid()), null, 1).entries()).isEmpty();
    committed(db.transaction().delete(stored(port)).delete(stored(project)));
    committed(db.transaction().delete(stored(domain)));
    assertThat(store.scan(Key.EMPTY, null, 9).entries()).isEmpty();
    assertThat(db.image().size()).isZero();
  }

  @Test
  void derivedChildrenAndReferencesGoWithWhatTheyHangOn() {
    ConfigObject instance = child(network, "routing-instance", "n");
    ConfigObject target = root("route-target", "target:64512:8000000");
    committed(db.transaction().create(network).create(target).create(referring(instance, target)));
    committed(db.transaction().delete(stored(network)));
    assertThat(stored(instance)).isNull();
    assertThat(stored(target)).isNotNull();
    assertThat(db.image().referrers(target.uuid())).isEmpty();
  }

  @Test
  void anObjectThatChangedSinceItWasReadIsAConflict() {
    committed(db.transaction().create(network));
    ConfigObject read = stored(network);
    committed(db.transaction().replace(with(read, "display_name", "one")));
    assertThat(commit(db.transaction().replace(with(read, "display_name", "two"))))
        .isEqualTo(new Conflict(network.uuid(), 3));
    assertThat(commit(db.transaction().delete(read))).isEqualTo(new Conflict(network.uuid(), 3));
    committed(db.transaction().delete(stored(network)));
    assertThat(commit(db.transaction().replace(read))).isEqualTo(new Conflict(network.uuid(), 0));
  }

  @Test
  void typeNameAndParentStay() {
    committed(db.transaction().create(network));
    ConfigObject renamed =
        ConfigObject.of(
            network.type(),
            network.body().deepCopy().set("fq_name", FqName.of("d", "p", "x").toJson()),
            stored(network).revision());
    assertThatThrownBy(() -> commit(db.transaction().replace(renamed)))
        .hasMessageContaining("type, name and parent stay");
  }

  @Test
  void writesOfOneTransactionToAnObjectAreOne() {
    committed(db.transaction().create(network).replace(with(network, "display_name", "x")));
    assertThat(stored(network).property("display_name").asString()).isEqualTo("x");
    ConfigObject read = stored(network);
    committed(
        db.transaction()
            .replace(with(read, "display_name", "y"))
            .replace(with(read, "display_name", "z")));
    assertThat(stored(network).property("display_name").asString()).isEqualTo("z");
    committed(
        db.transaction()
            .replace(with(stored(network), "display_name", ""))
            .delete(stored(network)));
    assertThat(stored(network)).isNull();
    ConfigTransaction nothing = db.transaction().create(network).delete(network);
    assertThat(nothing.isEmpty()).isTrue();
    committed(nothing);
    assertThatThrownBy(() -> db.commit(nothing)).hasMessageContaining("was committed before");
  }

  @Test
  void aValueHasOneOwner() {
    AllocationKey key = new AllocationKey("ip/a/b", "10.1.1.3");
    committed(db.transaction().create(network).allocate(key, "me"));
    assertThat(db.image().owner(key)).isEqualTo("me");
    assertThat(db.image().allocations("ip/a/b")).containsEntry("10.1.1.3", "me").hasSize(1);
    assertThat(commit(db.transaction().allocate("ip/a/b", "10.1.1.3", "you")))
        .isEqualTo(new AllocationTaken(key, "me"));
    committed(db.transaction().free(key).allocate(key, "you"));
    assertThat(db.image().owner(key)).isEqualTo("you");
    committed(db.transaction().delete(stored(network)).free("ip/a/b", "10.1.1.3"));
    assertThat(db.image().owner(key)).isNull();
    committed(db.transaction().free(key));
    assertThat(commit(db.transaction().allocate(key, "me"))).isInstanceOf(Committed.class);
  }

  @Test
  void picksTheLowestFreeValueOfAPool() {
    IntegerPool pool = new IntegerPool("ids", 5, 8);
    ConfigTransaction transaction = db.transaction();
    assertThat(transaction.allocateLowest(pool, "a")).hasValue(5);
    assertThat(transaction.allocateLowest(pool, "b")).hasValue(6);
    committed(transaction);
    committed(db.transaction().free(pool.key(5)));
    assertThat(db.image().lowestFree(pool)).hasValue(5);
    transaction = db.transaction();
    assertThat(transaction.allocateLowest(pool, "c")).hasValue(5);
    assertThat(transaction.allocateLowest(pool, "d")).hasValue(7);
    assertThat(transaction.allocateLowest(pool, "e")).hasValue(8);
    assertThat(transaction.allocateLowest(pool, "f")).isEmpty();
    committed(transaction);
    assertThat(db.image().lowestFree(pool)).isEmpty();
  }

  @Test
  void whatIsPickedIsPickedByNobodyElseUntilItIsDecided() {
    IntegerPool pool = new IntegerPool("ids", 1, 9);
    ConfigTransaction one = db.transaction();
    ConfigTransaction two = db.transaction();
    assertThat(one.allocateLowest(pool, "one")).hasValue(1);
    assertThat(two.allocateLowest(pool, "two")).hasValue(2);
    assertThat(two.pick(pool.key(1), "two")).isFalse();
    one.abandon();
    assertThat(two.pick(pool.key(1), "two")).isTrue();
    committed(two);
    assertThat(db.seemsFree(pool.key(1))).isFalse();
    committed(db.transaction().free(pool.key(1)));
    assertThat(db.seemsFree(pool.key(1))).isTrue();
    assertThatThrownBy(() ->
            db.commitRetrying(tx -> {
              tx.allocateLowest(pool, "three");
              throw new IllegalStateException("changed my mind");
            }))
        .hasMessage("changed my mind");
    assertThat(db.seemsFree(pool.key(1))).isTrue();
  }

  @Test
  void isTheSameReadFromTheStoreAsFollowed() {
    committed(db.transaction().create(network).create(port).allocate("pool", "7", "x"));
    committed(db.transaction().replace(with(stored(network), "display_name", "x")));
    try (ConfigDb other = ConfigDb.open(store)) {
      assertThat(other.image().revision()).isEqualTo(db.image().revision());
      assertThat(other.image().referrers(network.uuid())).containsExactly(stored(port));
      assertThat(other.image().object(network.uuid())).isEqualTo(stored(network));
      assertThat(other.image().owner(new AllocationKey("pool", "7"))).isEqualTo("x");
      // What the other does relies on revisions that it has only read.
      assertThat(await(other.commit(other.transaction().delete(stored(network)))))
          .isInstanceOf(StillReferenced.class);
      committed(db.transaction().delete(stored(port)));
      assertThat(await(other.commit(other.transaction().delete(stored(network)))))
          .isInstanceOf(Committed.class);
      assertThat(stored(network)).isNull();
    }
  }

  @Test
  void aFeedTellsTheWholeAndThenWhatChanges() {
    List<String> heard = new ArrayList<>();
    List<ConfigImage> images = new ArrayList<>();
    ConfigFeed feed =
        db.feed(
            loop,
            (delta, image) -> {
              assertThat(delta.revision()).isEqualTo(image.revision());
              heard.add(text(delta));
              images.add(image);
            });
    committed(db.transaction().create(network).allocate("pool", "1", "x"));
    assertThat(heard).isEmpty();
    loop.run();
    assertThat(heard).hasSize(1);
    assertThat(heard.getFirst())
        .startsWith("snapshot 2 ")
        .contains("+d:p:n", "+d:p", "+d", "+pool/1");
    committed(db.transaction().create(port));
    loop.run();
    committed(db.transaction().replace(with(stored(network), "display_name", "x")));
    committed(db.transaction().delete(stored(port)).free("pool", "1"));
    loop.run();
    assertThat(heard.subList(1, 3)).containsExactly("3 +d:p:i", "5 *d:p:n -d:p:i -pool/1");
    ConfigObject passing = child(project, "virtual-network", "passing");
    committed(db.transaction().create(passing));
    committed(db.transaction().delete(stored(passing)));
    loop.run();
    assertThat(heard).hasSize(3);
    feed.close();
    committed(db.transaction().delete(stored(network)));
    loop.run();
    assertThat(heard).hasSize(3);
    assertThat(images.getFirst().object(network.uuid()).property("display_name")).isNull();
  }

  private static String text(ConfigDelta delta) {
    StringBuilder text = new StringBuilder(delta.snapshot() ? "snapshot " : "");
    text.append(delta.revision());
    for (Change<?, ConfigObject> change : delta.objects()) {
      switch (change) {
        case Change.Put<?, ConfigObject> put ->
            text.append(put.before() == null ? " +" : " *").append(put.after().fqName());
        case Change.Remove<?, ConfigObject> remove ->
            text.append(" -").append(remove.before().fqName());
      }
    }
    for (Change<AllocationKey, String> change : delta.allocations()) {
      text.append(change instanceof Change.Put ? " +" : " -").append(change.key());
    }
    return text.toString();
  }

  @Test
  void anEmptyConfigIsAFeedToo() {
    List<ConfigDelta> heard = new ArrayList<>();
    SimulatedLoop own = new SimulatedLoop();
    try (MemoryStore empty = new MemoryStore(own);
        ConfigDb none = ConfigDb.open(empty)) {
      none.feed(own, (delta, image) -> heard.add(delta));
      own.run();
    }
    assertThat(heard).containsExactly(new ConfigDelta(0, List.of(), List.of(), true));
  }

  @Test
  void aRecordThatCannotBeReadStopsIt() {
    List<String> faults = new ArrayList<>();
    try (MemoryStore own = new MemoryStore(loop);
        ConfigDb followed = ConfigDb.open(own, (where, cause) -> faults.add(where))) {
      own.commit(
          Transaction.builder()
              .put(new Key("config/object/" + network.uuid()), "{\"future-type\":{}}")
              .build());
      assertThat(faults).containsExactly("config");
      assertThatThrownBy(() -> await(followed.commit(followed.transaction().create(domain))))
          .hasCauseInstanceOf(StoreException.class)
          .hasMessageContaining("no object type future-type");
      assertThatThrownBy(() -> await(followed.sync())).hasMessageContaining("future-type");
      assertThatThrownBy(() -> ConfigDb.open(own)).hasMessageContaining("future-type");
    }
  }
}
