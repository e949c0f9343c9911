package weft.store.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import weft.store.Compare;
import weft.store.Entry;
import weft.store.Key;
import weft.store.Operation;
import weft.store.Outcome;
import weft.store.Page;
import weft.store.Snapshot;
import weft.store.Store;
import weft.store.Transaction;
import weft.store.Watch;

/** Drives a store with random transactions beside a plain map, and compares the two throughout. */
final class StoreModel {
  private final SplittableRandom random;
  private final UnaryOperator<Store> reopen;
  private final boolean several;
  private final TreeMap<String, Entry> entries = new TreeMap<>();
  private final List<String> history = new ArrayList<>();
  private Store store;
  private long revision;
  private long oldest = 1;

  /**
   * @param several whether to commit several transactions at a time and rely on their order
   */
  StoreModel(long seed, Store store, UnaryOperator<Store> reopen, boolean several) {
    this.random = new SplittableRandom(seed);
    this.store = store;
    this.reopen = reopen;
    this.several = several;
  }

  Store run(int steps) throws InterruptedException {
    for (int i = 0; i < steps; i++) {
      switch (random.nextInt(30)) {
        case 0 -> store = reopen.apply(store);
        case 1 -> compact();
        case 2 -> checkWatch();
        case 3, 4 -> checkScan();
        default -> commitSome();
      }
      assertThat(store.revision()).isEqualTo(revision);
      assertThat(store.oldestRevision()).isEqualTo(oldest);
    }
    checkScan();
    checkWatch();
    return store;
  }

  /** Several at a time, so that the engine may join them. */
  private void commitSome() {
    List<CompletionStage<Outcome>> outcomes = new ArrayList<>();
    List<Outcome> expected = new ArrayList<>();
    for (int i = several ? random.nextInt(1, 8) : 1; i > 0; i--) {
      Transaction transaction = transaction();
      expected.add(apply(transaction));
      outcomes.add(store.commit(transaction));
    }
    assertThat(outcomes.stream().map(StoreConformance::await)).isEqualTo(expected);
  }

  private String name() {
    return "k/" + (char) ('a' + random.nextInt(12)) + (random.nextBoolean() ? "" : "/x");
  }

  private Transaction transaction() {
    Transaction.Builder builder = Transaction.builder();
    for (int i = random.nextInt(3); i > 0; i--) {
      String name = name();
      Entry entry = entries.get(name);
      long modified = entry == null ? 0 : entry.modRevision();
      long created = entry == null ? 0 : entry.createRevision();
      long wrong = random.nextInt(10) == 0 ? 1 : 0;
      Key key = new Key(name);
      builder.require(
          random.nextBoolean()
              ? Compare.modified(key, modified + wrong)
              : Compare.created(key, created + wrong));
    }
    List<String> used = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      String name = name();
      if (!used.contains(name)) {
        used.add(name);
        if (random.nextInt(3) == 0) {
          builder.delete(new Key(name));
        } else {
          builder.put(new Key(name), "v" + random.nextInt(1000));
        }
      }
    }
    return builder.build();
  }

  private Outcome apply(Transaction transaction) {
    for (Compare compare : transaction.compares()) {
      Entry entry = entries.get(compare.key().text());
      long actual =
          entry == null
              ? 0
              : compare.target() == Compare.Target.CREATED
                  ? entry.createRevision()
                  : entry.modRevision();
      if (actual != compare.revision()) {
        return new Outcome.Conflict(compare.key(), actual);
      }
    }
    long next = revision + 1;
    List<String> texts = new ArrayList<>();
    for (Operation operation : transaction.operations()) {
      String name = operation.key().text();
      Entry before = entries.get(name);
      if (operation instanceof Operation.Put put) {
        long created = before == null ? next : before.createRevision();
        Entry entry = new Entry(put.key(), put.value(), created, next, 0);
        entries.put(name, entry);
        texts.add(entry.toString());
      } else if (before != null) {
        entries.remove(name);
        texts.add("-" + name);
      }
    }
    if (!texts.isEmpty()) {
      revision = next;
      history.add(revision + " " + texts);
    }
    return new Outcome.Committed(revision);
  }

  private void compact() {
    long before = random.nextLong(revision + 2);
    StoreConformance.await(store.compact(before));
    oldest = Math.max(oldest, Math.min(before, revision));
  }

  private void checkScan() {
    Key prefix = new Key(random.nextBoolean() ? "" : "k/" + (char) ('a' + random.nextInt(12)));
    List<Entry> expected =
        entries.values().stream().filter(entry -> entry.key().startsWith(prefix)).toList();
    List<Entry> found = new ArrayList<>();
    try (Snapshot snapshot = store.snapshot()) {
      int limit = random.nextInt(1, 10);
      Page page = snapshot.scan(prefix, null, limit);
      found.addAll(page.entries());
      while (page.more()) {
        page = snapshot.scan(prefix, found.getLast().key(), limit);
        found.addAll(page.entries());
      }
    }
    assertThat(found).isEqualTo(expected);
    String name = name();
    assertThat(store.get(new Key(name))).isEqualTo(entries.get(name));
  }

  private void checkWatch() throws InterruptedException {
    long from = random.nextLong(1, revision + 2);
    StoreConformance.Ear ear = new StoreConformance.Ear();
    try (Watch _ = store.watch(Key.EMPTY, from, ear)) {
      if (from < oldest && from <= revision) {
        assertThat(ear.next()).isEqualTo("compacted " + oldest);
        return;
      }
      for (long at = from; at <= revision; at++) {
        assertThat(ear.next()).isEqualTo(history.get((int) at - 1));
      }
    }
  }
}
