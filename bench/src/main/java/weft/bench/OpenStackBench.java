package weft.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import weft.lab.openstack.OpenStack;
import weft.lab.openstack.Site;
import weft.lab.openstack.Tempest;

/**
 * Neutron's API over Weft and over Neutron's own plugin, one after the other on this machine: the
 * same calls and the same tests of Tempest.
 */
public final class OpenStackBench {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final int MANY = 10_000;
  private static final int WORKERS = 2;
  private static final String PASSED = "tempest_passed";

  private final Path source;
  private final Size size;
  private final Report report;

  /**
   * How much is measured.
   *
   * @param ports made over each
   * @param tests which of Tempest's
   * @param many whether Weft also lists ten thousand ports
   */
  public record Size(int ports, String tests, boolean many) {
    public static final Size QUICK =
        new Size(500, "^tempest\\.api\\.network\\.test_(networks|ports)\\.", false);
    public static final Size FULL = new Size(2000, Tempest.NETWORK, true);
  }

  private enum Stack {
    WEFT("Weft"),
    ML2("ML2");

    private final String label;

    Stack(String label) {
      this.label = label;
    }
  }

  /**
   * @param source the tree that has the directory `openstack`
   */
  public OpenStackBench(Path source, Size size, Report report) {
    this.source = source;
    this.size = size;
    this.report = report;
  }

  /** Measures both; each figure of Weft's stands beside ML2's. */
  public void run() throws IOException {
    Map<Stack, Map<String, Double>> measured = new EnumMap<>(Stack.class);
    for (Stack stack : Stack.values()) {
      measured.put(stack, measure(stack));
    }
    Map<String, Double> ml2 = measured.getOrDefault(Stack.ML2, Map.of());
    measured
        .getOrDefault(Stack.WEFT, Map.of())
        .forEach((name, value) -> {
          Figure figure = figure(name, value);
          Double other = ml2.get(name);
          report.add(other == null ? figure : figure.beside(Stack.ML2.label, other));
        });
  }

  private static Figure figure(String name, double value) {
    String words = name.replaceFirst("_(per_s|ms|s)$", "").replace('_', ' ');
    if (name.endsWith("_per_s")) {
      return Figure.rate(words, value, "1/s");
    }
    if (name.equals(PASSED)) {
      return Figure.rate(words, value, "");
    }
    return Figure.cost(words, value, name.endsWith("_ms") ? "ms" : name.endsWith("_s") ? "s" : "");
  }

  private Map<String, Double> measure(Stack stack) throws IOException {
    Path directory = Files.createTempDirectory("weft-bench-openstack");
    OpenStack openStack =
        new OpenStack(Site.create(directory.resolve("site"), source, false), report::say);
    try {
      report.say("Neutron over " + stack.label);
      switch (stack) {
        case WEFT -> openStack.startNetworking();
        case ML2 -> openStack.startStock();
      }
      Map<String, Double> figures = new LinkedHashMap<>();
      figures.putAll(calls(openStack, size.ports()));
      Tempest.Outcome outcome = openStack.tempest().run(size.tests(), WORKERS);
      report.say(stack.label + ": " + outcome);
      figures.put(PASSED, (double) outcome.passed().size());
      figures.put("tempest_failed", (double) outcome.failed().size());
      figures.put("tempest_wall_s", outcome.taken().toMillis() / 1000.0);
      figures.put("tempest_in_tests_s", outcome.seconds());
      if (stack == Stack.WEFT && size.many()) {
        figures.put(
            MANY + "_ports_list_s", calls(openStack, MANY).getOrDefault("ports_list_s", 0.0));
      }
      return figures;
    } finally {
      openStack.down();
      Files.deleteIfExists(directory);
    }
  }

  private static Map<String, Double> calls(OpenStack openStack, int ports) {
    JsonNode json = JSON.readTree(openStack.python("lab/measure.py", LIMIT, "" + ports));
    Map<String, Double> figures = new LinkedHashMap<>();
    json.forEachEntry((name, value) -> figures.put(name, value.asDouble()));
    figures.remove("ports_listed");
    return figures;
  }
}
