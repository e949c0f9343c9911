package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.vrouter.FatFlows;
import weft.vrouter.Flow;
import weft.vrouter.InetRoute;
import weft.vrouter.NextHop;
import weft.vrouter.PortPool;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.InetRouteKey;
import weft.vrouter.TableValue;

/** Real packets between real guests: what single packets cannot show (GSO, checksums, restarts). */
@Tag("lab")
class TrafficLabTest {
  private static final Pattern RATE = Pattern.compile("([0-9.]+) Mbits/sec +receiver");
  private static TwoHosts hosts;

  @BeforeAll
  static void build() {
    hosts = new TwoHosts("tr");
  }

  @AfterAll
  static void close() {
    hosts.close();
    assertThat(Namespace.sh("cat /proc/sys/kernel/tainted").strip()).isEqualTo("0");
  }

  @ParameterizedTest
  @EnumSource
  void guestsReachEachOther(Encapsulation encapsulation) {
    hosts.use(encapsulation);
    assertThat(ping(TwoHosts.IP_B, "-c 3 -i 0.05")).contains(" 0% packet loss");
    assertThat(ping(TwoHosts.IP_C, "-c 3 -i 0.05")).contains(" 0% packet loss");
    assertThat(ping(TwoHosts.IP_B, "-c 2 -i 0.05 -s 1472 -M do")).contains(" 0% packet loss");
    assertThat(ping(TwoHosts.IP_C, "-c 2 -i 0.05 -s 1472 -M do")).contains(" 0% packet loss");
    assertThat(ping(TwoHosts.IP_B, "-c 2 -i 0.05 -s 4000")).contains(" 0% packet loss");
    hosts.a.namespace().exec("ip neigh flush all");
  }

  @ParameterizedTest
  @EnumSource
  void aStreamPassesWhole(Encapsulation encapsulation) throws InterruptedException {
    hosts.use(encapsulation);
    stream(encapsulation, hosts.b);
    stream(encapsulation, hosts.c);
  }

  /** A device without offloads for tunnels, as most are, makes the kernel cut streams before it. */
  @ParameterizedTest
  @EnumSource
  void aStreamPassesInSegments(Encapsulation encapsulation) throws InterruptedException {
    hosts.use(encapsulation);
    offloads("off");
    try {
      stream(encapsulation, hosts.b);
      stream(encapsulation, hosts.c);
    } finally {
      offloads("on");
    }
  }

  private static void offloads(String state) {
    for (int host = 0; host < 2; host++) {
      hosts
          .host(host)
          .exec(
              "ethtool -K ul tso %1$s gso %1$s tx-gre-segmentation %1$s tx-udp_tnl-segmentation %1$s tx %1$s"
                  .formatted(state));
    }
  }

  private static void stream(Encapsulation encapsulation, TwoHosts.Guest to, String options)
      throws InterruptedException {
    stream(encapsulation, hosts.a.namespace(), to.namespace(), to.address() + " " + options);
  }

  /** A TCP stream must be far faster than one that is sent again packet by packet. */
  private static void stream(Encapsulation encapsulation, TwoHosts.Guest to)
      throws InterruptedException {
    stream(encapsulation, hosts.a.namespace(), to.namespace(), to.address());
  }

  static void stream(Encapsulation encapsulation, Namespace from, Namespace to, String address)
      throws InterruptedException {
    Process server = to.start("iperf3", "-s", "-1");
    String client =
        "for i in 1 2 3 4 5 6 7 8 9; do timeout 10 iperf3 -f m -c %s -n 100M && exit 0; done; exit 1"
            .formatted(address);
    String report = from.exec(client);
    server.destroy();
    server.waitFor();
    Matcher rate = RATE.matcher(report);
    assertThat(rate.find()).as(report).isTrue();
    assertThat(Double.parseDouble(rate.group(1)))
        .as("Mbit/s in %s to %s", encapsulation, address)
        .isGreaterThan(100);
  }

  @ParameterizedTest
  @EnumSource
  void askedForByBroadcast(Encapsulation encapsulation) {
    hosts.use(encapsulation);
    TableKey key = new InetRouteKey(1, IpPrefix.parse(TwoHosts.IP_B + "/32"));
    InetRoute known = (InetRoute) hosts.applied(0).get(key);
    hosts.put(
        0,
        Map.of(
            key,
            new InetRoute(
                known.nextHop(),
                known.label(),
                InetRoute.Arp.FLOOD,
                null,
                known.virtualNetwork(),
                known.securityGroups())));
    hosts.a.namespace().exec("ip neigh flush all");
    hosts.b.namespace().exec("echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_broadcasts");
    assertThat(ping(TwoHosts.IP_B, "-c 2 -i 0.05")).contains(" 0% packet loss");
    assertThat(hosts.a.namespace().exec("ip neigh show " + TwoHosts.IP_B))
        .contains(hosts.b.mac().toString());
    assertThat(ping("10.1.1.255", "-b -c 2 -i 0.05")).contains(" 0% packet loss");
    hosts.put(0, Map.of(key, known));
  }

  /** C knows A by an address of its own network only, and both begin. */
  @ParameterizedTest
  @EnumSource
  void byAFloatingAddress(Encapsulation encapsulation) throws InterruptedException {
    hosts.use(encapsulation);
    hosts.floating();
    try {
      String pings =
          hosts.c.namespace().exec("ping -q -W 1 -c 3 -i 0.05 " + TwoHosts.FLOATING_A + " || true");
      assertThat(pings).contains(" 0% packet loss");
      stream(encapsulation, hosts.c.namespace(), hosts.a.namespace(), TwoHosts.FLOATING_A);
      assertThat(ping(TwoHosts.IP_C, "-c 3 -i 0.05")).contains(" 0% packet loss");
      assertThat(
              hosts.flows(0).stream()
                  .filter(flow -> flow.nat() != null)
                  .map(flow -> flow.key().source().toString())
                  .distinct()
                  .toList())
          .containsExactlyInAnyOrder(TwoHosts.IP_A, TwoHosts.IP_C);
    } finally {
      hosts.notFloating();
    }
  }

  /** Real connections, of which both ends keep a flow each for all. */
  @Test
  void manyConnectionsShareAFlow() throws InterruptedException {
    hosts.use(Encapsulation.MPLS_O_UDP);
    FatFlows.Rule rule = new FatFlows.Rule(6, 5201, FatFlows.End.KEPT, FatFlows.End.KEPT);
    TableKey atA = new TableKey.FatFlowKey(hosts.a.id());
    TableKey atB = new TableKey.FatFlowKey(hosts.b.id());
    hosts.put(0, Map.of(atA, new FatFlows(List.of(rule))));
    hosts.put(1, Map.of(atB, new FatFlows(List.of(rule))));
    try {
      for (int host = 0; host < 2; host++) {
        hosts.datapath(host).age(Duration.ZERO);
      }
      stream(Encapsulation.MPLS_O_UDP, hosts.b, "-P 8");
      for (int host = 0; host < 2; host++) {
        assertThat(hosts.flows(host).stream().filter(flow -> flow.key().protocol() == 6))
            .as("flows of nine connections")
            .hasSize(2)
            .allMatch(flow -> flow.shared() != null && flow.packets() > 100);
      }
    } finally {
      hosts.remove(0, atA);
      hosts.remove(1, atB);
    }
  }

  /** A server of the underlay sees the host, and a port of it for each of the guest's. */
  @Test
  void aGuestReachesTheUnderlayByItsHostsAddress() throws IOException, InterruptedException {
    hosts.use(Encapsulation.MPLS_O_UDP);
    TableKey way = new InetRouteKey(1, IpPrefix.parse("0.0.0.0/0"));
    Path files = Files.createTempDirectory("weft-www");
    byte[] content = new byte[3_000_000];
    new Random(1).nextBytes(content);
    Files.write(files.resolve("file"), content);
    Process server =
        hosts.host(1).start("busybox", "httpd", "-f", "-p", "8080", "-h", files.toString());
    try {
      hosts.put(0, outside(way));
      String get = "curl -s -m 20 --retry 9 --retry-connrefused http://172.31.0.12:8080/file";
      assertThat(hosts.a.namespace().exec(get + " | sha256sum").strip())
          .isEqualTo(Namespace.sh("sha256sum < " + files + "/file").strip());
      assertThat(ping("172.31.0.12", "-c 3 -i 0.05")).contains(" 0% packet loss");
      stream(Encapsulation.MPLS_O_UDP, hosts.a.namespace(), hosts.host(1), "172.31.0.12 -p 5201");
      hosts.leave(0);
      assertThat(ping("172.31.0.12", "-c 3 -i 0.05")).contains(" 0% packet loss");
      hosts.takeOver(0);
      assertThat(hosts.a.namespace().exec(get + " | wc -c").strip()).isEqualTo("3000000");
      assertThat(hosts.flows(0).stream().filter(Flow::outward)).isNotEmpty();
    } finally {
      server.destroy();
      server.waitFor();
      hosts.remove(0, way);
      Files.delete(files.resolve("file"));
      Files.delete(files);
    }
    assertThat(ping("172.31.0.12", "-c 1")).contains("100% packet loss");
  }

  private static Map<TableKey, TableValue> outside(TableKey way) {
    PortPool pool = new PortPool(List.of(new PortPool.Range(61000, 65535)));
    Map<TableKey, TableValue> tables = new HashMap<>();
    tables.put(new TableKey.NextHopKey(800), new NextHop.Underlay());
    tables.put(way, new InetRoute(800, -1, InetRoute.Arp.PROXY, null, 300, new TreeSet<>()));
    for (int protocol : new int[] {1, 6, 17}) {
      tables.put(new TableKey.PortPoolKey(protocol), pool);
    }
    return tables;
  }

  /** An underlay that is too small for the guests' packets: they are told, and nothing stalls. */
  @ParameterizedTest
  @EnumSource
  void throughANarrowUnderlay(Encapsulation encapsulation) throws InterruptedException {
    hosts.use(encapsulation);
    mtu(1400);
    try {
      assertThat(ping(TwoHosts.IP_C, "-c 1 -t 1"))
          .as("first hop of a trace")
          .contains("From 10.1.1.1 ", "Time to live exceeded");
      assertThat(ping(TwoHosts.IP_C, "-c 1 -s 1400 -M do"))
          .contains("From 10.1.1.1 ", "Frag needed and DF set (mtu = 13");
      assertThat(ping(TwoHosts.IP_C, "-c 4 -i 0.05 -s 1400 -M dont"))
          .as("the guest is told at most once more, and cuts by itself")
          .containsPattern(" [34] received");
      hosts.a.namespace().exec("ip route flush cache");
      stream(encapsulation, hosts.b);
      stream(encapsulation, hosts.c);
      offloads("off");
      stream(encapsulation, hosts.c);
    } finally {
      offloads("on");
      mtu(1600);
      hosts.a.namespace().exec("ip route flush cache");
    }
  }

  private static void mtu(int mtu) {
    for (int host = 0; host < 2; host++) {
      hosts.host(host).exec("ip link set ul mtu " + mtu);
    }
  }

  @Test
  void aRestartLosesNoPacket() throws IOException, InterruptedException {
    hosts.use(Encapsulation.MPLS_O_UDP);
    Process ping =
        hosts.a.namespace().start("ping", "-q", "-i", "0.005", "-c", "400", TwoHosts.IP_B);
    for (int i = 0; i < 4; i++) {
      for (int host = 0; host < 2; host++) {
        hosts.leave(host);
        hosts.takeOver(host);
      }
    }
    String output = new String(ping.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(ping.waitFor()).as(output).isZero();
    assertThat(output).contains("400 received");
  }

  @Test
  void anotherLayoutOfTablesLosesNoPacket() throws IOException, InterruptedException {
    hosts.use(Encapsulation.MPLS_O_UDP);
    Process ping =
        hosts.a.namespace().start("ping", "-q", "-i", "0.005", "-c", "400", TwoHosts.IP_B);
    hosts.upgrade(0);
    hosts.upgrade(1);
    assertThat(hosts.datapath(0).contents()).isEmpty();
    hosts.use(Encapsulation.MPLS_O_UDP);
    String output = new String(ping.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(ping.waitFor()).as(output).isZero();
    assertThat(output).contains("400 received");
    assertThat(hosts.datapath(0).contents()).isEqualTo(hosts.applied(0));
  }

  @Test
  void allGoesOnWhileNobodyIsThere() {
    hosts.use(Encapsulation.VXLAN);
    hosts.b.namespace().exec("echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_broadcasts");
    hosts.leave(0);
    hosts.leave(1);
    hosts.a.namespace().exec("ip neigh flush all");
    hosts.b.namespace().exec("ip neigh flush all");
    String bridged = ping(TwoHosts.IP_B, "-c 3 -i 0.05");
    String routed = ping(TwoHosts.IP_C, "-c 3 -i 0.05");
    String broadcast = ping("10.1.1.255", "-b -c 3 -i 0.05");
    hosts.takeOver(0);
    hosts.takeOver(1);
    assertThat(bridged).contains(" 0% packet loss");
    assertThat(routed).contains(" 0% packet loss");
    assertThat(broadcast).contains(" 0% packet loss");
    assertThat(hosts.datapath(0).contents()).isEqualTo(hosts.applied(0));
  }

  private static String ping(String to, String options) {
    return hosts.a.namespace().exec("ping -n -W 1 " + options + " " + to + " || true");
  }
}
