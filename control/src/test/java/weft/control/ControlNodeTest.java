package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import weft.http.HttpOptions;
import weft.http.Json;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.xmpp.AgentMessage;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;

/** Control node, config and agents over real sockets. */
@Timeout(60)
class ControlNodeTest {
  private TestNode node;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(Duration.ofSeconds(30));
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
    assertThat(node.faults).isEmpty();
  }

  @Test
  void twoAgentsExchangeRoutesOfANetwork() {
    TestConfig.Network red = node.config.network("demo", "red", 4);
    TestAgent one = node.agent("host1", "172.31.0.11");
    TestAgent two = node.agent("host2", "172.31.0.12");
    one.subscribe(red.instanceName(), 3);
    two.subscribe(red.instanceName(), 7);
    one.publish(red.instanceName(), one.inet("10.1.1.3/32", 25));
    one.publish(red.instanceName(), one.mac("02:00:00:00:00:03", "10.1.1.3/32", 26));

    two.await("the address", () -> two.inet(red.instanceName()).containsKey("10.1.1.3/32"));
    two.await("the MAC", () -> two.evpn(red.instanceName()).size() == 1);
    InetItem item = (InetItem) two.inet(red.instanceName()).get("10.1.1.3/32");
    InetItem.NextHop hop = item.nextHops().getFirst();
    assertThat(hop.address()).isEqualTo(one.address);
    assertThat(hop.label()).isEqualTo(25);
    assertThat(hop.encapsulations()).containsExactly("gre", "udp");
    assertThat(hop.virtualNetwork()).isEqualTo("default-domain:demo:red");
    assertThat(item.attributes().virtualNetwork()).isEqualTo("default-domain:demo:red");
    assertThat(item.attributes().securityGroups()).containsExactly(8_000_001L);
    assertThat(item.attributes().localPreference()).isEqualTo(100);
    assertThat(item.attributes().med()).isEqualTo(200);
    assertThat(item.subProtocol()).isEqualTo("interface");
    EvpnItem mac = (EvpnItem) two.evpn(red.instanceName()).values().iterator().next();
    assertThat(mac.nextHops().getFirst().label()).isEqualTo(26);

    one.await("its own route", () -> one.inet(red.instanceName()).containsKey("10.1.1.3/32"));
    one.withdraw(red.instanceName(), one.inet("10.1.1.3/32", 25));
    two.await("the withdrawal", () -> two.inet(red.instanceName()).isEmpty());
  }

  @Test
  void agentsAreToldTheEndOfWhatThereIs() {
    TestConfig.Network red = node.config.network("demo", "red", 4);
    TestAgent one = node.agent("host1", "172.31.0.11");
    one.subscribe(red.instanceName(), 3);
    one.await("End-of-RIB", () -> one.endsOfRib > 0);
    assertThat(one.endsOfRib).isBetween(1, 2);
  }

  @Test
  void noAgentIsToldTheEndBeforeAllHaveComeBack() {
    TestConfig.Network red = node.config.network("demo", "red", 4);
    for (String host : List.of("host1", "host2")) {
      node.config.create(
          "virtual-router",
          weft.schema.FqName.of("default-global-system-config", host),
          null,
          b -> {});
    }
    TestAgent one = node.agent("host1", "172.31.0.11");
    one.subscribe(red.instanceName(), 3);
    one.publish(red.instanceName(), one.inet("10.1.1.3/32", 25));
    long start = System.nanoTime();
    TestNode.await("a while", () -> System.nanoTime() - start > 2_500_000_000L);
    one.await("its route", () -> one.inet(red.instanceName()).size() == 1);
    assertThat(one.endsOfRib).isZero();

    TestAgent two = node.agent("host2", "172.31.0.12");
    two.subscribe(red.instanceName(), 3);
    two.publish(red.instanceName(), two.inet("10.1.1.4/32", 26));
    one.await("End-of-RIB", () -> one.endsOfRib > 0);
    assertThat(one.inet(red.instanceName())).hasSize(2);
  }

  @Test
  void anAgentThatDoesNotReadHoldsUpNobody() throws Exception {
    TestConfig.Network red = node.config.network("demo", "red", 4);
    var address = node.node.xmppAddresses().getFirst();
    try (Socket deaf = new Socket()) {
      deaf.setReceiveBufferSize(4096);
      deaf.connect(address);
      deaf.getOutputStream()
          .write(
              ("<stream:stream from=\"deaf\" to=\"network-control@contrailsystems.com\""
                      + " version=\"1.0\" xml:lang=\"en\" xmlns=\"\""
                      + " xmlns:stream=\"http://etherx.jabber.org/streams\" >")
                  .getBytes(StandardCharsets.UTF_8));
      deaf.getOutputStream()
          .write(
              weft.xmpp.Codec.write(
                  new AgentMessage.Subscribe(red.instanceName(), 1, false), "deaf", 1));
      TestNode.await("the deaf one", () -> node.get("/status").path("xmpp_peers_up").asInt() == 1);
      TestAgent one = node.agent("host1", "172.31.0.11");
      TestAgent two = node.agent("host2", "172.31.0.12");
      one.subscribe(red.instanceName(), 3);
      two.subscribe(red.instanceName(), 3);
      for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 2000; i++) {
          String prefix = "10." + (20 + i / 250) + ".1." + i % 250 + "/32";
          one.publish(red.instanceName(), one.inet(prefix, 1000 + round));
        }
      }
      two.await(
          "all routes in their last form",
          () ->
              two.inet(red.instanceName()).size() == 2000
                  && two.inet(red.instanceName()).values().stream()
                      .allMatch(item -> ((InetItem) item).nextHops().getFirst().label() == 1003));
    }
  }

  @Test
  void tenantsWithTheSameAddressesStayApart() {
    TestConfig.Network a = node.config.network("tenant-a", "net", 4);
    TestConfig.Network b = node.config.network("tenant-b", "net", 5);
    TestAgent one = node.agent("host1", "172.31.0.11");
    TestAgent two = node.agent("host2", "172.31.0.12");
    for (TestAgent agent : List.of(one, two)) {
      agent.subscribe(a.instanceName(), 1);
      agent.subscribe(b.instanceName(), 2);
    }
    one.publish(a.instanceName(), one.inet("10.1.1.3/32", 25));
    two.publish(b.instanceName(), two.inet("10.1.1.3/32", 31));
    two.await("tenant a", () -> two.inet(a.instanceName()).size() == 1);
    two.await("tenant b", () -> two.inet(b.instanceName()).size() == 1);
    assertThat(((InetItem) two.inet(a.instanceName()).get("10.1.1.3/32")).nextHops())
        .extracting(InetItem.NextHop::label)
        .containsExactly(25);
    assertThat(((InetItem) two.inet(b.instanceName()).get("10.1.1.3/32")).nextHops())
        .extracting(InetItem.NextHop::label)
        .containsExactly(31);
  }

  @Test
  void connectedNetworksTakeEachOthersRoutesAsLongAsTheyAreConnected() {
    TestConfig.Network red = node.config.network("demo", "red", 4);
    TestConfig.Network blue = node.config.network("demo", "blue", 5);
    TestAgent one = node.agent("host1", "172.31.0.11");
    TestAgent two = node.agent("host2", "172.31.0.12");
    one.subscribe(red.instanceName(), 1);
    two.subscribe(blue.instanceName(), 1);
    one.publish(red.instanceName(), one.inet("10.1.1.3/32", 25));
    two.publish(blue.instanceName(), two.inet("10.2.2.3/32", 31));
    node.config.change(
        red.instance(), body -> TestConfig.refer(body, blue.instance(), Json.object()));

    two.await("red's route", () -> two.inet(blue.instanceName()).containsKey("10.1.1.3/32"));
    one.await("blue's route", () -> one.inet(red.instanceName()).containsKey("10.2.2.3/32"));
    InetItem item = (InetItem) two.inet(blue.instanceName()).get("10.1.1.3/32");
    assertThat(item.nextHops().getFirst().virtualNetwork()).isEqualTo("default-domain:demo:red");

    node.config.change(red.instance(), body -> body.remove("routing_instance_refs"));
    two.await("parting", () -> !two.inet(blue.instanceName()).containsKey("10.1.1.3/32"));
  }

  @Test
  void whatComesBeforeItsConfigWaits() {
    String instance = "default-domain:demo:late:late";
    TestAgent one = node.agent("host1", "172.31.0.11");
    TestAgent two = node.agent("host2", "172.31.0.12");
    one.subscribe(instance, 1);
    two.subscribe(instance, 1);
    one.publish(instance, one.inet("10.1.1.3/32", 25));
    TestNode.await(
        "the route to be known",
        () -> node.get("/routes?table=" + instance).path("routes").size() == 1);
    assertThat(two.inet(instance)).isEmpty();
    node.config.network("demo", "late", 9);
    two.await("the route", () -> two.inet(instance).containsKey("10.1.1.3/32"));
  }

  @Test
  void aKilledAgentsRoutesStayAndWhatItDoesNotTellAgainIsSwept() {
    TestConfig.Network red = node.config.network("demo", "red", 4);
    TestAgent one = node.agent("host1", "172.31.0.11");
    TestAgent two = node.agent("host2", "172.31.0.12");
    one.subscribe(red.instanceName(), 3);
    two.subscribe(red.instanceName(), 3);
    one.publish(red.instanceName(), one.inet("10.1.1.3/32", 25));
    one.publish(red.instanceName(), one.inet("10.1.1.4/32", 26));
    two.await("both routes", () -> two.inet(red.instanceName()).size() == 2);

    one.close();
    TestNode.await(
        "the loss to be noticed",
        () -> node.get("/peers").path("peers").get(0).path("state").asString().equals("Lost"));
    TestAgent again = node.agent("host1", "172.31.0.11");
    again.subscribe(red.instanceName(), 3);
    again.publish(red.instanceName(), again.inet("10.1.1.3/32", 25));
    again.await("all routes", () -> again.inet(red.instanceName()).size() == 2);
    assertThat(two.inet(red.instanceName())).hasSize(2);

    again.send(new AgentMessage.EndOfRib());
    two.await("the sweep", () -> two.inet(red.instanceName()).size() == 1);
    assertThat(two.inet(red.instanceName())).containsKey("10.1.1.3/32");
  }

  @Test
  void anAgentThatStaysAwayIsSweptInTheEnd() throws Exception {
    try (TestNode hasty = new TestNode(Duration.ofMillis(300))) {
      TestConfig.Network red = hasty.config.network("demo", "red", 4);
      TestAgent one = hasty.agent("host1", "172.31.0.11");
      TestAgent two = hasty.agent("host2", "172.31.0.12");
      one.subscribe(red.instanceName(), 3);
      two.subscribe(red.instanceName(), 3);
      one.publish(red.instanceName(), one.inet("10.1.1.3/32", 25));
      two.await("the route", () -> two.inet(red.instanceName()).size() == 1);
      one.close();
      two.await("the sweep", () -> two.inet(red.instanceName()).isEmpty());
      TestNode.await(
          "the agent to be forgotten", () -> hasty.get("/peers").path("peers").size() == 1);
      assertThat(hasty.faults).isEmpty();
    }
  }

  /** The route of an agent that wants a network's broadcasts. */
  private static EvpnItem broadcast(TestAgent agent, int label, boolean inTree) {
    EvpnItem item =
        EvpnItem.of(
            EvpnItem.Nlri.published(4, MacAddress.BROADCAST, new IpPrefix(Ipv4Address.ANY, 32)),
            List.of(
                EvpnItem.NextHop.of(
                    agent.address, label, 0, List.of(weft.net.Encapsulation.MPLS_O_UDP))),
            weft.xmpp.RouteAttributes.DEFAULT);
    return new EvpnItem(
        item.nlri(),
        item.nextHops(),
        item.olist(),
        item.attributes(),
        new EvpnItem.Replication(!inTree, false, null),
        item.leafOlist(),
        item.etreeLeaf());
  }

  private static List<Integer> labels(TestAgent agent, String instance) {
    return agent.evpn(instance).values().stream()
        .flatMap(item -> ((EvpnItem) item).olist().stream())
        .map(EvpnItem.NextHop::label)
        .sorted()
        .toList();
  }

  @Test
  void eachAgentIsToldWhereToSendBroadcasts() {
    TestConfig.Network red = node.config.network("demo", "red", 4);
    TestAgent one = node.agent("host1", "172.31.0.11");
    TestAgent two = node.agent("host2", "172.31.0.12");
    for (TestAgent agent : List.of(one, two)) {
      agent.subscribe(red.instanceName(), 3);
      agent.publish(red.instanceName(), broadcast(agent, agent == one ? 40 : 50, false));
    }
    one.await("its list", () -> one.evpn(red.instanceName()).size() == 1);
    EvpnItem mine = (EvpnItem) one.evpn(red.instanceName()).values().iterator().next();
    assertThat(mine.nlri().mac()).isEqualTo(MacAddress.BROADCAST);
    assertThat(mine.nlri().ethernetTag()).isEqualTo(4);
    assertThat(mine.nextHops()).isEmpty();
    assertThat(mine.olist())
        .extracting(EvpnItem.NextHop::address, EvpnItem.NextHop::label)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(two.address, 50));
    two.unsubscribe(red.instanceName());
    one.await("an empty list", () -> one.evpn(red.instanceName()).isEmpty());
  }

  @Test
  void agentsThatCopyAlongATreeAreNotToldOfEachOther() {
    TestConfig.Network red = node.config.network("demo", "red", 4);
    String instance = red.instanceName();
    TestAgent one = node.agent("host1", "172.31.0.11");
    TestAgent two = node.agent("host2", "172.31.0.12");
    TestAgent three = node.agent("host3", "172.31.0.13");
    for (TestAgent agent : List.of(one, two, three)) {
      agent.subscribe(instance, 3);
    }
    one.publish(instance, broadcast(one, 40, true));
    two.publish(instance, broadcast(two, 50, true));
    three.publish(instance, broadcast(three, 60, false));
    three.await("both", () -> labels(three, instance).equals(List.of(40, 50)));
    one.await("the one beside the tree", () -> labels(one, instance).equals(List.of(60)));
    two.await("the one beside the tree", () -> labels(two, instance).equals(List.of(60)));
  }

  @Test
  void aPortThatIsTakenIsSaidAtOnce() {
    ControlOptions taken =
        ControlOptions.of("control-2", Ipv4Address.parse("10.9.0.2"))
            .with(
                new ControlOptions.Listen(
                    node.node.xmppAddresses(), List.of(), new HttpOptions("127.0.0.1", 0)));
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> ControlNode.start(taken, node.db, (_, cause) -> node.faults.add(cause)).close())
        .isInstanceOf(java.io.IOException.class);
  }

  @Test
  void garbageIsCountedAndHurtsNobody() throws Exception {
    TestConfig.Network red = node.config.network("demo", "red", 4);
    TestAgent one = node.agent("host1", "172.31.0.11");
    byte[] noise = new byte[4096];
    new Random(3).nextBytes(noise);
    var address = node.node.xmppAddresses().getFirst();
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      socket.getOutputStream().write(noise);
      socket.getOutputStream().flush();
      assertThat(socket.getInputStream().readAllBytes()).hasSizeLessThan(4096);
    }
    one.sendRaw(
        ("<iq type=\"set\" from=\"host1\" id=\"x\"><pubsub><subscribe></subscribe></pubsub></iq>"
                + "<iq><nonsense/></iq>")
            .getBytes(StandardCharsets.UTF_8));
    one.publish("default-domain:demo:none:none", one.inet("10.1.1.3/32", 25));
    one.subscribe(red.instanceName(), 3);
    one.subscribe(red.instanceName(), 3);
    one.publish(red.instanceName(), one.inet("10.1.1.3/32", 25));
    one.await("its route", () -> one.inet(red.instanceName()).size() == 1);
    assertThat(node.text("/metrics"))
        .contains("weft_control_events_total{kind=\"xmpp_publish_not_subscribed\"} 1")
        .contains("weft_control_events_total{kind=\"xmpp_subscribe_repeated\"} 1")
        .contains("weft_control_events_total{kind=\"xmpp_malformed\"}")
        .contains("weft_control_events_total{kind=\"xmpp_ended_not_xmpp\"} 1");
  }

  @Test
  void whoTakesTheNameOfAnAgentElsewhereChangesNothing() throws Exception {
    TestConfig.Network red = node.config.network("demo", "red", 4);
    TestAgent one = node.agent("host1", "172.31.0.11");
    TestAgent two = node.agent("host2", "172.31.0.12");
    one.subscribe(red.instanceName(), 3);
    two.subscribe(red.instanceName(), 3);
    one.publish(red.instanceName(), one.inet("10.1.1.3/32", 25));
    two.await("the route", () -> two.inet(red.instanceName()).containsKey("10.1.1.3/32"));
    String header =
        "<stream:stream from=\"host1\" to=\"network-control@contrailsystems.com\" version=\"1.0\""
            + " xml:lang=\"en\" xmlns=\"\" xmlns:stream=\"http://etherx.jabber.org/streams\">";
    for (int i = 0; i < 5; i++) {
      try (Socket socket = new Socket()) {
        socket.bind(new InetSocketAddress("127.0.0.9", 0));
        socket.connect(node.node.xmppAddresses().getFirst());
        socket.getOutputStream().write(header.getBytes(StandardCharsets.UTF_8));
        assertThat(socket.getInputStream().readAllBytes()).hasSizeLessThan(4096);
      }
    }
    TestNode.await(
        "five refusals",
        () ->
            node.text("/metrics")
                .contains("weft_control_events_total{kind=\"xmpp_ended_duplicate\"} 5"));
    one.publish(red.instanceName(), one.inet("10.1.1.4/32", 26));
    two.await("one more", () -> two.inet(red.instanceName()).containsKey("10.1.1.4/32"));
    assertThat(two.retracted).isZero();
  }

  @Test
  void introspectionShowsPeersTablesAndReasons() {
    TestConfig.Network red = node.config.network("demo", "red", 4);
    TestAgent one = node.agent("host1", "172.31.0.11");
    one.subscribe(red.instanceName(), 3);
    one.publish(red.instanceName(), one.inet("10.1.1.3/32", 25));
    one.await("its route", () -> one.inet(red.instanceName()).size() == 1);

    JsonNode peer = node.get("/peers").path("peers").get(0);
    assertThat(peer.path("peer").asString()).isEqualTo("host1");
    assertThat(peer.path("type").asString()).isEqualTo("XMPP");
    assertThat(peer.path("state").asString()).isEqualTo("Established");
    assertThat(peer.path("routes").asInt()).isEqualTo(1);
    JsonNode row =
        node.get("/routes?table=" + red.instanceName() + ".inet.0&prefix=10.1.1.3")
            .path("routes")
            .get(0);
    assertThat(row.path("label").asInt()).isEqualTo(25);
    assertThat(row.path("origin_vn").asString()).isEqualTo("default-domain:demo:red");
    assertThat(row.path("reason").asString()).isEqualTo("OnlyPath");
    JsonNode exported = node.get("/routes?table=bgp.l3vpn.0&prefix=10.1.1.3").path("routes").get(0);
    assertThat(exported.path("prefix").asString()).isEqualTo("172.31.0.11:3:10.1.1.3/32");
    assertThat(exported.path("route_targets").get(0).asString()).isEqualTo("target:64512:8000004");
    assertThat(node.get("/rt-groups").path("rt_groups").get(0).path("routes").asInt()).isEqualTo(1);
    assertThat(node.get("/status").path("xmpp_peers_up").asInt()).isEqualTo(1);
    assertThat(node.text("/config?agent=host1")).contains("has not asked");
    assertThat(node.text("/routes?table=nowhere")).contains("No table 'nowhere'");
  }
}
