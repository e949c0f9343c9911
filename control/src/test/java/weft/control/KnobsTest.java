package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
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
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Label;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.testkit.TestLoop;

/**
 * Each knob is turned under sessions that are up: with the router that it is of, another, an agent.
 */
@Timeout(400)
class KnobsTest {
  private static final String ONE = "127.0.9.17";
  private static final String TWO = "127.0.9.18";

  private final TestLoop loop = new TestLoop();
  private TestNode node;
  private ConfigObject own;
  private ConfigObject far;
  private ConfigObject system;
  private TestAgent agent;
  private TestRouter router;
  private TestRouter bystander;
  private int markers;

  @BeforeEach
  void start() throws IOException {
    node = new TestNode(Duration.ofSeconds(30));
    system =
        node.config.create(
            "global-system-config", FqName.of("default-global-system-config"), null, _ -> {});
    far = router("one", ONE, 65001);
    ConfigObject other = router("two", TWO, 65002);
    own =
        node.config.controlNode(
            "10.9.0.1",
            body -> {
              TestConfig.refer(body, far, Json.object());
              TestConfig.refer(body, other, Json.object());
            });
    agent = node.agent("host1", "172.31.0.11");
    router = speaker(ONE, 65001);
    bystander = speaker(TWO, 65002);
    router.awaitUp();
    bystander.awaitUp();
  }

  private static FqName name(String last) {
    return FqName.of("default-domain", "default-project", "ip-fabric", "d", last);
  }

  private ConfigObject router(String name, String address, long asn) {
    return node.config.create(
        "bgp-router",
        name(name),
        null,
        body ->
            body.putObject("bgp_router_parameters")
                .put("address", address)
                .put("port", 1)
                .put("autonomous_system", asn)
                .put("router_type", "router"));
  }

  private TestRouter speaker(String address, long asn) throws IOException {
    return TestRouter.ofVpns(loop, address, asn, node);
  }

  @AfterEach
  void stop() throws Exception {
    loop.end();
    node.close();
    assertThat(node.faults).isEmpty();
  }

  /** Config is taken in order: when a router that is configured later is known, so is the rest. */
  private void takenIn() {
    String name = "marker" + markers++;
    ConfigObject marker = router(name, "127.0.9.19", 64512);
    TestNode.await(name, () -> knows(name));
    node.config.delete(marker);
    TestNode.await("the end of " + name, () -> !knows(name));
  }

  private boolean knows(String name) {
    return StreamSupport.stream(node.get("/peers").path("peers").spliterator(), false)
        .anyMatch(peer -> peer.path("peer").asString().endsWith(name));
  }

  private void othersGoOn(String knob) {
    assertThat(bystander.endings()).as("sessions of others under %s", knob).isZero();
    agent.await("the session under " + knob, () -> agent.isOpen);
    node.get("/peers")
        .path("peers")
        .forEach(peer -> {
          if (peer.path("peer").asString().equals("host1")) {
            assertThat(peer.path("flaps").asInt()).as(knob).isZero();
          }
        });
  }

  private void turn(String knob, ConfigObject object, Consumer<ObjectNode> change) {
    int before = router.endings();
    node.config.change(object, change);
    takenIn();
    assertThat(router.endings()).as("sessions under %s", knob).isEqualTo(before);
    othersGoOn(knob);
  }

  private static Consumer<ObjectNode> session(Consumer<ObjectNode> fill) {
    return body -> {
      ObjectNode attr = (ObjectNode) body.path("bgp_router_refs").get(0).path("attr");
      fill.accept(attr.putArray("session").addObject().putArray("attributes").addObject());
    };
  }

  private static Consumer<ObjectNode> family(Consumer<ObjectNode> fill) {
    return session(attributes -> {
      attributes
          .putObject("address_families")
          .putArray("family")
          .add("inet-vpn")
          .add("inet6-vpn")
          .add("e-vpn");
      fill.accept(
          attributes.putArray("family_attributes").addObject().put("address_family", "inet-vpn"));
    });
  }

  @Test
  void whatTheSessionIsNotMadeOfChangesUnderIt() {
    turn("hold time of the session", own, session(s -> s.put("hold_time", 30)));
    turn("loop count", own, session(s -> s.put("loop_count", 2)));
    turn("AS override", own, session(s -> s.put("as_override", true)));
    turn("private AS numbers", own, session(s -> s.put("private_as_action", "remove-all")));
    turn(
        "origin",
        own,
        session(s ->
            s.putObject("route_origin_override")
                .put("origin_override", true)
                .put("origin", "IGP")));
    turn("lifetime", own, session(s -> s.put("max_hops", 255)));
    turn("number of paths", own, session(s -> s.put("send_paths", 4)));
    turn("prefix limit", own, family(f -> f.putObject("prefix_limit").put("maximum", 1000)));
    turn("encapsulation", own, family(f -> f.putArray("default_tunnel_encap").add("udp")));
    turn("nothing", own, session(_ -> {}));
    turn("BFD", own, session(s -> s.putObject("bfd").put("time_interval", 100)));
    turn("no BFD", own, session(_ -> {}));
  }

  @Test
  void routersAndTheSystemChangeUnderTheirSessions() {
    turn("reflector", own, b -> b.withObject("bgp_router_parameters").put("cluster_id", 7));
    turn("hold time", own, b -> b.withObject("bgp_router_parameters").put("hold_time", 60));
    turn("its hold time", far, b -> b.withObject("bgp_router_parameters").put("hold_time", 60));
    turn(
        "graceful restart",
        system,
        b ->
            b.putObject("graceful_restart_parameters")
                .put("enable", true)
                .put("bgp_helper_enable", true)
                .put("xmpp_helper_enable", true)
                .put("restart_time", 77)
                .put("long_lived_restart_time", 99)
                .put("end_of_rib_timeout", 44));
    turn(
        "no graceful restart",
        system,
        b -> b.withObject("graceful_restart_parameters").put("enable", false));
    turn(
        "fast convergence",
        system,
        b ->
            b.putObject("fast_convergence_parameters")
                .put("enable", true)
                .put("xmpp_hold_time", 30));
  }

  /** Two routers of different neighbour AS tell one prefix; its routes say what decided. */
  @Test
  void bestPathsAreChosenAnewUnderTheSessions() {
    tell(router, 50, 65001L, 65010L);
    tell(bystander, 40, 65002L, 65010L, 65011L);
    awaitWhy("best: AS path length 2, the next has 3");
    turn("AS path", system, b -> b.put("bgp_ignore_as_path", true));
    awaitWhy("used beside the best: equal cost; router id ");
    turn("MED", system, b -> b.put("bgp_always_compare_med", true));
    awaitWhy("best: MED 40 (of any neighbour AS), the next has 50");
    turn("AS path again", system, b -> b.put("bgp_ignore_as_path", false));
    awaitWhy("not used: AS path length 3, the best has 2");
    turn("MED again", system, b -> b.put("bgp_always_compare_med", false));
    awaitWhy("best: AS path length 2, the next has 3");
  }

  /** Nothing is told by way of a host that the fabric does not know. */
  @Test
  void nextHopsAreCheckedUnderTheSessions() {
    String red = node.config.network("demo", "red", 4).instanceName();
    agent.subscribe(red, 3);
    agent.publish(red, agent.inet("10.7.0.0/24", 25));
    awaitWhy(red + ".inet.0", "best: the only path");
    turn("next hops", system, b -> checkNextHops(b, true));
    awaitWhy(red + ".inet.0", "not used: the fabric has no route to its next hop 172.31.0.11");
    turn("next hops", system, b -> checkNextHops(b, false));
    awaitWhy(red + ".inet.0", "best: the only path");
  }

  private static void checkNextHops(ObjectNode system, boolean wanted) {
    system
        .putObject("fast_convergence_parameters")
        .put("enable", true)
        .put("nh_reachability_check", wanted);
  }

  private static void tell(TestRouter router, long med, Long... asPath) {
    Nlri route = vpn("10.7.0.0/24");
    router.keepTelling(route, update(route, med, asPath));
  }

  private static Nlri vpn(String prefix) {
    return new Nlri.Vpn(
        RouteDistinguisher.parse("65001:9"), IpPrefix.parse(prefix), new Label(300));
  }

  private static Update update(Nlri route, long med, Long... asPath) {
    PathAttributes attributes =
        PathAttributes.of(
            Attribute.Origin.IGP,
            new Attribute.AsPath(List.of(new Attribute.AsPath.Segment(true, List.of(asPath)))),
            new Attribute.MultiExitDiscriminator(med),
            new Attribute.ExtendedCommunities(
                List.of(RouteTarget.parse("target:64512:8000004").toCommunity())));
    return Update.announce(
        attributes, Family.INET_VPN, IpAddress.parse("192.0.2.1"), List.of(route));
  }

  private String routes(String table) {
    return node.get("/routes?prefix=10.7.0.0/24&table=" + table).toString();
  }

  private void awaitWhy(String why) {
    awaitWhy("bgp.l3vpn.0", why);
  }

  private void awaitWhy(String table, String why) {
    TestNode.await(
        why,
        () ->
            StreamSupport.stream(
                    node.get("/routes?prefix=10.7.0.0/24&table=" + table)
                        .path("routes")
                        .spliterator(),
                    false)
                .anyMatch(row -> row.path("why").asString().startsWith(why)));
  }

  /** Of the peer alone whose key it is: nothing is lost on the way from one to the next. */
  @Test
  void keysChangeUnderASession() {
    for (String key : new String[] {"first", "second", ""}) {
      turn(
          "key " + key,
          own,
          session(s -> {
            if (!key.isEmpty()) {
              s.putObject("auth_data")
                  .put("key_type", "md5")
                  .putArray("key_items")
                  .addObject()
                  .put("key_id", 0)
                  .put("key", key);
            }
          }));
      router.sign(key.isEmpty() ? null : key);
      long med = 50 + key.length();
      tell(router, med, 65001L);
      TestNode.await(
          "what it tells under " + key, () -> routes("bgp.l3vpn.0").contains("\"med\":" + med));
      Nlri other = vpn("10." + key.length() + ".0.0/16");
      bystander.keepTelling(other, update(other, 1, 65002L));
      router.await(other);
    }
    assertThat(router.endings()).isZero();
    assertThat(bystander.endings()).isZero();
  }

  /** A peer that knows us under an AS of its own does not see that of the system change. */
  @Test
  void anotherAsOfTheSystemEndsTheSessionsThatItIsToldIn() {
    turn("local AS", own, session(s -> s.put("local_autonomous_system", 64512)));
    node.config.change(system, b -> b.put("autonomous_system", 64513));
    TestNode.await("the end of the other", () -> bystander.endings() > 0);
    assertThat(router.endings()).isZero();
    agent.await("the agent's session", () -> agent.isOpen);
    node.config.change(system, b -> b.put("autonomous_system", 64512));
    bystander.awaitUp();
    assertThat(router.endings()).isZero();
    tell(router, 50, 65001L);
    bystander.await(vpn("10.7.0.0/24"));
  }

  /** What the OPEN says has changed: the session is made again, and that of nobody else. */
  @Test
  void aSessionIsMadeAgainAlone() {
    again(
        "families",
        own,
        session(s -> s.putObject("address_families").putArray("family").add("inet-vpn")));
    again("a single path", own, session(s -> s.put("send_paths", 1)));
    again("admin down", own, session(s -> s.put("admin_down", true)), session(_ -> {}));
  }

  @SafeVarargs
  private void again(String knob, ConfigObject object, Consumer<ObjectNode>... changes) {
    int before = router.endings();
    for (Consumer<ObjectNode> change : changes) {
      node.config.change(object, change);
      takenIn();
    }
    TestNode.await("the end under " + knob, () -> router.endings() > before);
    router.awaitUp();
    othersGoOn(knob);
  }
}
