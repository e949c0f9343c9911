package weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Cluster;
import weft.lab.ComputeHost;
import weft.lab.Guest;
import weft.lab.Namespace;
import weft.lab.Tenant;

/**
 * Frames on three hosts: what is flooded goes along a tree and reaches each member once; a port
 * with several MACs; a MAC that moves; a VLAN of a port as a port of another network.
 */
@Tag("lab")
class BridgingTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Pattern ANSWER = Pattern.compile("from ([0-9.]+): icmp_seq=([0-9]+)");
  private static final String MOVING = "02:00:00:00:99:01";
  private static final String OTHER = "02:00:00:00:99:02";

  @Test
  @Timeout(500)
  void framesFindTheirWay() {
    try (Cluster cluster = Cluster.start("wbr", List.of("h1", "h2", "h3"))) {
      ApiClient api = new ApiClient(cluster.api());
      cluster.awaitApi(SOON.multipliedBy(2));
      Tenant.registerHosts(api, cluster.hosts());
      Tenant tenant = Tenant.create(api, "a", "10.1.1.0/24");
      for (String host : List.of("h1", "h2", "h3")) {
        tenant.addGuest("g" + host, cluster.host(host));
      }
      tenant.addGuest("gx", cluster.host("h3"));
      tenant.configureGuests(SOON);

      Await.until(
          "trees on all hosts",
          SOON,
          () -> cluster.hosts().stream().allMatch(BridgingTest::inTree));
      for (String name : List.of("gh1", "gh2", "gh3")) {
        reachesEachOnce(tenant, name, List.of("gh1", "gh2", "gh3", "gx"));
      }
      macsAreLearned(api, cluster, tenant);
      aSubInterfaceIsAPort(api, tenant);
      theRestGoesOnWithoutAHost(cluster, tenant);
    }
  }

  private static List<JsonNode> rows(ComputeHost host, String table) {
    return new ApiClient(host.introspection()).rows(table, "/" + table);
  }

  private static boolean inTree(ComputeHost host) {
    return rows(host, "nh").stream().anyMatch(row -> row.path("type").asString().equals("branch"));
  }

  /** How often each other guest has answered to each of several broadcasts, but the last. */
  private static Map<String, Integer> answers(Guest speaker) {
    speaker.namespace().run("sysctl", "-qw", "net.ipv4.icmp_echo_ignore_broadcasts=1").orThrow();
    String output =
        speaker
            .namespace()
            .run("ping", "-b", "-n", "-c", "4", "-i", "0.2", "-W", "2", "10.1.1.255")
            .output();
    Map<String, Integer> answers = new TreeMap<>();
    Matcher matcher = ANSWER.matcher(output);
    while (matcher.find()) {
      if (!matcher.group(2).equals("4")) {
        answers.merge(matcher.group(1) + " " + matcher.group(2), 1, Integer::sum);
      }
    }
    return answers;
  }

  private static void reachesEachOnce(Tenant tenant, String from, List<String> members) {
    Map<String, Integer> wanted = new TreeMap<>();
    for (String name : members) {
      tenant
          .guest(name)
          .namespace()
          .run("sysctl", "-qw", "net.ipv4.icmp_echo_ignore_broadcasts=0")
          .orThrow();
      for (int i = 1; i < 4 && !name.equals(from); i++) {
        wanted.put(tenant.address(name) + " " + i, 1);
      }
    }
    Await.until(
        "each other guest hears a broadcast of " + from + " once",
        SOON,
        () -> answers(tenant.guest(from)).equals(wanted));
  }

  /** A device behind a guest's port, with a MAC and an address of its own. */
  private static Namespace behind(Guest guest, String name, String mac, String address) {
    Namespace namespace = Namespace.create(name);
    guest.namespace().ip("link add link eth0 name mv address " + mac + " type macvlan mode bridge");
    guest.namespace().ip("link set mv netns " + namespace.name());
    namespace.ip("address add " + address + "/24 dev mv");
    namespace.ip("link set mv up");
    return namespace;
  }

  private static String where(ComputeHost host, String mac) {
    return rows(host, "bridge").stream()
        .filter(row -> row.path("mac").asString().equals(mac))
        .map(row -> row.path("next_hop").asString())
        .findFirst()
        .orElse("");
  }

  private static boolean pings(Namespace from, String address) {
    return from.run("ping", "-n", "-c", "1", "-W", "2", address).ok();
  }

  private static void macsAreLearned(ApiClient api, Cluster cluster, Tenant tenant) {
    String network = tenant.network().id();
    api.update(
        "virtual-network",
        network,
        Map.of(
            "mac_learning_enabled", ApiClient.json("true"),
            "flood_unknown_unicast", ApiClient.json("true"),
            "mac_aging_time", ApiClient.json("10"),
            "mac_limit_control", ApiClient.json("{'mac_limit':2,'mac_limit_action':'drop'}")));
    for (String name : List.of("gh1", "gh3")) {
      api.update(
          "virtual-machine-interface",
          tenant.port(name).interfaceId(),
          Map.of("virtual_machine_interface_disable_policy", ApiClient.json("true")));
    }
    ComputeHost h1 = cluster.host("h1");
    ComputeHost h2 = cluster.host("h2");
    ComputeHost h3 = cluster.host("h3");
    Guest far = tenant.guest("gh2");
    try (Namespace second = behind(tenant.guest("gh1"), "wbr-m2", OTHER, "10.1.1.202")) {
      try (Namespace first = behind(tenant.guest("gh1"), "wbr-m1", MOVING, "10.1.1.201")) {
        String own = tenant.address("gh2");
        Await.until("the first reaches another host", SOON, () -> pings(first, own));
        Await.until("the second reaches another host", SOON, () -> pings(second, own));
        Await.until("h2 knows the first", SOON, () -> where(h2, MOVING).contains(h1.address()));
        Await.until("h2 knows the second", SOON, () -> where(h2, OTHER).contains(h1.address()));
        Await.until("it is reached", SOON, () -> pings(far.namespace(), "10.1.1.201"));
        try (Namespace third =
            behind(tenant.guest("gh1"), "wbr-m3", "02:00:00:00:99:03", "10.1.1.203")) {
          assertThat(pings(third, own)).as("one more than the limit").isFalse();
        }
      }
      try (Namespace moved = behind(tenant.guest("gh3"), "wbr-m4", MOVING, "10.1.1.201")) {
        Await.until(
            "it is reached where it is now",
            SOON,
            () -> {
              pings(moved, tenant.address("gh2"));
              return pings(far.namespace(), "10.1.1.201");
            });
        Await.until("h2 knows the move", SOON, () -> where(h2, MOVING).contains(h3.address()));
        Await.until("h1 knows it", SOON, () -> where(h1, MOVING).contains(h3.address()));
      }
    }
    Await.until(
        "silent MACs are forgotten",
        SOON,
        () -> where(h2, MOVING).isEmpty() && where(h2, OTHER).isEmpty());
  }

  /** The agent programs it with its parent, by what the API says. */
  private static void aSubInterfaceIsAPort(ApiClient api, Tenant tenant) {
    Tenant.Network other = tenant.addNetwork("other", "10.2.2.0/24");
    Tenant.Port parent = tenant.port("gh1");
    String sub = tenant.addSubInterface("sub", other, parent, 100);
    Await.until(
        "a vif for the VLAN",
        SOON,
        () ->
            rows(parent.host(), "vif").stream()
                .anyMatch(row ->
                    row.path("port").asString().equals(sub)
                        && row.path("vlan").asInt() == 100
                        && row.path("device").asString().equals(parent.guest().tap())));
    api.delete("instance-ip", api.idOf("instance-ip", "ip-" + sub));
    api.delete("virtual-machine-interface", sub);
    Await.until(
        "no vif for it",
        SOON,
        () ->
            rows(parent.host(), "vif").stream()
                .noneMatch(row -> row.path("port").asString().equals(sub)));
  }

  private static void theRestGoesOnWithoutAHost(Cluster cluster, Tenant tenant) {
    ComputeHost lost = cluster.host("h2");
    lost.vrouter().close();
    lost.namespace().ip("link set dev eth0 down");
    List<String> rest = List.of("gh1", "gh3", "gx");
    for (String name : new TreeSet<>(rest)) {
      reachesEachOnce(tenant, name, rest);
    }
  }
}
