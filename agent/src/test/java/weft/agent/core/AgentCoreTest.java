package weft.agent.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.Vni;
import weft.net.XmlElement;
import weft.state.Change;
import weft.testkit.Seeds;
import weft.vrouter.Acl;
import weft.vrouter.BridgeEntry;
import weft.vrouter.FatFlows;
import weft.vrouter.FloatingAddresses;
import weft.vrouter.InetRoute;
import weft.vrouter.LabelEntry;
import weft.vrouter.NextHop;
import weft.vrouter.PortPool;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;
import weft.vrouter.Vif;
import weft.vrouter.VniEntry;
import weft.xmpp.ConfigKey;
import weft.xmpp.ConfigNode;
import weft.xmpp.ControlMessage.ConfigUpdate;
import weft.xmpp.ControlMessage.Entry;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.Item;
import weft.xmpp.RouteAttributes;

class AgentCoreTest {
  private static final String NET = "default-domain:demo:net1";
  private static final String VRF = NET + ":net1";
  private static final String OTHER = "default-domain:demo:net2";
  private static final String OTHER_VRF = OTHER + ":net2";
  private static final String HIDDEN = "default-domain:demo:hidden";
  private static final String HIDDEN_VRF = HIDDEN + ":hidden";
  private static final String GROUP = "default-domain:demo:default";
  private static final Ipv4Address SELF = Ipv4Address.parse("172.31.0.11");
  private static final Ipv4Address PEER = Ipv4Address.parse("172.31.0.12");
  private static final List<Encapsulation> MPLS =
      List.of(Encapsulation.MPLS_O_UDP, Encapsulation.MPLS_O_GRE);

  private final Ids ids = new Ids();
  private final AgentCore core = new AgentCore(ids);

  private static Event fabric() {
    return new Event.FabricFound("eth0", 2, MacAddress.parse("02:00:00:00:00:0b"), SELF);
  }

  private static Port port(String name, int ifindex) {
    return new Port(
        Config.uuid(name), Config.uuid("vm-" + name), name, "tap-" + name, ifindex, null, true);
  }

  private static Event plug(String name, int ifindex) {
    return new Event.PortPlugged(port(name, ifindex));
  }

  private static Config config() {
    return new Config()
        .network(NET, 5, "10.1.1.0")
        .group(GROUP, 8000001)
        .port("a", NET, "02:00:00:00:00:01", "10.1.1.3")
        .inGroup("a", GROUP);
  }

  private static Event inet(String vrf, String prefix, int label, Ipv4Address hop, String network) {
    InetItem item =
        InetItem.of(
            IpPrefix.parse(prefix),
            List.of(InetItem.NextHop.of(hop, label, MPLS, network)),
            RouteAttributes.DEFAULT.withSecurityGroups(List.of(8000001L)));
    return new Event.RoutesCame(0, "1/1/" + vrf, List.of(Entry.of(item)));
  }

  private static Event evpn(
      String vrf, String mac, String address, int label, List<Encapsulation> encapsulations) {
    EvpnItem item =
        EvpnItem.of(
            EvpnItem.Nlri.advertised(0, MacAddress.parse(mac), IpPrefix.parse(address)),
            List.of(EvpnItem.NextHop.of(PEER, label, 0, encapsulations)),
            RouteAttributes.DEFAULT);
    return new Event.RoutesCame(0, "25/242/" + vrf, List.of(Entry.of(item)));
  }

  /** A route of type 5, as the control node gives it to the hidden network of a router. */
  private static Event prefix(Ipv4Address hop, String prefix) {
    EvpnItem.NextHop via = EvpnItem.NextHop.of(hop, 9, 0, List.of(Encapsulation.VXLAN));
    EvpnItem item =
        EvpnItem.of(
            EvpnItem.Nlri.advertised(0, MacAddress.ZERO, IpPrefix.parse(prefix)),
            List.of(via),
            RouteAttributes.DEFAULT.withSecurityGroups(List.of(8000001L)));
    return new Event.RoutesCame(0, "25/242/" + HIDDEN_VRF, List.of(Entry.of(item)));
  }

  private static Event broadcast(String vrf, int label) {
    EvpnItem item =
        EvpnItem.ofOlist(
            EvpnItem.Nlri.advertised(5, MacAddress.BROADCAST, IpPrefix.parse("0.0.0.0/32")),
            List.of(EvpnItem.NextHop.of(PEER, label, 0, MPLS)),
            RouteAttributes.DEFAULT);
    return new Event.RoutesCame(0, "25/242/" + vrf, List.of(Entry.of(item)));
  }

  private void all(List<Event> events) {
    events.forEach(core::on);
    core.settle(0);
  }

  private void all(Event... events) {
    all(List.of(events));
  }

  private int vrf(String name) {
    return ids.find(Ids.Pool.VRF, name);
  }

  private InetRoute route(String vrf, String prefix) {
    return (InetRoute)
        core.tables().get(new TableKey.InetRouteKey(vrf(vrf), IpPrefix.parse(prefix)));
  }

  private NextHop nextHop(int id) {
    return (NextHop) core.tables().get(new TableKey.NextHopKey(id));
  }

  private Vif vif(String name) {
    int id = ids.find(Ids.Pool.VIF, Config.uuid(name).toString());
    return (Vif) core.tables().get(new TableKey.VifKey(id));
  }

  @Test
  void a_port_waits_for_device_and_config() {
    all(fabric(), plug("a", 0));
    assertThat(core.state(core.port(Config.uuid("a")))).isEqualTo(Port.State.NO_DEVICE);
    all(plug("a", 7));
    assertThat(core.state(core.port(Config.uuid("a")))).isEqualTo(Port.State.NO_CONFIG);
    assertThat(core.machines()).containsExactly(Config.uuid("vm-a"));
    assertThat(core.subscriptions()).isEmpty();
    all(config().update());
    assertThat(core.state(core.port(Config.uuid("a")))).isEqualTo(Port.State.ACTIVE);
    assertThat(core.subscriptions()).containsOnlyKeys(VRF);
  }

  @Test
  void a_sub_interface_comes_and_goes_with_its_parent() {
    Config config =
        config()
            .network(OTHER, 6, "10.2.2.0")
            .subInterface("a", "a-100", 100, OTHER, "02:00:00:00:01:00", "10.2.2.7");
    all(fabric(), config.update());
    assertThat(core.ports()).isEmpty();
    all(plug("a", 7));
    Vif sub = vif("a-100");
    assertThat(sub.vlan()).isEqualTo(100);
    assertThat(sub.ifindex()).isEqualTo(7);
    assertThat(sub.device()).isEqualTo("tap-a");
    assertThat(sub.vrf()).isEqualTo(vrf(OTHER_VRF));
    assertThat(vif("a").vlan()).isZero();
    assertThat(core.subscriptions()).containsOnlyKeys(VRF, OTHER_VRF);
    assertThat(core.machines()).containsExactly(Config.uuid("vm-a"));
    assertThat(route(OTHER_VRF, "10.2.2.7/32")).isNotNull();
    assertThat(core.tables()).isEqualTo(core.recomputedTables());
    all(plug("a", 8));
    assertThat(vif("a-100").ifindex()).isEqualTo(8);
    all(new Event.PortUnplugged(Config.uuid("a")));
    assertThat(core.ports()).isEmpty();
    assertThat(core.subscriptions()).isEmpty();
    all(plug("a", 7));
    all(
        new Event.ConfigCame(
            new weft.xmpp.ControlMessage.ConfigDelete(List.of(), List.of(config.links.getLast()))));
    assertThat(vif("a-100")).isNull();
    assertThat(vif("a")).isNotNull();
    assertThat(core.subscriptions()).containsOnlyKeys(VRF);
    assertThat(core.tables()).isEqualTo(core.recomputedTables());
  }

  @Test
  void a_local_port_has_vif_labels_routes_and_group_lists() {
    all(fabric(), plug("a", 7), config().update());
    Vif vif = vif("a");
    assertThat(vif.ifindex()).isEqualTo(7);
    assertThat(vif.vrf()).isEqualTo(vrf(VRF));
    assertThat(vif.address()).isEqualTo(Ipv4Address.parse("10.1.1.3"));
    assertThat(vif.networkAcl()).isZero();
    Acl ingress = (Acl) core.tables().get(new TableKey.AclKey(vif.ingressAcl()));
    assertThat(ingress.rules())
        .singleElement()
        .satisfies(rule -> {
          assertThat(rule.source()).isEqualTo(new Acl.Endpoint.Group(8000001));
          assertThat(rule.destination()).isEqualTo(Acl.Endpoint.ANY);
          assertThat(rule.family()).isEqualTo(Acl.Family.IPV4);
        });
    InetRoute own = route(VRF, "10.1.1.3/32");
    assertThat(own.arp()).isEqualTo(InetRoute.Arp.STITCHED);
    assertThat(own.mac()).isEqualTo(MacAddress.parse("02:00:00:00:00:01"));
    assertThat(own.securityGroups()).containsExactly(8000001);
    assertThat(nextHop(own.nextHop())).isInstanceOf(NextHop.EncapL3.class);
    InetRoute gateway = route(VRF, "10.1.1.1/32");
    assertThat(gateway.arp()).isEqualTo(InetRoute.Arp.PROXY);
    assertThat(nextHop(gateway.nextHop())).isEqualTo(new NextHop.Receive());
    assertThat(route(VRF, "10.1.1.2/32")).isEqualTo(gateway);
    assertThat(route(VRF, "10.1.1.0/24").arp()).isEqualTo(InetRoute.Arp.FLOOD);
    assertThat(route(VRF, "10.1.1.0/24").nextHop()).isZero();
  }

  @Test
  void publishes_inet_evpn_and_broadcast() {
    all(fabric(), plug("a", 7), config().update());
    Map<RouteKey, Item> routes = core.routes();
    int l3 = ids.find(Ids.Pool.LABEL, Names.l3(Config.uuid("a")));
    int l2 = ids.find(Ids.Pool.LABEL, Names.l2(Config.uuid("a")));
    InetItem inet = (InetItem) routes.get(new RouteKey(VRF, "1/1/" + VRF + "/10.1.1.3/32"));
    assertThat(inet.nextHops().getFirst()).isEqualTo(InetItem.NextHop.of(SELF, l3, MPLS, NET));
    assertThat(inet.attributes().securityGroups()).containsExactly(8000001L);
    EvpnItem evpn =
        (EvpnItem) routes.get(new RouteKey(VRF, "25/242/02:00:00:00:00:01,10.1.1.3/32"));
    assertThat(evpn.nextHops().getFirst()).isEqualTo(EvpnItem.NextHop.of(SELF, l2, 0, MPLS));
    assertThat(routes).containsKey(new RouteKey(VRF, "25/242/ff:ff:ff:ff:ff:ff,0.0.0.0/32"));
    assertThat(core.tables().get(new TableKey.LabelKey(new Label(l2))))
        .isInstanceOf(LabelEntry.class);
    assertThat(core.tables()).containsKey(new TableKey.VniKey(new Vni(5)));
  }

  @Test
  void nothing_leads_to_a_port_whose_checks_fail() {
    all(fabric(), plug("a", 7), config().update());
    Map<RouteKey, Item> published = Map.copyOf(core.routes());
    Map<TableKey, TableValue> tables = Map.copyOf(core.tables());
    all(inet(VRF, "10.1.1.3/32", 99, PEER, NET));
    assertThat(nextHop(route(VRF, "10.1.1.3/32").nextHop())).isInstanceOf(NextHop.EncapL3.class);
    all(new Event.HealthChanged(Config.uuid("a"), false));
    assertThat(core.routes().keySet())
        .as("only what is flooded comes here")
        .containsExactlyInAnyOrder(
            new RouteKey(VRF, "25/242/ff:ff:ff:ff:ff:ff,0.0.0.0/32"),
            new RouteKey(VRF, "1/241/" + VRF + "/255.255.255.255"));
    assertThat(nextHop(route(VRF, "10.1.1.3/32").nextHop()))
        .as("the address is elsewhere")
        .isInstanceOf(NextHop.Tunnel.class);
    assertThat(core.tables())
        .doesNotContainKey(new TableKey.BridgeKey(vrf(VRF), MacAddress.parse("02:00:00:00:00:01")));
    assertThat(vif("a").ifindex()).as("the guest may still send").isEqualTo(7);
    all(
        new Event.RoutesWent(0, "1/1/" + VRF, List.of("10.1.1.3/32")),
        new Event.HealthChanged(Config.uuid("a"), true));
    assertThat(core.routes()).isEqualTo(published);
    assertThat(core.tables()).isEqualTo(tables);
  }

  @Test
  void prefixes_of_an_interface_route_table_lead_to_the_port() {
    Config config = config().interfaceRoutes("a", "d:p:routes", "192.168.1.0/24", "64512:7");
    all(fabric(), plug("a", 7), config.update());
    String node = "1/1/" + VRF + "/192.168.1.0/24";
    InetItem item = (InetItem) core.routes().get(new RouteKey(VRF, node));
    int l3 = ids.find(Ids.Pool.LABEL, Names.l3(Config.uuid("a")));
    assertThat(item.nextHops().getFirst().label()).isEqualTo(l3);
    assertThat(item.subProtocol()).isEqualTo("interface-static");
    assertThat(item.communities()).containsExactly("64512:7");
    assertThat(core.routes().keySet())
        .noneMatch(key -> key.node().startsWith("25/242/") && key.node().contains("192.168"));
    InetRoute route = route(VRF, "192.168.1.0/24");
    assertThat(nextHop(route.nextHop())).isInstanceOf(NextHop.EncapL3.class);
    assertThat(route.arp()).isEqualTo(InetRoute.Arp.PROXY);
    assertThat(vif("a").allowed()).contains(IpPrefix.parse("192.168.1.0/24"));
    Config gone = new Config().interfaceRoutes("a", "d:p:routes", "192.168.1.0/24", "64512:7");
    all(gone.deletes());
    assertThat(core.routes()).doesNotContainKey(new RouteKey(VRF, node));
    assertThat(route(VRF, "192.168.1.0/24")).isNull();
  }

  @Test
  void vxlan_first_publishes_the_vni_at_once_and_keeps_the_label_open() {
    all(fabric(), plug("a", 7), config().update());
    all(new Config().encapsulations("VXLAN", "MPLSoUDP").update());
    EvpnItem evpn =
        (EvpnItem) core.routes().get(new RouteKey(VRF, "25/242/02:00:00:00:00:01,10.1.1.3/32"));
    assertThat(evpn.nextHops().getFirst())
        .isEqualTo(EvpnItem.NextHop.of(SELF, 5, 0, List.of(Encapsulation.VXLAN)));
    InetItem inet = (InetItem) core.routes().get(new RouteKey(VRF, "1/1/" + VRF + "/10.1.1.3/32"));
    assertThat(inet.nextHops().getFirst().knownEncapsulations())
        .containsExactly(Encapsulation.MPLS_O_UDP);
    int l2 = ids.find(Ids.Pool.LABEL, Names.l2(Config.uuid("a")));
    assertThat(core.tables()).containsKey(new TableKey.LabelKey(new Label(l2)));
    VniEntry vni = (VniEntry) core.tables().get(new TableKey.VniKey(new Vni(5)));
    assertThat(nextHop(vni.nextHop())).isEqualTo(new NextHop.Bridge(vrf(VRF)));
  }

  @Test
  void a_remote_address_is_stitched_and_its_mac_bridged() {
    all(fabric(), plug("a", 7), config().update());
    all(
        inet(VRF, "10.1.1.4/32", 40, PEER, NET),
        evpn(VRF, "02:00:00:00:00:02", "10.1.1.4/32", 41, MPLS));
    InetRoute remote = route(VRF, "10.1.1.4/32");
    assertThat(remote.arp()).isEqualTo(InetRoute.Arp.STITCHED);
    assertThat(remote.mac()).isEqualTo(MacAddress.parse("02:00:00:00:00:02"));
    assertThat(remote.label()).isEqualTo(40);
    assertThat(remote.virtualNetwork()).isEqualTo(ids.find(Ids.Pool.NETWORK, NET));
    assertThat(nextHop(remote.nextHop()))
        .isEqualTo(new NextHop.Tunnel(SELF, PEER, Encapsulation.MPLS_O_UDP));
    BridgeEntry bridge =
        (BridgeEntry)
            core.tables()
                .get(new TableKey.BridgeKey(vrf(VRF), MacAddress.parse("02:00:00:00:00:02")));
    assertThat(bridge.label()).isEqualTo(41);

    all(new Config().encapsulations("MPLSoGRE", "MPLSoUDP").update());
    assertThat(nextHop(route(VRF, "10.1.1.4/32").nextHop()))
        .isEqualTo(new NextHop.Tunnel(SELF, PEER, Encapsulation.MPLS_O_GRE));

    all(new Event.RoutesWent(0, "25/242/" + VRF, List.of("02:00:00:00:00:02,10.1.1.4/32")));
    assertThat(route(VRF, "10.1.1.4/32").arp()).isEqualTo(InetRoute.Arp.FLOOD);
    assertThat(core.tables())
        .doesNotContainKey(new TableKey.BridgeKey(vrf(VRF), MacAddress.parse("02:00:00:00:00:02")));
  }

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
  void a_vxlan_router_leads_from_network_to_network() {
    Config router = new Config().router("default-domain:demo:lr", HIDDEN, 9, NET, OTHER);
    Config config =
        config().network(OTHER, 6, "10.2.2.0").port("b", OTHER, "02:00:00:00:00:09", "10.2.2.3");
    all(fabric(), plug("a", 7), plug("b", 8), config.update());
    Map<TableKey, TableValue> before = core.tables();
    Map<RouteKey, Item> told = core.routes();
    assertThat(route(VRF, "10.2.2.3/32")).isNull();

    all(router.update());
    assertThat(core.subscriptions()).containsKeys(VRF, OTHER_VRF, HIDDEN_VRF);
    all(prefix(PEER, "10.3.3.0/24"), prefix(SELF, "10.1.1.3/32"));
    EvpnItem published =
        (EvpnItem)
            core.routes().get(new RouteKey(HIDDEN_VRF, "25/242/00:00:00:00:00:00,10.1.1.3/32"));
    assertThat(published.nextHops().getFirst())
        .satisfies(hop -> {
          assertThat(hop.address()).isEqualTo(SELF);
          assertThat(hop.mac()).isEqualTo(MacAddress.parse("02:00:00:00:00:0b"));
          assertThat(hop.label()).isEqualTo(9);
          assertThat(hop.knownEncapsulations()).containsExactly(Encapsulation.VXLAN);
        });
    assertThat(published.attributes().securityGroups()).containsExactly(8000001L);
    VniEntry vni = (VniEntry) core.tables().get(new TableKey.VniKey(new Vni(9)));
    assertThat(nextHop(vni.nextHop())).isEqualTo(new NextHop.Bridge(vrf(HIDDEN_VRF)));
    for (String vrf : List.of(VRF, OTHER_VRF, HIDDEN_VRF)) {
      assertThat(nextHop(route(vrf, "10.1.1.3/32").nextHop())).isInstanceOf(NextHop.EncapL3.class);
      assertThat(nextHop(route(vrf, "10.2.2.3/32").nextHop())).isInstanceOf(NextHop.EncapL3.class);
      assertThat(route(vrf, "10.3.3.0/24").label()).isEqualTo(9);
      assertThat(route(vrf, "10.3.3.0/24").securityGroups()).containsExactly(8000001);
      assertThat(nextHop(route(vrf, "10.3.3.0/24").nextHop()))
          .isEqualTo(new NextHop.Tunnel(SELF, PEER, Encapsulation.VXLAN));
    }
    assertThat(route(OTHER_VRF, "10.1.1.3/32").arp()).isEqualTo(InetRoute.Arp.PROXY);
    assertThat(core.recomputedTables()).isEqualTo(core.tables());
    assertThat(core.recomputedRoutes()).isEqualTo(core.routes());

    all(router.deletes());
    assertThat(core.tables()).isEqualTo(before);
    assertThat(core.routes()).isEqualTo(told);
    assertThat(core.subscriptions()).containsOnlyKeys(VRF, OTHER_VRF);
  }

  @Test
  void broadcast_goes_to_local_ports_and_to_the_outgoing_list() {
    all(fabric(), plug("a", 7), config().update());
    all(broadcast(VRF, 77));
    BridgeEntry entry =
        (BridgeEntry) core.tables().get(new TableKey.BridgeKey(vrf(VRF), MacAddress.BROADCAST));
    NextHop.Flood flood = (NextHop.Flood) nextHop(entry.nextHop());
    assertThat(flood.members()).hasSize(2);
    assertThat(nextHop(flood.members().getFirst().nextHop())).isInstanceOf(NextHop.EncapL2.class);
    assertThat(flood.members().getLast().label()).isEqualTo(77);
  }

  @Test
  void own_routes_that_come_back_in_another_vrf_lead_to_the_port() {
    Config config =
        config().network(OTHER, 6, "10.2.2.0").port("b", OTHER, "02:00:00:00:00:09", "10.2.2.3");
    all(fabric(), plug("a", 7), plug("b", 8), config.update());
    int label = ids.find(Ids.Pool.LABEL, Names.l3(Config.uuid("a")));
    all(inet(OTHER_VRF, "10.1.1.3/32", label, SELF, NET));
    InetRoute leaked = route(OTHER_VRF, "10.1.1.3/32");
    assertThat(leaked.nextHop()).isEqualTo(route(VRF, "10.1.1.3/32").nextHop());
    assertThat(leaked.arp()).isEqualTo(InetRoute.Arp.PROXY);
    assertThat(leaked.virtualNetwork()).isEqualTo(ids.find(Ids.Pool.NETWORK, NET));

    all(new Event.PortUnplugged(Config.uuid("a")));
    assertThat(route(OTHER_VRF, "10.1.1.3/32")).isNull();
  }

  @Test
  void what_a_new_session_does_not_send_again_is_swept() {
    all(fabric(), plug("a", 7), config().update());
    all(
        inet(VRF, "10.1.1.4/32", 40, PEER, NET),
        inet(VRF, "10.1.1.5/32", 41, PEER, NET),
        broadcast(VRF, 77));
    Map<TableKey, TableValue> before = core.tables();

    all(new Event.ConfigOpened(), new Event.SessionOpened(0));
    assertThat(core.tables()).isEqualTo(before);
    all(config().update());
    all(new Event.ConfigComplete());
    all(inet(VRF, "10.1.1.5/32", 41, PEER, NET), new Event.RoutesComplete(0));
    assertThat(route(VRF, "10.1.1.4/32")).isNull();
    assertThat(route(VRF, "10.1.1.5/32").label()).isEqualTo(41);
    assertThat(core.tables()).isEqualTo(core.recomputedTables());
  }

  @Test
  void a_vrf_that_comes_back_is_subscribed_anew() {
    all(fabric(), plug("a", 7), config().update());
    AgentCore.Subscription first = core.subscriptions().get(VRF);
    all(new Event.PortUnplugged(Config.uuid("a")));
    assertThat(core.subscriptions()).isEmpty();
    assertThat(core.routes()).isEmpty();
    assertThat(core.machines()).isEmpty();
    all(plug("a", 7));
    AgentCore.Subscription second = core.subscriptions().get(VRF);
    assertThat(second.id()).isEqualTo(first.id());
    assertThat(second.epoch()).isGreaterThan(first.epoch());
  }

  /** Every order, duplication and detour of the same inputs ends in the same tables. */
  @Test
  void any_order_gives_the_same_tables_and_equals_recompute() {
    Config config =
        config()
            .network(OTHER, 6, "10.2.2.0")
            .port("b", OTHER, "02:00:00:00:00:09", "10.2.2.3")
            .port("c", NET, "02:00:00:00:00:0a", "10.1.1.9")
            .inGroup("c", GROUP)
            .acl(
                "virtual-network",
                OTHER,
                "",
                Config.rule("tcp", Config.network(NET), Config.network(OTHER)))
            .encapsulations("MPLSoGRE", "VXLAN")
            .router("default-domain:demo:lr", HIDDEN, 9, NET, OTHER);
    all(fabric(), plug("a", 7), plug("b", 8), plug("c", 9));
    all(config.updates());
    all(remotes());
    Map<TableKey, TableValue> expected = core.tables();
    Map<RouteKey, Item> expectedRoutes = core.routes();
    assertThat(expected).isEqualTo(core.recomputedTables());
    assertThat(expectedRoutes).isEqualTo(core.recomputedRoutes());

    Seeds.each(
        200,
        seed -> {
          Random random = new Random(seed);
          AgentCore other = new AgentCore(ids);
          List<Event> events = new ArrayList<>(config.updates());
          events.addAll(List.of(fabric(), plug("a", 7), plug("b", 8), plug("c", 9)));
          if (random.nextBoolean()) {
            events.addAll(config.updates());
            events.add(plug("a", 3));
          }
          Collections.shuffle(events, random);
          events.add(plug("a", 7));
          List<Event> detour =
              new Config().port("a", NET, "02:00:00:00:00:01", "10.1.1.3").deletes();
          if (random.nextBoolean()) {
            events.addAll(detour);
            events.addAll(config.updates());
          }
          Map<TableKey, TableValue> folded = new HashMap<>();
          for (Event event : events) {
            other.on(event);
            if (random.nextInt(3) == 0) {
              settle(other, folded, random);
            }
          }
          settle(other, folded, random);
          settle(other, folded, random);
          same(other.tables(), expected);
          same(other.tables(), folded);
          same(other.routes(), expectedRoutes);
          same(other.routes(), other.recomputedRoutes());
        });
  }

  /** Fails with no more than what differs. */
  private static <K, V> void same(Map<K, V> actual, Map<K, V> expected) {
    Set<Map.Entry<K, V>> extra = new HashSet<>(actual.entrySet());
    extra.removeAll(expected.entrySet());
    Set<Map.Entry<K, V>> missing = new HashSet<>(expected.entrySet());
    missing.removeAll(actual.entrySet());
    assertThat(extra).as("missing %s, extra", missing).isEmpty();
    assertThat(missing).as("missing").isEmpty();
  }

  private static List<Event> remotes() {
    return List.of(
        inet(VRF, "10.1.1.4/32", 40, PEER, NET),
        inet(VRF, "10.2.2.8/32", 50, PEER, OTHER),
        evpn(VRF, "02:00:00:00:00:02", "10.1.1.4/32", 41, MPLS),
        evpn(OTHER_VRF, "02:00:00:00:00:03", "10.2.2.8/32", 6, List.of(Encapsulation.VXLAN)),
        inet(OTHER_VRF, "10.2.2.8/32", 50, PEER, OTHER),
        broadcast(VRF, 77),
        broadcast(OTHER_VRF, 78),
        prefix(PEER, "10.3.3.0/24"),
        prefix(PEER, "10.1.1.4/32"),
        prefix(SELF, "10.1.1.3/32"));
  }

  /** Settles as the shell does; a control node answers each new subscription with its routes. */
  private static void settle(AgentCore core, Map<TableKey, TableValue> folded, Random random) {
    AgentCore.Output output = core.settle(0);
    same(core.tables(), core.recomputedTables());
    for (Change<TableKey, TableValue> change : output.tables().changes()) {
      switch (change) {
        case Change.Put<TableKey, TableValue> put -> folded.put(put.key(), put.after());
        case Change.Remove<TableKey, TableValue> remove -> folded.remove(remove.key());
      }
    }
    List<Event> answers = new ArrayList<>();
    for (Change<String, AgentCore.Subscription> change : output.vrfs().changes()) {
      switch (change) {
        case Change.Put<String, AgentCore.Subscription> put ->
            remotes().stream()
                .filter(event -> ((Event.RoutesCame) event).table().endsWith("/" + put.key()))
                .forEach(answers::add);
        case Change.Remove<String, AgentCore.Subscription> _ -> {}
      }
    }
    Collections.shuffle(answers, random);
    answers.forEach(core::on);
  }

  @Test
  void every_name_in_use_is_known_and_numbers_come_back_when_unused() {
    all(fabric(), plug("a", 7), config().update());
    core.releaseUnusedNames();
    int label = ids.find(Ids.Pool.LABEL, Names.l3(Config.uuid("a")));
    assertThat(label).isPositive();
    all(new Event.PortUnplugged(Config.uuid("a")));
    assertThat(ids.find(Ids.Pool.LABEL, Names.l3(Config.uuid("a")))).isZero();
    assertThat(core.tables()).hasSize(1);
    all(plug("a", 7));
    assertThat(ids.find(Ids.Pool.LABEL, Names.l3(Config.uuid("a")))).isEqualTo(label);
    assertThat(new TreeSet<>(core.machines()))
        .containsExactlyElementsOf(Set.of(Config.uuid("vm-a")));
  }

  @Test
  void a_group_whose_lists_are_not_known_passes_nothing() {
    Config config =
        new Config()
            .network(NET, 5, "10.1.1.0")
            .port("a", NET, "02:00:00:00:00:01", "10.1.1.3")
            .inGroup("a", GROUP);
    all(fabric(), plug("a", 7), config.update());
    Vif vif = vif("a");
    assertThat(vif.ingressAcl()).isNotZero();
    assertThat(((Acl) core.tables().get(new TableKey.AclKey(vif.ingressAcl()))).rules()).isEmpty();
    assertThat(UUID.randomUUID()).isNotEqualTo(vif.port());
  }
}
