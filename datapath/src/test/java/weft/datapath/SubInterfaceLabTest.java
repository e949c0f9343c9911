package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Label;
import weft.net.MacAddress;
import weft.vrouter.BridgeEntry;
import weft.vrouter.DropReason;
import weft.vrouter.InetRoute;
import weft.vrouter.InetRoute.Arp;
import weft.vrouter.LabelEntry;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey.BridgeKey;
import weft.vrouter.TableKey.InetRouteKey;
import weft.vrouter.TableKey.LabelKey;
import weft.vrouter.TableKey.NextHopKey;
import weft.vrouter.TableKey.VifKey;
import weft.vrouter.Vif;

/** A guest with a VLAN device on its port, which is a port of its own in another network. */
@Tag("lab")
class SubInterfaceLabTest {
  private static final int SUB = 4;
  private static final int VLAN = 100;
  private static final int NH_L3 = 40;
  private static final int NH_L2 = 41;
  private static final String IP_SUB = "10.2.2.6";
  private static final MacAddress MAC = PacketLab.mac(SUB);
  private static TwoHosts hosts;
  private static Namespace guest;
  private static VlanDevice vlan;
  private static VlanDevice other;

  @BeforeAll
  static void build() {
    hosts = new TwoHosts("vl");
    guest = hosts.a.namespace();
    vlan = new VlanDevice(guest, "v100", VLAN, MAC, IP_SUB + "/24");
    other = new VlanDevice(guest, "v200", 200, PacketLab.mac(5), "10.3.3.3/24");
    // What the device's stand-in copies must be whole packets with their checksums.
    hosts.c.namespace().exec("ethtool -K eth0 tx off tso off gso off >/dev/null");
    guest.exec("ip neigh add 10.3.3.4 lladdr 02:00:00:00:33:04 dev v200");
  }

  @AfterAll
  static void close() {
    vlan.close();
    other.close();
    hosts.close();
    assertThat(Namespace.sh("cat /proc/sys/kernel/tainted").strip()).isEqualTo("0");
  }

  private static void use(Encapsulation encapsulation) {
    hosts.use(encapsulation);
    InetRouteKey address = new InetRouteKey(2, IpPrefix.parse(IP_SUB + "/32"));
    hosts.put(
        0,
        Map.of(
            new VifKey(SUB),
            vif(),
            new NextHopKey(NH_L3),
            new NextHop.EncapL3(SUB),
            new NextHopKey(NH_L2),
            new NextHop.EncapL2(SUB),
            new LabelKey(new Label(NH_L3)),
            new LabelEntry(NH_L3),
            new BridgeKey(2, MAC),
            new BridgeEntry(NH_L2, -1),
            new BridgeKey(2, MacAddress.BROADCAST),
            new BridgeEntry(NH_L2, -1),
            address,
            new InetRoute(NH_L3, -1, Arp.STITCHED, MAC, 200, new TreeSet<>())));
    InetRoute toA = (InetRoute) hosts.applied(1).get(new InetRouteKey(2, ofA()));
    hosts.put(
        1,
        Map.of(
            address, new InetRoute(toA.nextHop(), NH_L3, Arp.PROXY, null, 200, new TreeSet<>())));
    InetRouteKey c = new InetRouteKey(2, IpPrefix.parse(TwoHosts.IP_C + "/32"));
    InetRoute toC = (InetRoute) hosts.applied(0).get(c);
    hosts.put(
        0,
        Map.of(
            c, new InetRoute(toC.nextHop(), toC.label(), Arp.PROXY, null, 200, new TreeSet<>())));
  }

  private static IpPrefix ofA() {
    return IpPrefix.parse(TwoHosts.IP_A + "/32");
  }

  private static Vif vif() {
    Vif parent = (Vif) hosts.applied(0).get(new VifKey(hosts.a.id()));
    return new Vif(
        Vif.Kind.VIRTUAL,
        parent.device(),
        parent.ifindex(),
        MAC,
        2,
        IpAddress.parse(IP_SUB),
        new TreeSet<>(),
        0,
        0,
        0,
        parent.flags(),
        new TreeSet<>(java.util.List.of(TwoHosts.gateway(2))),
        new UUID(0, SUB),
        VLAN,
        0);
  }

  private static String ping(Namespace from, String options, String to) {
    return from.exec("ping -n -W 2 " + options + " " + to + " || true");
  }

  @ParameterizedTest
  @EnumSource
  void reachesItsOwnNetworkBothWays(Encapsulation encapsulation) throws InterruptedException {
    use(encapsulation);
    guest.exec("ip neigh flush all nud reachable nud stale nud delay nud probe");
    hosts.c.namespace().exec("ip neigh flush all");
    assertThat(ping(guest, "-I v100 -c 3 -i 0.05", TwoHosts.IP_C)).contains(" 0% packet loss");
    assertThat(ping(hosts.c.namespace(), "-c 3 -i 0.05", IP_SUB)).contains(" 0% packet loss");
    assertThat(ping(guest, "-c 3 -i 0.05", TwoHosts.IP_B)).contains(" 0% packet loss");
    assertThat(ping(guest, "-I v100 -c 2 -i 0.05 -s 1400", TwoHosts.IP_C))
        .contains(" 0% packet loss");
    download(guest, hosts.c.namespace(), TwoHosts.IP_C);
    download(hosts.c.namespace(), guest, IP_SUB);
    assertThat(hosts.flows(0)).anyMatch(flow -> flow.key().vif() == SUB);
  }

  /** A megabyte by TCP. */
  private static void download(Namespace client, Namespace server, String address)
      throws InterruptedException {
    Process listening = server.start("iperf3", "-s", "-1");
    String report =
        client.exec(
            "for i in 1 2 3 4 5 6 7 8 9; do timeout 30 iperf3 -R -c %s -n 1M && exit 0; sleep 0.2; done; exit 1"
                .formatted(address));
    listening.destroy();
    listening.waitFor();
    assertThat(report).contains("receiver");
  }

  @Test
  void isHeldToItsOwnAddresses() {
    use(Encapsulation.MPLS_O_UDP);
    long before = drops(SUB, DropReason.INVALID_SOURCE);
    guest.exec("ip addr add 10.2.2.66/24 dev v100");
    try {
      String answer = ping(guest, "-I 10.2.2.66 -c 1", TwoHosts.IP_C);
      assertThat(answer).contains("100% packet loss");
    } finally {
      guest.exec("ip addr del 10.2.2.66/24 dev v100");
    }
    assertThat(drops(SUB, DropReason.INVALID_SOURCE)).isGreaterThan(before);
  }

  @Test
  void anotherTagIsOfNoPort() {
    use(Encapsulation.MPLS_O_UDP);
    long before = drops(hosts.a.id(), DropReason.NO_SUB_INTERFACE);
    assertThat(ping(guest, "-I v200 -c 2 -i 0.05", "10.3.3.4")).contains("100% packet loss");
    assertThat(drops(hosts.a.id(), DropReason.NO_SUB_INTERFACE)).isGreaterThanOrEqualTo(before + 2);
  }

  @Test
  void staysOverARestartAndGoesWhenTakenAway() {
    use(Encapsulation.MPLS_O_UDP);
    hosts.leave(0);
    assertThat(ping(guest, "-I v100 -c 3 -i 0.05", TwoHosts.IP_C)).contains(" 0% packet loss");
    hosts.takeOver(0);
    assertThat(hosts.datapath(0).contents()).isEqualTo(hosts.applied(0));
    hosts.remove(0, new VifKey(SUB));
    assertThat(ping(guest, "-I v100 -c 1", TwoHosts.IP_C)).contains("100% packet loss");
    assertThat(ping(guest, "-c 3 -i 0.05", TwoHosts.IP_B)).contains(" 0% packet loss");
  }

  private static long drops(int vif, DropReason reason) {
    return hosts.datapath(0).vifDrops().getOrDefault(vif, Map.of()).getOrDefault(reason, 0L);
  }
}
