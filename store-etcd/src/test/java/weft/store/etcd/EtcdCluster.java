package weft.store.etcd;

import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import weft.store.Key;
import weft.store.Store;

/** Real etcd members on loopback, in a directory that goes with them. */
final class EtcdCluster implements AutoCloseable {
  private final Path directory;
  private final List<String> clients = new ArrayList<>();
  private final List<String> peers = new ArrayList<>();
  private final List<Process> processes = new ArrayList<>();

  private EtcdCluster(int size) throws IOException {
    directory = Files.createTempDirectory("weft-etcd");
    List<ServerSocket> taken = new ArrayList<>();
    for (int i = 0; i < 2 * size; i++) {
      ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      taken.add(socket);
      (i < size ? clients : peers).add("127.0.0.1:" + socket.getLocalPort());
    }
    for (ServerSocket socket : taken) {
      socket.close();
    }
  }

  static EtcdCluster start(int size) {
    try {
      EtcdCluster cluster = new EtcdCluster(size);
      for (int i = 0; i < size; i++) {
        cluster.processes.add(cluster.member(i));
      }
      try (Store store = EtcdStore.open(cluster.options().withTimeout(Duration.ofSeconds(30)))) {
        store.revision();
      } catch (RuntimeException e) {
        cluster.close();
        throw e;
      }
      return cluster;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Process member(int index) throws IOException {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < peers.size(); i++) {
      all.add("m" + i + "=http://" + peers.get(i));
    }
    ProcessBuilder builder =
        new ProcessBuilder(
            "etcd",
            "--name=m" + index,
            "--data-dir=" + directory.resolve("m" + index),
            "--listen-client-urls=http://" + clients.get(index),
            "--advertise-client-urls=http://" + clients.get(index),
            "--listen-peer-urls=http://" + peers.get(index),
            "--initial-advertise-peer-urls=http://" + peers.get(index),
            "--initial-cluster=" + String.join(",", all),
            "--heartbeat-interval=100",
            "--election-timeout=1000");
    return builder
        .redirectErrorStream(true)
        .redirectOutput(
            ProcessBuilder.Redirect.appendTo(directory.resolve("m" + index + ".log").toFile()))
        .start();
  }

  EtcdOptions options() {
    return EtcdOptions.of(clients);
  }

  /** Of one member alone. */
  EtcdOptions options(int index) {
    return EtcdOptions.of(List.of(clients.get(index)));
  }

  /** Ends a member as a power failure does. */
  void kill(int index) throws InterruptedException {
    processes.get(index).destroyForcibly().waitFor();
  }

  void startAgain(int index) throws IOException {
    processes.set(index, member(index));
  }

  /** Deletes all entries; returns the revision at which that leaves etcd. */
  long clear() {
    try (Members members = new Members(options())) {
      DeleteRangeRequest all =
          DeleteRangeRequest.newBuilder()
              .setKey(Words.firstUnder(Key.EMPTY))
              .setRangeEnd(Words.endOf(Key.EMPTY))
              .build();
      return Members.await(members.ask(KVGrpc.getDeleteRangeMethod(), all, Members::notAnswered))
          .getHeader()
          .getRevision();
    }
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
    try {
      for (Process process : processes) {
        process.waitFor();
      }
      List<Path> files;
      try (Stream<Path> walk = Files.walk(directory)) {
        files = walk.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : files) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
