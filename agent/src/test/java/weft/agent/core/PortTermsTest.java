package weft.agent.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.XmlElement;
import weft.vrouter.BgpService;
import weft.vrouter.BridgeEntry;
import weft.vrouter.FatFlows;
import weft.vrouter.FloatingAddresses;
import weft.vrouter.HashField;
import weft.vrouter.InetRoute;
import weft.vrouter.NextHop;
import weft.vrouter.PortPool;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;
import weft.xmpp.ConfigKey;
import weft.xmpp.ConfigNode;
import weft.xmpp.ControlMessage.ConfigUpdate;
import weft.xmpp.ControlMessage.Entry;
import weft.xmpp.InetItem;
import weft.xmpp.RouteAttributes;

/** What the config says of ports, networks and the system, as it gets into the tables. */
class PortTermsTest extends AgentScene {
  @Test
  void aNetworkReachesTheUnderlayByItsHosts() {
    all(fabric(), plug("a", 7), config().update());
    assertThat(core.tables())
        .doesNotContainKey(new TableKey.InetRouteKey(vrf(VRF), IpPrefix.parse("0.0.0.0/0")));
    all(
        config().with("virtual-network", XmlElement.text("fabric-snat", "true")).update(),
        new Event.ConfigCame(new ConfigUpdate(List.of(ports("udp", 50000, 50010)), List.of())));
    InetRoute route = route(VRF, "0.0.0.0/0");
    assertThat(nextHop(route.nextHop())).isEqualTo(new NextHop.Underlay());
    assertThat(ids.name(Ids.Pool.NETWORK, route.virtualNetwork())).endsWith(":ip-fabric");
    assertThat(core.tables())
        .containsEntry(new TableKey.PortPoolKey(17), pool(50000, 50010))
        .containsEntry(new TableKey.PortPoolKey(6), pool(61000, 65535));
    all(inet(VRF, "0.0.0.0/0", 40, PEER, NET));
    assertThat(nextHop(route(VRF, "0.0.0.0/0").nextHop())).isInstanceOf(NextHop.Tunnel.class);
    all(new Event.RoutesWent(0, "1/1/" + VRF, List.of("0.0.0.0/0")));
    assertThat(nextHop(route(VRF, "0.0.0.0/0").nextHop())).isEqualTo(new NextHop.Underlay());
    assertThat(core.recomputedTables()).isEqualTo(core.tables());
    all(config().update());
    assertThat(core.tables())
        .doesNotContainKey(new TableKey.InetRouteKey(vrf(VRF), IpPrefix.parse("0.0.0.0/0")))
        .doesNotContainKey(new TableKey.PortPoolKey(17));
    assertThat(core.recomputedTables()).isEqualTo(core.tables());
  }

  private static ConfigNode ports(String protocol, int low, int high) {
    return new ConfigNode(
        new ConfigKey(
            "global-vrouter-config", "default-global-system-config:default-global-vrouter-config"),
        List.of(
            XmlElement.of(
                "port-translation-pools",
                XmlElement.of(
                    "port-translation-pool",
                    XmlElement.text("protocol", protocol),
                    XmlElement.of(
                        "port-range",
                        XmlElement.text("start-port", Integer.toString(low)),
                        XmlElement.text("end-port", Integer.toString(high)))))));
  }

  private static PortPool pool(int low, int high) {
    return new PortPool(List.of(new PortPool.Range(low, high)));
  }

  @Test
  void connectionsShareFlowsAsPortAndNetworkSay() {
    XmlElement dns =
        XmlElement.of(
            "fat-flow-protocol",
            XmlElement.text("protocol", "UDP"),
            XmlElement.text("port", "53"),
            XmlElement.text("ignore-address", "destination"),
            XmlElement.of(
                "source-prefix",
                XmlElement.text("ip-prefix", "10.0.0.0"),
                XmlElement.text("ip-prefix-len", "8")),
            XmlElement.text("source-aggregate-prefix-length", "28"));
    XmlElement web =
        XmlElement.of(
            "fat-flow-protocol",
            XmlElement.text("protocol", "tcp"),
            XmlElement.text("port", "80"),
            XmlElement.text("ignore-address", "none"));
    XmlElement unreadable =
        XmlElement.of(
            "fat-flow-protocol", XmlElement.text("protocol", "none"), XmlElement.text("port", "1"));
    all(fabric(), plug("a", 7), config().update());
    int vif = ids.find(Ids.Pool.VIF, Config.uuid("a").toString());
    TableKey key = new TableKey.FatFlowKey(vif);
    assertThat(core.tables()).doesNotContainKey(key);
    Config more =
        config()
            .with(
                "virtual-machine-interface",
                XmlElement.of(
                    "virtual-machine-interface-fat-flow-protocols", List.of(dns, unreadable)))
            .with(
                "virtual-network",
                XmlElement.of("virtual-network-fat-flow-protocols", List.of(web)));
    all(more.update());
    FatFlows.End within = new FatFlows.End(IpPrefix.parse("10.0.0.0/8"), 28);
    assertThat(core.tables().get(key))
        .isEqualTo(
            new FatFlows(
                List.of(
                    new FatFlows.Rule(6, 80, FatFlows.End.KEPT, FatFlows.End.KEPT),
                    new FatFlows.Rule(17, 53, within, FatFlows.End.IGNORED))));
    assertThat(core.recomputedTables()).isEqualTo(core.tables());
  }

  private static XmlElement flowAge(String protocol, int port, int seconds) {
    return XmlElement.of(
        "flow-aging-timeout",
        XmlElement.text("protocol", protocol),
        XmlElement.text("port", Integer.toString(port)),
        XmlElement.text("timeout-in-seconds", Integer.toString(seconds)));
  }

  private static XmlElement macLimit(int limit) {
    return XmlElement.of(
        "mac-limit-control", XmlElement.text("mac-limit", Integer.toString(limit)));
  }

  @Test
  void whatANetworkLeavesOpenTheSystemSays() {
    Config config =
        config()
            .node(
                "global-system-config",
                "default-global-system-config",
                macLimit(7),
                XmlElement.text("mac-aging-time", "60"),
                XmlElement.of(
                    "mac-move-control",
                    XmlElement.text("mac-move-limit", "3"),
                    XmlElement.text("mac-move-time-window", "20")))
            .encapsulations("MPLSoUDP")
            .with("global-vrouter-config", XmlElement.text("forwarding-mode", "l3"))
            .with(
                "global-vrouter-config",
                XmlElement.of(
                    "flow-aging-timeout-list",
                    flowAge("udp", 53, 5),
                    flowAge("tcp", 0, 0),
                    flowAge("udp", 53, 9),
                    flowAge("none", 1, 1)));
    all(fabric(), plug("a", 7), config.update());
    Wanted.Network network = core.config(Config.uuid("a")).network();
    assertThat(network.bridged()).isFalse();
    assertThat(network.macs().limit()).isEqualTo(7);
    assertThat(network.macs().ageing()).isEqualTo(60);
    assertThat(network.macs().moves()).isEqualTo(new MacRules.Moves(3, 20, false));
    assertThat(core.global().flowAges())
        .containsExactly(new Wanted.FlowAge(17, 53, 5), new Wanted.FlowAge(6, 0, 0));

    config
        .with("virtual-network", macLimit(1))
        .with("virtual-network", XmlElement.text("mac-aging-time", "0"))
        .with(
            "virtual-network",
            XmlElement.of(
                "virtual-network-properties", XmlElement.text("forwarding-mode", "l2_l3")));
    all(config.update());
    network = core.config(Config.uuid("a")).network();
    assertThat(network.bridged()).isTrue();
    assertThat(network.macs().limit()).isEqualTo(1);
    assertThat(network.macs().ageing()).isZero();
    assertThat(network.macs().moves().limit()).isEqualTo(3);
    assertThat(core.recomputedTables()).isEqualTo(core.tables());
  }

  @Test
  void withoutRpfGuestsMaySendFromAnywhere() {
    all(fabric(), plug("a", 7), config().update());
    assertThat(vif("a").allowed()).isEmpty();
    all(
        config()
            .with(
                "virtual-network",
                XmlElement.of("virtual-network-properties", XmlElement.text("rpf", "disable")))
            .update());
    assertThat(vif("a").allowed())
        .containsExactlyInAnyOrder(IpPrefix.parse("0.0.0.0/0"), IpPrefix.parse("::/0"));
    assertThat(route(VRF, "0.0.0.0/0")).as("no route leads there").isNull();
  }

  @Test
  void a_floating_address_leads_to_the_port_in_the_network_of_its_pool() {
    XmlElement mapping =
        XmlElement.of(
            "port-mappings",
            XmlElement.text("protocol", "TCP"),
            XmlElement.text("src-port", "8080"),
            XmlElement.text("dst-port", "80"));
    Config floating =
        new Config()
            .network(OTHER, 6, "10.2.2.0")
            .floating(
                "10.2.2.50",
                OTHER,
                "a",
                XmlElement.text("floating-ip-traffic-direction", "ingress"),
                XmlElement.text("floating-ip-port-mappings-enable", "true"),
                XmlElement.of("floating-ip-port-mappings", mapping, mapping));
    all(fabric(), plug("a", 7), config().update());
    Map<TableKey, TableValue> before = core.tables();
    all(floating.update());
    int vif = ids.find(Ids.Pool.VIF, Config.uuid("a").toString());
    assertThat(core.subscriptions()).containsKeys(VRF, OTHER_VRF);
    assertThat(core.tables().get(new TableKey.FloatingKey(vif)))
        .isEqualTo(
            new FloatingAddresses(
                List.of(
                    new FloatingAddresses.Floating(
                        Ipv4Address.parse("10.2.2.50"),
                        Ipv4Address.parse("10.1.1.3"),
                        vrf(OTHER_VRF),
                        0,
                        true,
                        false,
                        List.of(new FloatingAddresses.PortMap(6, 8080, 80))))));
    InetRoute route = route(OTHER_VRF, "10.2.2.50/32");
    assertThat(nextHop(route.nextHop())).isEqualTo(new NextHop.EncapL3(vif));
    assertThat(route.virtualNetwork()).isEqualTo(ids.find(Ids.Pool.NETWORK, OTHER));
    assertThat(route.securityGroups()).containsExactly(8000001);
    BridgeEntry bridge =
        (BridgeEntry)
            core.tables()
                .get(new TableKey.BridgeKey(vrf(OTHER_VRF), MacAddress.parse("02:00:00:00:00:01")));
    assertThat(nextHop(bridge.nextHop())).isEqualTo(new NextHop.EncapL3(vif));
    List<RouteKey> published =
        core.routes().keySet().stream().filter(key -> key.instance().equals(OTHER_VRF)).toList();
    assertThat(published)
        .as("an inet route and a MAC route, but no wish for what is flooded there")
        .hasSize(2);
    assertThat(core.recomputedTables()).isEqualTo(core.tables());
    assertThat(core.recomputedRoutes()).isEqualTo(core.routes());

    all(floating.deletes());
    assertThat(core.tables()).isEqualTo(before);
    assertThat(core.subscriptions()).containsOnlyKeys(VRF);
  }

  @Test
  void aPortsOwnNumberOfFlowsGoesBeforeThatOfItsNetwork() {
    all(fabric(), plug("a", 7), config().update());
    assertThat(vif("a").maxFlows()).isZero();
    Config network = config().with("virtual-network", flows("virtual-network", "100"));
    all(network.update());
    assertThat(vif("a").maxFlows()).isEqualTo(100);
    network.with("virtual-machine-interface", flows("virtual-machine-interface", "7"));
    all(network.update());
    assertThat(vif("a").maxFlows()).isEqualTo(7);
    all(config().with("virtual-network", flows("virtual-network", "-1")).update());
    assertThat(vif("a").maxFlows()).as("a number that is none").isZero();
    assertThat(core.recomputedTables()).isEqualTo(core.tables());
  }

  private static XmlElement flows(String type, String most) {
    return XmlElement.of(type + "-properties", XmlElement.text("max-flows", most));
  }

  @Test
  void fieldsThatChooseAWayAreThoseOfThePortAndOfWhoToldTheRoute() {
    XmlElement fields =
        XmlElement.of(
            "ecmp-hashing-include-fields",
            XmlElement.text("hashing-configured", "true"),
            XmlElement.text("source-port", "false"),
            XmlElement.text("destination-port", "false"));
    Set<HashField> left = Set.of(HashField.PROTOCOL, HashField.SOURCE, HashField.DESTINATION);
    Config shared =
        config()
            .with("virtual-network", fields)
            .port("b", NET, "02:00:00:00:00:02", "10.1.1.4")
            .link(
                "instance-ip",
                "iip-a",
                "virtual-machine-interface",
                "default-domain:demo:b",
                "instance-ip-virtual-machine-interface");
    all(fabric(), plug("a", 7), plug("b", 8), shared.update());
    assertThat(nextHop(route(VRF, "10.1.1.3/32").nextHop()))
        .isInstanceOfSatisfying(
            NextHop.Ecmp.class, ecmp -> assertThat(ecmp.fields()).isEqualTo(left));
    InetItem told =
        (InetItem)
            core.routes().entrySet().stream()
                .filter(each -> each.getKey().toString().contains("10.1.1.4"))
                .map(Map.Entry::getValue)
                .filter(InetItem.class::isInstance)
                .findFirst()
                .orElseThrow();
    assertThat(told.loadBalance().fields())
        .containsExactly("l4-protocol", "l3-source-address", "l3-destination-address");
    InetItem heard =
        InetItem.of(
                IpPrefix.parse("10.9.0.0/16"),
                List.of(
                    InetItem.NextHop.of(PEER, 40, MPLS, NET),
                    InetItem.NextHop.of(PEER, 41, MPLS, NET)),
                RouteAttributes.DEFAULT)
            .withLoadBalance(told.loadBalance());
    all(new Event.RoutesCame(0, "1/1/" + VRF, List.of(Entry.of(heard))));
    assertThat(nextHop(route(VRF, "10.9.0.0/16").nextHop()))
        .isInstanceOfSatisfying(
            NextHop.Ecmp.class, ecmp -> assertThat(ecmp.fields()).isEqualTo(left));
    assertThat(core.recomputedTables()).isEqualTo(core.tables());
  }

  @Test
  void whereAGuestIsServedByBgpItFindsControlNodesAtItsGatewayAndServiceAddress() {
    all(fabric(), plug("a", 7), config().update(), bgpService("bgpaas-client", "50000").update());
    assertThat(bgpServices()).as("no control node is known").isEmpty();
    all(new Event.ControlNodeFound(0, PEER));
    assertThat(bgpServices()).containsOnly(Map.entry("10.1.1.1", new BgpService(PEER, 50000)));
    all(new Event.ControlNodeFound(1, SELF));
    assertThat(bgpServices())
        .containsOnly(
            Map.entry("10.1.1.1", new BgpService(PEER, 50000)),
            Map.entry("10.1.1.2", new BgpService(SELF, 50000)));
    assertThat(core.recomputedTables()).isEqualTo(core.tables());
    all(bgpService("bgpaas-server", "50000").update());
    assertThat(bgpServices()).as("that of another kind").isEmpty();
    all(bgpService("bgpaas-client", "70000").update());
    assertThat(bgpServices()).as("a port that is none").isEmpty();
    all(bgpService("bgpaas-client", "50001").update());
    assertThat(bgpServices()).hasSize(2).containsEntry("10.1.1.2", new BgpService(SELF, 50001));
    all(bgpService("bgpaas-client", "50001").deletes());
    assertThat(bgpServices()).isEmpty();
  }

  private static Config bgpService(String kind, String port) {
    String service = "default-domain:demo:bgp";
    String router = VRF + ":a";
    return new Config()
        .node("bgp-as-a-service", service)
        .node(
            "bgp-router",
            router,
            XmlElement.of(
                "bgp-router-parameters",
                XmlElement.text("source-port", port),
                XmlElement.text("router-type", kind)))
        .link(
            "bgp-as-a-service",
            service,
            "virtual-machine-interface",
            "default-domain:demo:a",
            "bgpaas-virtual-machine-interface")
        .link("bgp-as-a-service", service, "bgp-router", router, "bgpaas-bgp-router");
  }

  private Map<String, TableValue> bgpServices() {
    int vif = ids.find(Ids.Pool.VIF, Config.uuid("a").toString());
    Map<String, TableValue> found = new TreeMap<>();
    core.tables()
        .forEach((key, value) -> {
          if (key instanceof TableKey.BgpServiceKey(int of, Ipv4Address at) && of == vif) {
            found.put(at.toString(), value);
          }
        });
    return found;
  }
}
