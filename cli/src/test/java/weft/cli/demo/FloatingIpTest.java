package weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import weft.cli.demo.GuestServer.Answer;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Cluster;
import weft.lab.Command;
import weft.lab.Guest;
import weft.lab.Tenant;

/**
 * Floating addresses from the API to the wire: two hosts, two projects, real guests.
 *
 * <p>The guests `vm` and `twin` are of one project, on different hosts; `near` and `far` of the
 * other, whose network has the pool.
 */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FloatingIpTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int PORT = 8080;

  private Cluster cluster;
  private ApiClient api;
  private Tenant inside;
  private Tenant outside;
  private Guest vm;
  private Guest near;
  private Guest far;
  private final List<GuestServer> servers = new ArrayList<>();

  @BeforeAll
  void start() {
    cluster = Cluster.start("wfip", List.of("h1", "h2"));
    api = new ApiClient(cluster.api());
    cluster.awaitApi(SOON);
    Tenant.registerHosts(api, cluster.hosts());
    inside = Tenant.create(api, "in", "10.1.1.0/24");
    outside = Tenant.create(api, "out", "10.9.0.0/24");
    vm = inside.addGuest("vm", cluster.host("h1")).guest();
    Guest twin = inside.addGuest("twin", cluster.host("h2")).guest();
    near = outside.addGuest("near", cluster.host("h1")).guest();
    far = outside.addGuest("far", cluster.host("h2")).guest();
    inside.configureGuests(SOON);
    outside.configureGuests(SOON);
    api.create("floating-ip-pool", "virtual-network", outside.network().name() + ":pool", Map.of());
    for (Guest guest : List.of(vm, twin, near, far)) {
      servers.add(GuestServer.start(guest.namespace(), PORT, guest.name()));
    }
  }

  @AfterAll
  void stop() throws IOException {
    for (GuestServer server : servers) {
      server.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  /**
   * Makes a floating address of ports.
   *
   * @param more properties as JSON
   */
  private String floating(String address, Map<String, String> more, String... ports) {
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    fields.put("floating_ip_address", ApiClient.json("'" + address + "'"));
    fields.put("project_refs", ApiClient.json("[{'to':['default-domain','in']}]"));
    fields.put("virtual_machine_interface_refs", references(ports));
    more.forEach((name, value) -> fields.put("floating_ip_" + name, ApiClient.json(value)));
    String pool = outside.network().name() + ":pool";
    return api.create("floating-ip", "floating-ip-pool", pool + ":" + address, fields);
  }

  private JsonNode references(String... ports) {
    List<String> refs = new ArrayList<>();
    for (String port : ports) {
      refs.add("{'uuid':'" + inside.port(port).interfaceId() + "'}");
    }
    return ApiClient.json("[" + String.join(",", refs) + "]");
  }

  private static String nameBy(@Nullable Answer answer) {
    return answer == null ? "" : answer.name();
  }

  private static String addressBy(@Nullable Answer answer) {
    return answer == null ? "" : answer.address();
  }

  private static String tcp(Guest from, String address, int port) {
    return nameBy(GuestServer.tcp(from.namespace(), address, port));
  }

  private static String udp(Guest from, String address, int port) {
    return nameBy(GuestServer.udp(from.namespace(), address, port));
  }

  @Test
  @Timeout(300)
  void aGuestIsReachedAndSpeaksByItsFloatingAddressUntilItIsTakenAway() {
    String address = "10.9.0.50";
    assertThat(vm.pings(outside.address("far"))).as("nothing joins the projects").isFalse();
    String floating = floating(address, Map.of(), "vm");
    for (Guest guest : List.of(near, far)) {
      Await.until(guest.name() + " reaches it", SOON, () -> guest.pings(address));
      Await.until("by TCP", SOON, () -> tcp(guest, address, PORT).equals("vm"));
      Await.until("by UDP", SOON, () -> udp(guest, address, PORT).equals("vm"));
    }
    for (String name : List.of("near", "far")) {
      String to = outside.address(name);
      Await.until("it reaches " + name, SOON, () -> vm.pings(to));
      assertThat(GuestServer.tcp(vm.namespace(), to, PORT))
          .as("and is seen by its floating address")
          .matches(answer -> answer.address().equals(address));
    }
    List<JsonNode> flows = new ApiClient(cluster.host("h1").introspection()).rows("flow", "/flow");
    assertThat(flows.stream().map(row -> row.path("nat").asString()).distinct())
        .anyMatch(nat -> nat.startsWith("source " + address + ":"))
        .anyMatch(nat -> nat.startsWith("destination " + inside.address("vm") + ":"));
    assertThat(far.pings(inside.address("vm"))).as("its own address stays hidden").isFalse();

    api.delete("floating-ip", floating);
    Await.until("it is gone", SOON, () -> !far.pings(address) && !near.pings(address));
    assertThat(vm.pings(outside.address("far"))).isFalse();
  }

  private static Set<String> answering(Guest guest, String address) {
    return IntStream.range(0, 16)
        .mapToObj(_ -> tcp(guest, address, PORT))
        .collect(Collectors.toSet());
  }

  @Test
  @Timeout(300)
  void twoPortsOnTwoHostsHaveOneAddressAndShareItsConnections() {
    String address = "10.9.0.60";
    String floating = floating(address, Map.of(), "vm", "twin");
    for (Guest guest : List.of(near, far)) {
      Await.until(
          "both answer " + guest.name(),
          SOON,
          () -> answering(guest, address).equals(Set.of("vm", "twin")));
    }
    for (String name : List.of("vm", "twin")) {
      Guest guest = inside.guest(name);
      Await.until(
          name + " speaks by it",
          SOON,
          () ->
              addressBy(GuestServer.tcp(guest.namespace(), outside.address("near"), PORT))
                  .equals(address));
    }
    api.update(
        "floating-ip", floating, Map.of("virtual_machine_interface_refs", references("twin")));
    for (Guest guest : List.of(near, far)) {
      Await.until(
          guest.name() + " hears the other alone",
          SOON,
          () -> IntStream.range(0, 8).allMatch(_ -> tcp(guest, address, PORT).equals("twin")));
    }
    api.delete("floating-ip", floating);
  }

  @Test
  @Timeout(300)
  void aFloatingAddressStandsForTheFixedOneThatItNames() {
    String second = "10.1.1.99";
    String instance =
        api.create(
            "instance-ip",
            "",
            "second-of-vm",
            Map.of(
                "instance_ip_address", ApiClient.json("'" + second + "'"),
                "instance_ip_secondary", ApiClient.json("true"),
                "virtual_network_refs",
                    ApiClient.json("[{'uuid':'" + inside.network().id() + "'}]"),
                "virtual_machine_interface_refs", references("vm")));
    vm.namespace().ip("address add " + second + "/24 dev eth0");
    Map<String, String> named = Map.of("fixed_ip_address", "'" + second + "'");
    String floating = floating("10.9.0.70", named, "vm");
    for (Guest guest : List.of(near, far)) {
      Await.until("it is reached", SOON, () -> tcp(guest, "10.9.0.70", PORT).equals("vm"));
    }
    String to = outside.address("far");
    Command.Result bySecond =
        Await.value(
            "the second address leaves by it",
            SOON,
            () -> {
              Command.Result ping =
                  vm.namespace().run("ping", "-n", "-c", "1", "-W", "1", "-I", second, to);
              return ping.ok() ? ping : null;
            });
    assertThat(bySecond.output()).contains("1 received");
    assertThat(vm.namespace().run("ping", "-n", "-c", "1", "-W", "1", to).ok())
        .as("the first address has none")
        .isFalse();
    List<JsonNode> flows = new ApiClient(cluster.host("h1").introspection()).rows("flow", "/flow");
    assertThat(flows.stream().map(row -> row.path("nat").asString()))
        .anyMatch(nat -> nat.startsWith("destination " + second + ":"));
    api.delete("floating-ip", floating);
    api.delete("instance-ip", instance);
    vm.namespace().ip("address delete " + second + "/24 dev eth0");
  }

  @Test
  @Timeout(300)
  void mappedPortsPassAndNoOthers() {
    String address = "10.9.0.80";
    String floating =
        floating(
            address,
            Map.of(
                "port_mappings_enable",
                "true",
                "port_mappings",
                "{'port_mappings':[{'protocol':'TCP','src_port':80,'dst_port':8080},"
                    + "{'protocol':'UDP','src_port':53,'dst_port':8080}]}"),
            "vm");
    for (Guest guest : List.of(near, far)) {
      Await.until("TCP, mapped", SOON, () -> tcp(guest, address, 80).equals("vm"));
      Await.until("UDP, mapped", SOON, () -> udp(guest, address, 53).equals("vm"));
    }
    assertThat(tcp(far, address, PORT)).as("a port that is not mapped").isEmpty();
    assertThat(udp(far, address, 80)).as("of another protocol").isEmpty();
    assertThat(far.pings(address)).isFalse();
    Answer answer = GuestServer.tcp(vm.namespace(), outside.address("far"), PORT, 9099);
    assertThat(answer).as("from a port that is not mapped").isNull();
    api.delete("floating-ip", floating);
  }

  @Test
  @Timeout(300)
  void trafficMayGoOneWayOnly() {
    String address = "10.9.0.90";
    String to = outside.address("far");
    String inward = floating(address, Map.of("traffic_direction", "'ingress'"), "vm");
    Await.until("it is reached", SOON, () -> tcp(far, address, PORT).equals("vm"));
    assertThat(tcp(vm, to, PORT)).as("it says nothing by itself").isEmpty();
    api.update(
        "floating-ip", inward, Map.of("floating_ip_traffic_direction", ApiClient.json("'egress'")));
    Await.until(
        "it speaks",
        SOON,
        () -> addressBy(GuestServer.tcp(vm.namespace(), to, PORT)).equals(address));
    assertThat(tcp(far, address, PORT)).as("it is not reached").isEmpty();
    api.update(
        "floating-ip", inward, Map.of("floating_ip_traffic_direction", ApiClient.json("'both'")));
    Await.until("it is reached again", SOON, () -> tcp(far, address, PORT).equals("vm"));
    Await.until("and speaks", SOON, () -> tcp(vm, to, PORT).equals("far"));
    api.delete("floating-ip", inward);
  }
}
