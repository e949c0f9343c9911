package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.HERE;
import static weft.datapath.PacketLab.IP_A;
import static weft.datapath.PacketLab.IP_R1;
import static weft.datapath.PacketLab.LABEL_L3_A;
import static weft.datapath.PacketLab.MAC_A;
import static weft.datapath.PacketLab.MAC_R1;
import static weft.datapath.PacketLab.THERE;
import static weft.datapath.PacketLab.key;
import static weft.datapath.Packets.checked;
import static weft.datapath.Packets.data;
import static weft.datapath.Packets.echo;
import static weft.datapath.Packets.ethernet;
import static weft.datapath.Packets.ipv4;
import static weft.datapath.Packets.mplsUdp;
import static weft.datapath.Packets.tcp;
import static weft.datapath.Packets.udp;
import static weft.datapath.Packets.unreachable;
import static weft.net.MacAddress.GATEWAY;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.datapath.Packets.Layer;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.vrouter.Acl;
import weft.vrouter.FatFlows;
import weft.vrouter.FatFlows.End;
import weft.vrouter.FloatingAddresses;
import weft.vrouter.Flow;
import weft.vrouter.TableKey.FatFlowKey;
import weft.vrouter.TableKey.FloatingKey;

/** Connections that share a flow, and those that must not. */
@Tag("lab")
class FatFlowLabTest {
  private static final int TCP = 6;
  private static final int UDP = 17;
  private PacketLab lab;

  @BeforeEach
  void open() {
    lab = new PacketLab("ff");
    lab.put(key(1, "8.0.0.0/8"), PacketLab.tunnelRoute(MAC_R1, 100));
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private void share(FatFlows.Rule... rules) {
    lab.put(new FatFlowKey(A), new FatFlows(List.of(rules)));
  }

  private static FatFlows.Rule port(int protocol, int port) {
    return new FatFlows.Rule(protocol, port, End.KEPT, End.KEPT);
  }

  private boolean received(String from, String to, Layer inner) {
    Layer packet = checked(ipv4(from, to, inner));
    return lab.fromFabric(ipv4(THERE, HERE, mplsUdp(6635, LABEL_L3_A, packet.bytes()))).result()
        == ProgramRun.REDIRECT;
  }

  private boolean sent(String to, Layer inner) {
    Layer packet = checked(ipv4(IP_A, to, inner));
    return lab.fromGuest(A, ethernet(GATEWAY, MAC_A, packet)).result() == ProgramRun.REDIRECT;
  }

  private List<Flow> flows() {
    List<Flow> flows = new ArrayList<>();
    lab.datapath().flows(flows::add);
    return flows;
  }

  private Flow forward() {
    return flows().stream().filter(Flow::forward).findAny().orElseThrow();
  }

  @Test
  void connectionsToAPortAreOne() {
    share(port(TCP, 80));
    for (int client = 1000; client < 1050; client++) {
      assertThat(received(IP_R1, IP_A, tcp(client, 80))).isTrue();
      assertThat(sent(IP_R1, tcp(80, client))).isTrue();
    }
    assertThat(flows()).hasSize(2).allMatch(flow -> flow.packets() == 50);
    assertThat(forward().key().sourcePort()).isZero();
    assertThat(forward().key().destinationPort()).isEqualTo(80);
    assertThat(forward().shared()).isEqualTo(new Flow.Shared(128, 128));
    assertThat(received(IP_R1, IP_A, tcp(1000, 81))).isTrue();
    assertThat(received(IP_R1, IP_A, udp(1000, 80, data(8)))).isTrue();
    assertThat(flows()).as("another port and another protocol have their own").hasSize(6);
    assertThat(lab.datapath().flowEntries()).isEqualTo(6);
    assertThat(lab.datapath().age(Duration.ZERO)).isEqualTo(6);
    assertThat(lab.datapath().flowEntries()).isZero();
  }

  @Test
  void theGuestBeginsToo() {
    share(port(UDP, 53), port(1, 0));
    for (int i = 0; i < 10; i++) {
      assertThat(sent(IP_R1, udp(2000 + i, 53, data(8)))).isTrue();
      assertThat(received(IP_R1, IP_A, udp(53, 2000 + i, data(8)))).isTrue();
      assertThat(sent(IP_R1, echo(8, i))).isTrue();
    }
    assertThat(flows()).hasSize(4).allMatch(flow -> flow.shared() != null);
  }

  @Test
  void addressesMayBeLeftOutOrCut() {
    End internet = new End(IpPrefix.parse("8.8.0.0/16"), 24);
    share(
        new FatFlows.Rule(UDP, 53, End.KEPT, internet),
        new FatFlows.Rule(TCP, 0, End.KEPT, End.IGNORED));
    for (int i = 1; i < 20; i++) {
      assertThat(sent("8.8.4." + i, udp(5000 + i, 53, data(8)))).isTrue();
      assertThat(sent("8.1.1." + i, tcp(5000 + i, 6000 + i))).isTrue();
    }
    assertThat(received("8.8.4.3", IP_A, udp(53, 5003, data(8)))).isTrue();
    assertThat(flows()).hasSize(4);
    Flow cut =
        flows().stream().filter(f -> f.forward() && f.key().protocol() == UDP).toList().getFirst();
    assertThat(cut.key().destination()).hasToString("8.8.4.0");
    assertThat(cut.shared()).isEqualTo(new Flow.Shared(128, 24));
    assertThat(sent("8.9.4.1", udp(5000, 53, data(8)))).as("not in the prefix").isTrue();
    assertThat(flows()).hasSize(6);
  }

  @Test
  void theVerdictIsOnWhatTheyShare() {
    share(port(TCP, 80), new FatFlows.Rule(UDP, 53, End.KEPT, End.IGNORED));
    Acl.PortRange any = Acl.PortRange.ANY;
    lab.acl(
        1,
        rule(TCP, new Acl.PortRange(1000, 2000), Acl.Endpoint.ANY),
        rule(UDP, any, new Acl.Endpoint.Subnet(IpPrefix.parse(IP_R1 + "/32"))));
    lab.put(new weft.vrouter.TableKey.VifKey(A), lab.vif(A, 1, 0, 0));
    assertThat(received(IP_R1, IP_A, tcp(1500, 80))).as("a flow of any port").isFalse();
    assertThat(received(IP_R1, IP_A, udp(1500, 53, data(8)))).as("a flow of anybody").isFalse();
    lab.acl(
        1,
        rule(TCP, any, new Acl.Endpoint.Network(100)),
        rule(UDP, any, new Acl.Endpoint.Network(100)));
    assertThat(received(IP_R1, IP_A, tcp(1500, 80))).as("judged again").isTrue();
    assertThat(received(IP_R1, IP_A, udp(1500, 53, data(8)))).as("of a network").isTrue();
    assertThat(sent(IP_R1, udp(53, 1500, data(8)))).isTrue();
    lab.acl(1);
    assertThat(sent(IP_R1, udp(53, 1500, data(8)))).as("and again").isFalse();
    assertThat(flows()).hasSize(4);
  }

  private static Acl.Rule rule(int protocol, Acl.PortRange from, Acl.Endpoint source) {
    return new Acl.Rule(
        new UUID(0, protocol),
        Acl.Family.ANY,
        protocol,
        source,
        Acl.Endpoint.ANY,
        from,
        Acl.PortRange.ANY,
        Acl.Action.PASS);
  }

  @Test
  void oneConnectionsEndIsNotTheirs() {
    share(port(TCP, 80));
    assertThat(received(IP_R1, IP_A, tcp(1000, 80))).isTrue();
    assertThat(forward().tcp()).isZero();
  }

  @Test
  void translatedConnectionsHaveTheirOwn() {
    String floating = "10.2.2.50";
    lab.put(key(2, floating + "/32"), PacketLab.route(PacketLab.NH_L3_A, MAC_A, 200));
    lab.put(key(2, "9.9.0.0/16"), PacketLab.tunnelRoute(MAC_R1, 200));
    lab.put(
        new FloatingKey(A),
        new FloatingAddresses(
            List.of(
                new FloatingAddresses.Floating(
                    Ipv4Address.parse(floating),
                    Ipv4Address.parse(IP_A),
                    2,
                    0,
                    true,
                    true,
                    List.of()))));
    share(
        new FatFlows.Rule(TCP, 80, End.IGNORED, End.KEPT),
        new FatFlows.Rule(UDP, 0, End.KEPT, End.IGNORED));
    assertThat(received(IP_R1, IP_A, tcp(1000, 80))).isTrue();
    assertThat(received(IP_R1, floating, tcp(1001, 80))).isTrue();
    assertThat(sent(IP_R1, udp(1000, 7, data(8)))).isTrue();
    assertThat(sent("9.9.1.1", udp(1000, 7, data(8)))).isTrue();
    assertThat(flows().stream().filter(flow -> flow.nat() != null)).hasSize(4);
    assertThat(flows().stream().filter(flow -> flow.shared() != null)).hasSize(4);
  }

  @Test
  void anErrorGoesWithTheSharedFlow() {
    share(port(UDP, 53));
    Layer packet = checked(ipv4(IP_A, IP_R1, udp(2000, 53, data(20))));
    assertThat(lab.fromGuest(A, ethernet(GATEWAY, MAC_A, packet)).result())
        .isEqualTo(ProgramRun.REDIRECT);
    assertThat(received(IP_R1, IP_A, unreachable(new Layer(0x0800, packet.bytes())))).isTrue();
    Layer other = checked(ipv4(IP_A, IP_R1, udp(2000, 54, data(20))));
    assertThat(received(IP_R1, IP_A, unreachable(new Layer(0x0800, other.bytes())))).isFalse();
  }

  @Test
  void sharedFlowsSurviveAChangeOfRules() {
    assertThat(received(IP_R1, IP_A, tcp(1000, 80))).isTrue();
    share(port(TCP, 80));
    assertThat(sent(IP_R1, tcp(80, 1000))).as("has its own already").isTrue();
    assertThat(flows()).hasSize(2);
    assertThat(received(IP_R1, IP_A, tcp(1001, 80))).isTrue();
    assertThat(flows()).hasSize(4);
    lab.remove(new FatFlowKey(A));
    assertThat(sent(IP_R1, tcp(80, 1001))).isTrue();
    assertThat(flows()).hasSize(6);
  }

  @Test
  void whatIsThereIsReadBack() {
    share(
        port(TCP, 80),
        port(TCP, 0),
        new FatFlows.Rule(TCP, 80, new End(IpPrefix.parse("10.0.0.0/8"), 28), End.IGNORED),
        new FatFlows.Rule(UDP, 53, End.KEPT, new End(IpPrefix.parse("fd00::/8"), 64)));
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
    lab.reopen();
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
    share(port(UDP, 0));
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
    lab.remove(new FatFlowKey(A));
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
  }
}
