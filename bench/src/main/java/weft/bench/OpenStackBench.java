package weft.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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
  private static final String FAILED = "tempest_failed";
  private static final String WALL = "tempest_wall_s";
  private static final String LONG_LIST = "list_of_" + MANY + "_ports_s";

  /** Neutron's list of very many ports may take so long. */
  private static final double LIST_GOAL_S = 1;

  private final Path source;
  private final Size size;
  private final Report report;

  /**
   * How much is measured.
   *
   * @param ports made over each; over Weft then very many more
   * @param tests which of Tempest's
   */
  public record Size(int ports, String tests) {
    public static final Size QUICK =
        new Size(200, "^tempest\\.api\\.network\\.test_(networks|ports)\\.");
    public static final Size FULL = new Size(1000, Tempest.NETWORK);
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
        .forEach((name, value) -> report.add(figure(name, value, ml2.get(name))));
  }

  /**
   * @param ml2 null if ML2 was not asked
   */
  private static Figure figure(String name, double value, @Nullable Double ml2) {
    String words = name.replaceFirst("_(per_s|mib|ms|s)$", "").replace('_', ' ');
    Figure figure =
        name.endsWith("_per_s") || name.equals(PASSED)
            ? Figure.rate(words, value, unit(name))
            : Figure.cost(words, value, unit(name));
    Figure beside = ml2 == null ? figure : figure.beside(Stack.ML2.label, ml2);
    return switch (name) {
      case FAILED -> figure.goal(0);
      case LONG_LIST -> beside.goal(LIST_GOAL_S);
      case PASSED, WALL -> ml2 == null ? beside : beside.goal(ml2);
      default -> beside;
    };
  }

  private static String unit(String name) {
    if (name.endsWith("_per_s")) {
      return "1/s";
    }
    if (name.endsWith("_mib")) {
      return "MiB";
    }
    return name.endsWith("_ms") ? "ms" : name.endsWith("_s") ? "s" : "";
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
      figures.put(FAILED, (double) outcome.failed().size());
      figures.put(WALL, outcome.taken().toMillis() / 1000.0);
      figures.put("tempest_in_tests_s", outcome.seconds());
      figures.put("memory_of_Neutron_mib", (double) openStack.memoryMib("neutron"));
      if (stack == Stack.WEFT) {
        figures.put("memory_of_the_controller_mib", (double) openStack.memoryMib("weft"));
        Double taken = calls(openStack, MANY).get(LONG_LIST);
        figures.put(LONG_LIST, taken == null ? Double.POSITIVE_INFINITY : taken);
        figures.put("memory_of_Neutron_after_that_mib", (double) openStack.memoryMib("neutron"));
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
    return figures;
  }
}
