package weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.agent.core.Config;
import weft.http.HttpCalls;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.XmlElement;
import weft.state.FaultHandler;
import weft.vrouter.TableKey;
import weft.xmpp.AgentMessage;
import weft.xmpp.ConfigKey;
import weft.xmpp.ConfigNode;
import weft.xmpp.ControlMessage;
import weft.xmpp.ControlMessage.Entry;
import weft.xmpp.InetItem;
import weft.xmpp.RouteAttributes;

/**
 * An agent with two control nodes, over real sessions: what is lost with one of them is nothing.
 */
class TwoControlNodesTest {
  private static final String NET = "default-domain:demo:net1";
  private static final String VRF = NET + ":net1";
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final AgentMessage ROUTER =
      new AgentMessage.SubscribeConfig(
          new ConfigKey("virtual-router", "default-global-system-config:h1"));

  @TempDir Path directory;
  private final TableForwarding forwarding = new TableForwarding();
  private final List<ControlSide> controls = new ArrayList<>();
  private Agent agent;
  private HttpCalls shown;

  private final Devices devices =
      new Devices() {
        @Override
        public int index(String name) {
          return name.equals("eth0") ? 2 : 7;
        }

        @Override
        public MacAddress mac(String name) {
          return MacAddress.parse("02:00:00:00:00:0b");
        }
      };

  /** Silence alone never counts as the end here, but for config that is there. */
  private static ControlChannel.Patience patience(Duration stale) {
    return new ControlChannel.Patience(
        Duration.ofMillis(100), LONG, LONG, Duration.ofMillis(100), Duration.ZERO, LONG, stale);
  }

  @BeforeEach
  void start() throws Exception {
    controls.add(ControlSide.start(0));
    controls.add(ControlSide.start(0));
  }

  private void startAgent(Duration stale) throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    AgentOptions options =
        new AgentOptions(
            "h1",
            "eth0",
            Ipv4Address.parse("172.31.0.11"),
            controls.stream().map(ControlSide::address).toList(),
            directory.resolve("bpf"),
            directory,
            any,
            any,
            Duration.ofSeconds(180));
    agent =
        Agent.start(
            options,
            new Agent.World(() -> forwarding, devices, patience(stale)),
            FaultHandler.rethrow());
    shown = new HttpCalls("http://127.0.0.1:" + agent.introspectionPort());
    HttpCalls ports = new HttpCalls("http://127.0.0.1:" + agent.portApiPort());
    String port =
        """
        {"id":"%s","instance-id":"%s","vn-id":"","display-name":"a","ip-address":"0.0.0.0",
         "type":0,"system-name":"tap-a","mac-address":"02:00:00:00:00:01","rx-vlan-id":-1,"tx-vlan-id":-1}
        """
            .formatted(Config.uuid("a"), Config.uuid("vm-a"));
    assertThat(ports.call("POST", "/port", port).status()).isEqualTo(200);
    ports.close();
    await("a config node", () -> controls.stream().anyMatch(c -> c.heard().contains(ROUTER)));
    controls.sort(Comparator.comparing(control -> !control.heard().contains(ROUTER)));
    config(first());
    for (ControlSide control : controls) {
      await(
          "subscribed", () -> control.heard().contains(new AgentMessage.Subscribe(VRF, 1, false)));
      // The wish to be in trees is for the one that gives config.
      int routes = control == first() ? 4 : 3;
      await("published", () -> control.routes().size() == routes);
      await("told all", () -> control.heard().contains(new AgentMessage.EndOfRib()));
    }
  }

  /** The one that gives config. */
  private ControlSide first() {
    return controls.getFirst();
  }

  private ControlSide second() {
    return controls.getLast();
  }

  private static void config(ControlSide control) {
    control.send(
        new Config().network(NET, 5, "10.1.1.0").port("a", NET, "02:00:00:00:00:01", "10.1.1.3"));
  }

  @AfterEach
  void stop() {
    shown.close();
    agent.close();
    controls.forEach(ControlSide::close);
  }

  private static void await(String what, BooleanSupplier condition) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not seen: " + what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  private static ControlMessage route(String prefix, String hop, int label) {
    return new ControlMessage.Items(
        "1/1/" + VRF,
        List.of(
            Entry.of(
                InetItem.of(
                    IpPrefix.parse(prefix),
                    List.of(
                        InetItem.NextHop.of(
                            Ipv4Address.parse(hop), label, List.of(Encapsulation.MPLS_O_UDP), NET)),
                    RouteAttributes.DEFAULT))));
  }

  private static ControlMessage without(String prefix) {
    return new ControlMessage.Retract("1/1/" + VRF, List.of(prefix));
  }

  private boolean has(String prefix) {
    return forwarding.contents().keySet().stream()
        .anyMatch(key ->
            key instanceof TableKey.InetRouteKey(int _, IpPrefix at)
                && at.equals(IpPrefix.parse(prefix)));
  }

  private List<JsonNode> rows(String path) {
    try {
      JsonNode all = shown.get(path).json();
      return all.path(path.substring(1).split("\\?", 2)[0]).valueStream().toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private String shownRoute(String prefix) {
    List<JsonNode> found = rows("/rt?vrf=" + VRF + "&prefix=" + prefix);
    return found.isEmpty()
        ? ""
        : found.getFirst().path("next_hop").asString()
            + " "
            + found.getFirst().path("label").asString();
  }

  /** A control node that is killed: its listener and its sessions are gone at once. */
  private void kill(ControlSide control) {
    control.close();
    await(
        "loss seen",
        () ->
            rows("/xmpp").stream().anyMatch(r -> r.path("state").asString().equals("Connecting")));
  }

  @Test
  void both_have_all_routes_and_one_gives_config() throws Exception {
    startAgent(LONG);
    assertThat(second().heard()).doesNotContain(ROUTER);
    assertThat(rows("/xmpp"))
        .extracting(row -> row.path("config").asString())
        .containsExactlyInAnyOrder("active", "standby");

    first().send(route("10.1.1.4/32", "172.31.0.12", 40));
    second().send(route("10.1.1.4/32", "172.31.0.12", 40));
    second().send(route("10.1.1.5/32", "172.31.0.12", 41));
    await("a way that both know", () -> has("10.1.1.4/32") && has("10.1.1.5/32"));
    assertThat(shownRoute("10.1.1.4/32")).isEqualTo("tunnel MPLSoUDP 172.31.0.12 40");

    second().send(route("10.1.1.4/32", "172.31.0.13", 44));
    await("two ways", () -> shownRoute("10.1.1.4/32").startsWith("ecmp"));
    second().send(without("10.1.1.4/32"));
    await("one way", () -> shownRoute("10.1.1.4/32").equals("tunnel MPLSoUDP 172.31.0.12 40"));
    first().send(without("10.1.1.4/32"));
    await("gone", () -> !has("10.1.1.4/32"));
  }

  @Test
  void the_loss_of_one_costs_nothing_and_the_other_gives_config() throws Exception {
    startAgent(LONG);
    first().send(route("10.1.1.4/32", "172.31.0.12", 40));
    second().send(route("10.1.1.4/32", "172.31.0.12", 40));
    first().send(route("10.1.1.5/32", "172.31.0.12", 41));
    first().send(route("10.1.1.6/32", "172.31.0.12", 42));
    second().send(route("10.1.1.7/32", "172.31.0.12", 43));
    controls.forEach(control -> control.send(new ControlMessage.EndOfRib()));
    await(
        "all",
        () -> List.of("4", "5", "6", "7").stream().allMatch(n -> has("10.1.1." + n + "/32")));
    Map<TableKey, ?> before = forwarding.contents();
    InetSocketAddress at = first().address();

    kill(first());
    await("config of the other", () -> second().heard().contains(ROUTER));
    await("config taken", () -> rows("/xmpp").stream().anyMatch(this::givesConfig));
    await("trees of the other", () -> second().routes().size() == 4);
    assertThat(forwarding.contents()).isEqualTo(before);
    config(second());
    second().send(without("10.1.1.5/32"));
    await("what the other takes back goes", () -> !has("10.1.1.5/32"));
    second().send(route("10.1.1.6/32", "172.31.0.14", 50));
    await("where the other knows better", () -> shownRoute("10.1.1.6/32").endsWith("0.14 50"));
    second().send(without("10.1.1.7/32"));
    await("its own too", () -> !has("10.1.1.7/32"));

    ControlSide back = ControlSide.start(at.getPort());
    controls.set(0, back);
    await("told anew", () -> back.routes().size() == 3);
    assertThat(back.heard()).doesNotContain(ROUTER);
    assertThat(has("10.1.1.4/32")).isTrue();
    back.send(route("10.1.1.6/32", "172.31.0.14", 50));
    second().send(without("10.1.1.4/32"));
    await("late loss", () -> !has("10.1.1.4/32"));
    back.send(new ControlMessage.EndOfRib());
    await("complete", () -> rows("/xmpp").stream().allMatch(r -> r.path("complete").asBoolean()));
    assertThat(has("10.1.1.6/32")).isTrue();
  }

  @Test
  void fast_detection_follows_the_config_towards_both() throws Exception {
    startAgent(LONG);
    Config config = new Config();
    config.nodes.add(
        new ConfigNode(
            new ConfigKey("global-system-config", "default-global-system-config"),
            List.of(
                XmlElement.of(
                    "fast-convergence-parameters",
                    XmlElement.text("enable", "true"),
                    XmlElement.text("xmpp-hold-time", "2")))));
    first().send(config);
    await(
        "keep-alives often",
        () -> controls.stream().allMatch(control -> control.keepAlives() >= 4));
    assertThat(controls).allMatch(control -> control.sessions() == 1);
  }

  private boolean givesConfig(JsonNode row) {
    return row.path("config").asString().equals("active")
        && row.path("state").asString().equals("Established");
  }

  @Test
  void what_only_a_lost_one_knew_goes_in_time_but_not_while_both_are_lost() throws Exception {
    startAgent(Duration.ofMillis(200));
    first().send(route("10.1.1.4/32", "172.31.0.12", 40));
    first().send(new ControlMessage.EndOfRib());
    second().send(route("10.1.1.5/32", "172.31.0.12", 41));
    second().send(new ControlMessage.EndOfRib());
    await("complete", () -> rows("/xmpp").stream().allMatch(r -> r.path("complete").asBoolean()));
    await("routes", () -> has("10.1.1.4/32") && has("10.1.1.5/32"));
    kill(first());
    await("stale route dropped", () -> !has("10.1.1.4/32"));
    assertThat(has("10.1.1.5/32")).isTrue();
    second().close();
    await(
        "both lost",
        () ->
            rows("/xmpp").stream().allMatch(r -> r.path("state").asString().equals("Connecting")));
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500);
    await("longer than stale routes stay", () -> System.nanoTime() > until);
    assertThat(has("10.1.1.5/32")).isTrue();
    assertThat(has("10.1.1.3/32")).isTrue();
  }
}
