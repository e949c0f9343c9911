package weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Cluster;
import weft.lab.Command;
import weft.lab.ComputeHost;
import weft.lab.Guest;
import weft.lab.LabException;
import weft.lab.Tenant;

/**
 * What guests notice of an agent that is killed, of controllers that are away, of a clock that is
 * set and of a disk that is full: nothing. Each test leaves the lab well.
 */
@Tag("lab")
@Timeout(400)
class SurvivalTest {
  private static final Duration SOON = Duration.ofSeconds(120);

  @TempDir static Path directory;
  private static SteppedClock clock;
  private static Cluster cluster;
  private static ApiClient api;
  private static Tenant a;
  private static Tenant b;

  @BeforeAll
  static void start() throws IOException {
    clock = SteppedClock.create(directory);
    cluster =
        Cluster.start(
            "wsurv",
            List.of("h1", "h2"),
            new Cluster.Unusual(Map.of(), List.of(), clock.environment()));
    api = new ApiClient(cluster.api());
    cluster.awaitApi(SOON);
    Tenant.registerHosts(api, cluster.hosts());
    a = Tenant.create(api, "a", "10.1.1.0/24");
    b = Tenant.create(api, "b", "10.2.2.0/24");
    for (Tenant tenant : List.of(a, b)) {
      tenant.addGuest("1" + name(tenant), host("h1"));
      tenant.addGuest("2" + name(tenant), host("h2"));
    }
    a.addGuest("leaser", host("h1"));
    a.configureGuests(SOON);
    b.configureGuests(SOON);
    for (Tenant tenant : List.of(a, b)) {
      String one = "1" + name(tenant);
      String two = "2" + name(tenant);
      Await.until("packets", SOON, () -> tenant.guest(one).pings(tenant.address(two)));
    }
    awaitWell();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static String name(Tenant tenant) {
    return tenant == a ? "a" : "b";
  }

  private static ComputeHost host(String name) {
    return cluster.host(name);
  }

  private static ApiClient agent(String host) {
    return new ApiClient(host(host).introspection());
  }

  /** Between the hosts. */
  private static GuestTalk talk(Tenant tenant) {
    String two = "2" + name(tenant);
    return GuestTalk.start(
        tenant.guest("1" + name(tenant)), tenant.guest(two), tenant.address(two));
  }

  private static JsonNode status(String host) {
    try {
      return agent(host).get("/status");
    } catch (LabException e) {
      return ApiClient.json("{}");
    }
  }

  private static void awaitWell() {
    for (ComputeHost host : cluster.hosts()) {
      Await.until(
          host.name() + " has learned all and written it down",
          SOON,
          () -> {
            JsonNode status = status(host.name());
            return status.path("tables").asString("").equals("current")
                && status.path("tables_in_sync").asBoolean()
                && status.path("config_on_disk").asBoolean()
                && agent(host.name()).rows("xmpp", "/xmpp").stream()
                    .allMatch(session -> session.path("complete").asBoolean());
          });
    }
  }

  /** One that starts alone has answered; one that has a control node is well in time. */
  private static void awaitAnswer(String host) {
    Await.until("the agent answers", SOON, () -> status(host).has("tables"));
  }

  private static boolean any(String host, String table, Predicate<JsonNode> which) {
    return agent(host).rows(table, "/" + table).stream().anyMatch(which);
  }

  private static boolean knows(String host, String address) {
    return any(
        host,
        "rt",
        row ->
            row.path("prefix").asString().equals(address + "/32")
                && !row.path("next_hop").asString().startsWith("discard"));
  }

  /**
   * Labels, routes and next hops that do not tell of something: what must not change. A list of
   * whom to flood to does, and a node of a tree, as guests come and go.
   */
  private static Set<String> rowsWithout(String host, List<String> words) {
    Set<String> found = new HashSet<>();
    for (String table : List.of("mpls", "rt", "nh")) {
      for (JsonNode row : agent(host).rows(table, "/" + table)) {
        String text = row.toString();
        boolean listsMembers = text.contains("flood\"") || text.contains("\"tree");
        if (!listsMembers && words.stream().noneMatch(text::contains)) {
          found.add(table + text);
        }
      }
    }
    return found;
  }

  private static void nothingLost(GuestTalk talk) {
    talk.goesOn();
    talk.beginsAnew();
    GuestTalk.Count count = talk.stop();
    assertThat(count.sent()).isGreaterThan(20);
    assertThat(count.lost()).as("lost of " + count.sent()).isZero();
  }

  /** A further address of a port. */
  private record More(String id, String address) {}

  private static More moreAddress(String guest) {
    String id =
        api.create(
            "instance-ip",
            "",
            "more-" + UUID.randomUUID(),
            Map.of(
                "virtual_network_refs",
                ApiClient.json("[{'uuid':'" + a.network().id() + "'}]"),
                "virtual_machine_interface_refs",
                ApiClient.json("[{'uuid':'" + a.port(guest).interfaceId() + "'}]")));
    return new More(id, api.read("instance-ip", id).path("instance_ip_address").asString());
  }

  /** What was added, changed and deleted meanwhile is so afterwards, and all else is untouched. */
  @Test
  void anAgentThatIsKilledIsNotMissedAndLearnsWhatHasChanged() {
    a.addGuest("gone", host("h1")).guest().dhcp(SOON);
    String gone = a.address("gone");
    Await.until("its route", SOON, () -> knows("h1", gone) && knows("h2", gone));
    awaitWell();
    List<String> going = List.of(gone, a.guest("gone").tap());
    Set<String> before = rowsWithout("h1", going);
    assertThat(before).hasSizeGreaterThan(10);
    try (GuestTalk first = talk(a);
        GuestTalk second = talk(b)) {
      host("h1").vrouter().kill();
      first.goesOn();
      first.beginsAnew();
      second.beginsAnew();
      Guest far = a.addGuest("far", host("h2")).guest();
      String address = far.dhcp(SOON).getFirst();
      assertThat(address).contains(a.address("far"));
      String more = moreAddress("1a").address();
      b.allowIcmp(false);
      Tenant.Port port = a.port("gone");
      api.delete("instance-ip", port.addressId());
      api.delete("virtual-machine-interface", port.interfaceId());

      host("h1").vrouter().restart();
      Await.until("the new guest", SOON, () -> a.guest("1a").pings(a.address("far")));
      Await.until("the new address", SOON, () -> knows("h1", more) && knows("h2", more));
      Await.until("the new rule", SOON, () -> !b.guest("2b").pings(b.address("1b")));
      Await.until("the old guest", SOON, () -> !knows("h1", gone) && !knows("h2", gone));
      awaitWell();
      assertThat(rowsWithout("h1", going)).containsAll(before);
      nothingLost(first);
      nothingLost(second);
    }
    host("h1").unplug(a.guest("gone"), UUID.fromString(a.port("gone").interfaceId()));
    b.allowIcmp(true);
    Await.until("the old rule", SOON, () -> b.guest("2b").pings(b.address("1b")));
  }

  /** Also an agent that starts while there is no controller. */
  @Test
  void withoutAControllerAllGoesOn() {
    awaitWell();
    try (GuestTalk first = talk(a)) {
      cluster.controller().kill();
      Await.until(
          "no session",
          SOON,
          () -> any("h1", "xmpp", row -> !row.path("state").asString().equals("Established")));
      first.goesOn();
      first.beginsAnew();
      host("h1").vrouter().kill();
      first.beginsAnew();
      host("h1").vrouter().restart();
      awaitAnswer("h1");
      assertThat(status("h1").path("ports_active").asInt())
          .isEqualTo(status("h1").path("ports").asInt());
      assertThat(a.guest("leaser").dhcp(SOON).getFirst()).contains(a.address("leaser"));
      assertThat(a.guest("leaser").pings(a.address("2a"))).isTrue();
      first.goesOn();
      first.beginsAnew();
      cluster.controller().restart();
      cluster.awaitApi(SOON);
      awaitWell();
      nothingLost(first);
    }
  }

  /** Years ahead, then years back. Sessions, flows and leases go by time that passes. */
  @Test
  void aClockThatIsSetChangesNothing() throws IOException {
    awaitWell();
    List<Integer> sessions = sessions();
    try (GuestTalk first = talk(a)) {
      for (Duration step : List.of(Duration.ofDays(800), Duration.ofDays(-800), Duration.ZERO)) {
        clock.ahead(step);
        More made = moreAddress("2a");
        String address = made.address();
        Await.until("config goes on", SOON, () -> knows("h1", address) && knows("h2", address));
        String stamp =
            api.read("instance-ip", made.id()).path("id_perms").path("created").asString();
        assertThat(OffsetDateTime.parse(stamp + "Z"))
            .as("the controller goes by it")
            .isCloseTo(OffsetDateTime.now(ZoneOffset.UTC).plus(step), within(1, ChronoUnit.DAYS));
        first.goesOn();
        first.beginsAnew();
        assertThat(a.guest("leaser").dhcp(SOON).getFirst()).contains(a.address("leaser"));
        assertThat(any("h1", "flow", SurvivalTest::isOfTalk)).as("its flow is there").isTrue();
        api.delete("instance-ip", made.id());
        Await.until("its end, too", SOON, () -> !knows("h1", address));
      }
      nothingLost(first);
    } finally {
      clock.ahead(Duration.ZERO);
    }
    assertThat(sessions()).as("no session was lost").isEqualTo(sessions);
    for (String host : List.of("h1", "h2")) {
      assertThat(status(host).path("up_seconds").asLong()).isBetween(0L, 3600L);
    }
  }

  private static boolean isOfTalk(JsonNode flow) {
    return flow.toString().contains(a.address("2a")) && flow.toString().contains("7007");
  }

  private static List<Integer> sessions() {
    return cluster.hosts().stream()
        .flatMap(host -> agent(host.name()).rows("xmpp", "/xmpp").stream())
        .map(row -> row.path("sessions").asInt())
        .toList();
  }

  /** The agent goes on, says so, refuses what it could not keep, and starts again even so. */
  @Test
  void aDiskThatIsFullCostsNoPacketAndIsSaid() throws IOException {
    Path data = host("h1").dataDirectory();
    Path filler = data.resolve("filler");
    awaitWell();
    host("h1").vrouter().kill();
    smallDisk(data);
    try (GuestTalk first = talk(a)) {
      host("h1").vrouter().restart();
      awaitWell();
      fill(filler);
      String more = moreAddress("1a").address();
      Await.until("config goes on", SOON, () -> knows("h1", more) && knows("h2", more));
      Await.until(
          "it is said",
          SOON,
          () -> status("h1").path("disk").asString("").contains("No space left"));
      assertThatThrownBy(() -> a.addGuest("late", host("h1")))
          .hasMessageContaining("No space left on device");
      first.beginsAnew();

      host("h1").vrouter().kill();
      first.beginsAnew();
      host("h1").vrouter().restart();
      Await.until("all is learned", SOON, () -> status("h1").path("tables_in_sync").asBoolean());
      first.beginsAnew();
      assertThat(a.guest("leaser").dhcp(SOON).getFirst()).contains(a.address("leaser"));

      Files.delete(filler);
      Await.until("it recovers", SOON, () -> status("h1").path("disk").asString("x").isEmpty());
      awaitWell();
      assertThat(a.addGuest("later", host("h1")).guest().dhcp(SOON).getFirst())
          .contains(a.address("later"));
      nothingLost(first);
    }
  }

  private static void smallDisk(Path data) {
    String kept = data.resolveSibling("kept").toString();
    Command.run("cp", "-a", data.toString(), kept).orThrow();
    Command.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", data.toString()).orThrow();
    Command.run("cp", "-a", kept + "/.", data.toString()).orThrow();
  }

  private static void fill(Path file) throws IOException {
    byte[] page = new byte[4096];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < 1000; i++) {
        out.write(page);
      }
      throw new AssertionError("the disk is not small");
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }
}
