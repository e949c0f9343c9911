package weft.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Real etcd members, in a directory that goes with them.
 *
 * <p>A member is at an address of its own if it is given one, with words before its command that
 * let it run there; else all are on loopback.
 */
public final class EtcdCluster implements AutoCloseable {
  /** Where a member runs, and the words before its command. */
  public record Place(String address, List<String> prefix) {
    static final Place HERE = new Place("127.0.0.1", List.of());
  }

  private final Path directory;
  private final List<Place> places;
  private final List<String> extra;
  private final boolean secured;
  private final List<String> clients = new ArrayList<>();
  private final List<String> peers = new ArrayList<>();
  private final List<Process> processes = new ArrayList<>();

  private EtcdCluster(List<Place> places, boolean secured, List<String> extra) throws IOException {
    this.directory = Files.createTempDirectory("weft-etcd");
    this.places = places;
    this.secured = secured;
    this.extra = extra;
    List<ServerSocket> taken = new ArrayList<>();
    for (Place place : places) {
      clients.add(address(place, 2379, taken));
      peers.add(address(place, 2380, taken));
    }
    for (ServerSocket socket : taken) {
      socket.close();
    }
  }

  private static String address(Place place, int usual, List<ServerSocket> taken)
      throws IOException {
    if (!place.equals(Place.HERE)) {
      return place.address() + ":" + usual;
    }
    ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    taken.add(socket);
    return place.address() + ":" + socket.getLocalPort();
  }

  /** As many members on loopback. */
  public static EtcdCluster start(int size, String... extra) {
    return start(Stream.generate(() -> Place.HERE).limit(size).toList(), false, List.of(extra));
  }

  /**
   * @param secured whether clients have to speak TLS, by the certificates that `extra` names
   * @param extra arguments of all members
   */
  public static EtcdCluster start(List<Place> places, boolean secured, List<String> extra) {
    try {
      EtcdCluster cluster = new EtcdCluster(places, secured, extra);
      try {
        for (int i = 0; i < places.size(); i++) {
          cluster.processes.add(cluster.member(i));
        }
        cluster.awaitAll();
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
    String client = (secured ? "https://" : "http://") + clients.get(index);
    List<String> command = new ArrayList<>(places.get(index).prefix());
    command.addAll(
        List.of(
            "etcd",
            "--name=m" + index,
            "--data-dir=" + directory.resolve("m" + index),
            "--listen-client-urls=" + client,
            "--advertise-client-urls=" + client,
            "--listen-peer-urls=http://" + peers.get(index),
            "--initial-advertise-peer-urls=http://" + peers.get(index),
            "--initial-cluster=" + String.join(",", all),
            "--heartbeat-interval=100",
            "--election-timeout=1000"));
    command.addAll(extra);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(
            ProcessBuilder.Redirect.appendTo(directory.resolve("m" + index + ".log").toFile()))
        .start();
  }

  /** Waits until all members listen: they do once they know who leads. */
  private void awaitAll() {
    for (int i = 0; i < clients.size(); i++) {
      awaitListening(i);
    }
  }

  /** Waits until a member takes part. */
  public void awaitListening(int index) {
    String address = places.get(index).address();
    int port = Integer.parseInt(clients.get(index).replaceAll(".*:", ""));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(address, port), 1000);
        return;
      } catch (IOException e) {
        if (System.nanoTime() - deadline > 0 || !processes.get(index).isAlive()) {
          throw new IllegalStateException("member " + index + " does not listen: " + log(index), e);
        }
      }
      try {
        boolean _ = processes.get(index).waitFor(20, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  private String log(int index) {
    try {
      List<String> lines = Files.readAllLines(directory.resolve("m" + index + ".log"));
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  /** Where clients find the members, each as `host:port`. */
  public List<String> endpoints() {
    return List.copyOf(clients);
  }

  public int size() {
    return clients.size();
  }

  /** Ends a member as a power failure does. */
  public void kill(int index) throws InterruptedException {
    processes.get(index).destroyForcibly().waitFor();
  }

  /** Starts a member that was killed again, with what it has on disk. */
  public void startAgain(int index) throws IOException {
    processes.set(index, member(index));
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
