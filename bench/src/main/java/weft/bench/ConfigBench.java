package weft.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Measures the config API as a client sees it. */
public final class ConfigBench {
  /** What the config lies in. */
  public enum Engine {
    EMBEDDED,
    ETCD
  }

  /**
   * How much of everything.
   *
   * @param warm requests of a kind before the first is measured
   * @param creates of each kind
   * @param reads of each kind
   * @param listed ports in the list that is read
   * @param objects how many the server holds in the end
   */
  public record Size(int warm, int creates, int reads, int listed, int objects) {
    public static final Size FULL = new Size(60_000, 20_000, 200_000, 680, 1_000_000);
    public static final Size QUICK = new Size(30_000, 6_000, 80_000, 680, 100_000);

    /** So many times less of what is measured. */
    Size part(int divisor) {
      return new Size(
          warm / divisor, creates / divisor, reads / divisor, listed, objects / divisor);
    }
  }

  private final Size size;
  private final Engine engine;

  public ConfigBench(Size size, Engine engine) {
    this.size = size;
    this.engine = engine;
  }

  /**
   * @throws IOException if what is measured does not start, or answers with a refusal
   */
  public void run(Report report) throws IOException, InterruptedException {
    try (Scratch scratch = Scratch.make()) {
      Path directory = scratch.directory();
      switch (engine) {
        case EMBEDDED -> embedded(directory, report);
        case ETCD -> {
          etcd(directory.resolve("one"), 1, report);
          etcd(directory.resolve("three"), 3, report);
        }
      }
    }
  }

  private void embedded(Path directory, Report report) throws IOException, InterruptedException {
    double reads;
    Path few = Files.createDirectory(directory.resolve("few"));
    try (Server server = Server.start(few, Map.of())) {
      reads = new ConfigSpeed(server, size, true, report).run();
    }
    Path many = Files.createDirectory(directory.resolve("many"));
    new ConfigScale(many, size, reads, report).run();
  }

  private void etcd(Path directory, int members, Report report)
      throws IOException, InterruptedException {
    Files.createDirectory(directory);
    String name = members == 1 ? "etcd, 1 member" : "etcd, " + members + " members";
    try (Etcd etcd = Etcd.start(directory, members)) {
      Map<String, String> settings =
          Map.of("store", "etcd", "store.etcd.endpoints", etcd.endpoints());
      try (Server server = Server.start(directory, settings)) {
        Report part = new Report(report::say);
        new ConfigSpeed(server, size.part(4), false, part).run();
        part.figures().forEach(figure -> report.add(figure.named(figure.name() + ", " + name)));
        commits(server, etcd, name, report);
      }
    }
  }

  /** Where the time of a create goes. */
  private void commits(Server server, Etcd etcd, String name, Report report)
      throws IOException, InterruptedException {
    Etcd.Spent before = etcd.spent();
    Load.Seen seen =
        new Timed(server, report)
            .closed(
                "network creates",
                1,
                size.creates() / 8,
                number -> Requests.network("committed-" + number));
    Etcd.Spent spent = etcd.spent().since(before);
    double all = seen.elapsedNs() / 1e6 / seen.requests();
    report.add(Figure.cost("network create, all of it, " + name, all, "ms"));
    report.add(Figure.cost("of it in etcd's transaction, " + name, spent.msATxn(), "ms"));
    report.add(Figure.cost("one fsync of etcd's log, " + name, spent.msASync(), "ms"));
    report.add(
        Figure.cost(
            "of it elsewhere: API, connection, watch, " + name, all - spent.msATxn(), "ms"));
  }
}
