package weft.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.store.conformance.StoreConformance;
import weft.testkit.SimulatedLoop;

/** A store whose process is killed, or whose disk fails, in the middle of writing. */
class CrashTest {
  private static final long BUFFER = RocksOptions.DEFAULT.bufferBytes();

  /** With this logs are written over while it writes. */
  private static final long SMALL = 128 << 10;

  @TempDir Path directory;
  @TempDir Path errors;

  private ProcessBuilder writer(String prefix, int valueBytes, long bufferBytes) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String command =
        prefix
            + "exec \"$0\" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
            + " --enable-native-access=ALL-UNNAMED -cp \"$1\" \"$2\" \"$3\" \"$4\" \"$5\"";
    return new ProcessBuilder(
            "bash",
            "-c",
            command,
            java,
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            CrashingWriter.class.getName(),
            directory.toString(),
            Integer.toString(valueBytes),
            Long.toString(bufferBytes))
        .redirectError(errors.resolve("errors").toFile());
  }

  /** Opens the store and checks it against what was acknowledged, key to revision. */
  private void check(Map<String, Long> acknowledged) throws InterruptedException {
    SimulatedLoop clock = new SimulatedLoop();
    try (RocksStore store = RocksStore.open(directory, RocksOptions.DEFAULT, clock)) {
      StoreConformance.Ear ear = new StoreConformance.Ear();
      Map<String, Long> logged = new HashMap<>();
      Map<String, Long> reached = new HashMap<>();
      try (Watch _ = store.watch(Key.EMPTY, 1, new Log(ear, logged, reached))) {
        for (long revision = 1; revision <= store.revision(); revision++) {
          assertThat(ear.next()).isEqualTo("revision " + revision);
        }
      }
      acknowledged.forEach((key, revision) -> {
        assertThat(logged).containsEntry(key, revision);
        Entry entry = store.get(new Key(key));
        assertThat(entry.createRevision()).isEqualTo(revision);
        assertThat(entry.modRevision()).isEqualTo(revision);
      });
      reached.forEach((counter, number) ->
          assertThat(store.get(new Key(counter)).text()).isEqualTo(number.toString()));
    }
  }

  /** Follows the log: each key is put once, and the numbers of each thread come in order. */
  private record Log(StoreConformance.Ear ear, Map<String, Long> logged, Map<String, Long> reached)
      implements WatchListener {
    @Override
    public void changed(long revision, List<Event> events) {
      List<String> wrong = new ArrayList<>();
      for (Event event : events) {
        if (!(event instanceof Event.Put(Entry entry))) {
          wrong.add("deleted " + event.key());
        } else if (entry.key().text().startsWith("reached/")) {
          Long before = reached.put(entry.key().text(), Long.parseLong(entry.text()));
          if (Long.parseLong(entry.text()) != (before == null ? 0 : before + 1)) {
            wrong.add(entry.key() + " went from " + before + " to " + entry.text());
          }
        } else if (logged.put(entry.key().text(), revision) != null) {
          wrong.add(entry.key() + " was put twice");
        }
      }
      ear.heard.add(wrong.isEmpty() ? "revision " + revision : wrong.toString());
    }

    @Override
    public void compacted(long oldestRevision) {
      ear.compacted(oldestRevision);
    }

    @Override
    public void failed(StoreException cause) {
      ear.failed(cause);
    }
  }

  private static void note(String line, Map<String, Long> acknowledged) {
    int space = line.indexOf(' ');
    assertThat(space).as(line).isPositive();
    acknowledged.put(line.substring(0, space), Long.parseLong(line.substring(space + 1)));
  }

  @Test
  void keepsExactlyWhatWasAcknowledgedWhenKilled() throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    Map<String, Long> acknowledged = new HashMap<>();
    for (int round = 0; round < 10; round++) {
      Process process = writer("", 300, SMALL).start();
      try (BufferedReader lines = process.inputReader()) {
        for (int wanted = random.nextInt(1, 600); wanted > 0; wanted--) {
          String line = lines.readLine();
          assertThat(line).isNotNull();
          note(line, acknowledged);
        }
        process.destroyForcibly();
        // What it said before it died counts as well; the last line may be cut short.
        List<String> rest = rest(lines);
        rest.subList(0, Math.max(0, rest.size() - 1)).forEach(line -> note(line, acknowledged));
      }
      assertThat(process.waitFor()).isEqualTo(137);
      check(acknowledged);
    }
    assertThat(acknowledged).hasSizeGreaterThan(500);
  }

  private static List<String> rest(BufferedReader lines) {
    List<String> rest = new ArrayList<>();
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        rest.add(line);
      }
    } catch (IOException e) {
      return rest; // The pipe of a killed process may break while it is read.
    }
    return rest;
  }

  @Test
  void refusesWritesOnceTheDiskIsFull() throws Exception {
    Map<String, Long> acknowledged = new HashMap<>();
    List<String> refusals = new ArrayList<>();
    List<String> end = new ArrayList<>();
    Process first = writer("", 100, BUFFER).start();
    try (BufferedReader lines = first.inputReader()) {
      note(lines.readLine(), acknowledged);
      first.destroyForcibly();
    }
    first.waitFor();
    // A limit on the size of a file fails a write in the middle, as a full disk does.
    Process process = writer("ulimit -f 8192; ", 20_000, BUFFER).start();
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("refused ")) {
          refusals.add(line);
        } else if (line.startsWith("readable ")) {
          end.add(line);
        } else {
          note(line, acknowledged);
        }
      }
    }
    assertThat(process.waitFor()).as(Files.readString(errors.resolve("errors"))).isZero();
    assertThat(acknowledged).hasSizeGreaterThan(50);
    assertThat(refusals)
        .hasSize(8)
        .allMatch(line ->
            line.startsWith(
                "refused the store refuses writes because one failed: cannot write the store"));
    assertThat(end).containsExactly("readable true");
    check(acknowledged);
  }
}
