package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Each malformed item of Tungsten Fabric's tests costs the route and nothing else. */
class BadItemsTest {
  private static final Path DATA =
      Path.of(System.getProperty("weft.shared", "../shared"), "data/vectors/bgp-testdata");
  private static final Map<String, String> NODES =
      Map.of(
          "inet", "1/1/%s/10.1.1.9/32",
          "inet6", "2/1/%s/2001:db8::9/128",
          "enet", "25/242/02:00:00:00:00:09,10.1.1.9/32",
          "mcast", "1/241/%s/255.255.255.255");

  private static List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(DATA)) {
      return all.filter(file -> kind(file) != null).sorted().toList();
    }
  }

  private static String kind(Path file) {
    String name = file.getFileName().toString();
    return name.matches("bad_\\w+_item_\\d+\\.xml")
        ? name.replaceAll("bad_(\\w+)_item_.*", "$1")
        : null;
  }

  private static String publication(String node, String instance, String item) {
    String head =
        "<iq type=\"set\" from=\"host1\" to=\"network-control@contrailsystems.com/bgp-peer\" id=\"1\">"
            + "<pubsub xmlns=\"http://jabber.org/protocol/pubsub\">";
    return head
        + "<publish node=\""
        + node
        + "\">"
        + item
        + "</publish></pubsub></iq>"
        + head
        + "<collection node=\""
        + instance
        + "\"><associate node=\""
        + node
        + "\" /></collection></pubsub></iq>";
  }

  @Test
  void eachIsDroppedAndTheSessionKept() throws Exception {
    Assumptions.assumeTrue(Files.isDirectory(DATA), "no vectors at " + DATA);
    try (TestNode node = new TestNode(Duration.ofSeconds(30))) {
      TestConfig.Network red = node.config.network("demo", "red", 4);
      String instance = red.instanceName();
      TestAgent agent = node.agent("host1", "172.31.0.11");
      agent.subscribe(instance, 1);
      List<Path> bad = files();
      assertThat(bad).hasSize(39);
      for (int i = 0; i < bad.size(); i++) {
        String where = NODES.get(kind(bad.get(i))).formatted(instance);
        String item =
            Files.readString(bad.get(i)).replaceAll("(?s)<\\?.*?\\?>|<!--.*?-->", "").strip();
        agent.sendRaw(publication(where, instance, item).getBytes(StandardCharsets.UTF_8));
        String good = "10.2.0." + i + "/32";
        agent.publish(instance, agent.inet(good, 100 + i));
        agent.await(
            bad.get(i).getFileName() + " passed", () -> agent.inet(instance).containsKey(good));
      }
      assertThat(agent.inet(instance)).hasSize(bad.size());
      assertThat(agent.evpn(instance)).isEmpty();
      assertThat(node.get("/peers").path("peers").get(0).path("flaps").asInt()).isZero();
      assertThat(node.text("/metrics")).containsAnyOf("xmpp_route_dropped", "xmpp_malformed");
      assertThat(node.faults).isEmpty();
    }
  }
}
