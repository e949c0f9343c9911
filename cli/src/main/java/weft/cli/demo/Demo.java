package weft.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Capture;
import weft.lab.Cluster;
import weft.lab.ComputeHost;
import weft.lab.Guest;
import weft.lab.LabException;
import weft.lab.OuterPacket;
import weft.lab.Ping;
import weft.lab.Tenant;

/**
 * The main job of Weft on one machine: two compute hosts, two tenants with the same subnet, packets
 * across.
 *
 * <p>All objects are made through the public REST API, all guests are plugged by the port API, all
 * claims are checked on the real thing.
 */
final class Demo implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String SUBNET = "10.1.1.0/24";
  private static final String TUNNELS = "udp port 6635 or udp port 4789 or ip proto 47";

  /** Runs a `weft` command in this process and returns its exit code. */
  interface Shell {
    int run(String... arguments);
  }

  private final Narrator narrator;
  private final Shell shell;
  private final Cluster cluster;
  private final ApiClient api;
  private final ApiClient control;
  private final Map<String, ApiClient> vrouters = new LinkedHashMap<>();
  private final Map<String, Tenant> tenants = new LinkedHashMap<>();

  private Demo(Narrator narrator, Shell shell, Cluster cluster) {
    this.narrator = narrator;
    this.shell = shell;
    this.cluster = cluster;
    this.api = new ApiClient(cluster.api());
    this.control = new ApiClient(cluster.control());
    cluster.hosts().forEach(host -> vrouters.put(host.name(), new ApiClient(host.introspection())));
  }

  /** Makes the fabric and starts the programs. */
  static Demo start(Narrator narrator, Shell shell, String lab) {
    narrator.chapter("A fabric on this machine, and the programs on it");
    Cluster cluster = Cluster.start(lab, List.of("h1", "h2"));
    narrator.say(
        "underlay 172.31.0.0/24 with MTU 1600; compute hosts h1 %s and h2 %s are network namespaces"
            .formatted(cluster.host("h1").address(), cluster.host("h2").address()));
    narrator.say(
        "weft controller is process %d, weft vrouter %d on h1 and %d on h2; logs in %s"
            .formatted(
                cluster.controller().pid(),
                cluster.host("h1").vrouter().pid(),
                cluster.host("h2").vrouter().pid(),
                cluster.directory()));
    return new Demo(narrator, shell, cluster);
  }

  Cluster cluster() {
    return cluster;
  }

  ApiClient api() {
    return api;
  }

  Tenant tenant(String name) {
    Tenant tenant = tenants.get(name);
    if (tenant == null) {
      throw new LabException("no tenant " + name);
    }
    return tenant;
  }

  /** Projects, networks, guests, addresses: until packets flow. */
  void bringUp() {
    narrator.chapter("Two tenants with the same subnet, through the REST API");
    cluster.awaitApi(SOON);
    narrator.say("config API answers after " + narrator.elapsed().toMillis() + " ms");
    Tenant.registerHosts(api, cluster.hosts());
    for (String name : List.of("a", "b")) {
      Tenant tenant = Tenant.create(api, name, SUBNET);
      tenants.put(name, tenant);
      tenant.addGuest("1" + name, cluster.host("h1"));
      tenant.addGuest("2" + name, cluster.host("h2"));
      narrator.say(
          "project %s: network %s %s, guests 1%s %s on h1 and 2%s %s on h2"
              .formatted(
                  name,
                  tenant.network().name(),
                  SUBNET,
                  name,
                  tenant.address("1" + name),
                  name,
                  tenant.address("2" + name)));
    }
    narrator.chapter(
        "Each guest asks for its address by DHCP, and guests of one network reach each other");
    for (Tenant tenant : tenants.values()) {
      for (String guest : tenant == tenants.get("a") ? List.of("1a", "2a") : List.of("1b", "2b")) {
        narrator.check("guest " + guest + " is configured by DHCP", () -> dhcp(tenant, guest));
      }
    }
    narrator.check("1a pings 2a on the other host", () -> pings("a", "1a", "2a"));
    narrator.check("1b pings 2b on the other host", () -> pings("b", "1b", "2b"));
    narrator.say("packets flow %d ms after the start".formatted(narrator.elapsed().toMillis()));
    narrator.check(
        "ARP is answered by the local vRouter: 2a sees no request from 1a", this::arpIsLocal);
  }

  private String dhcp(Tenant tenant, String guest) {
    List<String> lease = tenant.guest(guest).dhcp(SOON);
    String wanted = "address " + tenant.address(guest) + "/24";
    if (!lease.contains(wanted)) {
      throw new LabException("the API says " + wanted + ", DHCP said " + lease);
    }
    return String.join(", ", lease);
  }

  private String pings(String tenant, String from, String to) {
    Guest guest = tenant(tenant).guest(from);
    String address = tenant(tenant).address(to);
    Await.until(from + " pings " + address, SOON, () -> guest.pings(address));
    return guest
        .namespace()
        .run("ping", "-n", "-c", "3", "-i", "0.2", "-W", "1", address)
        .output()
        .lines()
        .filter(line -> line.startsWith("rtt"))
        .findFirst()
        .orElseThrow(() -> new LabException("no answer"));
  }

  private String arpIsLocal() {
    Guest from = tenant("a").guest("1a");
    Guest to = tenant("a").guest("2a");
    String source = tenant("a").address("1a");
    String target = tenant("a").address("2a");
    from.namespace().ip("neigh flush dev eth0");
    try (Capture capture =
        Capture.start(
            to.namespace(),
            "eth0",
            "arp[7] = 1 and src host " + source,
            cluster.directory().resolve("arp.pcap"))) {
      if (!from.pings(target)) {
        throw new LabException("no answer");
      }
      if (!capture.frames().isEmpty()) {
        throw new LabException("a request reached 2a");
      }
    }
    return from.namespace().run("ip", "neigh", "show", target).output().strip();
  }

  /** Shows what the tables hold. */
  void showTables() {
    narrator.chapter("What the control node and the vRouters hold");
    narrator.check("both vRouters are Established", this::peersEstablished);
    show("peers");
    for (String host : List.of("h1", "h2")) {
      show("rt", "--on", host, "--vrf", tenant("a").network().vrf());
      show("bridge", "--on", host, "--vrf", tenant("a").network().vrf());
      show("nh", "--on", host);
    }
    narrator.check("the ping's flow is in the table of h1", this::pingFlow);
    show("flow", "--on", "h1");
    show(
        "trace",
        "--on",
        "h1",
        "--vif",
        tenant("a").guest("1a").tap(),
        "--src",
        tenant("a").address("1a"),
        "--dst",
        tenant("a").address("2a"),
        "--proto",
        "icmp");
  }

  private void show(String... arguments) {
    narrator.say("$ weft " + String.join(" ", arguments));
    narrator.check(
        "weft " + arguments[0] + " answers",
        () -> {
          int exit = shell.run(arguments);
          if (exit != 0) {
            throw new LabException("exit code " + exit);
          }
          return "";
        });
  }

  private String peersEstablished() {
    Await.until("two XMPP peers Established", SOON, () -> establishedPeers().size() == 2);
    return String.join(", ", establishedPeers());
  }

  private Set<String> establishedPeers() {
    Set<String> names = new TreeSet<>();
    for (JsonNode peer : control.rows("peers", "/peers")) {
      if (peer.path("type").asString().equals("XMPP")
          && peer.path("state").asString().equals("Established")) {
        names.add(peer.path("peer").asString());
      }
    }
    return names;
  }

  private String pingFlow() {
    String from = tenant("a").address("1a");
    String to = tenant("a").address("2a");
    tenant("a").guest("1a").pings(to);
    JsonNode flow =
        Await.value(
            "flow " + from + " > " + to,
            Duration.ofSeconds(5),
            () ->
                rows("h1", "flow").stream()
                    .filter(row ->
                        row.path("source").asString().startsWith(from)
                            && row.path("destination").asString().startsWith(to))
                    .findFirst()
                    .orElse(null));
    return flow.toString();
  }

  /**
   * Changes the encapsulation by the API while packets flow, and reads the outer packet each time.
   */
  void changeEncapsulation() {
    narrator.chapter("The encapsulation changes live, by one call to the API");
    for (String first : List.of("MPLSoUDP", "MPLSoGRE", "VXLAN")) {
      narrator.check("outer packets are " + first, () -> captured(first));
    }
    Tenant.encapsulations(api, List.of("MPLSoUDP", "MPLSoGRE", "VXLAN"));
  }

  private String captured(String first) {
    Tenant.encapsulations(api, order(first));
    Path file = cluster.directory().resolve(first + ".pcap");
    try (Capture capture = Capture.start(cluster.host("h1").namespace(), "eth0", TUNNELS, file)) {
      OuterPacket packet =
          Await.value(
              "a packet in " + first,
              SOON,
              () -> {
                tenant("a").guest("1a").pings(tenant("a").address("2a"));
                return capture.frames().reversed().stream()
                    .map(OuterPacket::decode)
                    .filter(outer -> outer.encapsulation().equals(first))
                    .findFirst()
                    .orElse(null);
              });
      narrator.lines(packet.lines());
    }
    return pings("a", "1a", "2a");
  }

  private static List<String> order(String first) {
    List<String> order = new java.util.ArrayList<>(List.of("MPLSoUDP", "MPLSoGRE", "VXLAN"));
    order.remove(first);
    order.addFirst(first);
    return order;
  }

  /** Shows that the tenants do not meet, and that policy acts at once. */
  void showIsolation() {
    narrator.chapter("Tenants do not meet, and policy acts at once");
    narrator.check(
        "five pings of 1a reach 2a and none the same address of tenant b", this::isolated);
    narrator.check(
        "without the ICMP rule the ping stops within a second, and the counter names why",
        this::ruleRemoved);
    show("drops", "--on", "h2");
    narrator.check("with the rule back the ping goes on", this::ruleRestored);
  }

  /** Joins a second network to the first: from no route to packets that are routed by label. */
  void joinNetworks() {
    narrator.chapter("A policy joins two networks, and packets are routed between them");
    Tenant tenant = tenant("a");
    Tenant.Network second = tenant.addNetwork("net-a2", "10.1.2.0/24");
    tenant.addGuest("3a", second, cluster.host("h2"));
    narrator.say(
        "network " + second.name() + " 10.1.2.0/24, guest 3a " + tenant.address("3a") + " on h2");
    narrator.check("guest 3a is configured by DHCP", () -> dhcp(tenant, "3a"));
    narrator.check("without a policy 1a does not reach 3a", this::notJoined);
    tenant.join(tenant.network(), second);
    narrator.check("with it 1a pings 3a in the other network", () -> pings("a", "1a", "3a"));
    show(
        "trace",
        "--on",
        "h1",
        "--vif",
        tenant.guest("1a").tap(),
        "--src",
        tenant.address("1a"),
        "--dst",
        tenant.address("3a"),
        "--proto",
        "icmp");
  }

  private String notJoined() {
    if (answers(tenant("a").guest("1a"), tenant("a").address("3a"))) {
      throw new LabException("it answered");
    }
    return "";
  }

  private String isolated() {
    long own = echoesSeen(tenant("a").guest("2a"));
    long other = echoesSeen(tenant("b").guest("2b"));
    for (int i = 0; i < 5; i++) {
      if (!tenant("a").guest("1a").pings(tenant("a").address("2a"))) {
        throw new LabException("no answer");
      }
    }
    long ownNew = echoesSeen(tenant("a").guest("2a")) - own;
    long otherNew = echoesSeen(tenant("b").guest("2b")) - other;
    if (ownNew != 5 || otherNew != 0) {
      throw new LabException("2a saw " + ownNew + " requests, 2b saw " + otherNew);
    }
    return "2a saw 5 requests, 2b saw 0, both are " + tenant("b").address("2b");
  }

  /** Echo requests that the kernel of a guest has counted. */
  private static long echoesSeen(Guest guest) {
    List<String[]> icmp =
        guest
            .namespace()
            .run("cat", "/proc/net/snmp")
            .orThrow()
            .lines()
            .filter(line -> line.startsWith("Icmp:"))
            .map(line -> line.split(" "))
            .toList();
    for (int i = 0; i < icmp.getFirst().length; i++) {
      if (icmp.getFirst()[i].equals("InEchos")) {
        return Long.parseLong(icmp.get(1)[i]);
      }
    }
    throw new LabException("the kernel does not count echo requests");
  }

  private String ruleRemoved() {
    Guest guest = tenant("a").guest("1a");
    String address = tenant("a").address("2a");
    long before = drops("h2", "SECURITY_GROUP_IN");
    long start = System.nanoTime();
    tenant("a").allowIcmp(false);
    Await.until(
        "the ping stops",
        Duration.ofSeconds(5),
        () -> drops("h2", "SECURITY_GROUP_IN") > before || !answers(guest, address));
    long tookMs = (System.nanoTime() - start) / 1_000_000;
    Await.until("no answer", Duration.ofSeconds(2), () -> !answers(guest, address));
    long after = drops("h2", "SECURITY_GROUP_IN");
    if (tookMs > 1000 || after <= before) {
      throw new LabException(
          "took " + tookMs + " ms; SECURITY_GROUP_IN went from " + before + " to " + after);
    }
    return "after "
        + tookMs
        + " ms; h2 counts "
        + (after - before)
        + " dropped as SECURITY_GROUP_IN";
  }

  private static boolean answers(Guest guest, String address) {
    return guest.namespace().run("ping", "-n", "-c", "1", "-W", "0.2", address).ok();
  }

  private long drops(String host, String reason) {
    return rows(host, "drops").stream()
        .filter(row -> row.path("reason").asString().equals(reason))
        .mapToLong(row -> row.path("packets").asLong())
        .sum();
  }

  /** A table of a host's vRouter. */
  private List<JsonNode> rows(String host, String table) {
    ApiClient vrouter = vrouters.get(host);
    if (vrouter == null) {
      throw new LabException("no host " + host);
    }
    return vrouter.rows(table, "/" + table);
  }

  private String ruleRestored() {
    tenant("a").allowIcmp(true);
    return pings("a", "1a", "2a");
  }

  /** Kills programs under a running ping. */
  void showSurvival() {
    narrator.chapter("Programs die, packets do not");
    narrator.check(
        "kill -9 of the vRouter agent on h1 loses no packet", () -> survives(this::killAgent));
    narrator.check(
        "kill -9 of the controller loses no packet", () -> survives(this::killController));
    narrator.check("1a still pings 2a", () -> pings("a", "1a", "2a"));
  }

  private String survives(Runnable disaster) {
    try (Ping ping = Ping.start(tenant("a").guest("1a"), tenant("a").address("2a"), 20)) {
      Await.until(
          "ping runs", Duration.ofSeconds(5), () -> echoesSeen(tenant("a").guest("2a")) > 0);
      disaster.run();
      Ping.Count count = ping.stop();
      if (count.lost() > 0 || count.sent() < 50) {
        throw new LabException(count.lost() + " of " + count.sent() + " lost");
      }
      return count.sent() + " sent, 0 lost";
    }
  }

  private void killAgent() {
    ComputeHost host = cluster.host("h1");
    host.vrouter().kill();
    waitFor(Duration.ofSeconds(1));
    host.vrouter().restart();
    Await.until("agent of h1 answers", SOON, () -> !rows("h1", "vif").isEmpty());
    Await.until("both peers Established", SOON, () -> establishedPeers().size() == 2);
    waitFor(Duration.ofSeconds(3));
  }

  private void killController() {
    cluster.controller().kill();
    waitFor(Duration.ofSeconds(1));
    cluster.controller().restart();
    cluster.awaitApi(SOON);
    Await.until("both peers Established", SOON, () -> establishedPeers().size() == 2);
    waitFor(Duration.ofSeconds(3));
  }

  /** Lets packets flow for a while. */
  private static void waitFor(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    Await.until("time passes", time.plusSeconds(5), () -> System.nanoTime() - end > 0);
  }

  /**
   * @throws IOException if the terminal is gone
   */
  void whatNext() throws IOException {
    narrator.chapter("What to try next, in another terminal");
    narrator.say(
        "./weft status | peers | list virtual-networks | rt --on h1 --vrf "
            + tenant("a").network().vrf());
    narrator.say("./weft flow --on h1 | drops --on h2 | vif --on h1 | nh --on h1 | acl --on h2");
    narrator.say(
        "./weft trace --on h1 --vif %s --src %s --dst %s --proto tcp --sport 1000 --dport 22"
            .formatted(
                tenant("a").guest("1a").tap(),
                tenant("a").address("1a"),
                tenant("a").address("2a")));
    narrator.say(
        "nsenter --net=/run/netns/"
            + tenant("a").guest("1a").namespace().name()
            + " ping "
            + tenant("a").address("2a"));
    narrator.say("curl -s " + cluster.api() + "/virtual-networks");
  }

  /** Lets the files stay after the end and says where they are. */
  Path keepFiles() {
    cluster.keepFiles();
    return cluster.directory();
  }

  @Override
  public void close() {
    cluster.close();
  }
}
