package weft.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The members of an etcd cluster on this machine, each in a process of its own. */
final class Etcd implements AutoCloseable {
  private static final long START_LIMIT_NS = TimeUnit.SECONDS.toNanos(60);

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<String> clients = new ArrayList<>();
  private final List<Process> members = new ArrayList<>();

  private Etcd() {}

  /**
   * @param directory for their data and logs
   * @throws IOException if there is no etcd, or it does not start
   */
  static Etcd start(Path directory, int size) throws IOException, InterruptedException {
    Etcd etcd = new Etcd();
    try {
      List<String> peers = new ArrayList<>();
      for (String address : addresses(2 * size)) {
        (peers.size() < size ? peers : etcd.clients).add("http://" + address);
      }
      String cluster =
          peers.stream()
              .map(peer -> "m" + peers.indexOf(peer) + "=" + peer)
              .collect(Collectors.joining(","));
      for (int i = 0; i < size; i++) {
        etcd.members.add(member(directory, i, etcd.clients.get(i), peers.get(i), cluster));
      }
      for (String client : etcd.clients) {
        etcd.await(client, directory);
      }
      return etcd;
    } catch (IOException | InterruptedException e) {
      etcd.close();
      throw e;
    }
  }

  private static List<String> addresses(int count) throws IOException {
    List<ServerSocket> taken = new ArrayList<>();
    List<String> addresses = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ServerSocket socket = new ServerSocket();
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      taken.add(socket);
      addresses.add("127.0.0.1:" + socket.getLocalPort());
    }
    for (ServerSocket socket : taken) {
      socket.close();
    }
    return addresses;
  }

  private static Process member(
      Path directory, int number, String client, String peer, String cluster) throws IOException {
    String name = "m" + number;
    return new ProcessBuilder(
            List.of(
                "etcd",
                "--name=" + name,
                "--data-dir=" + directory.resolve(name),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=" + cluster,
                "--metrics=extensive",
                "--log-level=error"))
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve(name + ".log").toFile())
        .start();
  }

  private void await(String client, Path directory) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START_LIMIT_NS;
    while (!isHealthy(client)) {
      if (System.nanoTime() - deadline > 0 || !members.stream().allMatch(Process::isAlive)) {
        String log = Files.readString(directory.resolve("m0.log"));
        throw new IOException("etcd does not start: " + log);
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private boolean isHealthy(String client) throws InterruptedException {
    try {
      return get(client + "/health").contains("true");
    } catch (IOException _) {
      return false;
    }
  }

  private String get(String url) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** `host:port` of each, by commas. */
  String endpoints() {
    return clients.stream()
        .map(client -> client.substring("http://".length()))
        .collect(Collectors.joining(","));
  }

  /** What the members have done so far. */
  record Spent(double txns, double txnSeconds, double syncs, double syncSeconds) {
    Spent since(Spent before) {
      return new Spent(
          txns - before.txns,
          txnSeconds - before.txnSeconds,
          syncs - before.syncs,
          syncSeconds - before.syncSeconds);
    }

    double msATxn() {
      return txnSeconds / Math.max(1, txns) * 1e3;
    }

    double msASync() {
      return syncSeconds / Math.max(1, syncs) * 1e3;
    }
  }

  /** By their own metrics. */
  Spent spent() throws IOException, InterruptedException {
    double[] sums = new double[4];
    String txn = "grpc_server_handling_seconds_%s{grpc_method=\"Txn\"";
    String sync = "etcd_disk_wal_fsync_duration_seconds_%s";
    String[] prefixes = {
      txn.formatted("count"), txn.formatted("sum"), sync.formatted("count"), sync.formatted("sum")
    };
    for (String client : clients) {
      for (String line : get(client + "/metrics").split("\n")) {
        for (int i = 0; i < prefixes.length; i++) {
          if (line.startsWith(prefixes[i])) {
            sums[i] += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
          }
        }
      }
    }
    return new Spent(sums[0], sums[1], sums[2], sums[3]);
  }

  @Override
  public void close() {
    http.close();
    for (Process member : members) {
      member.destroy();
    }
    for (Process member : members) {
      try {
        if (!member.waitFor(10, TimeUnit.SECONDS)) {
          member.destroyForcibly();
        }
      } catch (InterruptedException e) {
        member.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
