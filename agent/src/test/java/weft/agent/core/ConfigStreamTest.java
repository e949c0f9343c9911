package weft.agent.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.XmlElement;
import weft.testkit.Seeds;
import weft.xmpp.ConfigKey;
import weft.xmpp.ConfigLink;
import weft.xmpp.ConfigNode;
import weft.xmpp.ControlMessage.ConfigDelete;
import weft.xmpp.ControlMessage.ConfigSection;
import weft.xmpp.ControlMessage.ConfigUpdate;

/** What is kept of the config's reading is what reading all of it anew would give. */
class ConfigStreamTest {
  private static final String DEMO = "default-domain:demo";
  private static final String IPAM = "default-domain:default-project:default-network-ipam";
  private static final String ZONE = "default-domain:zone";
  private static final List<String> PORTS = List.of("a", "b", "c", "d", "a-100");

  private static String net(int i) {
    return DEMO + ":net" + i;
  }

  /** Objects of every kind that ports are read from; `other` gives them other properties. */
  private static Config world(boolean other) {
    Config config = new Config();
    for (int i = 1; i <= 3; i++) {
      config.network(net(i), 10 + i, "10." + i + (other ? ".9.0" : ".1.0"));
    }
    config
        .group(DEMO + ":g1", other ? 8000001 : 8000011)
        .group(DEMO + ":g2", 8000002)
        .encapsulations(other ? "VXLAN" : "MPLSoUDP", "MPLSoGRE")
        .router(DEMO + ":lr", DEMO + ":hidden", other ? 90 : 91, net(1), net(2));
    config.acl(
        "virtual-network",
        net(1),
        "",
        Config.rule(other ? "udp" : "tcp", Config.network(net(1)), Config.network(net(2))));
    for (int i = 0; i < 4; i++) {
      String name = PORTS.get(i);
      config
          .port(name, net(1 + i % 3), "02:00:00:00:00:0" + (other ? i + 4 : i), "10.1.1.1" + i)
          .inGroup(name, DEMO + (i % 2 == 0 ? ":g1" : ":g2"))
          .floating("10.3.1.10" + i, net(3), name);
    }
    config
        .pairs("b", "02:00:00:00:00:01", "active-active", other ? "10.1.2.0/24" : "10.1.3.0/24")
        .interfaceRoutes("a", DEMO + ":routes", other ? "10.7.0.0/16" : "10.8.0.0/16", "64512:1")
        .subInterface("a", "a-100", other ? 200 : 100, net(2), "02:00:00:00:01:00", "10.2.1.7");
    return services(config, other);
  }

  private static Config services(Config config, boolean other) {
    config
        .node(
            "network-ipam",
            IPAM,
            XmlElement.of(
                "network-ipam-mgmt",
                XmlElement.text("ipam-dns-method", other ? "none" : "virtual-dns-server"),
                XmlElement.of("ipam-dns-server", XmlElement.text("virtual-dns-server-name", ZONE))))
        .node(
            "virtual-DNS",
            ZONE,
            XmlElement.of(
                "virtual-DNS-data",
                XmlElement.text("domain-name", other ? "one.test" : "two.test")))
        .node(
            "service-health-check",
            DEMO + ":check",
            XmlElement.of(
                "service-health-check-properties",
                XmlElement.text("enabled", "true"),
                XmlElement.text("health-check-type", "link-local"),
                XmlElement.text("monitor-type", other ? "PING" : "BFD"),
                XmlElement.text("delay", "3"),
                XmlElement.text("timeout", "5"),
                XmlElement.text("max-retries", "2")))
        .link(
            "virtual-machine-interface",
            DEMO + ":c",
            "service-health-check",
            DEMO + ":check",
            "service-port-health-check")
        .node("project", DEMO, Config.perms(Config.uuid(other ? "p" : "q")))
        .link(
            "project",
            DEMO,
            "virtual-machine-interface",
            DEMO + ":d",
            "project-virtual-machine-interface");
    return config;
  }

  private static ConfigSection step(Config config, Config other, Random random) {
    Config from = random.nextBoolean() ? config : other;
    ConfigNode node = from.nodes.get(random.nextInt(from.nodes.size()));
    ConfigLink link = from.links.get(random.nextInt(from.links.size()));
    return switch (random.nextInt(8)) {
      case 0 -> new ConfigDelete(List.of(node.key()), List.of());
      case 1 -> new ConfigDelete(List.of(), List.of(link));
      case 2, 3 -> new ConfigUpdate(List.of(), List.of(link));
      default -> new ConfigUpdate(List.of(node), List.of());
    };
  }

  private static Event.PortPlugged plug(String name, Random random) {
    return new Event.PortPlugged(
        new Port(
            Config.uuid(name),
            Config.uuid("vm-" + name),
            name,
            "tap-" + name,
            random.nextInt(4),
            random.nextBoolean() ? null : MacAddress.parse("02:00:00:00:0f:01"),
            random.nextInt(8) != 0));
  }

  private static Event.FabricFound fabric() {
    return new Event.FabricFound(
        "eth0", 2, MacAddress.parse("02:00:00:00:00:0b"), Ipv4Address.parse("172.31.0.11"));
  }

  /** One core that hears all of it in turn, and one that is told only how it ended. */
  private static void compare(AgentCore core, List<Port> plugged) {
    AgentCore fresh = new AgentCore(core.ids());
    fresh.on(fabric());
    plugged.forEach(port -> fresh.on(new Event.PortPlugged(port)));
    fresh.on(new Event.ConfigCame(core.knownConfig()));
    fresh.settle(0);
    assertThat(core.tables()).isEqualTo(core.recomputedTables());
    assertThat(core.tables()).isEqualTo(fresh.tables());
    assertThat(core.routes()).isEqualTo(fresh.routes());
    assertThat(core.subscriptions().keySet()).isEqualTo(fresh.subscriptions().keySet());
    assertThat(core.global()).isEqualTo(fresh.global());
    for (String port : PORTS) {
      assertThat(core.config(Config.uuid(port))).isEqualTo(fresh.config(Config.uuid(port)));
    }
  }

  @Test
  void keptReadingsAreThoseOfReadingAllAnew() {
    Config config = world(false);
    Config other = world(true);
    int[] active = {0};
    Seeds.each(
        60,
        seed -> {
          Random random = new Random(seed);
          AgentCore core = new AgentCore(new Ids());
          List<Port> plugged = new ArrayList<>();
          core.on(fabric());
          core.on(config.update());
          for (int i = 0; i < 120; i++) {
            if (random.nextInt(5) == 0) {
              Event.PortPlugged event = plug(PORTS.get(random.nextInt(PORTS.size())), random);
              plugged.removeIf(port -> port.id().equals(event.port().id()));
              if (random.nextInt(4) == 0) {
                core.on(new Event.PortUnplugged(event.port().id()));
              } else {
                core.on(event);
                plugged.add(event.port());
              }
            } else if (random.nextInt(40) == 0) {
              core.on(new Event.ConfigOpened());
              core.on((random.nextBoolean() ? config : other).update());
              core.on(new Event.ConfigComplete());
            } else {
              core.on(new Event.ConfigCame(step(config, other, random)));
            }
            if (random.nextInt(3) == 0) {
              core.settle(0);
              compare(core, plugged);
              active[0] +=
                  (int) PORTS.stream().filter(p -> core.config(Config.uuid(p)) != null).count();
            }
          }
        });
    assertThat(active[0]).as("ports that had all they need").isGreaterThan(1000);
  }

  @Test
  void aChangeIsReadByThePortsThatItConcerns() {
    Config config = new Config().network(net(1), 5, "10.1.1.0").network(net(2), 6, "10.2.1.0");
    AgentCore core = new AgentCore(new Ids());
    core.on(fabric());
    for (int i = 0; i < 100; i++) {
      String name = "p" + i;
      config.port(name, net(1 + i % 2), "02:00:00:00:01:%02x".formatted(i), "10.1.1." + (i + 10));
      core.on(
          new Event.PortPlugged(
              new Port(Config.uuid(name), Config.uuid("vm"), name, "tap" + i, i + 3, null, true)));
    }
    core.on(config.update());
    core.settle(0);
    assertThat(core.portsRead()).isEqualTo(100);
    core.on(new Event.ConfigCame(new ConfigUpdate(config.nodes, config.links)));
    core.settle(0);
    assertThat(core.portsRead()).as("nothing new").isEqualTo(100);
    core.on(
        new Config()
            .node("instance-ip", "iip-p7", XmlElement.text("instance-ip-address", "10.1.1.3"))
            .update());
    core.on(new Config().port("q", net(1), "02:00:00:00:02:00", "10.1.1.200").update());
    core.settle(0);
    assertThat(core.portsRead()).as("one address, and a port that is not here").isEqualTo(101);
    core.on(
        new Event.ConfigCame(
            new ConfigDelete(
                List.of(new ConfigKey("routing-instance", net(2) + ":net2")), List.of())));
    core.settle(0);
    assertThat(core.portsRead()).as("those of one network").isEqualTo(151);
  }
}
