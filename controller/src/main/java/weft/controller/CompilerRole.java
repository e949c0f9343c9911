package weft.controller;

import static java.util.stream.Collectors.toSet;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.compiler.Allocation;
import weft.compiler.Cause;
import weft.compiler.Compiler;
import weft.compiler.CompilerOptions;
import weft.compiler.DerivedKey;
import weft.compiler.DerivedObject;
import weft.compiler.Output;
import weft.config.AllocationKey;
import weft.config.ConfigDb;
import weft.config.ConfigDelta;
import weft.config.ConfigFeed;
import weft.config.ConfigImage;
import weft.config.ConfigOutcome;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.state.Change;
import weft.state.DeltaTracker;
import weft.state.Latency;
import weft.state.Loop;
import weft.store.Compare;
import weft.store.Leadership;

/**
 * The compiler's shell: feeds it with the config, and writes back what it derives.
 *
 * <p>All state belongs to the loop. One transaction is under way at a time; the next is made once
 * the feed has shown what the last one did.
 */
public final class CompilerRole implements Leadership.Duty, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CompilerRole.class);
  private static final int BATCH = 256;

  /** Comparisons or operations that an object of a batch comes to, more or less. */
  private static final int OPERATIONS = 8;

  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);

  private final Loop loop;
  private final ConfigDb db;
  private final InstantSource clock;
  private final Compiler compiler;
  private final Latency latency = new Latency();
  private final DeltaTracker<DerivedKey, Held> tracker = new DeltaTracker<>();
  private final Map<DerivedKey, String> refused = new LinkedHashMap<>();
  private final ConfigFeed feed;
  private Set<Allocation.Request> requests = Set.of();
  private Set<Allocation> surplus = Set.of();
  private boolean leading;
  private @Nullable Compare right;
  private int batchSize;
  private boolean underWay;
  private long begunAt;
  private long committed;
  private long seen;
  private long transactions;
  private Duration retry = FIRST_RETRY;
  private Loop.@Nullable Timer retryTimer;
  private boolean closed;

  private CompilerRole(CompilerOptions options, ConfigDb db, Loop loop, InstantSource clock) {
    this.loop = loop;
    this.db = db;
    this.clock = clock;
    this.compiler = new Compiler(options);
    this.batchSize = largestBatch();
    this.feed = db.feed(loop, this::changed);
  }

  /**
   * Starts to compile, as the only one over its store.
   *
   * @param loop stays the caller's to close
   */
  public static CompilerRole start(
      CompilerOptions options, ConfigDb db, Loop loop, InstantSource clock) {
    CompilerRole role = standingBy(options, db, loop, clock);
    loop.execute(() -> role.leading(null));
    return role;
  }

  /** Starts to compile without writing anything, until told to lead. */
  public static CompilerRole standingBy(
      CompilerOptions options, ConfigDb db, Loop loop, InstantSource clock) {
    return new CompilerRole(options, db, loop, clock);
  }

  /** From now on it is this one that writes, for as long as `right` holds. */
  @Override
  public void lead(Compare right) {
    loop.execute(() -> leading(right));
  }

  private void leading(@Nullable Compare newRight) {
    leading = true;
    right = newRight;
    commit();
  }

  @Override
  public void standBy() {
    loop.execute(() -> leading = false);
  }

  private int largestBatch() {
    return Math.clamp(db.maxOperations() / OPERATIONS, 1, BATCH);
  }

  private void changed(ConfigDelta delta, ConfigImage image) {
    seen = delta.revision();
    long begunNs = loop.nowNs();
    Output output =
        compiler.on(
            delta.revision(),
            PeerAddresses.select(delta, image),
            allocations(delta.allocations()),
            delta.snapshot());
    requests = output.requests();
    surplus = output.surplus();
    Set<DerivedKey> touched = new HashSet<>();
    for (Change<DerivedKey, DerivedObject> change : output.objects().changes()) {
      switch (change) {
        case Change.Put<DerivedKey, DerivedObject> put ->
            tracker.desire(put.key(), Held.desired(put.after()));
        case Change.Remove<DerivedKey, DerivedObject> remove -> tracker.undesire(remove.key());
      }
      touched.add(change.key());
    }
    for (Change<UUID, ConfigObject> change : delta.objects()) {
      addDerived(change.before(), touched);
      if (change instanceof Change.Put<UUID, ConfigObject> put) {
        addDerived(put.after(), touched);
      }
    }
    touched.forEach(key -> observe(key, image));
    latency.observe(loop.nowNs() - begunNs);
    commit();
  }

  private static void addDerived(@Nullable ConfigObject object, Set<DerivedKey> keys) {
    if (object != null && Held.owns(object.type().name())) {
      keys.add(new DerivedKey(object.type().name(), object.fqName()));
    }
  }

  /** What is neither desired nor made by the compiler is none of its business. */
  private void observe(DerivedKey key, ConfigImage image) {
    refused.remove(key);
    ConfigObject object = image.object(key.type(), key.fqName());
    if (object != null && (tracker.desired(key) != null || SystemObject.isOurs(object))) {
      tracker.actual(key, Held.actual(object));
    } else {
      tracker.absent(key);
    }
  }

  private static List<Change<Allocation.Key, String>> allocations(
      List<Change<AllocationKey, String>> changes) {
    List<Change<Allocation.Key, String>> all = new ArrayList<>();
    for (Change<AllocationKey, String> change : changes) {
      AllocationKey key = change.key();
      // Pools of text, such as addresses, are not the compiler's.
      if (Allocation.isOurs(key.pool())) {
        Allocation.Key number = new Allocation.Key(key.pool(), Long.parseLong(key.value()));
        all.add(
            switch (change) {
              case Change.Put<AllocationKey, String> put ->
                  new Change.Put<>(number, put.before(), put.after());
              case Change.Remove<AllocationKey, String> remove ->
                  new Change.Remove<>(number, remove.before());
            });
      }
    }
    return all;
  }

  private Batch pending() {
    List<DerivedObject> updates = new ArrayList<>();
    for (DerivedKey key : tracker.pendingUpdates().keySet()) {
      DerivedObject object = compiler.desired(key);
      if (object != null && !refused.containsKey(key) && updates.size() < batchSize) {
        updates.add(object);
      }
    }
    List<DerivedKey> deletes = new ArrayList<>(tracker.pendingDeletes());
    deletes.removeIf(refused::containsKey);
    return new Batch(
        updates,
        first(deletes).toList(),
        first(requests).collect(toSet()),
        first(surplus).collect(toSet()));
  }

  private <T> Stream<T> first(Collection<T> all) {
    return all.stream().limit(batchSize);
  }

  private void commit() {
    if (closed || !leading || underWay || retryTimer != null || seen < committed) {
      return;
    }
    Batch batch = pending();
    if (batch.isEmpty()) {
      retry = FIRST_RETRY;
      return;
    }
    underWay = true;
    begunAt = seen;
    transactions++;
    Compare mine = right;
    CompletionStage<ConfigOutcome> outcome =
        db.commitRetrying(transaction -> {
          if (mine != null) {
            transaction.fence(mine);
          }
          batch.fill(transaction, clock.instant());
        });
    outcome.whenComplete(
        (result, failure) -> loop.execute(() -> completed(batch, result, failure)));
  }

  private void completed(
      Batch batch, @Nullable ConfigOutcome outcome, @Nullable Throwable failure) {
    underWay = false;
    if (closed) {
      return;
    }
    if (outcome == null) {
      LOG.warn(
          "the store did not take {} derived changes: {}", batch.size(), String.valueOf(failure));
      retryLater();
      return;
    }
    switch (outcome) {
      case ConfigOutcome.Committed done -> {
        committed = done.revision();
        batchSize = Math.min(batchSize + 1, largestBatch());
        if (committed > begunAt) {
          retry = FIRST_RETRY;
          commit();
        } else {
          // Nothing was written: what is pending waits for something else.
          retryLater();
        }
      }
      case ConfigOutcome.NameTaken taken ->
          refuse(new DerivedKey(taken.type(), taken.fqName()), "its name is taken");
      case ConfigOutcome.UuidTaken taken -> refuse(key(taken.holder()), "its uuid is taken");
      case ConfigOutcome.Missing missing ->
          refuse(key(missing.referrer()), missing.type() + " " + missing.uuid() + " is missing");
      case ConfigOutcome.StillReferenced still ->
          refuse(key(still.object()), "it is still referred to");
      case ConfigOutcome.AllocationTaken _, ConfigOutcome.Conflict _, ConfigOutcome.Fenced _ ->
          retryLater();
      case ConfigOutcome.TooLarge(String reason) -> retrySmaller(batch, reason);
    }
  }

  private static DerivedKey key(ConfigObject object) {
    return new DerivedKey(object.type().name(), object.fqName());
  }

  /** Goes on without what was refused, which has its turn again after a while. */
  private void refuse(DerivedKey key, String reason) {
    LOG.warn("{} could not be written: {}", key, reason);
    boolean first = refused.put(key, reason) == null;
    if (first) {
      commit();
    } else {
      retryLater();
    }
    if (retryTimer == null) {
      Loop.Timer _ = loop.schedule(LAST_RETRY, this::reconsider);
    }
  }

  private void retrySmaller(Batch batch, String reason) {
    if (batchSize > 1) {
      batchSize /= 2;
      commit();
    } else if (!batch.updates().isEmpty()) {
      refuse(batch.updates().getFirst().key(), reason);
    } else if (!batch.deletes().isEmpty()) {
      refuse(batch.deletes().getFirst(), reason);
    } else {
      retryLater();
    }
  }

  private void reconsider() {
    if (!closed) {
      refused.clear();
      commit();
    }
  }

  private void retryLater() {
    if (retryTimer != null || pending().isEmpty()) {
      return;
    }
    retryTimer =
        loop.schedule(
            retry,
            () -> {
              retryTimer = null;
              commit();
            });
    retry = retry.multipliedBy(2).compareTo(LAST_RETRY) > 0 ? LAST_RETRY : retry.multipliedBy(2);
  }

  /**
   * How the role is doing.
   *
   * @param revision of the config that it has seen
   * @param leading whether it is this one that writes
   * @param inputs how many of each type it has
   * @param derived how many objects it wants
   * @param pending what is not written yet
   * @param refused what could not be written, and why
   */
  public record Status(
      long revision,
      boolean leading,
      Map<String, Integer> inputs,
      int derived,
      List<String> pending,
      Map<String, String> refused,
      long transactions) {}

  public CompletionStage<Status> status() {
    return ask(() -> {
      List<String> pending = new ArrayList<>();
      tracker.pendingUpdates().keySet().forEach(key -> pending.add("write " + key));
      tracker.pendingDeletes().forEach(key -> pending.add("delete " + key));
      requests.forEach(each -> pending.add("allocate " + each.pool() + " for " + each.owner()));
      surplus.forEach(each -> pending.add("free " + each.value() + " of " + each.pool()));
      Map<String, String> reasons = new LinkedHashMap<>();
      refused.forEach((key, reason) -> reasons.put(key.toString(), reason));
      return new Status(
          seen, leading, compiler.inputs(), compiler.size(), pending, reasons, transactions);
    });
  }

  /** How long it takes to derive what follows from a change; any thread may ask. */
  Latency latency() {
    return latency;
  }

  /** The inputs that the derived objects of a name depend on. */
  public CompletionStage<SortedMap<DerivedKey, List<Cause>>> why(FqName name) {
    return ask(() -> compiler.why(name));
  }

  private <T> CompletionStage<T> ask(java.util.function.Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    loop.execute(() -> answer.complete(question.get()));
    return answer;
  }

  /** Stops; a transaction under way still takes place. */
  @Override
  public void close() {
    feed.close();
    loop.execute(() -> closed = true);
  }
}
