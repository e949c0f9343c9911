package weft.config;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.config.ConfigDbTest.await;
import static weft.config.Objects.child;
import static weft.config.Objects.referring;
import static weft.config.Objects.root;
import static weft.config.Objects.unreferring;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.config.ConfigOutcome.Committed;
import weft.config.ConfigOutcome.NameTaken;
import weft.schema.ConfigObject;
import weft.schema.Ref;
import weft.schema.ReferenceType;
import weft.state.FaultHandler;
import weft.store.Entry;
import weft.store.RocksOptions;
import weft.store.RocksStore;
import weft.store.Snapshot;
import weft.store.Store;
import weft.testkit.SimulatedLoop;

/** Sixteen writers through two databases over one store, as two servers would be. */
class ConcurrentConfigTest {
  private static final int WRITERS = 16;
  private static final IntegerPool IDS = new IntegerPool("id", 1, 100_000);

  @TempDir Path directory;
  private Store store;
  private List<ConfigDb> dbs;
  private final ConfigObject domain = root("domain", "d");
  private final ConfigObject project = child(domain, "project", "p");

  @BeforeEach
  void open() {
    store = RocksStore.open(directory, RocksOptions.DEFAULT, new SimulatedLoop());
    dbs =
        List.of(
            ConfigDb.open(store, FaultHandler.rethrow()),
            ConfigDb.open(store, FaultHandler.rethrow()));
  }

  @AfterEach
  void close() {
    dbs.forEach(ConfigDb::close);
    store.close();
  }

  private ConfigOutcome commit(ConfigDb db, ConfigTransaction transaction) {
    return await(db.commit(transaction));
  }

  private void fill() {
    assertThat(commit(dbs.get(0), dbs.get(0).transaction().create(domain).create(project)))
        .isInstanceOf(Committed.class);
    await(dbs.get(1).sync());
  }

  private interface Work {
    void run(int writer, ConfigDb db) throws Exception;
  }

  private void inParallel(Work work) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        int writer = i;
        tasks.add(() -> {
          work.run(writer, dbs.get(writer % 2));
          return null;
        });
      }
      for (Future<Void> task : threads.invokeAll(tasks)) {
        task.get();
      }
    }
  }

  /** Checks what the store holds, read plainly, and that both images are exactly that. */
  private void checkAll() {
    Map<UUID, ConfigObject> objects = new HashMap<>();
    Map<String, UUID> names = new HashMap<>();
    Map<String, String> allocations = new TreeMap<>();
    Set<UUID> guards = new HashSet<>();
    try (Snapshot snapshot = store.snapshot()) {
      for (Entry entry : snapshot.scan(Layout.ROOT, null, Integer.MAX_VALUE).entries()) {
        switch (Layout.name(entry.key())) {
          case Layout.Name.OfObject(UUID uuid) -> objects.put(uuid, Layout.object(entry));
          case Layout.Name.OfGuard(UUID uuid) -> guards.add(uuid);
          case Layout.Name.OfAllocation(AllocationKey key) ->
              allocations.put(key.toString(), entry.text());
          case Layout.Name.OfOther _ ->
              names.put(entry.key().text(), UUID.fromString(entry.text()));
        }
      }
    }
    assertThat(names).hasSameSizeAs(objects);
    assertThat(objects.keySet()).containsAll(guards);
    for (ConfigObject object : objects.values()) {
      assertThat(names)
          .containsEntry(Layout.fqName(object.type(), object.fqName()).text(), object.uuid());
      assertThat(object.parentUuid() == null || objects.containsKey(object.parentUuid()))
          .as("parent of " + object.fqName())
          .isTrue();
      for (ReferenceType type : object.type().references()) {
        for (Ref ref : object.refs(type.targetName())) {
          assertThat(objects).as(object.fqName() + " refers").containsKey(ref.uuid());
        }
      }
    }
    for (ConfigDb db : dbs) {
      ConfigImage image = await(db.sync());
      Map<UUID, ConfigObject> known = new HashMap<>();
      image.forEachObject(known::put);
      assertThat(known).isEqualTo(objects);
      Map<String, String> owners = new TreeMap<>();
      image.forEachAllocation((key, owner) -> owners.put(key.toString(), owner));
      assertThat(owners).isEqualTo(allocations);
      for (ConfigObject object : objects.values()) {
        Set<UUID> referrers = new HashSet<>();
        objects.values().stream()
            .filter(other -> other.targets().contains(object.uuid()))
            .forEach(other -> referrers.add(other.uuid()));
        assertThat(image.referrers(object.uuid()))
            .extracting(ConfigObject::uuid)
            .containsExactlyInAnyOrderElementsOf(referrers);
      }
    }
  }

  @Test
  void aNameIsGivenOnce() throws Exception {
    fill();
    int names = 20;
    AtomicInteger won = new AtomicInteger();
    inParallel((writer, db) -> {
      for (int i = 0; i < names; i++) {
        ConfigObject mine = child(project, "virtual-network", "n" + i);
        switch (commit(db, db.transaction().create(mine))) {
          case Committed _ -> {
            won.incrementAndGet();
            assertThat(db.image().object(mine.uuid())).isNotNull();
          }
          case NameTaken taken ->
              assertThat(db.image().object("virtual-network", mine.fqName()).uuid())
                  .isEqualTo(taken.holder());
          case ConfigOutcome other -> throw new AssertionError(other);
        }
      }
    });
    assertThat(won).hasValue(names);
    checkAll();
  }

  @Test
  void aValueIsGivenOnceAndNeverLost() throws Exception {
    fill();
    inParallel((writer, db) -> {
      SplittableRandom random = new SplittableRandom(writer);
      Map<ConfigObject, Long> mine = new HashMap<>();
      for (int i = 0; i < 30; i++) {
        if (mine.size() > 2 && random.nextBoolean()) {
          ConfigObject victim = mine.keySet().iterator().next();
          long id = mine.remove(victim);
          ConfigObject stored = db.image().object(victim.uuid());
          assertThat(commit(db, db.transaction().delete(stored).free(IDS.key(id))))
              .isInstanceOf(Committed.class);
        } else {
          ConfigObject network = child(project, "virtual-network", writer + "-" + i);
          long[] id = new long[1];
          assertThat(
                  await(
                      db.commitRetrying(tx ->
                          id[0] =
                              tx.create(network)
                                  .allocateLowest(IDS, network.uuid().toString())
                                  .orElseThrow())))
              .isInstanceOf(Committed.class);
          mine.put(network, id[0]);
        }
      }
    });
    checkAll();
    ConfigImage image = await(dbs.get(0).sync());
    Set<String> owners = new HashSet<>(image.allocations("id").values());
    assertThat(owners).hasSameSizeAs(image.allocations("id").values());
    for (ConfigObject network : image.objects("virtual-network")) {
      assertThat(owners).contains(network.uuid().toString());
    }
    assertThat(image.objects("virtual-network")).hasSameSizeAs(owners);
    // Everyone took the lowest that was free: no more of the pool was used than at the worst
    // moment.
    assertThat(image.allocations("id").keySet())
        .allMatch(value -> Long.parseLong(value) <= WRITERS * 30);
  }

  @Test
  void whatIsReferredToIsNeverDeleted() throws Exception {
    fill();
    int networks = 4;
    Map<String, AtomicInteger> counts = new HashMap<>();
    for (String kind : List.of("created", "refused", "deleted", "held")) {
      counts.put(kind, new AtomicInteger());
    }
    inParallel((writer, db) -> {
      SplittableRandom random = new SplittableRandom(writer);
      // At least 40 steps, and as many more as it takes until everything has happened.
      for (int i = 0; i < 40 || (i < 5000 && !allHappened(counts)); i++) {
        String name = "n" + random.nextInt(networks);
        ConfigObject network = db.image().object("virtual-network", project.fqName().child(name));
        if (network == null) {
          commit(db, db.transaction().create(child(project, "virtual-network", name)));
        } else if (random.nextInt(3) == 0) {
          count(counts, commit(db, db.transaction().delete(network)), "deleted", "held");
        } else if (random.nextInt(3) == 0) {
          for (ConfigObject port : db.image().referrers(network.uuid())) {
            commit(db, db.transaction().replace(unreferring(port, network)));
          }
        } else {
          ConfigObject port = child(project, "virtual-machine-interface", writer + "-" + i);
          count(
              counts,
              commit(db, db.transaction().create(referring(port, network))),
              "created",
              "refused");
        }
      }
    });
    assertThat(counts).matches(ConcurrentConfigTest::allHappened);
    checkAll();
    close();
    open();
    checkAll();
  }

  private static boolean allHappened(Map<String, AtomicInteger> counts) {
    return counts.values().stream().allMatch(count -> count.get() > 0);
  }

  private static void count(
      Map<String, AtomicInteger> counts, ConfigOutcome outcome, String done, String refused) {
    counts.get(outcome instanceof Committed ? done : refused).incrementAndGet();
  }
}
