package weft.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.controller.ledger.Island;
import weft.controller.ledger.Ledger;
import weft.controller.ledger.ServerProcess;
import weft.controller.ledger.Site;
import weft.controller.ledger.Writers;
import weft.http.HttpCalls;
import weft.testkit.EtcdCluster;

/**
 * Three controllers over three members of etcd, of which now one and then another is killed or cut
 * off, while sixteen writers are at it.
 *
 * <p>`-Dweft.faults=60` for a long run, `-Dweft.seed=N` for another one.
 */
@Tag("lab")
class EtcdFaultTest {
  private static final int SERVERS = 3;
  private static final int MEMBERS = 3;
  private static final int WRITERS = 16;

  @TempDir Path directory;

  private final Map<Fault, Integer> done = new TreeMap<>();

  private enum Fault {
    MEMBER_KILLED,
    MEMBER_ISOLATED,
    SERVER_KILLED
  }

  /** Each writer has a server of its own, and goes to the next one when that is gone. */
  private static final class Servers implements Site, AutoCloseable {
    final AtomicReferenceArray<@Nullable ServerProcess> running =
        new AtomicReferenceArray<>(SERVERS);

    @Override
    public HttpCalls server(int writer) {
      for (int i = 0; true; i++) {
        ServerProcess server = running.get((writer + i) % SERVERS);
        if (server != null) {
          return server.calls();
        }
      }
    }

    @Override
    public void close() {
      for (int i = 0; i < SERVERS; i++) {
        ServerProcess server = running.get(i);
        if (server != null) {
          server.close();
        }
      }
    }
  }

  private ServerProcess start(int index, EtcdCluster cluster) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("name", "c" + index);
    properties.setProperty("roles", "api,compiler");
    properties.setProperty("store", "etcd");
    properties.setProperty("store.etcd.endpoints", String.join(",", cluster.endpoints()));
    properties.setProperty("leader.lease.seconds", "2");
    for (String role : new String[] {"api", "status"}) {
      properties.setProperty(role + ".address", "127.0.0.1");
      properties.setProperty(role + ".port", "0");
    }
    return ServerProcess.start(properties, Files.createDirectories(directory.resolve("c" + index)));
  }

  @Test
  void keepsWhatWasAcknowledgedOnceAndNothingElse() throws Exception {
    int faults = Integer.getInteger("weft.faults", 3);
    long seed = Long.getLong("weft.seed", 1);
    Random random = new Random(seed);
    Ledger ledger = new Ledger();
    long begun = System.nanoTime();
    try (Island island = Island.of(MEMBERS);
        EtcdCluster cluster = EtcdCluster.start(island.places(), false, List.of());
        Servers servers = new Servers()) {
      for (int i = 0; i < SERVERS; i++) {
        servers.running.set(i, start(i, cluster));
      }
      Writers writers = Writers.start(ledger, servers, WRITERS, seed);
      for (int i = 0; i < faults; i++) {
        ledger.awaitAcknowledged(random.nextInt(20, 200));
        // Each kind in turn, so that a short run has all of them.
        Fault fault = Fault.values()[i % Fault.values().length];
        done.merge(fault, 1, Integer::sum);
        int victim = random.nextInt(MEMBERS);
        int more = random.nextInt(20, 200);
        switch (fault) {
          case MEMBER_KILLED -> {
            cluster.kill(victim);
            ledger.awaitAcknowledged(more);
            cluster.startAgain(victim);
            cluster.awaitListening(victim);
          }
          case MEMBER_ISOLATED -> {
            island.isolate(victim);
            ledger.awaitAcknowledged(more);
            island.join(victim);
          }
          case SERVER_KILLED -> {
            ServerProcess server = servers.running.getAndSet(victim, null);
            server.kill();
            server.close();
            ledger.awaitAcknowledged(more);
            servers.running.set(victim, start(victim, cluster));
          }
        }
      }
      ledger.awaitAcknowledged(100);
      writers.end();
      check(ledger, servers);
    }
    System.out.printf(
        "%s, %d calls acknowledged, %d without an answer, %d objects, %d s%n",
        done,
        ledger.acknowledgedCalls(),
        ledger.unansweredCalls(),
        ledger.objects(),
        Duration.ofNanos(System.nanoTime() - begun).toSeconds());
  }

  private static void check(Ledger ledger, Servers servers) throws Exception {
    for (int i = 0; i < SERVERS; i++) {
      HttpCalls api = servers.server(i);
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      List<String> problems = ledger.problems(api);
      while (!(problems.isEmpty() && isCompiled(api)) && System.nanoTime() - deadline < 0) {
        TimeUnit.MILLISECONDS.sleep(100);
        problems = ledger.problems(api);
      }
      assertThat(problems).as("server " + i).isEmpty();
      assertThat(isCompiled(api)).as("the compiler has caught up").isTrue();
      assertThat(Ledger.damage(api)).isEmpty();
    }
  }

  private static boolean isCompiled(HttpCalls api) throws IOException {
    for (JsonNode each :
        api.get("/routing-instances?detail=true").json().path("routing-instances")) {
      JsonNode instance = each.path("routing-instance");
      if (instance.path("fq_name").path(2).asString("").startsWith("led-")
          && !instance.has("route_target_refs")) {
        return false;
      }
    }
    return true;
  }
}
