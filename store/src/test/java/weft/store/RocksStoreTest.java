package weft.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.store.conformance.StoreConformance;

class RocksStoreTest extends StoreConformance {
  @TempDir Path directory;

  private Path place;

  @Override
  protected Store open() {
    if (place == null) {
      place = directory.resolve("store");
    }
    return RocksStore.open(place, RocksOptions.DEFAULT, clock);
  }

  @Override
  protected Store fresh(long number) {
    place = directory.resolve("store-" + number);
    return open();
  }

  @Override
  protected Store reopened(Store before) {
    before.close();
    return open();
  }

  private void reopen() {
    store.close();
    store = open();
  }

  @Test
  void isTheSameWhenOpenedAgain() throws Exception {
    put("a", "1");
    put("b", "1");
    put("a", "2");
    delete("b");
    await(store.compact(3));
    reopen();
    assertThat(store.revision()).isEqualTo(4);
    assertThat(store.oldestRevision()).isEqualTo(3);
    assertThat(store.get(key("a"))).isEqualTo(new Entry(key("a"), bytes("2"), 1, 3, 0));
    assertThat(store.get(key("b"))).isNull();
    Ear ear = new Ear();
    try (Watch _ = store.watch(Key.EMPTY, 3, ear)) {
      assertThat(ear.next()).isEqualTo("3 [a@1/3=2]");
      assertThat(ear.next()).isEqualTo("4 [-b]");
      assertThat(put("c", "1")).isEqualTo(5);
      assertThat(ear.next()).isEqualTo("5 [c@5/5=1]");
    }
  }

  @Test
  void aLeaseOutlivesTheProcessAndHasItsTimeAgain() {
    Lease lease = await(store.grant(Duration.ofSeconds(5)));
    commit(Transaction.builder().put(key("a"), bytes("1"), lease));
    clock.advance(Duration.ofSeconds(4));
    reopen();
    clock.advance(Duration.ofSeconds(4));
    assertThat(store.get(key("a"))).isNotNull();
    clock.advance(Duration.ofSeconds(2));
    put("b", "waits for the writer to have come past the end of the lease");
    assertThat(store.get(key("a"))).isNull();
    reopen();
    assertThat(await(store.keepAlive(lease.id()))).isFalse();
    assertThat(await(store.grant(Duration.ofSeconds(5))).id()).isGreaterThan(lease.id());
  }

  @Test
  void retainsAWindowOfRevisions() throws Exception {
    store.close();
    store =
        RocksStore.open(
            directory.resolve("window"), RocksOptions.DEFAULT.withRetainedRevisions(100), clock);
    IntStream.rangeClosed(1, 3000)
        .forEach(i -> store.commit(Transaction.builder().put(key("a"), "" + i).build()));
    put("a", "end");
    assertThat(store.revision()).isEqualTo(3001);
    assertThat(store.revision() - store.oldestRevision()).isBetween(99L, 125L);
    Ear ear = new Ear();
    try (Watch _ = store.watch(Key.EMPTY, store.oldestRevision() - 1, ear)) {
      assertThat(ear.next()).isEqualTo("compacted " + store.oldestRevision());
    }
  }

  @Test
  void aWatchReadsWhatIsOlderThanMemoryHolds() throws Exception {
    int count = 5000;
    IntStream.rangeClosed(1, count)
        .forEach(i -> store.commit(Transaction.builder().put(key("a"), "" + i).build()));
    put("a", "end");
    reopen();
    Ear ear = new Ear();
    try (Watch _ = store.watch(Key.EMPTY, 1, ear)) {
      for (int i = 1; i <= count; i++) {
        assertThat(ear.next()).isEqualTo(i + " [a@1/" + i + "=" + i + "]");
      }
      assertThat(ear.next()).endsWith("=end]");
    }
  }

  /** The log that is written to, of a store that is closed. */
  private Path log() throws IOException {
    try (Stream<Path> files = Files.list(place.resolve("db"))) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .max(Comparator.comparingLong(file -> file.toFile().length()))
          .orElseThrow();
    }
  }

  @Test
  void whatWasNotAcknowledgedMayBeTorn() throws Exception {
    put("a", "1");
    put("a", "2");
    store.close();
    Files.write(log(), new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, StandardOpenOption.APPEND);
    store = open();
    assertThat(store.get(key("a"))).isEqualTo(new Entry(key("a"), bytes("2"), 1, 2, 0));
    assertThat(put("a", "3")).isEqualTo(3);
  }

  @Test
  void refusesFilesThatHaveLostWhatWasAcknowledged() throws Exception {
    for (int i = 1; i <= 20; i++) {
      put("a", "" + i);
    }
    store.close();
    try (FileChannel log = FileChannel.open(log(), StandardOpenOption.WRITE)) {
      log.truncate(log.size() / 2);
    }
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is damaged: at revision")
        .hasMessageContaining("though 20 was acknowledged; remove " + place);
    Files.delete(place.resolve("acknowledged"));
    store = open();
    assertThat(store.revision()).isBetween(1L, 19L);
  }

  @Test
  void logsAreWrittenOver() throws Exception {
    store.close();
    place = directory.resolve("small");
    RocksOptions small = RocksOptions.DEFAULT.withBufferBytes(128 << 10);
    store = RocksStore.open(place, small, clock);
    byte[] value = new byte[1000];
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 2000; i++) {
        store.commit(Transaction.builder().put(key("key-" + i), value).build());
      }
      long revision = put("end", "" + round);
      store.close();
      store = RocksStore.open(place, small, clock);
      assertThat(store.revision()).isEqualTo(revision).isEqualTo(2001L * (round + 1));
    }
    assertThat(store.scan(key("key-"), null, 5000).entries()).hasSize(2000);
  }

  @Test
  void isOpenOnceAtATime() {
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot open the store in " + directory.resolve("store"));
  }

  @Test
  void aSnapshotOfAClosedStoreSaysSo() {
    put("a", "1");
    Snapshot snapshot = store.snapshot();
    reopen();
    assertThatThrownBy(() -> snapshot.get(key("a"))).hasMessage("the store is closed");
    snapshot.close();
  }

  @Test
  void refusesAPlaceThatIsNoDirectory() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThatThrownBy(() -> RocksStore.open(file, RocksOptions.DEFAULT, clock))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot make the directory of the store");
  }

  @Test
  void isItsOwnersAlone() throws Exception {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place)))
        .isEqualTo("rwx------");
  }
}
