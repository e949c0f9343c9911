package weft.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** What a great many objects cost: memory, time to start, and what becomes of reads and lists. */
final class ConfigScale {
  private static final int MANY = 64;
  private static final int SOME = 16;
  private static final int PORTS_A_NETWORK = 500;
  private static final int PAGE = 1000;
  private static final double MEGABYTE = 1e6;

  private final Path directory;
  private final ConfigBench.Size size;
  private final int objects;
  private final Report report;
  private final double readsWithFew;

  /** The uuids of the ports, as text. */
  private final byte[][] ports;

  private final Random random = new Random(2);

  /**
   * @param readsWithFew how many reads a second a server with few objects has answered
   */
  ConfigScale(Path directory, ConfigBench.Size size, double readsWithFew, Report report) {
    this.directory = directory;
    this.size = size;
    this.objects = size.objects();
    this.ports = new byte[objects / 2][];
    this.readsWithFew = readsWithFew;
    this.report = report;
  }

  void run() throws IOException, InterruptedException {
    try (Server server = Server.start(directory, Map.of())) {
      fill(server);
    }
    try (Server server = Server.start(directory, Map.of())) {
      measure(server);
    }
  }

  /** Half of the objects are ports, the other half their addresses. */
  private void fill(Server server) throws IOException {
    Timed timed = new Timed(server, report);
    int count = ports.length;
    int networks = (count + PORTS_A_NETWORK - 1) / PORTS_A_NETWORK;
    timed.closed(
        "filling: networks", SOME, networks, n -> Requests.networkWithSubnet(network(n), n % 250));
    Load.Seen filled =
        timed.closed(
            "filling: ports",
            MANY,
            count,
            new Load.Traffic() {
              @Override
              public byte[] request(int n) {
                return Requests.port("default-project", "port-" + n, network(n / PORTS_A_NETWORK));
              }

              @Override
              public void answered(int n, Connection connection) throws IOException {
                ports[n] = connection.uuid();
              }
            });
    timed.closed(
        "filling: instance-ips",
        MANY,
        count,
        n -> Requests.instanceIp("ip-" + n, network(n / PORTS_A_NETWORK), port(n)));
    report.add(Figure.rate("port creates while filling, 64 clients", filled.rate(), "1/s"));
  }

  private static String network(int number) {
    return "network-" + number;
  }

  private String port(int index) {
    return new String(ports[index], StandardCharsets.US_ASCII);
  }

  private void measure(Server server) throws IOException {
    boolean full = objects >= ConfigBench.Size.FULL.objects();
    Figure start =
        Figure.cost(
            "start with " + text(objects) + " objects", server.startTime().toMillis() / 1e3, "s");
    report.add(full ? start.goal(20) : start);
    double heap = server.heapBytes() / MEGABYTE;
    Figure heapUsed = Figure.cost("heap with " + text(objects) + " objects", heap, "MB");
    report.add(full ? heapUsed.goal(2500) : heapUsed);
    report.add(Figure.cost("heap an object", heap * MEGABYTE / objects, "B").goal(2500));
    report.add(
        Figure.cost(
            "resident memory with " + text(objects) + " objects",
            server.residentBytes() / MEGABYTE,
            "MB"));
    reads(server);
    pages(server);
  }

  private static String text(int number) {
    return String.format(java.util.Locale.ROOT, "%,d", number);
  }

  private void reads(Server server) throws IOException {
    Timed timed = new Timed(server, report);
    Load.Traffic anyPort = _ -> Requests.portRead(port(random.nextInt(ports.length)));
    timed.closed("warming up: port reads", SOME, size.reads(), anyPort);
    double rate = timed.closed("port reads", SOME, size.reads(), anyPort).rate();
    report.add(
        Figure.rate("port reads, 16 clients, " + text(objects) + " objects", rate, "1/s")
            .beside("the same with few objects", readsWithFew)
            .goal(0.8 * readsWithFew));
  }

  /** All ports, page by page; the last pages take no longer than the first. */
  private void pages(Server server) throws IOException {
    List<Double> times = new ArrayList<>();
    int seen = 0;
    try (Load load = new Load(server.address(), 1)) {
      String marker = "None";
      while (marker != null) {
        @Nullable String[] next = new @Nullable String[1];
        byte[] request =
            Requests.get(
                "/virtual-machine-interfaces?page_limit=" + PAGE + "&page_marker=" + marker);
        Load.Seen page =
            load.run(
                new Load.Traffic() {
                  @Override
                  public byte[] request(int number) {
                    return request;
                  }

                  @Override
                  public void answered(int number, Connection connection) {
                    next[0] = connection.marker();
                  }
                },
                1);
        times.add(page.percentileMs(1));
        seen += PAGE;
        marker = next[0];
      }
    }
    if (seen < ports.length) {
      throw new IOException("a paged list ends after " + seen + " of " + ports.length);
    }
    int part = Math.max(1, times.size() / 4);
    double first = median(times.subList(0, part));
    double last = median(times.subList(times.size() - part, times.size()));
    report.add(
        Figure.cost("page of 1000 ports, last quarter of all", last, "ms")
            .beside("first quarter", first)
            .goal(2 * first));
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(0.0);
  }
}
