package weft.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.testkit.ForeignDaemon;
import weft.testkit.LabNamespace;

/** The control node among routers of other makes: what goes through it, and who restarts. */
@Tag("lab")
@Timeout(400)
class ForeignRouterTest {
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<LabNamespace> labs = new ArrayList<>();
  private TestNode node;

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
    if (node != null) {
      assertThat(node.faults).isEmpty();
    }
  }

  private LabNamespace namespace(String... programs) throws IOException {
    String lacks = LabNamespace.lacks(programs);
    assumeTrue(lacks == null, () -> lacks);
    LabNamespace lab = new LabNamespace();
    open.add(lab);
    labs.add(lab);
    return lab;
  }

  /** Listens towards each namespace. */
  private void startNode() throws IOException {
    startNode(labs.stream().map(lab -> new InetSocketAddress(lab.here(), 0)).toList());
  }

  private void startNode(List<InetSocketAddress> bgp) throws IOException {
    TestNode started = new TestNode(Duration.ofSeconds(30), "10.0.0.1", bgp);
    node = started;
    open.add(started);
  }

  private int port(LabNamespace lab) {
    return node.node.bgpAddresses().stream()
        .filter(address -> address.getAddress().getHostAddress().equals(lab.here()))
        .findFirst()
        .orElseThrow()
        .getPort();
  }

  private static FqName name(String router) {
    return FqName.of("default-domain", "default-project", "ip-fabric", "__default__", router);
  }

  private ConfigObject router(
      String router, LabNamespace lab, long asn, Consumer<ObjectNode> more, String... families) {
    return node.config.create(
        "bgp-router",
        name(router),
        null,
        body -> {
          ObjectNode parameters = body.putObject("bgp_router_parameters");
          parameters
              .put("address", lab.there())
              .put("port", 1179)
              .put("autonomous_system", asn)
              .put("router_type", "router");
          for (String family : families) {
            parameters.withObject("address_families").withArray("family").add(family);
          }
          more.accept(parameters);
        });
  }

  private static String[] add(ForeignDaemon gobgp, String family, String verb, String route) {
    List<String> words = new ArrayList<>(List.of("global", "rib", "-a", family, verb));
    words.addAll(List.of(route.split(" ")));
    return gobgp.ask(words.toArray(String[]::new));
  }

  private static String[] json(ForeignDaemon gobgp, String family) {
    return gobgp.ask("global", "rib", "-a", family, "-j");
  }

  /** RFC 4271 section 9, RFC 7432, RFC 9136: what means nothing to us is there on the far side. */
  @Test
  void whatMeansNothingToUsGoesThroughUs() throws IOException {
    LabNamespace left = namespace(ForeignDaemon.EXABGP);
    LabNamespace middle = namespace(ForeignDaemon.GOBGPD, ForeignDaemon.GOBGP);
    LabNamespace right = namespace();
    startNode();
    reflectWith(router("left", left, 65001, _ -> {}, "inet-vpn"));
    router("middle", middle, 64512, _ -> {}, "e-vpn");
    router("right", right, 64512, _ -> {}, "inet-vpn", "e-vpn");
    ForeignDaemon receiver = ForeignDaemon.gobgp(right, "", "l3vpn-ipv4-unicast", "l2vpn-evpn");
    ForeignDaemon teller = ForeignDaemon.gobgp(middle, "", "l2vpn-evpn");
    ForeignDaemon.exabgp(
        left,
        """
        neighbor %1$s {
          router-id 10.0.0.4; local-address %2$s; local-as 65001; peer-as 64512;
          connect %3$d;
          family { ipv4 mpls-vpn; }
          static {
            route 10.9.0.0/24 rd 10.0.0.1:5 label 800 next-hop %2$s \\
        extended-community [ target:64512:8000001 ] large-community [ 64512:1:2 ] \\
        as-path [ 65001 ( 65002 65003 ) ] aggregator ( 65003:10.0.0.7 ) atomic-aggregate \\
        attribute [ 0xc8 0xc0 0x010203 ];
          }
        }
        """
            .formatted(left.here(), left.there(), port(left)));
    String tail = " rd 10.0.0.1:5 rt 64512:8000001 encap vxlan nexthop " + middle.there();
    String segment = "esi ARBITRARY 11:22:33:44:55:66:77:88:99 ";
    middle.in(
        add(
            teller,
            "evpn",
            "add",
            "macadv 02:00:00:00:00:03 10.1.1.3 " + segment + "etag 0 label 5000" + tail));
    middle.in(
        add(teller, "evpn", "add", "prefix 10.7.0.0/16 gw 10.1.1.1 etag 0 label 5001" + tail));

    String route = right.until(output -> output.contains("10.9.0.0/24"), json(receiver, "vpnv4"));
    assertThat(route)
        .contains("\"asns\":[65001]", "{\"segment_type\":1,\"num\":2,\"asns\":[65002,65003]}")
        .contains("{\"type\":6}", "{\"type\":7,\"as\":65003,\"address\":\"10.0.0.7\"}")
        .contains("{\"ASN\":64512,\"LocalData1\":1,\"LocalData2\":2}")
        .contains("{\"flags\":224,\"type\":200,\"value\":\"AQID\"}");
    String evpn =
        right.until(
            output -> output.contains("10.7.0.0") && output.contains("02:00:00:00:00:03"),
            json(receiver, "evpn"));
    assertThat(evpn)
        .contains("\"esi\":\"ESI_ARBITRARY | 11:22:33:44:55:66:77:88:99\"")
        .contains("\"prefix\":\"10.7.0.0/16\",\"gateway\":\"10.1.1.1\",\"label\":5001");
  }

  /** Peers of our AS hear of each other, and we have a session with that of another AS. */
  private void reflectWith(ConfigObject external) {
    node.config.controlNode(
        "10.0.0.1",
        body -> {
          ((ObjectNode) body.path("bgp_router_parameters")).put("cluster_id", 77);
          TestConfig.refer(body, external, Json.object());
        });
  }

  /** RFC 4684: a router hears the routes of the targets that its VRFs import, and no others. */
  @Test
  void aRouterHearsWhatItsVrfsImport() throws IOException {
    LabNamespace lab = namespace(ForeignDaemon.GOBGPD, ForeignDaemon.GOBGP);
    startNode();
    TestConfig.Network red = node.config.network("demo", "red", 4);
    TestConfig.Network blue = node.config.network("demo", "blue", 5);
    TestAgent agent = node.agent("host1", "172.31.0.11");
    agent.subscribe(red.instanceName(), 3);
    agent.subscribe(blue.instanceName(), 4);
    agent.publish(red.instanceName(), agent.inet("10.1.1.3/32", 25));
    agent.publish(blue.instanceName(), agent.inet("10.2.2.3/32", 26));
    router("gateway", lab, 64512, _ -> {}, "inet-vpn", "route-target");
    ForeignDaemon gobgp = ForeignDaemon.gobgp(lab, "", "l3vpn-ipv4-unicast", "rtc");
    lab.in(gobgp.ask("vrf", "add", "red", "rd", "64512:9", "rt", "both", "64512:8000004"));
    String[] show = gobgp.ask("global", "rib", "-a", "vpnv4");
    assertThat(lab.until(output -> output.contains("10.1.1.3/32"), show))
        .doesNotContain("10.2.2.3/32");
    lab.in(gobgp.ask("vrf", "add", "blue", "rd", "64512:10", "rt", "both", "64512:8000005"));
    lab.until(output -> output.contains("10.1.1.3/32") && output.contains("10.2.2.3/32"), show);
    lab.in(gobgp.ask("vrf", "del", "red"));
    assertThat(lab.until(output -> !output.contains("10.1.1.3/32"), show)).contains("10.2.2.3/32");
  }

  /** The routes of a host are of use while a router of the fabric tells the way to it. */
  @Test
  void theFabricSaysWhichHostsAreThere() throws IOException {
    LabNamespace lab = namespace(ForeignDaemon.GOBGPD, ForeignDaemon.GOBGP);
    startNode();
    TestConfig.Network red = node.config.network("demo", "red", 4);
    TestAgent agent = node.agent("host1", "172.31.0.11");
    TestAgent other = node.agent("host2", "172.31.0.12");
    agent.subscribe(red.instanceName(), 3);
    other.subscribe(red.instanceName(), 3);
    agent.publish(red.instanceName(), agent.inet("10.1.1.3/32", 25));
    router("gateway", lab, 64512, _ -> {}, "inet", "inet-vpn");
    ForeignDaemon gobgp = ForeignDaemon.gobgp(lab, "", "ipv4-unicast", "l3vpn-ipv4-unicast");
    String[] show = gobgp.ask("global", "rib", "-a", "vpnv4");
    lab.until(output -> output.contains("10.1.1.3/32"), show);
    awaitRoute(other, red, true);

    ConfigObject system =
        node.config.create(
            "global-system-config",
            FqName.of("default-global-system-config"),
            null,
            body -> checkNextHops(body, true));
    awaitRoute(other, red, false);
    lab.until(output -> !output.contains("10.1.1.3/32"), show);
    assertThat(
            node.get("/routes?prefix=10.1.1.3/32&table=" + red.instanceName() + ".inet.0")
                .path("routes")
                .path(0)
                .path("why")
                .asString())
        .isEqualTo("not used: the fabric has no route to its next hop 172.31.0.11");
    lab.in(add(gobgp, "ipv4", "add", "172.31.0.11/32"));
    awaitRoute(other, red, true);
    lab.until(output -> output.contains("10.1.1.3/32"), show);
    lab.in(add(gobgp, "ipv4", "del", "172.31.0.11/32"));
    awaitRoute(other, red, false);
    node.config.change(system, body -> checkNextHops(body, false));
    awaitRoute(other, red, true);
    lab.until(output -> output.contains("10.1.1.3/32"), show);
    assertThat(peer("gateway").path("flaps").asInt()).isZero();
  }

  private static void checkNextHops(ObjectNode system, boolean wanted) {
    system
        .putObject("fast_convergence_parameters")
        .put("enable", true)
        .put("nh_reachability_check", wanted);
  }

  private static void awaitRoute(TestAgent agent, TestConfig.Network network, boolean there) {
    agent.await(
        "the route " + (there ? "" : "gone"),
        () -> agent.inet(network.instanceName()).containsKey("10.1.1.3/32") == there);
  }

  /** RFC 5882: long before the hold time is over; RFC 4724: routes stay if the peer wants that. */
  @Test
  void aPeerThatBfdMissesIsDown() throws Exception {
    for (boolean restarts : new boolean[] {false, true}) {
      LabNamespace lab = namespace(ForeignDaemon.BIRD, ForeignDaemon.BIRDC);
      startNode(List.of(new InetSocketAddress(lab.here(), 0)));
      TestConfig.Network red = node.config.network("demo", "red", 4);
      TestAgent agent = node.agent("host1", "172.31.0.11");
      agent.subscribe(red.instanceName(), 3);
      watched(router("gateway", lab, 65001, _ -> {}, "inet-vpn"));
      ForeignDaemon.bird(lab, birdWithBfd(lab, restarts));
      agent.await("BIRD's route", () -> agent.inet(red.instanceName()).containsKey("10.9.0.0/24"));
      TestNode.await("BFD", () -> peer("gateway").path("bfd").asString().equals("up"));
      TestNode.await(
          "the interval agreed on", () -> peer("gateway").path("bfd_detection_ms").asInt() == 300);
      lab.link(false);
      long cutNs = System.nanoTime();
      String reason = "BFD session down";
      if (restarts) {
        TestNode.await(
            "the loss", () -> peer("gateway").path("last_flap_reason").asString().equals(reason));
        assertThat(agent.inet(red.instanceName())).containsKey("10.9.0.0/24");
      } else {
        agent.await("no route", () -> !agent.inet(red.instanceName()).containsKey("10.9.0.0/24"));
        System.out.printf("no route after %d ms%n", (System.nanoTime() - cutNs) / 1_000_000);
        assertThat(peer("gateway").path("last_flap_reason").asString()).isEqualTo(reason);
      }
      assertThat(node.faults).isEmpty();
    }
  }

  private JsonNode peer(String router) {
    for (JsonNode row : node.get("/peers?type=BGP").path("peers")) {
      if (row.path("peer").asString().endsWith(router)) {
        return row;
      }
    }
    throw new AssertionError("no peer " + router);
  }

  /** The session with a router of another AS has BFD. */
  private void watched(ConfigObject external) {
    ObjectNode attr = Json.object();
    ObjectNode terms = attr.putArray("session").addObject().putArray("attributes").addObject();
    terms.putObject("bfd").put("time_interval", 100).put("detection_time_multiplier", 3);
    node.config.controlNode("10.0.0.1", body -> TestConfig.refer(body, external, attr));
  }

  private String birdWithBfd(LabNamespace lab, boolean restarts) {
    return """
    vpn4 table v4;
    protocol bfd { interface "*" { interval 100 ms; multiplier 3; }; }
    protocol static { vpn4 { table v4; }; route 10.0.0.1:5 10.9.0.0/24 blackhole; }
    filter marked { bgp_ext_community.add((rt, 64512, 8000004)); accept; }
    protocol bgp weft {
      local %2$s as 65001;
      neighbor %1$s port %3$d as 64512;
      direct; bfd on; graceful restart %4$s;
      connect delay time 1; connect retry time 2;
      vpn4 mpls { table v4; import none; export filter marked; };
    }
    """
        .formatted(lab.here(), lab.there(), port(lab), restarts ? "on" : "off");
  }

  /** RFC 4724: while either side is away, the other goes on with its routes. */
  @Test
  void eitherSideMayRestart() throws Exception {
    LabNamespace lab = namespace(ForeignDaemon.ZEBRA, ForeignDaemon.BGPD, ForeignDaemon.VTYSH);
    startNode();
    TestAgent agent = withOneRoute(lab);
    InetSocketAddress address = new InetSocketAddress(lab.here(), port(lab));
    ForeignDaemon frr = restartingFrr(lab, address.getPort());
    String instance = "default-domain:demo:red:red";
    agent.await("FRR's route", () -> agent.inet(instance).containsKey("10.9.0.0/24"));
    String[] show = frr.ask("show bgp ipv4 vpn");
    lab.until(output -> output.contains("10.1.1.3/32"), show);

    frr.kill();
    TestNode.await("the loss", () -> node.get("/status").path("bgp_peers_up").asInt() == 0);
    assertThat(agent.inet(instance)).containsKey("10.9.0.0/24");
    frr.startAgain();
    TestNode.await("the return", () -> node.get("/status").path("bgp_peers_up").asInt() == 1);
    lab.until(output -> output.contains("10.1.1.3/32"), show);
    assertThat(agent.inet(instance)).containsKey("10.9.0.0/24");

    node.close();
    assertThat(node.faults).isEmpty();
    String[] neighbour = frr.ask("show bgp neighbors " + lab.here());
    lab.until(output -> !output.contains("BGP state = Established"), neighbour);
    assertThat(lab.in(show)).containsPattern("S.*10\\.1\\.1\\.3/32");
    startNode(List.of(address));
    withOneRoute(lab);
    lab.until(output -> output.contains("BGP state = Established"), neighbour);
    Pattern fresh = Pattern.compile("(?m)^\\*.i10\\.1\\.1\\.3/32");
    lab.until(output -> fresh.matcher(output).find(), show);
  }

  /** An agent with a route, the router, and leave to restart. */
  private TestAgent withOneRoute(LabNamespace lab) {
    node.config.create(
        "global-system-config",
        FqName.of("default-global-system-config"),
        null,
        body ->
            body.putObject("graceful_restart_parameters")
                .put("enable", true)
                .put("restart_time", 60)
                .put("long_lived_restart_time", 60)
                .put("bgp_helper_enable", true)
                .put("xmpp_helper_enable", true));
    TestConfig.Network red = node.config.network("demo", "red", 4);
    TestAgent agent = node.agent("host1", "172.31.0.11");
    agent.subscribe(red.instanceName(), 3);
    agent.publish(red.instanceName(), agent.inet("10.1.1.3/32", 25));
    router("gateway", lab, 64512, _ -> {}, "inet-vpn");
    return agent;
  }

  private ForeignDaemon restartingFrr(LabNamespace lab, int port) throws IOException {
    return ForeignDaemon.frr(
        lab,
        """
        route-map TARGET permit 10
         set extcommunity rt 64512:8000004
        exit
        router bgp 64512
         bgp router-id 10.0.0.2
         bgp graceful-restart
         bgp graceful-restart preserve-fw-state
         no bgp default ipv4-unicast
         neighbor %1$s remote-as 64512
         neighbor %1$s port %2$d
         neighbor %1$s timers connect 1
         address-family ipv4 vpn
          neighbor %1$s activate
          network 10.9.0.0/24 rd 64512:5 label 800 route-map TARGET
         exit-address-family
        exit
        """
            .formatted(lab.here(), port),
        open);
  }
}
