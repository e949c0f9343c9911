package weft.cli.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import weft.lab.openstack.OpenStack;
import weft.lab.openstack.Site;
import weft.lab.openstack.Tempest;

/** Neutron over Weft, judged by the `openstack` command and by Tempest. */
@Tag("lab")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TempestTest {
  private static final Path ROOT = Path.of(System.getProperty("weft.root", "."));
  private static final int WORKERS = 2;

  /** What stock ML2 passes of the same tests. */
  private static final int ML2 = 254;

  private static final Pattern SKIPPED = Pattern.compile("^\\| `([^`]+)` \\| .* \\|$");

  @TempDir private static Path directory;

  private static OpenStack openStack;

  @BeforeAll
  static void up() {
    openStack =
        new OpenStack(
            Site.create(directory.resolve("site"), ROOT.toAbsolutePath(), false),
            System.err::println);
    openStack.startNetworking();
  }

  @AfterAll
  static void down() {
    openStack.down();
  }

  @Test
  @Order(1)
  void peopleDoWhatIsClaimed() {
    assertThat(openStack.python("lab/smoke.py", Duration.ofMinutes(5))).contains("gone");
  }

  @Test
  @Order(2)
  void callsAtTheSameTimeGetTheAnswersThatNeutronDocuments() {
    assertThat(openStack.python("lab/races.py", Duration.ofMinutes(5))).contains("quotas");
  }

  @Test
  @Order(3)
  void tempestPassesAsMuchAsOnMl2AndSkipsWhatTheDocumentationSays() throws IOException {
    Tempest.Outcome outcome = openStack.tempest().run(Tempest.NETWORK, WORKERS);
    System.err.println("tempest.api.network: " + outcome);
    assertThat(outcome.failed()).isEmpty();
    assertThat(new TreeSet<>(outcome.skipped().keySet())).isEqualTo(documented());
    assertThat(outcome.passed()).hasSizeGreaterThanOrEqualTo(ML2);
    openStack.checkAlive();
  }

  private static TreeSet<String> documented() throws IOException {
    return Files.readAllLines(ROOT.resolve("docs/openstack.md")).stream()
        .map(SKIPPED::matcher)
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1))
        .filter(name -> name.matches("(setUpClass \\()?tempest\\.api\\.network\\..*"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * A class of tests that has met a 503 may fail; every other one passes, and nothing else is 5xx.
   */
  @Test
  @Order(4)
  void whileTheControllerRestartsThereAre503sAndNoWrongAnswers() throws Exception {
    Tempest tempest = openStack.tempest();
    tempest.forget();
    Thread restarts =
        Thread.ofVirtual()
            .start(() -> {
              tempest.awaitAnswers(150);
              openStack.restartController();
            });
    Tempest.Outcome outcome =
        tempest.run("^tempest\\.api\\.network\\.test_(networks|ports|routers)\\.", WORKERS);
    restarts.join();
    System.err.println("with a restart: " + outcome);
    Map<String, SortedMap<Integer, Integer>> answers = tempest.answers();
    assertThat(all(answers).tailMap(500).keySet()).isSubsetOf(503);
    assertThat(all(answers)).as("the restart was in the middle").containsKey(503);
    for (String failed : outcome.failed().keySet()) {
      assertThat(answers.getOrDefault(Tempest.className(failed), new TreeMap<>()))
          .as("%s: %s", failed, outcome.failed().get(failed))
          .containsKey(503);
    }
    assertThat(outcome.passed()).isNotEmpty();
    assertThat(openStack.python("lab/smoke.py", Duration.ofMinutes(5))).contains("gone");
  }

  @Test
  @Order(5)
  void aBulkIsThereAsAWholeOrNotAtAllWhenTheControllerDies() throws Exception {
    CompletableFuture<String> bulks =
        CompletableFuture.supplyAsync(
            () -> openStack.python("lab/bulk.py", Duration.ofMinutes(6)),
            task -> Thread.ofVirtual().start(task));
    do {
      openStack.restartController();
    } while (!ended(bulks));
    assertThat(bulks.get()).startsWith("made ");
  }

  /** The bulks end once they have met a controller that went away and another that came. */
  private static boolean ended(CompletableFuture<String> bulks) throws Exception {
    try {
      bulks.get(20, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  private static SortedMap<Integer, Integer> all(Map<String, SortedMap<Integer, Integer>> answers) {
    SortedMap<Integer, Integer> sum = new TreeMap<>();
    answers
        .values()
        .forEach(each -> each.forEach((status, n) -> sum.merge(status, n, Integer::sum)));
    return sum;
  }
}
