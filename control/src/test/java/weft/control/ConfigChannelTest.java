package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.xmpp.ConfigKey;
import weft.xmpp.ConfigLink;

/** What agents are told of the config, over real sockets. */
@Timeout(60)
class ConfigChannelTest {
  private TestNode node;
  private ConfigObject system;
  private ConfigObject ipam;
  private TestConfig.Network red;
  private final String machineName = UUID.randomUUID().toString();

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(Duration.ofSeconds(30));
    TestConfig config = node.config;
    system =
        config.create(
            "global-system-config", FqName.of("default-global-system-config"), null, b -> {});
    for (String host : new String[] {"host1", "host2"}) {
      config.create(
          "virtual-router", FqName.of("default-global-system-config", host), system, b -> {});
    }
    ipam =
        config.create("network-ipam", FqName.of("default-domain", "demo", "ipam"), null, b -> {});
    red = config.network("demo", "red", 4);
    config.change(
        red.network(),
        body -> {
          var attr = Json.object();
          var subnet = attr.putArray("ipam_subnets").addObject();
          subnet.putObject("subnet").put("ip_prefix", "10.1.1.0").put("ip_prefix_len", 24);
          subnet.put("default_gateway", "10.1.1.1");
          TestConfig.refer(body, ipam, attr);
        });
  }

  @AfterEach
  void stop() {
    node.close();
    assertThat(node.faults).isEmpty();
  }

  private ConfigObject machine() {
    return node.config.create("virtual-machine", FqName.of(machineName), null, b -> {});
  }

  private ConfigObject port(ConfigObject machine, TestConfig.Network network) {
    return node.config.create(
        "virtual-machine-interface",
        FqName.of("default-domain", "demo", "port-" + network.network().name()),
        null,
        body -> {
          body.putObject("virtual_machine_interface_mac_addresses")
              .putArray("mac_address")
              .add("02:00:00:00:00:03");
          TestConfig.refer(body, machine, Json.object());
          TestConfig.refer(body, network.network(), Json.object());
        });
  }

  /** What an agent was told, without its virtual router. */
  private static Set<Object> told(TestAgent agent) {
    Set<Object> all = new HashSet<>(agent.nodes.values());
    all.addAll(agent.links);
    all.removeIf(each -> each.toString().contains("virtual-router"));
    return all;
  }

  @Test
  void machinesOneByOneAreToldAsAllAtOnce() {
    TestConfig.Network blue = node.config.network("demo", "blue", 5);
    List<String> machines = new ArrayList<>();
    for (TestConfig.Network network : List.of(red, blue, red)) {
      String name = UUID.randomUUID().toString();
      ConfigObject machine = node.config.create("virtual-machine", FqName.of(name), null, b -> {});
      node.config.create(
          "virtual-machine-interface",
          FqName.of("default-domain", "demo", "port-" + name),
          null,
          body -> {
            TestConfig.refer(body, machine, Json.object());
            TestConfig.refer(body, network.network(), Json.object());
          });
      machines.add(name);
    }
    TestAgent one = node.agent("host1", "172.31.0.11");
    one.subscribeConfig();
    one.await("its virtual router", () -> one.nodes.size() == 2);
    for (String machine : machines) {
      one.subscribeMachine(machine);
      one.await(
          "the machine", () -> one.nodes.containsKey(new ConfigKey("virtual-machine", machine)));
    }
    TestAgent two = node.agent("host2", "172.31.0.12");
    machines.forEach(two::subscribeMachine);
    two.subscribeConfig();
    machines.forEach(two::subscribeMachine);
    two.await("the same", () -> told(two).equals(told(one)));
    assertThat(one.nodes).containsKeys(key(red.instance()), key(blue.instance()));

    one.unsubscribeMachine(machines.get(1));
    one.await("a machine to go", () -> !one.nodes.containsKey(key(blue.network())));
    two.unsubscribeMachine(machines.get(1));
    two.await("the same", () -> told(two).equals(told(one)));
  }

  private static ConfigKey key(ConfigObject object) {
    return new ConfigKey(object.type().name(), object.fqName().toString());
  }

  @Test
  void anAgentIsToldItsMachinesAndAllThatTheyNeed() {
    ConfigObject machine = machine();
    ConfigObject port = port(machine, red);
    TestAgent agent = node.agent("host1", "172.31.0.11");
    agent.subscribeConfig();
    agent.await("its virtual router", () -> agent.nodes.size() == 2);
    assertThat(agent.nodes)
        .containsOnlyKeys(
            key(system), new ConfigKey("virtual-router", "default-global-system-config:host1"));

    agent.subscribeMachine(machineName);
    agent.await("its port", () -> agent.links.size() == 7);
    ConfigKey subnets =
        new ConfigKey(
            "virtual-network-network-ipam",
            "attr(default-domain:demo:ipam,default-domain:demo:red)");
    assertThat(agent.nodes)
        .containsKeys(key(machine), key(port), key(red.network()), key(red.instance()), subnets);
    assertThat(agent.nodes.get(subnets).properties().getFirst().toString())
        .contains("<ip-prefix>10.1.1.0</ip-prefix>");
    assertThat(agent.links)
        .contains(
            new ConfigLink(
                new ConfigKey("virtual-router", "default-global-system-config:host1"),
                key(machine),
                "virtual-router-virtual-machine"),
            new ConfigLink(key(port), key(machine), "virtual-machine-interface-virtual-machine"),
            new ConfigLink(
                key(port), key(red.network()), "virtual-machine-interface-virtual-network"),
            new ConfigLink(key(red.network()), subnets, "virtual-network-network-ipam"),
            new ConfigLink(subnets, key(ipam), "virtual-network-network-ipam"));
    assertThat(node.text("/config?agent=host1")).contains("default-domain:demo:red");

    agent.unsubscribeMachine(machineName);
    agent.await("all of it to go", () -> agent.nodes.size() == 2);
    assertThat(agent.links).hasSize(1);
  }

  @Test
  void portsAreActiveWhileAnAgentSaysSo() {
    UUID port = port(machine(), red).uuid();
    UUID other = UUID.randomUUID();
    TestAgent one = node.agent("host1", "172.31.0.11");
    TestAgent two = node.agent("host2", "172.31.0.12");
    one.subscribeConfig();
    two.subscribeConfig();
    one.subscribeMachine(machineName);
    one.portActive(other, true);
    TestNode.await("a port", () -> node.node.isActive(other));
    assertThat(node.node.isActive(port)).as("the other port of the machine").isFalse();

    one.portActive(port, true);
    two.portActive(port, true);
    one.portActive(other, false);
    TestNode.await("one port less", () -> !node.node.isActive(other));
    TestNode.await("it on two hosts", () -> node.node.isActive(port) && shows("host2", port));
    one.close();
    TestNode.await("the first host to go", () -> !shows("host1", port));
    assertThat(node.node.isActive(port)).as("still on the second, as in a migration").isTrue();
    two.portActive(port, false);
    TestNode.await("it to be nowhere", () -> !node.node.isActive(port));
  }

  private boolean shows(String host, UUID port) {
    for (JsonNode row : node.get("/peers").path("peers")) {
      if (row.path("peer").asString().equals(host)) {
        return row.path("active_ports").toString().contains(port.toString());
      }
    }
    return false;
  }

  @Test
  void aMachineThatIsNotKnownYetIsToldOnceItIs() {
    TestAgent agent = node.agent("host1", "172.31.0.11");
    agent.subscribeConfig();
    agent.subscribeMachine(machineName);
    agent.await("its virtual router", () -> agent.nodes.size() == 2);
    ConfigObject machine = machine();
    agent.await("the machine", () -> agent.nodes.containsKey(key(machine)));
    ConfigObject port = port(machine, red);
    agent.await("the port", () -> agent.nodes.containsKey(key(port)));
    agent.await("its network", () -> agent.nodes.containsKey(key(red.network())));
  }

  @Test
  void onlyWhatChangesIsToldAndOnlyToThoseConcerned() {
    ConfigObject machine = machine();
    ConfigObject port = port(machine, red);
    TestAgent one = node.agent("host1", "172.31.0.11");
    TestAgent two = node.agent("host2", "172.31.0.12");
    one.subscribeConfig();
    two.subscribeConfig();
    one.subscribeMachine(machineName);
    one.await("its port", () -> one.nodes.containsKey(key(ipam)));
    two.await("its virtual router", () -> two.nodes.size() == 2);
    int before = two.configMessages;
    int nodesBefore = one.nodes.size();

    node.config.change(port, body -> body.put("display_name", "eth0"));
    one.await(
        "the new name", () -> one.nodes.get(key(port)).properties().toString().contains("eth0"));
    assertThat(one.nodes).hasSize(nodesBefore);

    TestConfig.Network blue = node.config.network("demo", "blue", 5);
    node.config.change(
        port,
        body -> {
          body.remove("virtual_network_refs");
          TestConfig.refer(body, blue.network(), Json.object());
        });
    one.await("the move", () -> one.nodes.containsKey(key(blue.network())));
    one.await("the old to go", () -> !one.nodes.containsKey(key(red.network())));
    one.await("its subnets to go", () -> !one.nodes.containsKey(key(ipam)));

    node.config.delete(port);
    one.await("the port to go", () -> !one.nodes.containsKey(key(port)));
    assertThat(one.nodes).containsKey(key(machine));
    node.config.change(system, body -> body.put("display_name", "all"));
    two.await("a change that concerns it", () -> two.configMessages > before);
    assertThat(two.configMessages).isEqualTo(before + 1);
  }
}
