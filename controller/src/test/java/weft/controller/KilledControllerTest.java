package weft.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.controller.ledger.Ledger;
import weft.controller.ledger.ServerProcess;
import weft.controller.ledger.Site;
import weft.controller.ledger.Writers;
import weft.http.HttpCalls;
import weft.http.Json;
import weft.state.FaultHandler;

/**
 * A controller killed again and again while sixteen writers are at it.
 *
 * <p>`-Dweft.kills=200` for a long run, `-Dweft.seed=N` for another one.
 */
class KilledControllerTest {
  private static final int WRITERS = 16;

  @TempDir Path directory;

  /** The server there is, or none between two. */
  private static final class OneServer implements Site {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable HttpCalls calls;

    @Override
    public HttpCalls server(int writer) throws InterruptedException {
      lock.lock();
      try {
        while (calls == null) {
          changed.await();
        }
        return calls;
      } finally {
        lock.unlock();
      }
    }

    void is(@Nullable HttpCalls now) {
      lock.lock();
      try {
        calls = now;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("data.dir", directory.resolve("data").toString());
    properties.setProperty("roles", "api,compiler");
    properties.setProperty("api.address", "127.0.0.1");
    properties.setProperty("api.port", "0");
    properties.setProperty("status.address", "127.0.0.1");
    properties.setProperty("status.port", "0");
    return properties;
  }

  @Test
  void keepsWhatWasAcknowledgedOnceAndNothingElse() throws Exception {
    int kills = Integer.getInteger("weft.kills", 8);
    long seed = Long.getLong("weft.seed", 1);
    Random random = new Random(seed);
    Ledger ledger = new Ledger();
    OneServer site = new OneServer();
    long begun = System.nanoTime();
    ServerProcess server = ServerProcess.start(properties(), directory);
    try {
      site.is(server.calls());
      Writers writers = Writers.start(ledger, site, WRITERS, seed);
      for (int kill = 0; kill < kills; kill++) {
        ledger.awaitAcknowledged(random.nextInt(1, 400));
        site.is(null);
        server.kill();
        server.close();
        server = ServerProcess.start(properties(), directory);
        assertThat(Ledger.damage(server.calls())).as("seed %s, kill %s", seed, kill).isEmpty();
        site.is(server.calls());
      }
      writers.end();
      assertThat(ledger.problems(server.calls())).as("seed %s", seed).isEmpty();
    } finally {
      server.close();
    }
    assertThat(ledger.acknowledgedCalls()).isGreaterThan(kills * 10L);
    System.out.printf(
        "%d kills, %d calls acknowledged, %d without an answer, %d objects, %d s%n",
        kills,
        ledger.acknowledgedCalls(),
        ledger.unansweredCalls(),
        ledger.objects(),
        Duration.ofNanos(System.nanoTime() - begun).toSeconds());
  }

  /** What happens behind the ledger's back has to be found, or finding nothing means nothing. */
  @Test
  void theLedgerNoticesWhatItWasNotTold() throws Exception {
    Ledger ledger = new Ledger();
    try (Controller controller =
            Controller.start(ControllerOptions.of(properties()), FaultHandler.rethrow());
        HttpCalls api = new HttpCalls("http://127.0.0.1:" + controller.apiPort().orElseThrow())) {
      Writers writers = Writers.start(ledger, _ -> api, 2, 1);
      ledger.awaitAcknowledged(60);
      writers.end();
      assertThat(ledger.problems(api)).isEmpty();
      String address = api.get("/instance-ips").json().at("/instance-ips/0/uuid").asString();
      api.delete("/instance-ip/" + address);
      String name = "['default-domain','default-project','led-unasked']".replace('\'', '"');
      api.post("/security-groups", Json.parse("{\"security-group\":{\"fq_name\":" + name + "}}"));
      assertThat(ledger.problems(api))
          .hasSize(2)
          .anyMatch(line -> line.startsWith("instance-ip " + address + " is null"))
          .anyMatch(line -> line.startsWith("never asked for: security-group"));
    }
  }
}
