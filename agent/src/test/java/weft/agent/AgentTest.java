package weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.agent.core.Config;
import weft.http.HttpCalls;
import weft.http.Json;
import weft.net.Encapsulation;
import weft.net.Hex;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.state.Change;
import weft.state.FaultHandler;
import weft.testkit.OpenMetricsText;
import weft.vrouter.Acl;
import weft.vrouter.DropReason;
import weft.vrouter.Flow;
import weft.vrouter.FlowKey;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;
import weft.vrouter.Trap;
import weft.vrouter.Vif;
import weft.xmpp.AgentMessage;
import weft.xmpp.ConfigKey;
import weft.xmpp.ControlMessage;
import weft.xmpp.ControlMessage.Entry;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.RouteAttributes;

/** The agent's process without a kernel: real HTTP, a real XMPP session, real files. */
class AgentTest {
  private static final String NET = "default-domain:demo:net1";
  private static final String VRF = NET + ":net1";
  private static final Ipv4Address PEER = Ipv4Address.parse("172.31.0.12");
  private static final String PORT_A = Config.uuid("a").toString();
  private static final ConfigKey PORT_A_KEY = new ConfigKey("virtual-machine-interface", PORT_A);
  private static final ControlChannel.Patience QUICK =
      new ControlChannel.Patience(
          Duration.ofMillis(300),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofMillis(100),
          Duration.ZERO,
          Duration.ofSeconds(60),
          Duration.ofSeconds(60));

  @TempDir Path directory;
  private final TableForwarding forwarding = new TableForwarding();
  private final Map<String, Integer> devices = new ConcurrentHashMap<>(Map.of("eth0", 2));
  private ControlSide control;
  private InetSocketAddress controlAddress;
  private Agent agent;
  private HttpCalls ports;
  private HttpCalls shown;

  private final Devices fakeDevices =
      new Devices() {
        @Override
        public int index(String name) {
          return devices.getOrDefault(name, 0);
        }

        @Override
        public MacAddress mac(String name) {
          return MacAddress.parse("02:00:00:00:00:0b");
        }
      };

  @BeforeEach
  void start() throws Exception {
    control = ControlSide.start(0);
    controlAddress = control.address();
    startAgent();
  }

  private AgentOptions options() {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return new AgentOptions(
        "h1",
        "eth0",
        Ipv4Address.parse("172.31.0.11"),
        List.of(controlAddress),
        directory.resolve("bpf"),
        directory,
        any,
        any,
        Duration.ofSeconds(180));
  }

  private Agent newAgent() throws Exception {
    return Agent.start(
        options(), new Agent.World(() -> forwarding, fakeDevices, QUICK), FaultHandler.rethrow());
  }

  private void startAgent() throws Exception {
    agent = newAgent();
    ports = new HttpCalls("http://127.0.0.1:" + agent.portApiPort());
    shown = new HttpCalls("http://127.0.0.1:" + agent.introspectionPort());
  }

  @AfterEach
  void stop() {
    ports.close();
    shown.close();
    agent.close();
    control.close();
  }

  private static void await(String what, BooleanSupplier condition) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not seen: " + what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  private static String port(String name) {
    return """
    {"id":"%s","instance-id":"%s","vn-id":"","display-name":"%s","ip-address":"0.0.0.0",
     "type":0,"system-name":"tap-%s","mac-address":"02:00:00:00:00:01","rx-vlan-id":-1,"tx-vlan-id":-1}
    """
        .formatted(Config.uuid(name), Config.uuid("vm-" + name), name, name);
  }

  private static Config config() {
    return new Config().network(NET, 5, "10.1.1.0").port("a", NET, "02:00:00:00:00:01", "10.1.1.3");
  }

  private static ControlMessage remote(String address, int label) {
    return new ControlMessage.Items(
        "1/1/" + VRF,
        List.of(
            Entry.of(
                InetItem.of(
                    IpPrefix.parse(address),
                    List.of(
                        InetItem.NextHop.of(PEER, label, List.of(Encapsulation.MPLS_O_UDP), NET)),
                    RouteAttributes.DEFAULT))));
  }

  private boolean has(String prefix) {
    return forwarding.contents().keySet().stream()
        .anyMatch(key ->
            key instanceof TableKey.InetRouteKey(int _, IpPrefix at)
                && at.equals(IpPrefix.parse(prefix)));
  }

  private void heard(AgentMessage message) {
    await(message.toString(), () -> control.heard().contains(message));
  }

  private void plugAndConfigure() throws Exception {
    devices.put("tap-a", 7);
    assertThat(ports.call("POST", "/port", port("a")).status()).isEqualTo(200);
    heard(
        new AgentMessage.SubscribeConfig(
            new ConfigKey("virtual-machine", Config.uuid("vm-a").toString())));
    control.send(config());
    heard(new AgentMessage.Subscribe(VRF, 1, false));
    await("published", () -> control.routes().size() == 4);
    heard(new AgentMessage.EndOfRib());
    heard(new AgentMessage.SubscribeConfig(PORT_A_KEY));
  }

  @Test
  void the_control_node_is_told_while_a_port_carries_packets() throws Exception {
    plugAndConfigure();
    assertThat(ports.call("PUT", "/disable-port/" + PORT_A, "").status()).isEqualTo(200);
    heard(new AgentMessage.UnsubscribeConfig(PORT_A_KEY));
    control.forget();
    assertThat(ports.call("PUT", "/enable-port/" + PORT_A, "").status()).isEqualTo(200);
    heard(new AgentMessage.SubscribeConfig(PORT_A_KEY));
    control.forget();
    devices.remove("tap-a");
    heard(new AgentMessage.UnsubscribeConfig(PORT_A_KEY));
  }

  @Test
  void a_guest_that_was_there_first_is_told_of_its_router_when_its_port_is() throws Exception {
    devices.put("tap-a", 7);
    assertThat(ports.call("POST", "/port", port("a")).status()).isEqualTo(200);
    control.send(
        new Config().network6(NET, 5, "fd00:1::").port("a", NET, "02:00:00:00:00:01", "fd00:1::3"));
    TableForwarding.Sent sent = forwarding.sent.poll(30, TimeUnit.SECONDS);
    assertThat(sent).isNotNull();
    assertThat(sent.vif()).isEqualTo(vifOf(PORT_A));
    assertThat(Hex.of(sent.frame()))
        .startsWith("020000000001" + "00005e000100" + "86dd")
        .contains("3aff" + "fe8000000000000002005efffe000100" + "ff020000000000000000000000000001");
    assertThat(forwarding.contents()).containsKey(new TableKey.VifKey(sent.vif()));
  }

  private JsonNode show(String path) {
    try {
      return shown.get(path).json();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void settled() {
    await("tables current", () -> show("/status").path("tables").asString().equals("current"));
  }

  @Test
  void from_a_plugged_port_to_published_routes_and_tables() throws Exception {
    heard(
        new AgentMessage.SubscribeConfig(
            new ConfigKey("virtual-router", "default-global-system-config:h1")));
    plugAndConfigure();
    assertThat(control.routes().stream().map(route -> route.item().publishNode(VRF)))
        .containsExactlyInAnyOrder(
            "1/1/" + VRF + "/10.1.1.3/32",
            "25/242/02:00:00:00:00:01,10.1.1.3/32",
            "1/241/" + VRF + "/255.255.255.255",
            "25/242/ff:ff:ff:ff:ff:ff,0.0.0.0/32");
    assertThat(control.routes()).allMatch(route -> route.instance().equals(VRF));
    control.send(remote("10.1.1.4/32", 40));
    await("remote route", () -> has("10.1.1.4/32"));
    assertThat(show("/ports").path("ports").path(0).path("state").asString()).isEqualTo("active");
    JsonNode route = show("/rt?vrf=" + VRF + "&prefix=10.1.1.4/32").path("rt").path(0);
    assertThat(route.path("next_hop").asString()).isEqualTo("tunnel MPLSoUDP 172.31.0.12");
    assertThat(route.path("label").asString()).isEqualTo("40");
    assertThat(route.path("network").asString()).isEqualTo(NET);
    HttpCalls.Reply refused = shown.get("/rt?prefix=10.1.1.4");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text()).contains("prefix: '10.1.1.4'");

    control.send(new Config().encapsulations("VXLAN"));
    await(
        "published anew by VNI",
        () ->
            control.routes().stream()
                .anyMatch(each ->
                    each.item() instanceof EvpnItem item
                        && item.nextHops().getFirst().label() == 5
                        && !item.nlri().mac().isBroadcast()));

    control.forget();
    assertThat(ports.delete("/port/" + PORT_A).status()).isEqualTo(200);
    heard(new AgentMessage.Unsubscribe(VRF));
    assertThat(control.routes()).hasSize(4).allMatch(each -> each.withdraw());
    assertThat(Files.list(directory.resolve("ports"))).isEmpty();
  }

  @Test
  void the_port_api_takes_all_or_nothing_and_says_what_is_wrong() throws Exception {
    String bad = port("b").replace("tap-b", "a-name-that-is-too-long");
    HttpCalls.Reply refused = ports.call("POST", "/port", "[" + port("a") + "," + bad + "]");
    assertThat(refused.status()).isEqualTo(500);
    assertThat(refused.json().path("error").asString()).contains("system-name");
    assertThat(ports.get("/port/" + PORT_A).status()).isEqualTo(404);
    assertThat(ports.call("POST", "/port", "{").json().path("error").asString())
        .contains("invalid JSON");
    assertThat(ports.call("POST", "/port", port("a").replace(PORT_A, "x")).text())
        .contains("id 'x' is not a UUID");
    assertThat(ports.call("POST", "/port", "[]").text()).isEqualTo("{}");
    assertThat(ports.delete("/port/" + PORT_A).status()).isEqualTo(200);
    assertThat(ports.delete("/port/nonsense").status()).isEqualTo(200);

    assertThat(ports.call("POST", "/port", "[" + port("a") + "," + port("b") + "]").text())
        .isEqualTo("{}");
    assertThat(ports.call("POST", "/port", port("c").replace("tap-c", "tap-a")).text())
        .contains("system-name 'tap-a' is already that of port " + PORT_A);
    JsonNode found = ports.get("/port/" + PORT_A).json();
    assertThat(found.path("system-name").asString()).isEqualTo("tap-a");
    assertThat(found.path("state").asString()).isEqualTo("waits for device");
    devices.put("tap-a", 7);
    await("device", () -> state(PORT_A).equals("waits for config"));
    assertThat(ports.call("PUT", "/disable-port/" + PORT_A, null).status()).isEqualTo(200);
    assertThat(state(PORT_A)).isEqualTo("disabled");
    assertThat(ports.call("PUT", "/enable-port/" + PORT_A, null).status()).isEqualTo(200);
    assertThat(state(PORT_A)).isEqualTo("waits for config");
    assertThat(ports.call("PUT", "/enable-port/" + Config.uuid("z"), null).status()).isEqualTo(404);
    assertThat(ports.call("POST", "/syncports", "{}").status()).isEqualTo(200);
  }

  private String state(String port) {
    try {
      return ports.get("/port/" + port).json().path("state").asString();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** A new process finds tables, ports and ids, and touches nothing that was right. */
  @Test
  void a_restart_changes_nothing_and_prunes_only_what_is_stale() throws Exception {
    plugAndConfigure();
    control.send(remote("10.1.1.4/32", 40));
    control.send(remote("10.1.1.5/32", 41));
    control.send(new ControlMessage.EndOfRib());
    await("remote routes", () -> has("10.1.1.4/32") && has("10.1.1.5/32"));
    settled();
    Map<TableKey, TableValue> before = tables();
    ports.close();
    shown.close();
    agent.close();
    forwarding.takeChanges();
    control.forget();

    startAgent();
    heard(
        new AgentMessage.SubscribeConfig(
            new ConfigKey("virtual-machine", Config.uuid("vm-a").toString())));
    assertThat(tables()).isEqualTo(before);
    control.send(config());
    heard(new AgentMessage.Subscribe(VRF, 1, false));
    control.send(remote("10.1.1.4/32", 40));
    await("published again", () -> control.routes().size() == 4);
    assertThat(tables()).isEqualTo(before);
    assertThat(show("/status").path("tables").asString()).isEqualTo("relearning");
    control.send(new ControlMessage.EndOfRib());
    settled();
    await("stale route pruned", () -> !has("10.1.1.5/32"));
    // Another program may have the port that a service of this host had.
    List<Change<TableKey, TableValue>> changes =
        forwarding.takeChanges().stream()
            .filter(change -> !(change.key() instanceof TableKey.ServiceKey))
            .toList();
    assertThat(changes)
        .allMatch(change -> change instanceof Change.Remove<TableKey, TableValue>)
        .hasSize(1);
  }

  /** Without services, the ports of which may be others when another program has them. */
  private Map<TableKey, TableValue> tables() {
    Map<TableKey, TableValue> found = new HashMap<>(forwarding.contents());
    found.keySet().removeIf(TableKey.ServiceKey.class::isInstance);
    return found;
  }

  /** Guests are served by what the last agent knew, until a control node tells what has changed. */
  @Test
  @Timeout(120)
  void an_agent_that_starts_without_a_control_node_serves_its_guests() throws Exception {
    plugAndConfigure();
    control.send(remote("10.1.1.4/32", 40));
    control.send(new ControlMessage.EndOfRib());
    await("remote route", () -> has("10.1.1.4/32"));
    await("config on disk", () -> show("/status").path("config_on_disk").asBoolean());
    Map<TableKey, TableValue> before = tables();
    ports.close();
    shown.close();
    agent.close();
    control.close();

    startAgent();
    assertThat(show("/ports").path("ports").path(0).path("state").asString()).isEqualTo("active");
    assertThat(show("/status").path("tables").asString()).isEqualTo("relearning");
    assertThat(offered()).contains("0a010103").contains("350102");
    assertThat(tables()).isEqualTo(before);

    control = ControlSide.start(controlAddress.getPort());
    await("a session", () -> control.sessions() == 1);
    control.send(
        new Config().network(NET, 5, "10.1.1.0").port("a", NET, "02:00:00:00:00:01", "10.1.1.9"));
    control.send(remote("10.1.1.4/32", 40));
    control.send(new ControlMessage.EndOfRib());
    settled();
    await("the new address", () -> has("10.1.1.9/32") && !has("10.1.1.3/32"));
    assertThat(offered()).contains("0a010109");
    assertThat(has("10.1.1.4/32")).isTrue();
  }

  @Test
  void a_file_of_config_that_was_cut_off_is_not_believed() throws Exception {
    plugAndConfigure();
    await("config on disk", () -> show("/status").path("config_on_disk").asBoolean());
    ports.close();
    shown.close();
    agent.close();
    Path file = directory.resolve("config");
    List<String> lines = Files.readAllLines(file);
    Files.write(file, lines.subList(0, lines.size() - 2));
    startAgent();
    assertThat(show("/ports").path("ports").path(0).path("state").asString())
        .isEqualTo("waits for config");
  }

  /** The control node goes and comes back: forwarding stays, everything is told again. */
  @Test
  void a_lost_session_keeps_all_and_is_made_again() throws Exception {
    plugAndConfigure();
    control.send(remote("10.1.1.4/32", 40));
    control.send(remote("10.1.1.5/32", 41));
    control.send(new ControlMessage.EndOfRib());
    await("remote routes", () -> has("10.1.1.4/32") && has("10.1.1.5/32"));
    settled();
    control.forget();
    control.drop();
    await("second session", () -> control.sessions() == 2);
    heard(new AgentMessage.Subscribe(VRF, 1, false));
    await("published again", () -> control.routes().size() == 4);
    assertThat(has("10.1.1.5/32")).isTrue();
    control.send(config());
    control.send(remote("10.1.1.4/32", 40));
    control.send(new ControlMessage.EndOfRib());
    await("swept", () -> !has("10.1.1.5/32"));
    assertThat(has("10.1.1.4/32")).isTrue();
    assertThat(show("/xmpp").path("xmpp").path(0).path("sessions").asInt()).isEqualTo(2);
  }

  @Test
  void a_second_agent_is_kept_out() {
    assertThatThrownBy(this::newAgent)
        .isInstanceOf(java.io.IOException.class)
        .hasMessage("another agent works with " + directory);
  }

  /** What the guest of port a, which asks for an address, is offered. */
  private String offered() throws Exception {
    int vif = vifOf(PORT_A);
    String discover =
        "01010600deadbeef00008000"
            + "00".repeat(16)
            + "020000000001"
            + "00".repeat(202)
            + "63825363350101ff";
    byte[] dhcp = Hex.parse(discover);
    byte[] frame =
        Hex.parse(
            "ffffffffffff02000000000108004500"
                + "%04x".formatted(28 + dhcp.length)
                + "000000004011000000000000ffffffff00440043"
                + "%04x".formatted(8 + dhcp.length)
                + "0000"
                + discover);
    forwarding.listener.accept(new Trap(Trap.Reason.DHCP, vif, frame));
    TableForwarding.Sent sent = forwarding.sent.poll(10, TimeUnit.SECONDS);
    assertThat(sent.vif()).isEqualTo(vif);
    return Hex.of(sent.frame());
  }

  @Test
  void dhcp_is_answered_on_the_vif_it_came_from() throws Exception {
    plugAndConfigure();
    assertThat(offered()).contains("0a010103").contains("350102");
    await("counted", () -> show("/status").path("traps").path("dhcp: offer").asInt() == 1);
    assertThat(OpenMetricsText.samples(shown.get("/metrics").text()))
        .containsEntry("weft_agent_traps_total{outcome=dhcp: offer}", 1.0)
        .containsEntry("weft_agent_ports{state=active}", 1.0)
        .containsKeys("weft_vrouter_flow_entries{}", "jvm_memory_max_bytes{}");
  }

  /** Guests hear of a new owner of an address, and nobody hears of what was so before. */
  @Test
  void a_new_owner_of_an_address_is_announced() throws Exception {
    plugAndConfigure();
    settledByEndOfRib();
    control.send(remote("10.1.1.4/32", 40));
    control.send(mac("02:00:00:00:00:02"));
    TableForwarding.Sent sent = forwarding.sent.poll(10, TimeUnit.SECONDS);
    assertThat(sent.vif()).isEqualTo(vifOf(PORT_A));
    assertThat(Hex.of(sent.frame()))
        .isEqualTo(
            "020000000001"
                + "020000000002"
                + "0806"
                + "00010800060400020200000000020a0101040200000000020a010104");
    control.send(mac("02:00:00:00:00:02"));
    control.send(mac("02:00:00:00:00:03"));
    control.send(
        new ControlMessage.Retract("25/242/" + VRF, List.of("02:00:00:00:00:02,10.1.1.4/32")));
    sent = forwarding.sent.poll(10, TimeUnit.SECONDS);
    assertThat(Hex.of(sent.frame())).startsWith("020000000001" + "020000000003" + "0806");
    assertThat(forwarding.sent).isEmpty();
  }

  private static ControlMessage mac(String mac) {
    EvpnItem item =
        EvpnItem.of(
            EvpnItem.Nlri.advertised(0, MacAddress.parse(mac), IpPrefix.parse("10.1.1.4/32")),
            List.of(EvpnItem.NextHop.of(PEER, 41, 0, List.of(Encapsulation.MPLS_O_UDP))),
            RouteAttributes.DEFAULT);
    return new ControlMessage.Items("25/242/" + VRF, List.of(Entry.of(item)));
  }

  private int vifOf(String port) {
    return forwarding.contents().entrySet().stream()
        .filter(entry ->
            entry.getValue() instanceof Vif vif
                && vif.port() != null
                && vif.port().toString().equals(port))
        .map(entry -> ((TableKey.VifKey) entry.getKey()).id())
        .findFirst()
        .orElseThrow();
  }

  private int underlayVif() {
    return forwarding.contents().entrySet().stream()
        .filter(entry -> entry.getValue() instanceof Vif vif && vif.kind() == Vif.Kind.FABRIC)
        .map(entry -> ((TableKey.VifKey) entry.getKey()).id())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void flows_of_a_removed_port_go() throws Exception {
    plugAndConfigure();
    settledByEndOfRib();
    int vif = vifOf(PORT_A);
    flow(vif);
    flow(underlayVif());
    JsonNode flows = show("/flow").path("flow");
    assertThat(flows.size()).isEqualTo(2);
    assertThat(flows.path(0).path("source").asString()).isEqualTo("10.1.1.3:5");
    ports.delete("/port/" + PORT_A);
    await("flow gone", () -> show("/flow").path("flow").size() == 1);
  }

  private void settledByEndOfRib() {
    control.send(new ControlMessage.EndOfRib());
    settled();
  }

  private void flow(int vif) {
    FlowKey key =
        new FlowKey(vif, Ipv4Address.parse("10.1.1.3"), Ipv4Address.parse("10.1.1.4"), 1, 5, 0);
    synchronized (forwarding) {
      forwarding.flows.put(
          key, new Flow(key, Acl.Action.PASS, true, true, DropReason.NONE, 0, -1, 1, 98, 10));
    }
  }

  @Test
  void what_the_kernel_refuses_is_shown_and_tried_again() throws Exception {
    forwarding.refuse = true;
    plugAndConfigure();
    await("failures shown", () -> show("/status").path("failures").size() > 5);
    forwarding.refuse = false;
    await("written", () -> has("10.1.1.3/32"));
    await("no failures", () -> show("/status").path("failures").isEmpty());
  }

  @Test
  void introspection_answers_every_list_and_traces() throws Exception {
    plugAndConfigure();
    control.send(remote("10.1.1.4/32", 40));
    await("remote route", () -> has("10.1.1.4/32"));
    for (String name :
        List.of("vif", "vrf", "nh", "rt", "bridge", "mpls", "vxlan", "drops", "xmpp", "ports")) {
      assertThat(show("/" + name).path(name).size()).as(name).isPositive();
    }
    for (String name : List.of("acl", "flow")) {
      assertThat(show("/" + name).path(name).isArray()).as(name).isTrue();
    }
    JsonNode trace =
        shown
            .post(
                "/trace",
                Json.object()
                    .put("vif", "tap-a")
                    .put("destination", "10.1.1.4")
                    .put("protocol", "icmp"))
            .json();
    assertThat(trace.path("outcome").asString())
        .isEqualTo("sent to 172.31.0.12 by MPLSoUDP label 40");
    assertThat(trace.path("decisions").size()).isPositive();
    assertThat(shown.post("/trace", Json.object().put("vif", "tap-x")).status()).isEqualTo(404);
    assertThat(shown.post("/trace", Json.object()).status()).isEqualTo(400);
  }
}
