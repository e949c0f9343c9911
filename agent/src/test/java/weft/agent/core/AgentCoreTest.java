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
import weft.state.Change;
import weft.testkit.Seeds;
import weft.vrouter.Acl;
import weft.vrouter.BridgeEntry;
import weft.vrouter.InetRoute;
import weft.vrouter.LabelEntry;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;
import weft.vrouter.Vif;
import weft.vrouter.VniEntry;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.Item;

class AgentCoreTest extends AgentScene {
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
