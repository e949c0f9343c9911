package weft.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.schema.ConfigObject;
import weft.state.FaultHandler;
import weft.store.Entry;
import weft.store.Event;
import weft.store.Key;
import weft.store.Lease;
import weft.store.MemoryStore;
import weft.store.RocksOptions;
import weft.store.RocksStore;
import weft.store.Snapshot;
import weft.store.Store;
import weft.store.StoreException;
import weft.store.Transaction;
import weft.store.Watch;
import weft.store.WatchListener;
import weft.testkit.SimulatedLoop;

/** Backups, what is wrong with some, and restores that are broken off at every step. */
class RestoreTest {
  @TempDir Path directory;
  private final SimulatedLoop loop = new SimulatedLoop();

  private static void put(Store store, String key, byte[] value) {
    var _ =
        store
            .commit(Transaction.builder().put(new Key(key), value).build())
            .toCompletableFuture()
            .join();
  }

  private static void put(Store store, String key, String value) {
    put(store, key, value.getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, String> content(Store store) {
    Map<String, String> content = new LinkedHashMap<>();
    for (Entry entry : store.scan(Key.EMPTY, null, Integer.MAX_VALUE).entries()) {
      content.put(entry.key().text(), new String(entry.value(), StandardCharsets.ISO_8859_1));
    }
    return content;
  }

  private Path save(Store store, String name) throws IOException {
    Path file = directory.resolve(name);
    try (OutputStream plain = Files.newOutputStream(file);
        OutputStream out = name.endsWith(".gz") ? new GZIPOutputStream(plain) : plain;
        Snapshot snapshot = store.snapshot()) {
      Backup.Summary _ = Backup.write(snapshot, Instant.EPOCH, out);
    }
    return file;
  }

  private MemoryStore some() {
    MemoryStore store = new MemoryStore(loop);
    put(store, "a", "one");
    put(store, "b/ü", "zwei\n\"");
    put(store, "bytes", new byte[] {0, -1, 7});
    put(store, "z", "");
    Lease lease = store.grant(Duration.ofSeconds(9)).toCompletableFuture().join();
    var _ =
        store.commit(Transaction.builder().put(new Key("leader/x"), new byte[] {1}, lease).build());
    return store;
  }

  @Test
  void aStoreComesBackAsItWas() throws IOException {
    Store store = some();
    Map<String, String> before = content(store);
    before.remove("leader/x");
    for (String name : List.of("plain", "compressed.gz")) {
      Path file = save(store, name);
      try (Store other =
          RocksStore.open(directory.resolve("store-" + name), RocksOptions.DEFAULT, loop)) {
        assertThat(Restore.run(other, file, false))
            .isEqualTo(new Backup.Summary(5, "1970-01-01T00:00:00Z", 4));
        assertThat(content(other)).isEqualTo(before);
        assertThat(Files.readAllBytes(save(other, "again")).length).isPositive();
        assertThatThrownBy(() -> Restore.run(other, file, false))
            .isInstanceOf(StoreException.class)
            .hasMessage("the store is not empty: it holds a; --force replaces all");
        put(other, "c", "more");
        assertThat(Restore.run(other, file, true).entries()).isEqualTo(4);
        assertThat(content(other)).isEqualTo(before);
      }
    }
  }

  @Test
  void aFileThatIsNoWholeBackupIsRefusedByItsDefectAndChangesNothing() throws IOException {
    byte[] good = Files.readAllBytes(save(some(), "good"));
    String text = new String(good, StandardCharsets.UTF_8);
    Map<String, byte[]> damaged = new LinkedHashMap<>();
    damaged.put(" is no backup of Weft", "key=value\n".getBytes(StandardCharsets.UTF_8));
    damaged.put("is a backup of format 9; this program reads 1", edited(text, "\":1,", "\":9,"));
    damaged.put(": it has no last line", java.util.Arrays.copyOf(good, good.length - 100));
    damaged.put(": its checksum is ", edited(text, "one", "two"));
    damaged.put("line 3 is no entry", edited(text, "\"key\":\"b/", "\"kex\":\"b/"));
    damaged.put(
        "it says that it has 4 entries, and has 3",
        edited(text, text.lines().skip(2).findFirst().orElseThrow() + "\n", ""));
    damaged.put("something behind its last line", edited(text, "z", "z", "\n"));
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(zipped)) {
      out.write(good);
    }
    damaged.put(" is damaged: Unexpected end", java.util.Arrays.copyOf(zipped.toByteArray(), 60));
    MemoryStore store = new MemoryStore(loop);
    put(store, "mine", "1");
    for (Map.Entry<String, byte[]> each : damaged.entrySet()) {
      Path file = Files.write(directory.resolve("bad"), each.getValue());
      assertThatThrownBy(() -> Restore.run(store, file, true))
          .isInstanceOf(BackupException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining(each.getKey());
      assertThat(store.revision()).isEqualTo(1);
    }
  }

  private static byte[] edited(String text, String from, String to, String... behind) {
    String changed = text.replaceFirst(java.util.regex.Pattern.quote(from), to);
    return (changed + String.join("", behind)).getBytes(StandardCharsets.UTF_8);
  }

  /** A way to a store that takes so many more transactions, small ones, and then none. */
  private static Store dying(Store store, int left) {
    return new DelayedStore(store).takeAtMost(2).breakAfter(left);
  }

  @Test
  void whereverItIsBrokenOffTheStoreIsWhollyAsItWasOrAsTheBackup() throws IOException {
    Path file = save(some(), "backup");
    Map<String, String> wanted = content(some());
    wanted.remove("leader/x");
    List<Boolean> restored = new ArrayList<>();
    boolean whole = false;
    for (int steps = 0; !whole; steps++) {
      MemoryStore store = new MemoryStore(loop);
      for (String key : List.of("a", "c", "d", "e", "y", "z", "zz")) {
        put(store, key, "old " + key);
      }
      Map<String, String> old = content(store);
      try {
        Restore.run(dying(store, steps), file, true);
        whole = true;
      } catch (StoreException e) {
        assertThat(e).hasMessage("dead");
      }
      // What ends it may be broken off as well.
      for (int few = 0; few < 3; few++) {
        try {
          Restore.finish(dying(store, few));
        } catch (StoreException e) {
          assertThat(e).hasMessage("dead");
        }
      }
      Restore.finish(store);
      Map<String, String> now = content(store);
      assertThat(now).isIn(old, wanted);
      restored.add(now.equals(wanted));
    }
    assertThat(restored.size()).isGreaterThan(12);
    assertThat(restored.getFirst()).isFalse();
    assertThat(restored.getLast()).isTrue();
    int decided = restored.indexOf(true);
    assertThat(restored.subList(decided, restored.size())).containsOnly(true);
  }

  /** Lets the loop run after each transaction. */
  private final class Pace implements WatchListener {
    @Override
    public void changed(long revision, List<Event> events) {
      loop.run();
    }

    @Override
    public void compacted(long oldestRevision) {}

    @Override
    public void failed(StoreException cause) {}
  }

  /** Servers that follow the store see the old config, and then the new one, never a mixture. */
  @Test
  void whoFollowsTheStoreSeesAllOfItAtOnce() throws IOException {
    ConfigObject domain = Objects.root("domain", "d");
    MemoryStore source = new MemoryStore(loop);
    List<ConfigObject> old = new ArrayList<>();
    List<ConfigObject> saved = new ArrayList<>();
    Path file;
    try (ConfigDb db = ConfigDb.open(source, FaultHandler.rethrow())) {
      ConfigTransaction transaction = db.transaction().create(domain);
      for (int i = 0; i < 20; i++) {
        saved.add(Objects.child(domain, "project", "saved" + i));
        transaction.create(saved.getLast());
      }
      assertThat(ConfigDbTest.await(db.commit(transaction)))
          .isInstanceOf(ConfigOutcome.Committed.class);
      file = save(source, "backup");
    }
    MemoryStore store = new MemoryStore(loop);
    List<String> seen = new ArrayList<>();
    try (ConfigDb db = ConfigDb.open(store, FaultHandler.rethrow())) {
      ConfigObject other = Objects.root("domain", "other");
      ConfigTransaction transaction = db.transaction().create(other);
      for (int i = 0; i < 10; i++) {
        old.add(Objects.child(other, "project", "old" + i));
        transaction.create(old.getLast());
      }
      ConfigDbTest.await(db.commit(transaction));
      ConfigListener listener =
          (delta, image) ->
              seen.add(
                  image.objects("domain").iterator().next().fqName()
                      + " "
                      + image.objects("project").size());
      try (ConfigFeed _ = db.feed(loop, listener);
          Watch _ = store.watch(Key.EMPTY, 0, new Pace())) {
        loop.run();
        Restore.run(dying(store, Integer.MAX_VALUE), file, true);
        loop.run();
      }
      assertThat(seen).containsExactly("other 10", "d 20");
      assertThat(db.image().object(saved.getFirst().uuid())).isNotNull();
      assertThat(db.image().object(old.getFirst().uuid())).isNull();
      assertThat(Inspection.of(store.snapshot()).problems()).isEmpty();
    }
  }
}
