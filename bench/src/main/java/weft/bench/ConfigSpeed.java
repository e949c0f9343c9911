package weft.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import weft.bench.ConfigBench.Size;

/** The rates and times of a server that holds some ten thousand objects. */
final class ConfigSpeed {
  static final String TF = "TF api-server, recorded on a 2-core box";

  private static final String NETWORK = "bench-network";
  private static final int LISTS = 40;
  private static final int MANY = 64;
  private static final int SOME = 16;
  private static final double PACE = 1000;

  private final Server server;
  private final Size size;
  private final boolean goals;
  private final Report report;
  private final Timed timed;
  private final List<String> ports = new ArrayList<>();
  private final Random random = new Random(1);
  private int names;

  /**
   * @param goals whether there is anything to be missed
   */
  ConfigSpeed(Server server, Size size, boolean goals, Report report) {
    this.server = server;
    this.size = size;
    this.goals = goals;
    this.report = report;
    this.timed = new Timed(server, report);
  }

  /** Returns the reads a second with 16 clients. */
  double run() throws IOException {
    warm();
    double networks =
        timed
            .closed(
                "network creates",
                1,
                size.creates() / 4,
                _ -> Requests.network("network-" + names++))
            .rate();
    add(Figure.rate("network creates, 1 client", networks, "1/s").beside(TF, 216));
    double one = timed.closed("port creates", 1, size.creates(), newPort()).rate();
    add(Figure.rate("port creates, 1 client", one, "1/s").beside(TF, 309).goal(1000));
    double addresses =
        timed.closed("instance-ip creates", 1, size.creates() / 2, newAddress()).rate();
    add(Figure.rate("instance-ip creates, 1 client", addresses, "1/s").beside(TF, 391));
    double many = timed.closed("port creates", MANY, 4 * size.creates(), newPort()).rate();
    add(Figure.rate("port creates, 64 clients", many, "1/s").goal(6000));
    double reads = reads();
    Load.Seen paced = timed.paced("port creates at 1000/s", SOME, size.creates(), PACE, newPort());
    add(Figure.cost("port create at 1000/s, p99", paced.percentileMs(0.99), "ms").goal(10));
    list();
    return reads;
  }

  private void add(Figure figure) {
    report.add(goals ? figure : figure.withoutGoal());
  }

  private void warm() throws IOException {
    send(Requests.networkWithSubnet(NETWORK, 1));
    timed.closed("warming up: port creates", MANY, size.warm(), newPort());
    timed.closed("warming up: port reads", SOME, 2 * size.warm(), anyPort());
    timed.closed("warming up: instance-ip creates", 4, size.warm() / 10, newAddress());
  }

  private double reads() throws IOException {
    double one = timed.closed("port reads", 1, size.reads() / 4, anyPort()).rate();
    add(Figure.rate("port reads, 1 client", one, "1/s").beside(TF, 979));
    double some = timed.closed("port reads", SOME, size.reads(), anyPort()).rate();
    add(Figure.rate("port reads, 16 clients", some, "1/s").beside(TF, 818).goal(20_000));
    return some;
  }

  /** Of a project that has just so many. */
  private void list() throws IOException {
    String project = send(Requests.project("bench-listed"));
    timed.closed(
        "ports to list",
        SOME,
        size.listed(),
        number -> Requests.port("bench-listed", "listed-" + number, NETWORK));
    byte[] request = Requests.get("/virtual-machine-interfaces?detail=true&parent_id=" + project);
    timed.closed("warming up: lists", 1, LISTS * 2, _ -> request);
    Load.Seen lists = timed.closed("lists of ports in detail", 1, LISTS, _ -> request);
    add(
        Figure.cost(
                "list of " + size.listed() + " ports in detail, median",
                lists.percentileMs(0.5),
                "ms")
            .beside(TF, 101)
            .goal(15));
  }

  private Load.Traffic newPort() {
    return new Load.Traffic() {
      @Override
      public byte[] request(int number) {
        return Requests.port("default-project", "port-" + names++, NETWORK);
      }

      @Override
      public void answered(int number, Connection connection) throws IOException {
        ports.add(new String(connection.uuid(), StandardCharsets.US_ASCII));
      }
    };
  }

  private Load.Traffic newAddress() {
    return _ -> Requests.instanceIp("ip-" + names++, NETWORK, ports.get(names % ports.size()));
  }

  private Load.Traffic anyPort() {
    return _ -> Requests.portRead(ports.get(random.nextInt(ports.size())));
  }

  /** One request; the uuid that its answer names. */
  private String send(byte[] request) throws IOException {
    String[] uuid = new String[1];
    try (Load load = new Load(server.address(), 1)) {
      load.run(
          new Load.Traffic() {
            @Override
            public byte[] request(int number) {
              return request;
            }

            @Override
            public void answered(int number, Connection connection) throws IOException {
              uuid[0] = new String(connection.uuid(), StandardCharsets.US_ASCII);
            }
          },
          1);
    }
    return uuid[0];
  }
}
