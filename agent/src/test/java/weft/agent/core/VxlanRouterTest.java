package weft.agent.core;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.agent.core.AgentScene.PEER;
import static weft.agent.core.AgentScene.SELF;
import static weft.agent.core.AgentScene.fabric;
import static weft.agent.core.AgentScene.plug;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.testkit.Seeds;
import weft.vrouter.InetRoute;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;
import weft.xmpp.ControlMessage.Entry;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.RouteAttributes;

/** Networks that routers join by VXLAN on one host: two routers, and a network of none. */
class VxlanRouterTest {
  private static final String RED = "default-domain:demo:red";
  private static final String PINK = "default-domain:demo:pink";
  private static final String BLUE = "default-domain:demo:blue";
  private static final String PLAIN = "default-domain:demo:plain";
  private static final String REDS = "default-domain:demo:reds";
  private static final String BLUES = "default-domain:demo:blues";
  private static final int REDS_VNI = 21;
  private static final int BLUES_VNI = 22;
  private static final String RED_GUEST = "10.1.0.3/32";
  private static final String PINK_GUEST = "10.2.0.3/32";
  private static final String BLUE_GUEST = "10.3.0.3/32";
  private static final String PLAIN_GUEST = "10.4.0.3/32";
  private static final MacAddress OWN = MacAddress.parse("02:00:00:00:00:0b");
  private static final MacAddress THEIRS = MacAddress.parse("02:00:00:00:00:0c");

  private final Ids ids = new Ids();
  private final AgentCore core = new AgentCore(ids);

  private static String vrfOf(String network) {
    return network + network.substring(network.lastIndexOf(':'));
  }

  private static Config networks() {
    return new Config()
        .network(RED, 11, "10.1.0.0")
        .network(PINK, 12, "10.2.0.0")
        .network(BLUE, 13, "10.3.0.0")
        .network(PLAIN, 14, "10.4.0.0")
        .port("r", RED, "02:00:00:00:01:01", "10.1.0.3")
        .port("p", PINK, "02:00:00:00:01:02", "10.2.0.3")
        .port("b", BLUE, "02:00:00:00:01:03", "10.3.0.3")
        .port("o", PLAIN, "02:00:00:00:01:04", "10.4.0.3");
  }

  private static Config config() {
    return networks()
        .router("default-domain:demo:lr-reds", REDS, REDS_VNI, RED, PINK)
        .router("default-domain:demo:lr-blues", BLUES, BLUES_VNI, BLUE);
  }

  private static List<Event> plugged() {
    List<Event> events = new ArrayList<>();
    events.add(fabric());
    int ifindex = 7;
    for (String name : List.of("r", "p", "b", "o")) {
      events.add(plug(name, ifindex++));
    }
    return events;
  }

  private static Event prefix(
      String in, String prefix, Ipv4Address hop, int vni, String origin, @Nullable MacAddress mac) {
    EvpnItem.NextHop plain = EvpnItem.NextHop.of(hop, vni, 0, List.of(Encapsulation.VXLAN));
    EvpnItem.NextHop via =
        new EvpnItem.NextHop(
            hop, mac, vni, 0, plain.encapsulations(), plain.tags(), plain.localSequence());
    EvpnItem item =
        EvpnItem.of(
            EvpnItem.Nlri.advertised(0, MacAddress.ZERO, IpPrefix.parse(prefix)),
            List.of(via),
            RouteAttributes.DEFAULT.withVirtualNetwork(origin));
    return new Event.RoutesCame(0, "25/242/" + vrfOf(in), List.of(Entry.of(item)));
  }

  private static Event inet(String in, String prefix, Ipv4Address hop, int label, String origin) {
    List<Encapsulation> mpls = List.of(Encapsulation.MPLS_O_UDP);
    InetItem item =
        InetItem.of(
            IpPrefix.parse(prefix),
            List.of(InetItem.NextHop.of(hop, label, mpls, origin)),
            RouteAttributes.DEFAULT);
    return new Event.RoutesCame(0, "1/1/" + vrfOf(in), List.of(Entry.of(item)));
  }

  private void all(List<Event> events) {
    events.forEach(core::on);
    core.settle(0);
    assertThat(core.recomputedTables()).isEqualTo(core.tables());
    assertThat(core.recomputedRoutes()).isEqualTo(core.routes());
  }

  private void start() {
    all(plugged());
    all(config().updates());
  }

  private @Nullable InetRoute find(String network, String prefix) {
    int vrf = ids.find(Ids.Pool.VRF, vrfOf(network));
    return (InetRoute) core.tables().get(new TableKey.InetRouteKey(vrf, IpPrefix.parse(prefix)));
  }

  private InetRoute route(String network, String prefix) {
    InetRoute route = find(network, prefix);
    assertThat(route).as("%s in %s", prefix, network).isNotNull();
    return route;
  }

  private TableValue nextHop(InetRoute route) {
    return core.tables().get(new TableKey.NextHopKey(route.nextHop()));
  }

  private NextHop.EncapL3 guest(String port) {
    return new NextHop.EncapL3(ids.find(Ids.Pool.VIF, Names.port(Config.uuid(port))));
  }

  private int network(String name) {
    return ids.find(Ids.Pool.NETWORK, name);
  }

  @Test
  void networks_of_two_routers_stay_apart() {
    start();
    for (String red : List.of(RED, PINK, REDS)) {
      assertThat(nextHop(route(red, RED_GUEST))).isEqualTo(guest("r"));
      assertThat(nextHop(route(red, PINK_GUEST))).isEqualTo(guest("p"));
      assertThat(find(red, BLUE_GUEST)).isNull();
      assertThat(find(red, PLAIN_GUEST)).isNull();
    }
    assertThat(nextHop(route(BLUES, BLUE_GUEST))).isEqualTo(guest("b"));
    assertThat(find(BLUE, RED_GUEST)).isNull();
    assertThat(find(BLUES, PINK_GUEST)).isNull();
  }

  @Test
  void a_route_tells_this_hosts_mac_and_packets_go_to_that_of_the_other() {
    start();
    RouteKey told = new RouteKey(vrfOf(REDS), "25/242/00:00:00:00:00:00," + RED_GUEST);
    assertThat(((EvpnItem) core.routes().get(told)).nextHops().getFirst())
        .satisfies(hop -> {
          assertThat(hop.mac()).isEqualTo(OWN);
          assertThat(hop.label()).isEqualTo(REDS_VNI);
        });
    all(
        List.of(
            prefix(REDS, "10.9.0.0/24", PEER, REDS_VNI, REDS, THEIRS),
            prefix(REDS, "10.9.1.0/24", PEER, REDS_VNI, REDS, null)));
    assertThat(nextHop(route(RED, "10.9.0.0/24")))
        .isEqualTo(new NextHop.Tunnel(SELF, PEER, Encapsulation.VXLAN, THEIRS));
    assertThat(route(PINK, "10.9.0.0/24").label()).isEqualTo(REDS_VNI);
    assertThat(nextHop(route(RED, "10.9.1.0/24")))
        .isEqualTo(new NextHop.Tunnel(SELF, PEER, Encapsulation.VXLAN));
    assertThat(find(BLUE, "10.9.0.0/24")).isNull();
  }

  @Test
  void what_a_policy_lets_pass_between_two_routers_of_this_host_goes_straight_to_the_guest() {
    start();
    List<Event> policy =
        List.of(
            prefix(REDS, BLUE_GUEST, SELF, BLUES_VNI, BLUES, OWN),
            prefix(BLUES, RED_GUEST, SELF, REDS_VNI, REDS, OWN));
    all(policy);
    for (String red : List.of(RED, PINK, REDS)) {
      assertThat(nextHop(route(red, BLUE_GUEST))).isEqualTo(guest("b"));
      assertThat(route(red, BLUE_GUEST).virtualNetwork()).isEqualTo(network(BLUES));
    }
    assertThat(nextHop(route(BLUE, RED_GUEST))).isEqualTo(guest("r"));
    assertThat(find(BLUE, PINK_GUEST)).isNull();

    all(List.of(new Event.PortUnplugged(Config.uuid("b"))));
    assertThat(find(RED, BLUE_GUEST)).isNull();
    all(plugged());
    assertThat(nextHop(route(PINK, BLUE_GUEST))).isEqualTo(guest("b"));
  }

  @Test
  void a_policy_joins_a_router_and_an_ordinary_network() {
    start();
    int label = ids.find(Ids.Pool.LABEL, Names.l3(Config.uuid("o")));
    all(
        List.of(
            inet(REDS, PLAIN_GUEST, SELF, label, PLAIN),
            inet(REDS, "10.4.0.4/32", PEER, 44, PLAIN),
            prefix(PLAIN, RED_GUEST, SELF, REDS_VNI, REDS, OWN),
            prefix(PLAIN, "10.2.0.4/32", PEER, REDS_VNI, REDS, THEIRS)));
    for (String red : List.of(RED, PINK, REDS)) {
      assertThat(nextHop(route(red, PLAIN_GUEST))).isEqualTo(guest("o"));
      assertThat(route(red, PLAIN_GUEST).virtualNetwork()).isEqualTo(network(PLAIN));
      assertThat(route(red, "10.4.0.4/32").label()).isEqualTo(44);
      assertThat(nextHop(route(red, "10.4.0.4/32")))
          .isEqualTo(new NextHop.Tunnel(SELF, PEER, Encapsulation.MPLS_O_UDP));
    }
    assertThat(nextHop(route(PLAIN, RED_GUEST))).isEqualTo(guest("r"));
    assertThat(route(PLAIN, RED_GUEST).virtualNetwork()).isEqualTo(network(REDS));
    assertThat(nextHop(route(PLAIN, "10.2.0.4/32")))
        .isEqualTo(new NextHop.Tunnel(SELF, PEER, Encapsulation.VXLAN, THEIRS));
    assertThat(find(BLUE, PLAIN_GUEST)).isNull();

    all(List.of(new Event.RoutesWent(0, "1/1/" + vrfOf(REDS), List.of("10.4.0.4/32"))));
    assertThat(find(RED, "10.4.0.4/32")).isNull();
  }

  /** Ports, config and routes in any order, some of them repeated, end in the same tables. */
  @Test
  void the_order_of_events_is_of_no_matter() {
    List<Event> routes =
        List.of(
            prefix(REDS, BLUE_GUEST, SELF, BLUES_VNI, BLUES, OWN),
            prefix(BLUES, RED_GUEST, SELF, REDS_VNI, REDS, OWN),
            prefix(BLUES, "10.9.0.0/24", PEER, REDS_VNI, REDS, THEIRS),
            prefix(PLAIN, PINK_GUEST, SELF, REDS_VNI, REDS, OWN),
            inet(REDS, "10.4.0.4/32", PEER, 44, PLAIN),
            inet(BLUES, PLAIN_GUEST, PEER, 45, PLAIN));
    start();
    all(routes);
    Map<TableKey, TableValue> expected = Map.copyOf(core.tables());
    Seeds.each(
        60,
        seed -> {
          Random random = new Random(seed);
          AgentCore other = new AgentCore(ids);
          List<Event> events = new ArrayList<>(plugged());
          events.addAll(config().updates());
          events.add(new Event.PortUnplugged(Config.uuid(random.nextBoolean() ? "r" : "b")));
          events.addAll(routes);
          Collections.shuffle(events, random);
          events.addAll(plugged());
          for (Event event : events) {
            other.on(event);
            if (random.nextInt(3) == 0) {
              other.settle(0);
              assertThat(other.tables()).isEqualTo(other.recomputedTables());
            }
          }
          other.settle(0);
          routes.forEach(other::on);
          other.settle(0);
          assertThat(other.tables()).isEqualTo(other.recomputedTables());
          assertThat(other.tables()).isEqualTo(expected);
        });
  }
}
