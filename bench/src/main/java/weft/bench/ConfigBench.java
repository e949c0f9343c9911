package weft.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

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
   * @param objects how many the server holds in the end
   */
  public record Size(int warm, int creates, int reads, int objects) {
    public static final Size FULL = new Size(60_000, 20_000, 200_000, 1_000_000);
    public static final Size QUICK = new Size(30_000, 8_000, 80_000, 100_000);
  }

  private final Size size;
  private final Engine engine;

  public ConfigBench(Size size, Engine engine) {
    this.size = size;
    this.engine = engine;
  }

  public void run(Report report) throws IOException, InterruptedException {
    report.say("config API on the store: " + engine);
    Path directory = Files.createTempDirectory("weft-bench");
    try {
      double reads;
      Path few = Files.createDirectory(directory.resolve("few"));
      try (Server server = Server.start(few, Map.of())) {
        reads = new ConfigSpeed(server, size, report).run();
      }
      Path many = Files.createDirectory(directory.resolve("many"));
      new ConfigScale(many, Map.of(), size.objects(), reads, report).run();
    } finally {
      delete(directory);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
