package weft.bench.vrouter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import weft.datapath.Datapath;
import weft.datapath.DatapathOptions;
import weft.datapath.Failure;
import weft.datapath.ThreadPlace;
import weft.lab.Command;
import weft.lab.LabException;
import weft.lab.Namespace;
import weft.state.Delta;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;

/** A datapath in a namespace, on the one thread that may use it. */
final class VrouterHost implements AutoCloseable {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
  private final Path directory;
  private final DatapathOptions options;
  private final Datapath datapath;

  VrouterHost(Namespace namespace, int flowTableSize, int flowsPerVif) throws IOException {
    directory = Files.createTempDirectory(Sweep.pinsStem());
    options = DatapathOptions.of(directory, flowTableSize, flowsPerVif, DatapathOptions.ROUTES);
    call(() -> {
      ThreadPlace.enter(HostThread.path(namespace));
      return true;
    });
    datapath = call(() -> Datapath.open(options));
  }

  private <T> T call(Callable<T> task) {
    try {
      return thread.submit(task).get();
    } catch (ExecutionException e) {
      LabException failure = new LabException(String.valueOf(e.getCause()));
      failure.initCause(e.getCause());
      throw failure;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted");
    }
  }

  /** Adds entries that are not there. */
  void add(Map<TableKey, TableValue> entries) {
    Delta.Builder<TableKey, TableValue> delta = new Delta.Builder<>();
    entries.forEach((key, value) -> delta.add(key, null, value));
    apply(delta);
  }

  void replace(TableKey key, TableValue before, TableValue after) {
    apply(new Delta.Builder<TableKey, TableValue>().add(key, before, after));
  }

  private void apply(Delta.Builder<TableKey, TableValue> delta) {
    List<Failure> failures = call(() -> datapath.apply(delta.build(1)));
    if (!failures.isEmpty()) {
      throw new LabException(failures.getFirst().toString());
    }
  }

  /** Removes all flows; how many entries there were. */
  int forget() {
    return call(() -> datapath.age(java.time.Duration.ofNanos(-1)));
  }

  /** Bytes of kernel memory of a table. */
  long memory(String table) {
    return call(() -> datapath.memory()).getOrDefault(table, 0L);
  }

  long drops() {
    return call(() -> datapath.drops()).values().stream().mapToLong(Long::longValue).sum();
  }

  String dropsText() {
    return call(() -> datapath.drops()).toString();
  }

  int ifindex(String device) {
    return call(() -> {
      for (String line : Files.readAllLines(Path.of("/proc/thread-self/net/igmp"))) {
        String[] words = line.strip().split("\\s+");
        if (words.length > 1 && words[1].equals(device)) {
          return Integer.parseInt(words[0]);
        }
      }
      throw new LabException("no device " + device);
    });
  }

  @Override
  public void close() {
    call(() -> {
      datapath.close();
      Datapath.remove(options);
      return true;
    });
    thread.shutdown();
    Command.run("umount", directory.toString());
    try {
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
