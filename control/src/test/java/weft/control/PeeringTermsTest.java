package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;
import weft.bgp.Attribute;
import weft.bgp.Family;
import weft.bgp.Nlri;
import weft.bgp.PathAttributes;
import weft.bgp.Update;
import weft.http.Json;
import weft.net.Encapsulation;
import weft.net.ExtendedCommunity;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.testkit.TestLoop;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.TagList;

/** What the terms of a session do to routes, between routers of another AS and an agent. */
@Timeout(400)
class PeeringTermsTest {
  private static final RouteDistinguisher RD = RouteDistinguisher.parse("65001:9");
  private static final String ONE = "127.0.9.7";
  private static final String TWO = "127.0.9.8";

  private final TestLoop loop = new TestLoop();
  private TestNode node;
  private ConfigObject own;
  private TestConfig.Network red;
  private TestAgent agent;
  private TestRouter router;

  @BeforeEach
  void start() throws IOException {
    node = new TestNode(Duration.ofSeconds(30));
    red = node.config.network("demo", "red", 4);
    ConfigObject far = gateway("one", ONE);
    ConfigObject other = gateway("two", TWO);
    own =
        node.config.controlNode(
            "10.9.0.1",
            body -> {
              TestConfig.refer(body, far, Json.object());
              TestConfig.refer(body, other, Json.object());
            });
    agent = node.agent("host1", "172.31.0.11");
    agent.subscribe(red.instanceName(), 3);
    router = router(ONE);
    router.awaitUp();
  }

  private ConfigObject gateway(String name, String address) {
    return node.config.create(
        "bgp-router",
        FqName.of("default-domain", "default-project", "ip-fabric", "d", name),
        null,
        body ->
            body.putObject("bgp_router_parameters")
                .put("address", address)
                .put("autonomous_system", address.equals(ONE) ? 65001 : 65002)
                .put("router_type", "router"));
  }

  private TestRouter router(String address) throws IOException {
    return TestRouter.ofVpns(loop, address, address.equals(ONE) ? 65001 : 65002, node);
  }

  @AfterEach
  void stop() throws Exception {
    loop.end();
    node.close();
    assertThat(node.faults).isEmpty();
  }

  /** The terms of the session with the first router, for VPN routes of IPv4. */
  private void terms(Consumer<ObjectNode> fill) {
    node.config.change(
        own,
        body -> {
          ObjectNode attr = (ObjectNode) body.path("bgp_router_refs").get(0).path("attr");
          ObjectNode session =
              attr.putArray("session").addObject().putArray("attributes").addObject();
          session.putObject("address_families").putArray("family").add("inet6-vpn").add("e-vpn");
          ObjectNode family = session.putArray("family_attributes").addObject();
          family.put("address_family", "inet-vpn");
          fill.accept(family);
        });
  }

  private static PathAttributes path(Long... asns) {
    return PathAttributes.of(
        Attribute.Origin.IGP,
        new Attribute.AsPath(List.of(new Attribute.AsPath.Segment(true, List.of(asns)))),
        new Attribute.ExtendedCommunities(
            List.of(RouteTarget.parse("target:64512:8000004").toCommunity())));
  }

  private static Nlri vpn(String prefix) {
    return new Nlri.Vpn(RD, IpPrefix.parse(prefix), new Label(300));
  }

  private void tell(String prefix, String nextHop, Long... asns) {
    Update update =
        Update.announce(
            path(asns), Family.INET_VPN, IpAddress.parse(nextHop), List.of(vpn(prefix)));
    router.keepTelling(vpn(prefix), update);
  }

  private boolean has(String prefix) {
    return agent.inet(red.instanceName()).containsKey(prefix);
  }

  /** RFC 4486: more than the limit ends the session; it is not taken up again at once. */
  @Test
  void whoTellsMoreThanItMayIsSentAway() {
    terms(family -> family.putObject("prefix_limit").put("maximum", 2).put("idle_timeout", 3600));
    TestNode.await("the terms", () -> node.get("/status").path("bgp_peers_up").asInt() == 1);
    tell("10.5.0.0/24", "172.31.0.9", 65001L);
    tell("10.6.0.0/24", "172.31.0.9", 65001L);
    agent.await("as many as it may", () -> has("10.5.0.0/24") && has("10.6.0.0/24"));
    assertThat(router.endings()).isZero();
    tell("10.7.0.0/24", "172.31.0.9", 65001L);
    agent.await("all to be gone", () -> agent.inet(red.instanceName()).isEmpty());
    TestNode.await("the end", () -> router.endings() > 0);
    assertThat(node.get("/status").path("bgp_peers_up").asInt()).isZero();
    assertThat(node.text("/metrics"))
        .contains("weft_control_events_total{kind=\"bgp_prefix_limit\"} 1");
  }

  /** RFC 4271 section 9.1.2, and how often Tungsten Fabric lets our AS pass. */
  @Test
  void ourAsInAPathIsALoopUnlessItMayBeThere() {
    tell("10.5.0.0/24", "172.31.0.9", 65001L, 64512L);
    tell("10.6.0.0/24", "172.31.0.9", 65001L);
    agent.await("the other route", () -> has("10.6.0.0/24"));
    assertThat(has("10.5.0.0/24")).isFalse();
    terms(family -> family.put("loop_count", 1));
    agent.await("the route", () -> has("10.5.0.0/24"));
    tell("10.5.0.0/24", "172.31.0.9", 65001L, 64512L, 64512L);
    agent.await("its end", () -> !has("10.5.0.0/24"));
  }

  /**
   * What a router tells without encapsulation is sent to it in the usual one of the session. It is
   * asked for its routes again when that changes.
   */
  @Test
  void theSessionSaysHowToSendWhereTheRouteDoesNot() {
    tell("10.5.0.0/24", "172.31.0.9", 65001L);
    agent.await("the route", () -> encapsulations("10.5.0.0/24").equals(List.of("gre")));
    terms(family -> family.putArray("default_tunnel_encap").add("udp"));
    agent.await("the terms", () -> encapsulations("10.5.0.0/24").equals(List.of("udp")));
  }

  private List<String> encapsulations(String prefix) {
    return agent.inet(red.instanceName()).get(prefix) instanceof InetItem item
        ? item.nextHops().getFirst().encapsulations()
        : List.of();
  }

  /** RFC 8950: between routers that offer it. */
  @Test
  void anIpv4RouteMayHaveAnIpv6NextHop() throws IOException {
    TestRouter second = router(TWO);
    second.awaitUp();
    tell("10.5.0.0/24", "2001:db8::9", 65001L);
    TestRouter.Told told = second.await(vpn("10.5.0.0/24"));
    assertThat(told.nextHop()).hasToString("2001:db8::9");
    assertThat(told.attributes().asPath().segments().getFirst().asns())
        .containsExactly(64512L, 65001L);
  }

  /** RFC 9136 section 4.4.1: both ways, with the MAC of the router that routes there. */
  @Test
  void aPrefixBehindARouterGoesWithItsMac() {
    MacAddress theirs = MacAddress.parse("02:00:00:00:09:07");
    Nlri behind = prefix("10.5.0.0/24", RD);
    Attribute.ExtendedCommunities marks =
        new Attribute.ExtendedCommunities(
            List.of(
                RouteTarget.parse("target:64512:8000004").toCommunity(),
                ExtendedCommunity.encapsulation(Encapsulation.VXLAN),
                ExtendedCommunity.routerMac(theirs)));
    router.keepTelling(
        behind,
        Update.announce(
            path(65001L).with(marks), Family.EVPN, IpAddress.parse("172.31.0.9"), List.of(behind)));
    String id = "00:00:00:00:00:00,10.5.0.0/24";
    agent.await("the prefix", () -> agent.evpn(red.instanceName()).containsKey(id));
    EvpnItem.NextHop hop =
        ((EvpnItem) agent.evpn(red.instanceName()).get(id)).nextHops().getFirst();
    assertThat(hop.mac()).isEqualTo(theirs);
    assertThat(hop.label()).isEqualTo(9001);
    assertThat(hop.encapsulations()).containsExactly("vxlan");

    EvpnItem ours =
        EvpnItem.of(
            EvpnItem.Nlri.published(0, MacAddress.ZERO, IpPrefix.parse("10.6.0.0/24")),
            List.of(
                new EvpnItem.NextHop(
                    agent.address, MacAddress.GATEWAY, 9001, 0, List.of("vxlan"), TagList.NONE, 0)),
            weft.xmpp.RouteAttributes.DEFAULT);
    agent.publish(red.instanceName(), ours);
    Nlri told = prefix("10.6.0.0/24", RouteDistinguisher.ofAddress(agent.address, 3));
    assertThat(router.await(told).attributes().extendedCommunities())
        .contains(
            ExtendedCommunity.routerMac(MacAddress.GATEWAY),
            ExtendedCommunity.encapsulation(Encapsulation.VXLAN));
  }

  private static Nlri prefix(String prefix, RouteDistinguisher rd) {
    return new Nlri.EvpnPrefix(
        rd,
        Nlri.Segment.NONE,
        0,
        IpPrefix.parse(prefix),
        IpAddress.parse("0.0.0.0"),
        Nlri.LabelField.vni(9001));
  }
}
