package weft.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.controller.ledger.Ledger;
import weft.controller.ledger.Writers;
import weft.http.HttpCalls;
import weft.http.Json;
import weft.state.FaultHandler;
import weft.store.Store;
import weft.store.etcd.EtcdOptions;
import weft.store.etcd.EtcdStore;
import weft.testkit.EtcdCluster;
import weft.testkit.Relay;

/** Several controllers over one etcd, all in this process. */
@Tag("lab")
@Timeout(120)
class EtcdControllersTest {
  @TempDir Path directory;

  private final List<AutoCloseable> open = new ArrayList<>();

  /** One controller, and who asks it. */
  private record Server(Controller controller, HttpCalls api, HttpCalls status) {
    String leader() {
      try {
        return status.get("/status").json().at("/leaders/compiler").asString("");
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T own(T part) {
    synchronized (open) {
      open.add(part);
    }
    return part;
  }

  private static Properties properties(String name, String endpoints) {
    Properties properties = new Properties();
    properties.setProperty("name", name);
    properties.setProperty("roles", "api,compiler");
    properties.setProperty("store", "etcd");
    properties.setProperty("store.etcd.endpoints", endpoints);
    properties.setProperty("store.etcd.timeout.seconds", "3");
    properties.setProperty("leader.lease.seconds", "2");
    for (String role : new String[] {"api", "status"}) {
      properties.setProperty(role + ".address", "127.0.0.1");
      properties.setProperty(role + ".port", "0");
    }
    return properties;
  }

  private Server server(String name, String endpoints) throws IOException {
    Controller controller =
        own(
            Controller.start(
                ControllerOptions.of(properties(name, endpoints)), FaultHandler.rethrow()));
    return new Server(
        controller,
        own(new HttpCalls("http://127.0.0.1:" + controller.apiPort().orElseThrow())),
        own(new HttpCalls("http://127.0.0.1:" + controller.statusPort().orElseThrow())));
  }

  /** All at once, as after a power failure. */
  private List<Server> servers(EtcdCluster cluster, int count) throws Exception {
    String endpoints = String.join(",", cluster.endpoints());
    List<Callable<Server>> starts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = "c" + i;
      starts.add(() -> server(name, endpoints));
    }
    return together(starts);
  }

  private static <T> List<T> together(List<Callable<T>> tasks) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<T> results = new ArrayList<>();
      for (Future<T> each : threads.invokeAll(tasks)) {
        results.add(each.get());
      }
      return results;
    }
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).as(what).isNegative();
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static ObjectNode network(String name) {
    ObjectNode wrapped = Json.object();
    ObjectNode network = wrapped.putObject("virtual-network");
    network.putArray("fq_name").add("default-domain").add("default-project").add(name);
    network.put("parent_type", "project");
    return wrapped;
  }

  private static boolean has(HttpCalls api, String name) {
    ObjectNode question = Json.object().put("type", "virtual-network");
    question.putArray("fq_name").add("default-domain").add("default-project").add(name);
    try {
      return api.post("/fqname-to-id", question).ok();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void threeServersGiveEachNameNumberAndAddressOnce() throws Exception {
    EtcdCluster cluster = own(EtcdCluster.start(3));
    List<Server> servers = servers(cluster, 3);
    List<Callable<Integer>> creations = new ArrayList<>();
    for (int i = 0; i < 15; i++) {
      HttpCalls api = servers.get(i % 3).api();
      String name = "wanted" + i / 5;
      creations.add(() -> api.post("/virtual-networks", network(name)).status());
    }
    assertThat(together(creations)).containsOnly(200, 409);
    assertThat(together(creations)).containsOnly(409);

    Ledger ledger = new Ledger();
    Writers writers = Writers.start(ledger, writer -> servers.get(writer % 3).api(), 16, 1);
    ledger.awaitAcknowledged(1500);
    writers.end();
    Set<String> leaders = new HashSet<>();
    for (Server server : servers) {
      await("all is known everywhere", () -> problems(ledger, server.api()).isEmpty());
      assertThat(Ledger.damage(server.api())).isEmpty();
      leaders.add(server.leader());
    }
    assertThat(leaders).hasSize(1).doesNotContain("");
    System.out.printf("3 servers, 3 members: %d calls acknowledged%n", ledger.acknowledgedCalls());
  }

  private static List<String> problems(Ledger ledger, HttpCalls api) {
    try {
      return ledger.problems(api);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anotherCompilesWhenTheLeaderGoes() throws Exception {
    EtcdCluster cluster = own(EtcdCluster.start(1));
    Relay way = own(Relay.to(cluster.endpoints().getFirst()));
    Server first = server("first", way.address());
    await("it leads", () -> first.leader().equals("first"));
    Server second = server("second", cluster.endpoints().getFirst());
    assertThat(second.leader()).isEqualTo("first");
    assertThat(second.api().post("/virtual-networks", network("a")).status()).isEqualTo(200);
    await("the leader compiles what another serves", () -> isCompiled(second, "a"));
    way.cut();
    assertThat(second.api().post("/virtual-networks", network("b")).status()).isEqualTo(200);
    await("another leads", () -> second.leader().equals("second"));
    await("another compiles", () -> isCompiled(second, "b"));
    assertThat(compiler(second).path("leading").asBoolean()).isTrue();
    assertThat(compiler(first).path("leading").asBoolean()).isFalse();
    way.mend();
    await("the first hears who leads", () -> first.leader().equals("second"));
    second.controller().close();
    await("the first leads again", () -> first.leader().equals("first"));
    assertThat(first.api().post("/virtual-networks", network("c")).status()).isEqualTo(200);
    await("it compiles again", () -> isCompiled(first, "c"));
  }

  private static JsonNode compiler(Server server) throws IOException {
    return server.status().get("/status").json().path("compiler");
  }

  private static boolean isCompiled(Server server, String network) {
    try {
      ObjectNode question = Json.object().put("type", "routing-instance");
      question
          .putArray("fq_name")
          .add("default-domain")
          .add("default-project")
          .add(network)
          .add(network);
      HttpCalls.Reply found = server.api().post("/fqname-to-id", question);
      return found.ok()
          && server
              .api()
              .get("/routing-instance/" + found.json().path("uuid").asString())
              .json()
              .path("routing-instance")
              .has("route_target_refs");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void withoutItsStoreAServerReadsAndRefusesToWriteAndThenGoesOn() throws Exception {
    EtcdCluster cluster = own(EtcdCluster.start(1));
    Server server = server("only", cluster.endpoints().getFirst());
    assertThat(server.api().post("/virtual-networks", network("a")).status()).isEqualTo(200);
    cluster.kill(0);
    long begun = System.nanoTime();
    HttpCalls.Reply refused = server.api().post("/virtual-networks", network("b"));
    assertThat(refused.status()).as(refused.text()).isEqualTo(503);
    assertThat(refused.text())
        .startsWith("The store is not available: ")
        .contains(cluster.endpoints().getFirst());
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(6));
    for (int i = 0; i < 3; i++) {
      begun = System.nanoTime();
      assertThat(server.api().post("/virtual-networks", network("c")).status()).isEqualTo(503);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(3));
    }
    assertThat(has(server.api(), "a")).as("reads go on").isTrue();
    assertThat(server.status().get("/status").json().at("/store/state").asString())
        .isEqualTo("away");
    cluster.startAgain(0);
    await(
        "it writes again by itself",
        () -> {
          try {
            return server.api().post("/virtual-networks", network("d")).ok()
                || has(server.api(), "d");
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    assertThat(Ledger.damage(server.api())).isEmpty();
  }

  @Test
  void whoWasCutOffForLongerThanTheHistoryComesBackToTheSame() throws Exception {
    EtcdCluster cluster = own(EtcdCluster.start(1));
    Relay way = own(Relay.to(cluster.endpoints().getFirst()));
    Server near = server("near", cluster.endpoints().getFirst());
    Server far = server("far", way.address());
    assertThat(near.api().post("/virtual-networks", network("gone")).status()).isEqualTo(200);
    await("the other hears", () -> has(far.api(), "gone"));
    way.cut();
    Ledger ledger = new Ledger();
    Writers writers = Writers.start(ledger, writer -> near.api(), 4, 7);
    ledger.awaitAcknowledged(150);
    writers.end();
    String uuid = uuid(near.api(), "gone");
    assertThat(near.api().delete("/virtual-network/" + uuid).status()).isEqualTo(200);
    try (Store store = EtcdStore.open(EtcdOptions.of(cluster.endpoints()))) {
      store.compact(store.revision()).toCompletableFuture().get(10, TimeUnit.SECONDS);
      assertThat(store.oldestRevision()).isGreaterThan(100);
    }
    assertThat(has(far.api(), "gone")).as("it has heard nothing").isTrue();
    way.mend();
    await("it is told all", () -> problems(ledger, far.api()).isEmpty());
    assertThat(has(far.api(), "gone")).isFalse();
    await("it writes", () -> writes(far.api()));
    await("both have the same", () -> objects(far) == objects(near));
  }

  private static boolean writes(HttpCalls api) {
    try {
      return api.post("/virtual-networks", network("back")).status() != 503;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static int objects(Server server) {
    try {
      return server.status().get("/status").json().at("/config/objects").asInt();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String uuid(HttpCalls api, String name) throws IOException {
    ObjectNode question = Json.object().put("type", "virtual-network");
    question.putArray("fq_name").add("default-domain").add("default-project").add(name);
    return api.post("/fqname-to-id", question).json().path("uuid").asString();
  }

  private static HttpCalls.Reply neutron(
      HttpCalls api, String resource, String operation, String data) throws IOException {
    String context = "{'is_admin':true,'tenant_id':'%032x','operation':'%s'}";
    String body = "{'context':" + context.formatted(7, operation) + ",'data':" + data + "}";
    return api.call("POST", "/neutron/" + resource, body.replace('\'', '"'));
  }

  private static String made(HttpCalls api, String resource, String attributes) throws IOException {
    HttpCalls.Reply reply = neutron(api, resource, "CREATE", "{'resource':" + attributes + "}");
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    return reply.json().path("id").asString();
  }

  /** Neutron's calls go to any of the servers, one after the other and all at once. */
  @Test
  void neutronOverSeveralServers() throws Exception {
    try (EtcdCluster cluster = EtcdCluster.start(1)) {
      List<Server> servers = servers(cluster, 2);
      HttpCalls one = servers.getFirst().api();
      HttpCalls other = servers.getLast().api();
      String network = made(one, "network", "{'name':'n'}");
      // What one has acknowledged, the other knows of at the latest when it would refuse.
      String subnet =
          made(other, "subnet", "{'network_id':'%s','cidr':'10.0.0.0/28'}".formatted(network));
      List<Callable<HttpCalls.Reply>> calls = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        HttpCalls api = i % 2 == 0 ? one : other;
        calls.add(
            () -> neutron(api, "port", "CREATE", "{'resource':{'network_id':'" + network + "'}}"));
      }
      Set<String> addresses = new HashSet<>();
      Set<String> ports = new HashSet<>();
      for (HttpCalls.Reply reply : together(calls)) {
        if (reply.ok()) {
          ports.add(reply.json().path("id").asString());
          addresses.add(reply.json().at("/fixed_ips/0/ip_address").asString());
        } else {
          assertThat(reply.json().path("exception").asString())
              .isEqualTo("IpAddressGenerationFailure");
        }
      }
      // 14 hosts, of which one is the gateway and one the name server.
      assertThat(addresses).hasSize(12).hasSameSizeAs(ports);
      String router = made(one, "router", "{}");
      HttpCalls.Reply attached =
          neutron(
              other,
              "router",
              "ADDINTERFACE",
              "{'id':'%s','resource':{'subnet_id':'%s'}}".formatted(router, subnet));
      assertThat(attached.status()).as(attached.text()).isEqualTo(200);
      assertThat(neutron(one, "network", "DELETE", "{'id':'" + network + "'}").text())
          .contains("NetworkInUse");
      List<Callable<HttpCalls.Reply>> deletions = new ArrayList<>();
      for (String port : ports) {
        HttpCalls api = deletions.size() % 2 == 0 ? one : other;
        deletions.add(() -> neutron(api, "port", "DELETE", "{'id':'" + port + "'}"));
      }
      for (HttpCalls.Reply reply : together(deletions)) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
      }
      neutron(
          one,
          "router",
          "DELINTERFACE",
          "{'id':'%s','resource':{'subnet_id':'%s'}}".formatted(router, subnet));
      HttpCalls.Reply gone = neutron(other, "network", "DELETE", "{'id':'" + network + "'}");
      assertThat(gone.status()).as(gone.text()).isEqualTo(200);
      assertThat(one.post("/db-check", Json.object()).json().path("results")).isEmpty();
    }
  }
}
