package weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Cluster;
import weft.lab.Command;
import weft.lab.Guest;
import weft.lab.Ping;
import weft.lab.Program;
import weft.lab.Tenant;
import weft.testkit.EtcdCluster;

/** Two control nodes are killed, stopped and started in turn and together while packets flow. */
@Tag("lab")
class ControlNodeLossTest {
  private static final Duration SOON = Duration.ofSeconds(120);
  private static final int SECOND_PORT = 5270;

  /** Of hundreds; what a busy machine may drop by itself. */
  private static final int FEW = 5;

  @TempDir Path directory;
  private List<ApiClient> vrouters;

  private Program second(Cluster cluster, String endpoints) throws IOException {
    Path config =
        Files.writeString(
            directory.resolve("second.properties"),
            """
            name=second
            roles=control
            store=etcd
            store.etcd.endpoints=%s
            store.etcd.timeout.seconds=60
            data.dir=%s
            control.address=%s
            control.xmpp.port=%d
            control.bgp.port=1179
            control.introspection.port=8183
            status.port=8187
            """
                .formatted(
                    endpoints,
                    directory.resolve("data"),
                    cluster.underlay().ownAddress(),
                    SECOND_PORT));
    return Program.weft(
        "second",
        List.of(),
        cluster.directory().resolve("second.log"),
        List.of("-Xmx256m"),
        "controller",
        "--config",
        config.toString());
  }

  /** Whether so many sessions of each vRouter are as they should be. */
  private boolean sessions(int count, Predicate<JsonNode> which) {
    return vrouters.stream()
        .allMatch(v -> v.rows("xmpp", "/xmpp").stream().filter(which).count() == count);
  }

  private static boolean isUp(JsonNode session) {
    return session.path("state").asString().equals("Established")
        && session.path("complete").asBoolean();
  }

  private static boolean isDown(JsonNode session) {
    return session.path("state").asString().equals("Connecting");
  }

  private void awaitUp(int count) {
    Await.until(
        count + " complete sessions each", SOON, () -> sessions(count, ControlNodeLossTest::isUp));
  }

  private void awaitDown(int count) {
    Await.until(
        count + " sessions lost each", SOON, () -> sessions(count, ControlNodeLossTest::isDown));
  }

  private static void signal(String name, Program program) {
    Command.run("kill", "-" + name, Long.toString(program.pid())).orThrow();
  }

  @Test
  @Timeout(900)
  void packetsFlowOnWhicheverIsLostAndTheOtherHearsNothingOfIt() throws IOException {
    try (EtcdCluster etcd = EtcdCluster.start(1)) {
      String endpoints = String.join(",", etcd.endpoints());
      Cluster.Unusual unusual =
          new Cluster.Unusual(
              Map.of(
                  "name",
                  "first",
                  "store",
                  "etcd",
                  "store.etcd.endpoints",
                  endpoints,
                  "store.etcd.timeout.seconds",
                  "60"),
              List.of(SECOND_PORT));
      try (Cluster cluster = Cluster.start("wloss", List.of("h1", "h2"), unusual);
          Program second = second(cluster, endpoints)) {
        vrouters = cluster.hosts().stream().map(h -> new ApiClient(h.introspection())).toList();
        run(cluster, second);
      }
    }
  }

  private void run(Cluster cluster, Program second) {
    ApiClient api = new ApiClient(cluster.api());
    cluster.awaitApi(SOON);
    Tenant.registerHosts(api, cluster.hosts());
    Tenant tenant = Tenant.create(api, "t", "10.1.1.0/24");
    Guest one = tenant.addGuest("one", cluster.host("h1")).guest();
    Guest two = tenant.addGuest("two", cluster.host("h2")).guest();
    tenant.configureGuests(SOON);
    String to = tenant.address("two");
    Await.until("packets", SOON, () -> one.pings(to) && two.pings(tenant.address("one")));
    awaitUp(2);
    try (Ping ping = Ping.start(one, to, 50)) {
      second.kill();
      awaitDown(1);
      assertThat(sessions(1, ControlNodeLossTest::isUp)).as("the other goes on").isTrue();
      second.restart();
      awaitUp(2);

      frozen(api, cluster, second);

      cluster.controller().kill();
      awaitDown(1);
      assertThat(sessions(1, ControlNodeLossTest::isUp)).as("the other goes on").isTrue();
      second.kill();
      awaitDown(2);
      cluster.controller().restart();
      second.restart();
      awaitUp(2);
      Ping.Count count = ping.stop();
      assertThat(count.sent()).isGreaterThan(100);
      assertThat(count.lost()).as("of " + count.sent()).isLessThanOrEqualTo(FEW);
    }
    assertThat(two.pings(tenant.address("one"))).isTrue();
  }

  /** One that neither answers nor closes is lost too, once the config asks for fast detection. */
  private void frozen(ApiClient api, Cluster cluster, Program second) {
    String system = api.idOf("global-system-config", "default-global-system-config");
    api.update(
        "global-system-config",
        system,
        Map.of(
            "fast_convergence_parameters", ApiClient.json("{'enable':true,'xmpp_hold_time':5}")));
    Await.until(
        "fast keep-alives",
        SOON,
        () ->
            vrouters.stream()
                .allMatch(v ->
                    v.rows("xmpp", "/xmpp").stream()
                        .allMatch(session -> session.path("hold_ms").asInt() == 5000)));
    assertThat(sessions(2, ControlNodeLossTest::isUp)).as("nobody is dropped").isTrue();
    signal("STOP", second);
    try {
      awaitDown(1);
      assertThat(sessions(1, ControlNodeLossTest::isUp)).as("the other goes on").isTrue();
    } finally {
      signal("CONT", second);
    }
    awaitUp(2);
    api.update(
        "global-system-config",
        system,
        Map.of("fast_convergence_parameters", ApiClient.json("{'enable':false}")));
    cluster.checkAlive();
  }
}
