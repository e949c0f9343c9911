package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.HERE;
import static weft.datapath.PacketLab.IP_A;
import static weft.datapath.PacketLab.MAC_A;
import static weft.datapath.PacketLab.THERE;
import static weft.datapath.Packets.data;
import static weft.datapath.Packets.ethernet;
import static weft.datapath.Packets.ipv4;
import static weft.datapath.Packets.udp;
import static weft.net.MacAddress.GATEWAY;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.vrouter.InetRoute;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey.InetRouteKey;
import weft.vrouter.TableKey.NextHopKey;
import weft.vrouter.TableKey.VifKey;

/** Hosts that ask whether this one lives, and hosts that live no more. */
@Tag("lab")
class SilentHostsLabTest {
  private static final String ELSEWHERE = "172.31.0.13";
  private static final int ECHO = 3785;
  private static final int NEAR = 901;
  private static final int FAR = 902;
  private static final int BOTH = 903;
  private PacketLab lab;

  @BeforeEach
  void open() {
    lab = new PacketLab("sh");
    lab.put(new VifKey(A), lab.vif(A, 0, 0, 0));
    lab.put(new NextHopKey(NEAR), tunnel(THERE));
    lab.put(new NextHopKey(FAR), tunnel(ELSEWHERE));
    lab.put(
        new NextHopKey(BOTH),
        new NextHop.Ecmp(
            List.of(
                new NextHop.Member(NEAR, 101),
                new NextHop.Member(0, -1),
                new NextHop.Member(FAR, 102))));
    lab.put(
        new InetRouteKey(1, IpPrefix.parse("10.8.0.0/16")),
        new InetRoute(BOTH, -1, InetRoute.Arp.PROXY, null, 0, new TreeSet<>()));
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private static NextHop tunnel(String to) {
    return new NextHop.Tunnel(
        Ipv4Address.parse(HERE), Ipv4Address.parse(to), Encapsulation.MPLS_O_UDP);
  }

  /** Where each of many flows goes. */
  private Map<Integer, String> ways() {
    Map<Integer, String> ways = new HashMap<>();
    for (int port = 1000; port < 1040; port++) {
      byte[] frame = ethernet(GATEWAY, MAC_A, ipv4(IP_A, "10.8.0.1", udp(port, 9, data(8))));
      ProgramRun run = lab.fromGuest(A, frame);
      assertThat(run.result()).as("drops " + lab.datapath().drops()).isEqualTo(ProgramRun.REDIRECT);
      ways.put(port, Ipv4Address.of(Arrays.copyOfRange(run.packet(), 30, 34)).toString());
    }
    return ways;
  }

  @Test
  void aSilentHostIsPassedOverAndFlowsOfTheOthersStay() {
    Map<Integer, String> before = ways();
    assertThat(Set.copyOf(before.values())).containsExactlyInAnyOrder(THERE, ELSEWHERE);
    lab.datapath().silent(Ipv4Address.parse(THERE), true);
    assertThat(Set.copyOf(ways().values())).containsExactly(ELSEWHERE);
    lab.datapath().silent(Ipv4Address.parse(ELSEWHERE), true);
    assertThat(ways()).as("where no way is left all are as good as before").isEqualTo(before);
    lab.datapath().silent(Ipv4Address.parse(THERE), false);
    Map<Integer, String> after = ways();
    assertThat(Set.copyOf(after.values())).containsExactly(THERE);
    lab.datapath().silent(Ipv4Address.parse(ELSEWHERE), false);
    assertThat(ways()).isEqualTo(before);
  }

  @Test
  void anEchoIsSentBackAsItCame() {
    byte[] content = data(12);
    ProgramRun run = lab.fromFabric(ipv4(THERE, HERE, udp(50000, ECHO, content)));
    assertThat(run.result()).isEqualTo(ProgramRun.REDIRECT);
    byte[] sent =
        ethernet(
            PacketLab.mac(98), PacketLab.mac(99), ipv4(HERE, THERE, udp(ECHO, 50000, content)));
    assertThat(run.packet()).isEqualTo(sent);
    ProgramRun toOthers = lab.fromFabric(ipv4(THERE, ELSEWHERE, udp(50000, ECHO, content)));
    assertThat(toOthers.result()).as("not for this host").isEqualTo(ProgramRun.OK);
    ProgramRun loop = lab.fromFabric(ipv4(THERE, HERE, udp(ECHO, ECHO, content)));
    assertThat(loop.result()).as("it would go back and forth for ever").isEqualTo(ProgramRun.OK);
  }
}
