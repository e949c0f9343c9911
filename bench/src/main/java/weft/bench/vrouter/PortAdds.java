package weft.bench.vrouter;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import weft.bench.Figure;
import weft.bench.Report;
import weft.lab.ApiClient;
import weft.lab.Cluster;
import weft.lab.Command;
import weft.lab.ComputeHost;
import weft.lab.Guest;
import weft.lab.LabException;
import weft.lab.Namespace;
import weft.lab.Tenant;

/**
 * How long it takes from the port API's hearing of a port until its guest has an answer from
 * another guest: a controller, an agent and a host on which one port is added after the other.
 *
 * <p>Guests are devices of one namespace; by its address a packet finds its own.
 */
final class PortAdds {
  private static final double MOST_MS = 50;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int ECHO_PORT = 7;
  private static final long PACE_NS = 300_000;

  private final int count;
  private final Report report;

  PortAdds(int count, Report report) {
    this.count = count;
    this.report = report;
  }

  void run() throws IOException, InterruptedException {
    Cluster cluster = Cluster.start("wbports", List.of("h1"));
    Thread interrupted = new Thread(cluster::close, "cluster");
    Runtime.getRuntime().addShutdownHook(interrupted);
    try (Namespace guests = Namespace.create(Sweep.namespaceStem() + "pg0")) {
      cluster.awaitApi(PATIENCE);
      measure(cluster, guests);
    } finally {
      cluster.close();
      try {
        Runtime.getRuntime().removeShutdownHook(interrupted);
      } catch (IllegalStateException e) {
        report.say("ended while it ran");
      }
    }
  }

  private void measure(Cluster cluster, Namespace guests) throws IOException, InterruptedException {
    ApiClient api = new ApiClient(cluster.api());
    Tenant.registerHosts(api, cluster.hosts());
    Tenant tenant = Tenant.create(api, "p", "10.50.0.0/16");
    ComputeHost host = cluster.host("h1");
    Guest server = tenant.addGuest("server", host).guest();
    server.dhcp(PATIENCE);
    String serverMac = mac(api, tenant.port("server"));
    List<Tenant.Objects> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ports.add(tenant.objects("p" + i));
    }
    report.say("%d ports are configured".formatted(count));
    devices(host, guests, ports, tenant.address("server"), serverMac);
    report.say("%d guests are there".formatted(count));
    InetSocketAddress to =
        new InetSocketAddress(InetAddress.getByName(tenant.address("server")), ECHO_PORT);
    DatagramChannel echo =
        HostThread.result(
            HostThread.start(
                server.namespace(),
                -1,
                () -> DatagramChannel.open().bind(new InetSocketAddress(ECHO_PORT))));
    FutureTask<Boolean> serving =
        HostThread.start(server.namespace(), -1, () -> Exchanges.echo(echo));
    try {
      double[] times = new double[count];
      for (int i = 0; i < count; i++) {
        times[i] = add(host, guests, ports.get(i), device(i), tenant.network().id(), to) / 1e6;
      }
      figures(times);
    } finally {
      echo.close();
      boolean _ = HostThread.result(serving);
    }
  }

  private void figures(double[] times) {
    double[] last = Arrays.copyOfRange(times, times.length / 2, times.length);
    Arrays.sort(times);
    Arrays.sort(last);
    String name = "port add to first packet, %s, %d ports";
    report.add(Figure.cost(name.formatted("median", count), times[times.length / 2], "ms"));
    report.add(Figure.cost("… the last half of them", last[last.length / 2], "ms"));
    report.add(
        Figure.cost(name.formatted("p99", count), times[times.length * 99 / 100], "ms")
            .goal(MOST_MS));
  }

  private static String mac(ApiClient api, Tenant.Port port) {
    return api.read("virtual-machine-interface", port.interfaceId())
        .path("virtual_machine_interface_mac_addresses")
        .path("mac_address")
        .path(0)
        .asString();
  }

  private static String device(int number) {
    return "bp" + number;
  }

  private static void devices(
      ComputeHost host,
      Namespace guests,
      List<Tenant.Objects> ports,
      String server,
      String serverMac)
      throws IOException {
    guests
        .run(
            "sysctl",
            "-q",
            "-w",
            "net.ipv6.conf.all.disable_ipv6=1",
            "net.ipv6.conf.default.disable_ipv6=1",
            "net.ipv4.conf.all.rp_filter=0",
            "net.ipv4.conf.default.rp_filter=0")
        .orThrow();
    StringBuilder onHost = new StringBuilder();
    StringBuilder inside = new StringBuilder();
    for (int i = 0; i < ports.size(); i++) {
      Tenant.Objects port = ports.get(i);
      String own = "g" + i;
      String table = Integer.toString(1000 + i);
      onHost.append(
          "link add %s type veth peer name %s address %s netns %s\nlink set %s up\n"
              .formatted(device(i), own, port.mac(), guests.name(), device(i)));
      inside.append(
          """
          link set %1$s up
          address add %2$s/32 dev %1$s
          neighbour add %4$s lladdr %5$s dev %1$s nud permanent
          route add %4$s/32 dev %1$s src %2$s table %3$s
          rule add from %2$s lookup %3$s
          """
              .formatted(own, port.address(), table, server, serverMac));
    }
    batch(host.namespace(), onHost.toString());
    batch(guests, inside.toString());
  }

  private static void batch(Namespace namespace, String commands) throws IOException {
    Path file = Files.createTempFile("weft-bench", ".ip");
    try {
      Files.writeString(file, commands);
      Command.run("ip", "-netns", namespace.name(), "-batch", file.toString()).orThrow();
    } finally {
      Files.delete(file);
    }
  }

  /** Nanoseconds from the call to the answer. */
  private static long add(
      ComputeHost host,
      Namespace guests,
      Tenant.Objects port,
      String device,
      String network,
      InetSocketAddress to)
      throws InterruptedException {
    DatagramChannel asking =
        HostThread.result(
            HostThread.start(
                guests,
                -1,
                () ->
                    DatagramChannel.open()
                        .bind(new InetSocketAddress(port.address(), 0))
                        .connect(to)));
    String body =
        """
        {"id":"%s","instance-id":"%s","vn-id":"%s","display-name":"%s","system-name":"%s","mac-address":"%s"}\
        """
            .formatted(port.port(), port.machine(), network, device, device, port.mac());
    return HostThread.result(
        HostThread.start(
            host.namespace(),
            -1,
            () -> {
              long start = System.nanoTime();
              plug(body);
              awaitAnswer(asking, start);
              return System.nanoTime() - start;
            }));
  }

  private static void plug(String body) throws IOException {
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    String head =
        "POST /port HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Connection: close\r\nContent-Length: %d\r\n\r\n".formatted(content.length);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), 9091)) {
      OutputStream out = socket.getOutputStream();
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.write(content);
      out.flush();
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!answer.startsWith("HTTP/1.1 200")) {
        throw new LabException("the port API says " + answer);
      }
    }
  }

  private static void awaitAnswer(DatagramChannel channel, long start) throws IOException {
    try (channel) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(8);
      channel.configureBlocking(false);
      while (true) {
        channel.write(buffer.clear());
        LockSupport.parkNanos(PACE_NS);
        if (channel.read(buffer.clear()) > 0) {
          return;
        }
        if (System.nanoTime() - start > PATIENCE.toNanos()) {
          throw new LabException("a port that was added has no answer");
        }
      }
    }
  }
}
