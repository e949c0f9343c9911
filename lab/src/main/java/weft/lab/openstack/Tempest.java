package weft.lab.openstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import weft.lab.Await;
import weft.lab.LabException;

/** OpenStack's own tests, run against a cloud that is up. */
public final class Tempest {
  /** The tests of the network API that come with Tempest. */
  public static final String NETWORK = "^tempest\\.api\\.network";

  /** The tests of Neutron's own project. */
  public static final String PLUGIN = "^neutron_tempest_plugin\\.api";

  private static final Duration LIMIT = Duration.ofMinutes(45);
  private static final Pattern LINE =
      Pattern.compile("^\\{\\d+\\} (.+?)(?: \\[([0-9.]+)s\\])? \\.\\.\\. (ok|FAILED|SKIPPED.*)$");

  private static final Pattern ANSWER = Pattern.compile("Request \\(([^:)]+):?[^)]*\\): (\\d{3}) ");
  private static final Duration ANSWERS = Duration.ofMinutes(5);

  private final Path packages;
  private final Path workspace;
  private final Map<String, String> environment;

  /**
   * What came out of a run.
   *
   * @param passed names of tests to the seconds that each took
   * @param skipped names of tests, or of classes as a whole, to the reason
   * @param failed names to what was printed
   * @param taken from begin to end
   */
  public record Outcome(
      SortedMap<String, Double> passed,
      SortedMap<String, String> skipped,
      SortedMap<String, String> failed,
      Duration taken) {
    /** What Tempest printed, as values. */
    static Outcome read(List<String> lines, Duration taken) {
      Outcome outcome = new Outcome(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), taken);
      String failing = "";
      for (String line : lines) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
          if (!failing.isEmpty()) {
            outcome.failed.merge(failing, line, (text, more) -> text + "\n" + more);
          }
          continue;
        }
        String name = matcher.group(1).strip();
        String how = matcher.group(3);
        failing = how.equals("FAILED") ? name : "";
        if (how.equals("ok")) {
          String seconds = matcher.group(2);
          outcome.passed.put(name, seconds == null ? 0 : Double.parseDouble(seconds));
        } else if (!failing.isEmpty()) {
          outcome.failed.put(name, "");
        } else {
          outcome.skipped.put(name, how.replaceFirst("^SKIPPED:? *", ""));
        }
      }
      return outcome;
    }

    /** What became of a test; a class that could not be set up stands for all its tests. */
    Fate fate(String test) {
      String owner = "setUpClass (" + test.substring(0, test.lastIndexOf('.')) + ")";
      if (passed.containsKey(test)) {
        return Fate.PASSED;
      }
      if (failed.containsKey(test) || failed.containsKey(owner)) {
        return Fate.FAILED;
      }
      return skipped.containsKey(test) || skipped.containsKey(owner) ? Fate.SKIPPED : Fate.UNHEARD;
    }

    /** The sum of what each test took that passed. */
    public double seconds() {
      return passed.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    @Override
    public String toString() {
      return "%d passed, %d skipped, %d failed in %d s, %.0f s of it in tests that passed"
          .formatted(passed.size(), skipped.size(), failed.size(), taken.toSeconds(), seconds());
    }
  }

  /** What can become of a test; nothing is heard of one if the run did not get so far. */
  enum Fate {
    PASSED,
    SKIPPED,
    FAILED,
    UNHEARD
  }

  Tempest(Site site, Map<String, String> environment) {
    this.packages = site.packages();
    this.workspace = site.directory("tempest");
    this.environment = environment;
  }

  /**
   * Runs the tests whose names match.
   *
   * @param workers processes that run tests side by side
   */
  public Outcome run(String names, int workers) {
    program(
        "prepared",
        List.of("/usr/bin/python3", packages.resolve("lab/tempest_workspace.py") + "", "."));
    long begin = System.nanoTime();
    List<String> lines =
        program(
            "printed",
            List.of(
                "/usr/bin/tempest",
                "run",
                "--config-file",
                "tempest.conf",
                "--concurrency",
                "" + workers,
                "--regex",
                names));
    return Outcome.read(lines, Duration.ofNanos(System.nanoTime() - begin));
  }

  /**
   * What became of the tests whose names match, counted by the extensions of Neutron that they are
   * about: lines of a table. Every test that Tempest lists is in it once.
   */
  public List<String> byExtension(String names, Outcome outcome) {
    List<String> tests =
        program(
                "listed",
                List.of(
                    "/usr/bin/tempest",
                    "run",
                    "--config-file",
                    "tempest.conf",
                    "--list-tests",
                    "--regex",
                    names))
            .stream()
            .filter(line -> line.matches("[a-z_]+\\.[A-Za-z0-9_.]+\\[.*"))
            .map(line -> line.replaceFirst("\\[[^]]*]", ""))
            .sorted()
            .toList();
    Path asked = workspace.resolve("tests");
    try {
      Files.write(asked, tests);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SortedMap<String, Map<Fate, Integer>> counts = new TreeMap<>();
    Map<Fate, Integer> sum = new EnumMap<>(Fate.class);
    for (String line :
        program(
            "extensions",
            List.of(
                "/usr/bin/python3",
                packages.resolve("lab/tempest/extensions_of.py").toString(),
                asked.toString()))) {
      String[] words = line.split("\t", 2);
      if (words.length == 2) {
        Fate fate = outcome.fate(words[0]);
        counts
            .computeIfAbsent(words[1], _ -> new EnumMap<>(Fate.class))
            .merge(fate, 1, Integer::sum);
        sum.merge(fate, 1, Integer::sum);
      }
    }
    List<String> table = new ArrayList<>();
    table.add("| about | listed | passed | skipped | failed |");
    table.add("|---|---|---|---|---|");
    counts.forEach((about, fates) -> table.add(row(about, fates)));
    table.add(row("all", sum));
    return table;
  }

  /** What was not heard of counts as failed: it did not pass. */
  private static String row(String about, Map<Fate, Integer> fates) {
    return "| %s | %d | %d | %d | %d |"
        .formatted(
            about,
            fates.values().stream().mapToInt(Integer::intValue).sum(),
            fates.getOrDefault(Fate.PASSED, 0),
            fates.getOrDefault(Fate.SKIPPED, 0),
            fates.getOrDefault(Fate.FAILED, 0) + fates.getOrDefault(Fate.UNHEARD, 0));
  }

  /** Forgets the requests of earlier runs. */
  public void forget() {
    try {
      Files.deleteIfExists(requests());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where Tempest notes each request and the status of its answer. */
  private Path requests() {
    return workspace.resolve("tempest.log");
  }

  /** Waits until a run has had so many answers. */
  public void awaitAnswers(int count) {
    Await.until(
        count + " answers to Tempest",
        ANSWERS,
        () ->
            answers().values().stream()
                    .flatMap(each -> each.values().stream())
                    .mapToInt(Integer::intValue)
                    .sum()
                >= count);
  }

  /** How often each class of tests got which status, setting up and tearing down included. */
  public SortedMap<String, SortedMap<Integer, Integer>> answers() {
    SortedMap<String, SortedMap<Integer, Integer>> answers = new TreeMap<>();
    if (!Files.exists(requests())) {
      return answers;
    }
    try (Stream<String> lines = Files.lines(requests(), StandardCharsets.ISO_8859_1)) {
      lines
          .map(ANSWER::matcher)
          .filter(Matcher::find)
          .forEach(found ->
              answers
                  .computeIfAbsent(found.group(1), _ -> new TreeMap<>())
                  .merge(Integer.valueOf(found.group(2)), 1, Integer::sum));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return answers;
  }

  /** The class that a test is of, by the test's name or `setUpClass (…)`. */
  public static String className(String test) {
    String name = test.replaceFirst("^.*\\((.*)\\)$", "$1.");
    String owner = name.substring(0, Math.max(0, name.lastIndexOf('.')));
    return owner.substring(owner.lastIndexOf('.') + 1);
  }

  /** Runs a program to its end; that a test failed is no failure of it. */
  private List<String> program(String name, List<String> command) {
    Path output = workspace.resolve(name + ".log");
    ProcessBuilder builder = new ProcessBuilder(command).directory(workspace.toFile());
    builder.environment().putAll(environment);
    builder.environment().put("HOME", workspace.toString());
    builder.environment().put("PYTHON", "/usr/bin/python3");
    builder.environment().put("PYTHONPATH", packages.resolve("lab/tempest").toString());
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    builder
        .redirectErrorStream(true)
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectOutput(output.toFile());
    try {
      Process process = builder.start();
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        throw new LabException(command.getFirst() + " has not ended; see " + output);
      }
      List<String> lines = Files.readAllLines(output, StandardCharsets.ISO_8859_1);
      boolean judged = lines.stream().anyMatch(line -> LINE.matcher(line).matches());
      if (process.exitValue() != 0 && !judged) {
        throw new LabException(command + " failed:\n" + String.join("\n", lines));
      }
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted while " + command.getFirst() + " ran");
    }
  }
}
