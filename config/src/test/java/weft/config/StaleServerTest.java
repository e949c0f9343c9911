package weft.config;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.config.Objects.child;
import static weft.config.Objects.referring;
import static weft.config.Objects.root;
import static weft.config.Objects.unreferring;
import static weft.config.Objects.with;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import weft.config.ConfigOutcome.AllocationTaken;
import weft.config.ConfigOutcome.Committed;
import weft.config.ConfigOutcome.Conflict;
import weft.config.ConfigOutcome.Missing;
import weft.config.ConfigOutcome.NameTaken;
import weft.config.ConfigOutcome.StillReferenced;
import weft.schema.ConfigObject;
import weft.state.FaultHandler;
import weft.store.MemoryStore;
import weft.testkit.SimulatedLoop;

/** Two servers over one store, the second of which hears late of what the first did. */
class StaleServerTest {
  private final SimulatedLoop loop = new SimulatedLoop();
  private final MemoryStore store = new MemoryStore(loop);
  private final DelayedStore slow = new DelayedStore(store);
  private final ConfigDb first = ConfigDb.open(store, FaultHandler.rethrow());
  private final ConfigDb second = ConfigDb.open(slow, FaultHandler.rethrow());
  private final ConfigObject domain = root("domain", "d");
  private final ConfigObject project = child(domain, "project", "p");
  private final ConfigObject network = child(project, "virtual-network", "n");
  private final ConfigObject port = child(project, "virtual-machine-interface", "i");

  @BeforeEach
  void fill() {
    atFirst(tx -> tx.create(domain).create(project).create(network).create(port));
    slow.hold();
  }

  @AfterEach
  void stop() {
    first.close();
    second.close();
    store.close();
  }

  private void atFirst(Consumer<ConfigTransaction> build) {
    ConfigTransaction transaction = first.transaction();
    build.accept(transaction);
    assertThat(ConfigDbTest.await(first.commit(transaction))).isInstanceOf(Committed.class);
  }

  private ConfigObject atFirst(ConfigObject object) {
    return first.image().object(object.uuid());
  }

  private ConfigObject atSecond(ConfigObject object) {
    return second.image().object(object.uuid());
  }

  /** Commits at the second server, which cannot answer before it has heard the news. */
  private ConfigOutcome atSecondOnceItHears(Consumer<ConfigTransaction> build) {
    ConfigTransaction transaction = second.transaction();
    build.accept(transaction);
    CompletableFuture<ConfigOutcome> outcome = second.commit(transaction).toCompletableFuture();
    assertThat(outcome).isNotDone();
    slow.release();
    assertThat(outcome).isDone();
    assertThat(second.image().revision()).isEqualTo(store.revision());
    return outcome.join();
  }

  @Test
  void doesNotDeleteWhatAnotherHasReferredTo() {
    atFirst(tx -> tx.replace(referring(atFirst(port), network)));
    assertThat(atSecondOnceItHears(tx -> tx.delete(atSecond(network))))
        .isEqualTo(new StillReferenced(atFirst(network), List.of(), List.of(atFirst(port))));
  }

  @Test
  void doesNotDeleteWhatHasAChildByAnother() {
    ConfigObject pool = child(network, "floating-ip-pool", "f");
    atFirst(tx -> tx.create(pool));
    assertThat(atSecondOnceItHears(tx -> tx.delete(atSecond(network))))
        .isEqualTo(new StillReferenced(atFirst(network), List.of(atFirst(pool)), List.of()));
  }

  @Test
  void deletesTheDerivedChildThatAnotherHasMade() {
    ConfigObject instance = child(network, "routing-instance", "n");
    atFirst(tx -> tx.create(instance));
    assertThat(atSecondOnceItHears(tx -> tx.delete(atSecond(network))))
        .isInstanceOf(Committed.class);
    assertThat(atFirst(instance)).isNull();
  }

  @Test
  void deletesWhatAnotherNoLongerRefersTo() {
    slow.release();
    atFirst(tx -> tx.replace(referring(atFirst(port), network)));
    slow.hold();
    atFirst(tx -> tx.replace(unreferring(atFirst(port), network)));
    assertThat(atSecondOnceItHears(tx -> tx.delete(atSecond(network))))
        .isInstanceOf(Committed.class);
  }

  @Test
  void doesNotReferToWhatAnotherHasDeleted() {
    atFirst(tx -> tx.delete(atFirst(network)));
    ConfigObject referring = referring(atSecond(port), network);
    assertThat(atSecondOnceItHears(tx -> tx.replace(referring)))
        .isEqualTo(new Missing(referring, "virtual-network", network.uuid()));
  }

  @Test
  void doesNotReferToWhatAnotherHasDeletedAndMadeAnew() {
    atFirst(tx -> tx.delete(atFirst(network)));
    atFirst(tx -> tx.create(network));
    assertThat(atSecondOnceItHears(tx -> tx.replace(referring(atSecond(port), network))))
        .isInstanceOf(Committed.class);
    assertThat(first.image().referrers(network.uuid())).containsExactly(atFirst(port));
  }

  @Test
  void refersToWhatAnotherHasMade() {
    ConfigObject other = child(project, "virtual-network", "other");
    atFirst(tx -> tx.create(other));
    assertThat(atSecondOnceItHears(tx -> tx.replace(referring(atSecond(port), other))))
        .isInstanceOf(Committed.class);
  }

  @Test
  void aChangeOfTheTargetDoesNotDisturb() {
    atFirst(tx -> tx.replace(with(atFirst(network), "display_name", "x")));
    ConfigTransaction transaction =
        second.transaction().replace(referring(atSecond(port), network));
    CompletableFuture<ConfigOutcome> outcome = second.commit(transaction).toCompletableFuture();
    assertThat(first.image().referrers(network.uuid())).hasSize(1);
    assertThat(outcome).isNotDone();
    slow.release();
    assertThat(outcome).isDone();
    assertThat(atSecond(network)).isEqualTo(atFirst(network));
  }

  @Test
  void namesTheHolderOfANameThatAnotherHasTaken() {
    ConfigObject theirs = child(project, "virtual-network", "x");
    ConfigObject mine = child(project, "virtual-network", "x");
    atFirst(tx -> tx.create(theirs));
    assertThat(atSecondOnceItHears(tx -> tx.create(mine)))
        .isEqualTo(new NameTaken("virtual-network", mine.fqName(), theirs.uuid()));
  }

  @Test
  void namesTheOwnerOfAValueThatAnotherHasAllocated() {
    AllocationKey key = new AllocationKey("pool", "1");
    atFirst(tx -> tx.allocate(key, "first"));
    assertThat(atSecondOnceItHears(tx -> tx.allocate(key, "second")))
        .isEqualTo(new AllocationTaken(key, "first"));
  }

  @Test
  void freesWhatAnotherHasAllocated() {
    AllocationKey key = new AllocationKey("pool", "1");
    atFirst(tx -> tx.allocate(key, "first"));
    assertThat(atSecondOnceItHears(tx -> tx.free(key))).isInstanceOf(Committed.class);
    assertThat(first.image().owner(key)).isNull();
  }

  @Test
  void picksAnewWhenAnotherWasFaster() {
    IntegerPool pool = new IntegerPool("ids", 1, 9);
    atFirst(tx -> tx.allocateLowest(pool, "first"));
    CompletableFuture<ConfigOutcome> outcome =
        second.commitRetrying(tx -> tx.allocateLowest(pool, "second")).toCompletableFuture();
    slow.release();
    assertThat(outcome.join()).isInstanceOf(Committed.class);
    assertThat(first.image().allocations("ids"))
        .containsEntry("1", "first")
        .containsEntry("2", "second");
  }

  @Test
  void doesNotOverwriteWhatItHasNotSeen() {
    atFirst(tx -> tx.replace(with(atFirst(network), "display_name", "first")));
    assertThat(atSecondOnceItHears(tx -> tx.replace(with(atSecond(network), "display_name", "x"))))
        .isEqualTo(new Conflict(network.uuid(), store.revision()));
  }

  @Test
  void readsAnewWhatItMissed() {
    List<ConfigDelta> heard = new ArrayList<>();
    second.feed(loop, (delta, image) -> heard.add(delta));
    loop.run();
    heard.clear();
    ConfigObject other = child(project, "virtual-network", "other");
    atFirst(tx -> tx.create(other).allocate("pool", "1", "x"));
    atFirst(tx -> tx.delete(atFirst(port)));
    atFirst(tx -> tx.replace(with(atFirst(network), "display_name", "x")));
    slow.lose();
    loop.run();
    assertThat(heard).hasSize(1);
    assertThat(heard.getFirst().snapshot()).isFalse();
    assertThat(heard.getFirst().objects())
        .extracting(change -> change.key())
        .containsExactlyInAnyOrder(other.uuid(), port.uuid(), network.uuid());
    assertThat(heard.getFirst().allocations()).hasSize(1);
    assertThat(atSecond(network)).isEqualTo(atFirst(network));
    atFirst(tx -> tx.delete(atFirst(other)).free("pool", "1"));
    assertThat(atSecond(other)).isNull();
    assertThat(second.image().allocations("pool")).isEmpty();
  }

  @Test
  void doesNotRelyOnWhatAnotherHasChanged() {
    atFirst(tx -> tx.replace(with(atFirst(network), "display_name", "other")));
    assertThat(
            atSecondOnceItHears(tx -> tx.rely(atSecond(network)).allocate("ip/n", "10.0.0.1", "x")))
        .isEqualTo(new Conflict(network.uuid(), atFirst(network).revision()));
  }

  @Test
  void isDisturbedByWhoReliesOnTheSame() {
    atFirst(tx -> tx.rely(atFirst(network)).allocate("ip/n", "10.0.0.1", "x"));
    assertThat(
            atSecondOnceItHears(tx ->
                tx.demandUndisturbed(atSecond(network))
                    .replace(with(atSecond(network), "display_name", "other"))))
        .isInstanceOf(Conflict.class);
  }

  @Test
  void isUndisturbedByWhatWasThereBefore() {
    atFirst(tx -> tx.rely(atFirst(network)).allocate("ip/n", "10.0.0.1", "x"));
    atFirst(tx ->
        tx.demandUndisturbed(atFirst(network))
            .replace(with(atFirst(network), "display_name", "other")));
    assertThat(atFirst(network).property("display_name").asString()).isEqualTo("other");
  }

  @Test
  void mayRelyOnWhatItDeletes() {
    atFirst(tx -> tx.rely(atFirst(network)).allocate("ip/n", "10.0.0.1", "x"));
    atFirst(tx -> tx.rely(atFirst(network)).delete(atFirst(network)).free("ip/n", "10.0.0.1"));
    assertThat(atFirst(network)).isNull();
    assertThat(first.image().allocations("ip/n")).isEmpty();
  }
}
