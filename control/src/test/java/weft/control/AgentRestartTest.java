package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.testkit.Relay;
import weft.xmpp.InetItem;

/** What becomes of an agent's routes while it is away, as the config wishes it. */
class AgentRestartTest {
  private static final FqName SYSTEM = FqName.of("default-global-system-config");

  private TestNode node;
  private TestConfig.Network red;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(Duration.ofMinutes(10));
    red = node.config.network("demo", "red", 4);
  }

  @AfterEach
  void stop() {
    node.close();
    assertThat(node.faults).isEmpty();
  }

  private ConfigObject system(String property, Consumer<ObjectNode> fill) {
    return node.config.create(
        "global-system-config", SYSTEM, null, b -> fill.accept(b.putObject(property)));
  }

  private TestAgent agent(int number) {
    TestAgent agent = node.agent("host" + number, "172.31.0.1" + number);
    agent.subscribe(red.instanceName(), number);
    return agent;
  }

  private int hops(TestAgent agent, String prefix) {
    return agent.inet(red.instanceName()).get(prefix) instanceof InetItem item
        ? item.nextHops().size()
        : 0;
  }

  private JsonNode peer(String name) {
    return node.get("/peers")
        .path("peers")
        .valueStream()
        .filter(peer -> peer.path("peer").asString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void afterTheRestartTimeItsRoutesAreTheLastChoice() {
    ConfigObject system =
        system(
            "graceful_restart_parameters",
            b ->
                b.put("enable", true)
                    .put("xmpp_helper_enable", true)
                    .put("restart_time", 1)
                    .put("long_lived_restart_time", 600));
    TestAgent one = agent(1);
    TestAgent two = agent(2);
    TestAgent three = agent(3);
    one.publish(red.instanceName(), one.inet("10.1.1.3/32", 25));
    two.publish(red.instanceName(), two.inet("10.1.1.3/32", 26));
    one.publish(red.instanceName(), one.inet("10.1.1.4/32", 27));
    three.await("both ways", () -> hops(three, "10.1.1.3/32") == 2);
    three.await("one way", () -> hops(three, "10.1.1.4/32") == 1);

    one.close();
    three.await("the way that is there", () -> hops(three, "10.1.1.3/32") == 1);
    InetItem item = (InetItem) three.inet(red.instanceName()).get("10.1.1.3/32");
    assertThat(item.nextHops().getFirst().address()).isEqualTo(two.address);
    assertThat(hops(three, "10.1.1.4/32")).isEqualTo(1);

    node.config.change(
        system, b -> b.withObject("graceful_restart_parameters").put("xmpp_helper_enable", false));
    two.close();
    three.await(
        "the last choice",
        () ->
            three.inet(red.instanceName()).get("10.1.1.3/32") instanceof InetItem last
                && last.nextHops().getFirst().address().equals(one.address));
    assertThat(peer("host3").path("flaps").asInt()).isZero();
  }

  @Test
  void withoutHelpItsRoutesGoWithItsSession() {
    system("graceful_restart_parameters", b -> b.put("enable", false));
    TestAgent one = agent(1);
    TestAgent two = agent(2);
    one.publish(red.instanceName(), one.inet("10.1.1.3/32", 25));
    two.await("the route", () -> hops(two, "10.1.1.3/32") == 1);
    one.close();
    two.await("the loss", () -> hops(two, "10.1.1.3/32") == 0);
  }

  @Test
  void fastDetectionComesAndGoesWithTheConfigAndSessionsGoOn() {
    TestAgent one = agent(1);
    TestAgent two = agent(2);
    one.detectWithin(Duration.ofSeconds(2));
    ConfigObject system =
        system("fast_convergence_parameters", b -> b.put("enable", true).put("xmpp_hold_time", 2));
    TestNode.await("keep-alives for one", () -> one.keepAlives() >= 4);
    TestNode.await("keep-alives for the other", () -> two.keepAlives() >= 4);

    node.config.change(
        system, b -> b.withObject("fast_convergence_parameters").put("enable", false));
    long had = one.keepAlives();
    TestNode.await("keep-alives go on for a while", () -> one.keepAlives() >= had + 2);
    assertThat(peer("host1").path("flaps").asInt()).isZero();
    assertThat(peer("host2").path("flaps").asInt()).isZero();
  }

  /** The connection stays, as TCP has it: only that nothing comes any more. */
  @Test
  void anAgentThatFallsSilentIsMissedAtOnce() throws Exception {
    node.config.create(
        "global-system-config",
        SYSTEM,
        null,
        b -> {
          b.putObject("graceful_restart_parameters").put("enable", false);
          b.putObject("fast_convergence_parameters").put("enable", true).put("xmpp_hold_time", 1);
        });
    InetSocketAddress server = node.node.xmppAddresses().getFirst();
    try (Relay relay = Relay.to("127.0.0.1:" + server.getPort())) {
      InetSocketAddress way = new InetSocketAddress("127.0.0.1", relay.port());
      TestAgent one = node.agent("host1", "172.31.0.11", way);
      one.subscribe(red.instanceName(), 1);
      one.detectWithin(Duration.ofSeconds(1));
      TestAgent two = agent(2);
      one.publish(red.instanceName(), one.inet("10.1.1.3/32", 25));
      two.await("the route", () -> hops(two, "10.1.1.3/32") == 1);
      TestNode.await("keep-alives of both", () -> one.keepAlives() >= 4);

      relay.silence();
      long silentNs = System.nanoTime();
      two.await("the loss", () -> hops(two, "10.1.1.3/32") == 0);
      System.out.printf("agent missed after %d ms%n", (System.nanoTime() - silentNs) / 1_000_000);
      assertThat(node.text("/metrics"))
          .contains("weft_control_events_total{kind=\"xmpp_ended_hold_expired\"} 1");
      assertThat(peer("host2").path("flaps").asInt()).isZero();
    }
  }

  @Test
  void aRouterThatIsNotThereDelaysNoEndOfRib() {
    node.config.create(
        "bgp-router",
        FqName.of("default-domain", "default-project", "ip-fabric", "__default__", "gateway"),
        null,
        b ->
            b.putObject("bgp_router_parameters")
                .put("address", "127.0.0.9")
                .put("port", 1)
                .put("router_type", "router")
                .put("autonomous_system", 64512));
    TestNode.await("the router", () -> node.get("/peers").path("peers").size() == 1);
    TestAgent one = agent(1);
    one.await("End-of-RIB", () -> one.endsOfRib > 0);
  }
}
