package weft.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import weft.testkit.SimulatedLoop;

/** Who leads, on virtual time. */
class LeadershipTest {
  private static final Duration TTL = Duration.ofSeconds(10);
  private static final Key WORK = new Key("work");

  private final SimulatedLoop loop = new SimulatedLoop();
  private final MemoryStore store = new MemoryStore(loop);
  private final List<String> heard = new ArrayList<>();

  /** One process, with a way to the store that can be cut. */
  private final class Process implements Leadership.Duty {
    final String name;
    final Leadership leadership;
    boolean cut;
    @Nullable Compare right;

    Process(String name) {
      this.name = name;
      this.leadership = Leadership.seek(new Way(this), loop, "role", name, TTL, this);
      loop.run();
    }

    @Override
    public void lead(Compare newRight) {
      heard.add(name + " leads");
      right = newRight;
    }

    @Override
    public void standBy() {
      heard.add(name + " stands by");
    }

    Outcome write(String text) {
      return store
          .commit(Transaction.builder().require(right).put(WORK, text).build())
          .toCompletableFuture()
          .join();
    }

    void close() {
      // Closing waits for the loop, which here is run by the test.
      CompletableFuture<Void> closed = CompletableFuture.runAsync(leadership::close);
      while (!closed.isDone()) {
        loop.run();
        Thread.onSpinWait();
      }
    }
  }

  /** The store as a process reaches it. */
  private final class Way implements Store {
    private final Process process;

    Way(Process process) {
      this.process = process;
    }

    private <T> CompletionStage<T> unlessCut(java.util.function.Supplier<CompletionStage<T>> call) {
      return process.cut
          ? CompletableFuture.failedStage(new StoreException("cut off"))
          : call.get();
    }

    @Override
    public long revision() {
      return store.revision();
    }

    @Override
    public long oldestRevision() {
      return store.oldestRevision();
    }

    @Override
    public CompletionStage<Outcome> commit(Transaction transaction) {
      return unlessCut(() -> store.commit(transaction));
    }

    @Override
    public @Nullable Entry get(Key key) {
      return store.get(key);
    }

    @Override
    public Page scan(Key prefix, @Nullable Key after, int limit) {
      return store.scan(prefix, after, limit);
    }

    @Override
    public Snapshot snapshot() {
      return store.snapshot();
    }

    @Override
    public Watch watch(Key prefix, long fromRevision, WatchListener listener) {
      return store.watch(
          prefix,
          fromRevision,
          new WatchListener() {
            @Override
            public void changed(long revision, List<Event> events) {
              if (!process.cut) {
                listener.changed(revision, events);
              }
            }

            @Override
            public void compacted(long oldestRevision) {
              listener.compacted(oldestRevision);
            }

            @Override
            public void failed(StoreException cause) {
              listener.failed(cause);
            }
          });
    }

    @Override
    public CompletionStage<Void> compact(long revision) {
      return store.compact(revision);
    }

    @Override
    public CompletionStage<Lease> grant(Duration timeToLive) {
      return unlessCut(() -> store.grant(timeToLive));
    }

    @Override
    public CompletionStage<Boolean> keepAlive(long lease) {
      return unlessCut(() -> store.keepAlive(lease));
    }

    @Override
    public CompletionStage<Boolean> revoke(long lease) {
      return unlessCut(() -> store.revoke(lease));
    }

    @Override
    public void close() {}
  }

  @Test
  void oneLeadsAndTheNextTakesOverWhenItParts() {
    Process a = new Process("a");
    Process b = new Process("b");
    loop.advance(Duration.ofMinutes(5));
    assertThat(heard).containsExactly("a leads");
    assertThat(b.leadership.leader()).isEqualTo("a");
    assertThat(a.write("1")).isInstanceOf(Outcome.Committed.class);
    a.close();
    loop.run();
    assertThat(heard).containsExactly("a leads", "a stands by", "b leads");
    assertThat(b.leadership.leader()).isEqualTo("b");
    assertThat(a.write("late")).isInstanceOf(Outcome.Conflict.class);
    assertThat(b.write("2")).isInstanceOf(Outcome.Committed.class);
    assertThat(store.get(WORK).text()).isEqualTo("2");
  }

  @Test
  void whoIsCutOffStandsByBeforeAnotherLeads() {
    Process a = new Process("a");
    Process b = new Process("b");
    loop.advance(Duration.ofSeconds(60));
    a.cut = true;
    loop.advance(TTL.plusSeconds(1));
    assertThat(heard).containsExactly("a leads", "a stands by", "b leads");
    assertThat(a.write("late"))
        .isEqualTo(new Outcome.Conflict(new Key("leader/role"), b.right.revision()));
    a.cut = false;
    loop.advance(Duration.ofMinutes(1));
    assertThat(heard).hasSize(3);
    b.cut = true;
    loop.advance(TTL.plusSeconds(1));
    assertThat(heard.subList(3, heard.size())).containsExactly("b stands by", "a leads");
  }

  @Test
  void aLateWriteOfOneThatWasDeposedUnawaresFails() {
    Process a = new Process("a");
    store.commit(Transaction.builder().put(new Key("leader/role"), "b").build());
    assertThat(a.write("late")).isInstanceOf(Outcome.Conflict.class);
    loop.run();
    assertThat(heard).containsExactly("a leads", "a stands by");
  }

  @Test
  void whatWasHeldUnderTheNameBeforeIsTakenOverAtOnce() {
    Process before = new Process("a");
    before.cut = true; // As if killed: its lease lives on.
    Process after = new Process("a");
    Process other = new Process("b");
    assertThat(heard).containsExactly("a leads", "a leads");
    assertThat(before.write("late")).isInstanceOf(Outcome.Conflict.class);
    assertThat(after.write("1")).isInstanceOf(Outcome.Committed.class);
    loop.advance(Duration.ofMinutes(1));
    assertThat(other.leadership.leader()).isEqualTo("a");
    assertThat(after.write("2")).isInstanceOf(Outcome.Committed.class);
  }
}
