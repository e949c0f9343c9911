package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weft.net.IpPrefix;
import weft.routing.TableId;
import weft.schema.FqName;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.RouteAttributes;

/** Routes between a simulated agent and a real GoBGP, through the control node. */
@Tag("lab")
@Timeout(60)
class GoBgpTest {
  private static final String ROUTER = "127.0.9.2";

  @TempDir Path directory;
  private TestNode node;
  private GoBgp gobgp;
  private TestConfig.Network red;
  private TestAgent agent;

  @BeforeEach
  void start() throws Exception {
    Assumptions.assumeTrue(GoBgp.isInstalled(), "gobgpd and gobgp are not installed");
    node = new TestNode(Duration.ofSeconds(30));
    red = node.config.network("demo", "red", 4);
    node.config.create(
        "bgp-router",
        FqName.of("default-domain", "default-project", "ip-fabric", "__default__", "gateway"),
        null,
        body ->
            body.putObject("bgp_router_parameters")
                .put("address", ROUTER)
                .put("autonomous_system", 64512)
                .put("router_type", "router")
                .putObject("address_families")
                .putArray("family")
                .add("inet-vpn")
                .add("e-vpn")
                .add("inet-labeled"));
    gobgp = new GoBgp(directory, ROUTER, node.node.bgpAddresses().getFirst());
    agent = node.agent("host1", "172.31.0.11");
    agent.subscribe(red.instanceName(), 3);
  }

  @AfterEach
  void stop() {
    if (gobgp != null) {
      gobgp.close();
    }
    if (node != null) {
      node.close();
      assertThat(node.faults).isEmpty();
    }
  }

  @Test
  void aRouteOfAnAgentIsInTheRoutersVpnTable() {
    agent.publish(red.instanceName(), agent.inet("10.1.1.3/32", 25));
    agent.publish(red.instanceName(), agent.mac("02:00:00:00:00:03", "10.1.1.3/32", 26));
    TestNode.await("the VPN route", () -> gobgp.rib("vpnv4").size() > 0);
    String route = gobgp.rib("vpnv4").toString();
    assertThat(route)
        .contains("10.1.1.3/32")
        .contains("172.31.0.11:3")
        .contains("64512:8000004")
        .contains("25");
    TestNode.await("the MAC route", () -> gobgp.rib("evpn").size() > 0);
    assertThat(gobgp.rib("evpn").toString()).contains("02:00:00:00:00:03").contains("10.1.1.3");

    agent.withdraw(red.instanceName(), agent.inet("10.1.1.3/32", 25));
    TestNode.await("the withdrawal", () -> gobgp.rib("vpnv4").size() == 0);
  }

  /** Labelled routes are of the fabric (RFC 8277), and agents tell and hear them there. */
  @Test
  void labelledRoutesGoBothWays() {
    agent.subscribe(TableId.MASTER, 1);
    InetItem own =
        InetItem.of(
            IpPrefix.parse("192.0.2.11/32"),
            List.of(InetItem.NextHop.of(agent.address, 777, List.of(), "")),
            RouteAttributes.DEFAULT);
    agent.publish(TableId.MASTER, labelled(own));
    TestNode.await("the agent's route", () -> gobgp.rib("ipv4-mpls").size() > 0);
    assertThat(gobgp.rib("ipv4-mpls").toString())
        .contains("192.0.2.11/32")
        .contains("777")
        .contains("172.31.0.11");

    String answer =
        gobgp.run(
            "global",
            "rib",
            "-a",
            "ipv4-mpls",
            "add",
            "192.0.2.99/32",
            "300",
            "nexthop",
            "172.31.0.99");
    assertThat(answer).isEmpty();
    String table = "1/4/" + TableId.MASTER;
    agent.await("both", () -> agent.tables.getOrDefault(table, java.util.Map.of()).size() == 2);
    InetItem item = (InetItem) agent.tables.get(table).get("192.0.2.99/32");
    assertThat(item.safi()).isEqualTo(InetItem.LABELED);
    assertThat(item.nextHops().getFirst().address()).hasToString("172.31.0.99");
    assertThat(item.nextHops().getFirst().label()).isEqualTo(300);
    assertThat(agent.inet(TableId.MASTER)).doesNotContainKey("192.0.2.99/32");

    agent.withdraw(TableId.MASTER, labelled(own));
    TestNode.await(
        "the withdrawal", () -> !gobgp.rib("ipv4-mpls").toString().contains("192.0.2.11"));
    agent.await("the withdrawal", () -> agent.tables.get(table).size() == 1);
  }

  private static InetItem labelled(InetItem item) {
    return new InetItem(
        InetItem.LABELED,
        item.prefix(),
        item.nextHops(),
        item.attributes(),
        item.version(),
        item.communities(),
        item.loadBalance(),
        item.subProtocol());
  }

  @Test
  void aRouteOfTheRouterReachesTheAgentsOfItsTarget() {
    TestNode.await("the session", () -> node.get("/status").path("bgp_peers_up").asInt() == 1);
    String answer =
        gobgp.run(
            "global",
            "rib",
            "-a",
            "vpnv4",
            "add",
            "0.0.0.0/0",
            "label",
            "300",
            "rd",
            "64512:9",
            "rt",
            "64512:8000004",
            "nexthop",
            "172.31.0.99");
    assertThat(answer).isEmpty();
    agent.await("the default route", () -> agent.inet(red.instanceName()).size() == 1);
    InetItem item = (InetItem) agent.inet(red.instanceName()).get("0.0.0.0/0");
    assertThat(item.nextHops().getFirst().address()).hasToString("172.31.0.99");
    assertThat(item.nextHops().getFirst().label()).isEqualTo(300);
    assertThat(item.nextHops().getFirst().virtualNetwork()).isEqualTo("default-domain:demo:red");

    answer =
        gobgp.run(
            "global",
            "rib",
            "-a",
            "evpn",
            "add",
            "macadv",
            "02:00:00:00:00:09",
            "10.1.1.9",
            "etag",
            "0",
            "label",
            "400",
            "rd",
            "64512:9",
            "rt",
            "64512:8000004",
            "encap",
            "vxlan",
            "nexthop",
            "172.31.0.99");
    assertThat(answer).isEmpty();
    agent.await("the MAC route", () -> agent.evpn(red.instanceName()).size() == 1);
    EvpnItem mac = (EvpnItem) agent.evpn(red.instanceName()).values().iterator().next();
    assertThat(mac.nlri().mac()).hasToString("02:00:00:00:00:09");
    assertThat(mac.nextHops().getFirst().label()).isEqualTo(400);

    gobgp.close();
    agent.await("the routes to go", () -> agent.inet(red.instanceName()).isEmpty());
  }
}
