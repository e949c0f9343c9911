package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.C;
import static weft.datapath.PacketLab.IP_A;
import static weft.datapath.PacketLab.IP_C;
import static weft.datapath.PacketLab.MAC_A;
import static weft.datapath.PacketLab.MAC_C;
import static weft.datapath.Packets.checked;
import static weft.datapath.Packets.data;
import static weft.datapath.Packets.ethernet;
import static weft.datapath.Packets.ipv4;
import static weft.datapath.Packets.tcp;
import static weft.datapath.Packets.udp;
import static weft.net.MacAddress.GATEWAY;

import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.datapath.Packets.Layer;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.vrouter.DropReason;
import weft.vrouter.InetRoute;
import weft.vrouter.NextHop;
import weft.vrouter.OwnFlow;
import weft.vrouter.Service;
import weft.vrouter.TableKey.InetRouteKey;
import weft.vrouter.TableKey.NextHopKey;
import weft.vrouter.TableKey.ServiceKey;
import weft.vrouter.TableKey.VifKey;

/** Guests and sockets of this host, under link-local addresses. */
@Tag("lab")
class ServiceLabTest {
  private static final String METADATA = "169.254.169.254";
  private static final int TO_HOST = 0xfffffffe;
  private PacketLab lab;

  @BeforeEach
  void open() {
    lab = new PacketLab("sv");
    lab.put(new ServiceKey(Ipv4Address.parse(METADATA), 80, 6), new Service(41000));
    lab.put(new ServiceKey(Ipv4Address.parse("169.254.1.1"), 53, 17), new Service(41001));
    lab.acl(1);
    lab.put(new VifKey(A), lab.vif(A, 1, 1, 1));
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private byte[] toHost(int vif, MacAddress from, Layer packet) {
    ProgramRun run = lab.fromGuest(vif, ethernet(GATEWAY, from, checked(packet)));
    assertThat(run.result()).as("drops " + lab.datapath().drops()).isEqualTo(ProgramRun.REDIRECT);
    assertThat(run.mark()).isEqualTo(TO_HOST);
    byte[] ip = Packets.from(run.packet(), 14);
    assertThat(Packets.sumsUp(ip)).isTrue();
    return ip;
  }

  private static String address(byte[] ip, int at) {
    return Ipv4Address.of(Arrays.copyOfRange(ip, at, at + 4)).toString();
  }

  private static int port(byte[] ip, int at) {
    return (ip[at] & 0xff) << 8 | ip[at + 1] & 0xff;
  }

  private ProgramRun fromHost(String to, Layer inner) {
    return lab.run(
        "host_rx",
        "pkt0",
        0,
        ethernet(
            MacAddress.ZERO, MacAddress.ZERO, checked(ipv4(Service.HOST.toString(), to, inner))));
  }

  @Test
  void aServiceIsReachedWithoutPolicyAndAnswers() {
    for (boolean metadata : new boolean[] {true, false}) {
      String service = metadata ? METADATA : "169.254.1.1";
      byte[] there =
          toHost(A, MAC_A, ipv4(IP_A, service, metadata ? tcp(1000, 80) : udp(1000, 53, data(9))));
      assertThat(address(there, 12)).isEqualTo("198.18.0.1");
      assertThat(address(there, 16)).isEqualTo("198.19.0.1");
      int socket = metadata ? 41000 : 41001;
      assertThat(List.of(port(there, 20), port(there, 22))).containsExactly(1000, socket);

      ProgramRun back =
          fromHost("198.18.0.1", metadata ? tcp(socket, 1000) : udp(socket, 1000, data(20)));
      assertThat(back.result()).isEqualTo(ProgramRun.REDIRECT);
      assertThat(Arrays.copyOf(back.packet(), 6)).isEqualTo(MAC_A.toBytes());
      byte[] here = Packets.from(back.packet(), 14);
      assertThat(Packets.sumsUp(here)).isTrue();
      assertThat(List.of(address(here, 12), address(here, 16))).containsExactly(service, IP_A);
      assertThat(List.of(port(here, 20), port(here, 22))).containsExactly(metadata ? 80 : 53, 1000);
    }
  }

  @Test
  void namesAreAskedByTcpAtTheAddressesThatTheVrouterHasInANetwork() {
    lab.put(new ServiceKey(Service.HOST, 53, 6), new Service(41002));
    lab.put(new NextHopKey(900), new NextHop.Receive());
    String gateway = "10.1.1.1";
    lab.put(
        new InetRouteKey(1, IpPrefix.parse(gateway + "/32")),
        new InetRoute(900, -1, InetRoute.Arp.PROXY, null, 0, new TreeSet<>()));
    byte[] there = toHost(A, MAC_A, ipv4(IP_A, gateway, tcp(1000, 53)));
    assertThat(port(there, 22)).isEqualTo(41002);
    ProgramRun back = fromHost("198.18.0.1", tcp(41002, 1000));
    assertThat(back.result()).isEqualTo(ProgramRun.REDIRECT);
    byte[] here = Packets.from(back.packet(), 14);
    assertThat(Packets.sumsUp(here)).isTrue();
    assertThat(List.of(address(here, 12), address(here, 16))).containsExactly(gateway, IP_A);
    assertThat(List.of(port(here, 20), port(here, 22))).containsExactly(53, 1000);
    long judged =
        lab.drops(
            DropReason.POLICY_NO_MATCH,
            () ->
                assertThat(
                        lab.fromGuest(
                                A, ethernet(GATEWAY, MAC_A, ipv4(IP_A, "10.1.1.77", tcp(1000, 53))))
                            .result())
                    .isEqualTo(ProgramRun.SHOT));
    assertThat(judged).as("another guest's address is no service").isEqualTo(1);
  }

  @Test
  void theAgentSpeaksWithAGuestWhateverPolicySays() {
    OwnFlow flow =
        new OwnFlow(A, Ipv4Address.parse(IP_A), 80, Ipv4Address.parse(METADATA), 45000, 6, true);
    lab.datapath().allow(flow);
    ProgramRun out = fromHost("198.18.0.1", tcp(45000, 80));
    assertThat(out.result()).isEqualTo(ProgramRun.REDIRECT);
    byte[] asked = Packets.from(out.packet(), 14);
    assertThat(Packets.sumsUp(asked)).isTrue();
    assertThat(List.of(address(asked, 12), address(asked, 16))).containsExactly(METADATA, IP_A);
    lab.put(new ServiceKey(Ipv4Address.parse("169.254.1.2"), 53, 17), new Service(41009));
    byte[] answer = toHost(A, MAC_A, ipv4(IP_A, METADATA, tcp(80, 45000)));
    assertThat(List.of(port(answer, 20), port(answer, 22))).containsExactly(80, 45000);
    assertThat(lab.datapath().deleteFlow(flow.fromGuest())).isTrue();
    assertThat(fromHost("198.18.0.1", tcp(45000, 80)).result()).isEqualTo(ProgramRun.SHOT);
  }

  @Test
  void guestsOfDifferentNetworksAreToldApart() {
    assertThat(address(toHost(C, MAC_C, ipv4(IP_C, METADATA, tcp(1000, 80))), 12))
        .isEqualTo("198.18.0.3");
    long lost =
        lab.drops(
            DropReason.FLOW_INVALID,
            () ->
                assertThat(fromHost("198.18.0.1", tcp(41000, 1000)).result())
                    .isEqualTo(ProgramRun.SHOT));
    assertThat(lost).as("A has asked for nothing").isEqualTo(1);
  }

  @Test
  void whatIsNoServiceIsJudgedAndRoutedAsAnyPacket() {
    long lost =
        lab.drops(
            DropReason.POLICY_NO_MATCH,
            () ->
                assertThat(
                        lab.fromGuest(
                                A, ethernet(GATEWAY, MAC_A, ipv4(IP_A, METADATA, tcp(1000, 81))))
                            .result())
                    .isEqualTo(ProgramRun.SHOT));
    assertThat(lost).isEqualTo(1);
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
  }

  @Test
  void aSocketThatMovedIsFoundAgain() {
    toHost(A, MAC_A, ipv4(IP_A, METADATA, tcp(1000, 80)));
    lab.put(new ServiceKey(Ipv4Address.parse(METADATA), 80, 6), new Service(41005));
    byte[] there = toHost(A, MAC_A, ipv4(IP_A, METADATA, tcp(1000, 80)));
    assertThat(port(there, 22)).isEqualTo(41005);
  }
}
