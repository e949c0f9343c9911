package weft.config;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.config.Objects.child;
import static weft.config.Objects.referring;
import static weft.config.Objects.root;

import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import weft.schema.ConfigObject;
import weft.state.FaultHandler;
import weft.store.MemoryStore;
import weft.testkit.SimulatedLoop;

/** What would come of a transaction, said without committing it. */
class RehearsalTest {
  private final SimulatedLoop loop = new SimulatedLoop();
  private final MemoryStore memory = new MemoryStore(loop);
  private final DelayedStore store = new DelayedStore(memory);
  private final ConfigDb db = ConfigDb.open(store, FaultHandler.rethrow());
  private final ConfigObject domain = root("domain", "d");
  private final ConfigObject project = child(domain, "project", "p");
  private final ConfigObject network = child(project, "virtual-network", "n");
  private final ConfigObject instance = child(network, "routing-instance", "n");
  private final ConfigObject port =
      referring(child(project, "virtual-machine-interface", "i"), network);

  @BeforeEach
  void fill() {
    commit(db.transaction().create(domain).create(project).create(network).create(instance));
  }

  @AfterEach
  void stop() {
    db.close();
    memory.close();
  }

  private static ConfigOutcome await(java.util.concurrent.CompletionStage<ConfigOutcome> stage) {
    return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  private void commit(ConfigTransaction transaction) {
    assertThat(await(db.commit(transaction))).isInstanceOf(ConfigOutcome.Committed.class);
  }

  private ConfigObject stored(ConfigObject object) {
    return db.image().object(object.uuid());
  }

  @Test
  void saysWhatTheCommitWouldAndChangesNothing() {
    long revision = memory.revision();
    AllocationKey key = new AllocationKey("pool", "1");
    assertThat(await(db.rehearse(db.transaction().create(port).allocate(key, "me"))))
        .isEqualTo(new ConfigOutcome.Committed(db.image().revision()));
    assertThat(await(db.rehearse(db.transaction().create(child(domain, "project", "p")))))
        .isInstanceOf(ConfigOutcome.NameTaken.class);
    assertThat(await(db.rehearse(db.transaction().delete(stored(project)))))
        .isInstanceOf(ConfigOutcome.StillReferenced.class);
    assertThat(memory.revision()).isEqualTo(revision);
    assertThat(stored(port)).isNull();
    assertThat(db.seemsFree(key)).isTrue();
  }

  @Test
  void saysWhatIsTooMuchForTheStore() {
    store.takeAtMost(3);
    assertThat(await(db.rehearse(db.transaction().create(port))))
        .isInstanceOf(ConfigOutcome.TooLarge.class);
    store.takeAtMost(100);
    assertThat(await(db.rehearse(db.transaction().create(port))))
        .isInstanceOf(ConfigOutcome.Committed.class);
  }

  @Test
  void aPreviewIsTheImageThatTheCommitLeadsTo() {
    commit(db.transaction().create(port));
    ConfigObject other = child(project, "virtual-network", "other");
    AllocationKey key = new AllocationKey("pool", "1");
    Preview preview = new Preview(db.image());
    preview.delete(stored(port));
    preview.delete(stored(network));
    preview.put(other);
    preview.own(key, "me");
    ConfigImage foreseen = preview.image();
    assertThat(foreseen.object(instance.uuid())).isNull();
    commit(
        db.transaction()
            .delete(stored(port))
            .delete(stored(network))
            .create(other)
            .allocate(key, "me"));
    assertThat(names(foreseen)).isEqualTo(names(db.image())).hasSize(3);
    assertThat(foreseen.size()).isEqualTo(db.image().size());
    assertThat(foreseen.allocations("pool")).isEqualTo(db.image().allocations("pool"));
    assertThat(foreseen.children(project.uuid())).hasSize(1);
    assertThat(foreseen.referrers(network.uuid())).isEmpty();
  }

  private static TreeSet<String> names(ConfigImage image) {
    TreeSet<String> names = new TreeSet<>();
    for (String type :
        List.of(
            "domain",
            "project",
            "virtual-network",
            "routing-instance",
            "virtual-machine-interface")) {
      image.objects(type).forEach(object -> names.add(type + " " + object.fqName()));
    }
    return names;
  }
}
