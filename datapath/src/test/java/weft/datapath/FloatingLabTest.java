package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.HERE;
import static weft.datapath.PacketLab.IP_A;
import static weft.datapath.PacketLab.IP_R2;
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
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.datapath.Packets.Layer;
import weft.net.Ipv4Address;
import weft.vrouter.DropReason;
import weft.vrouter.FloatingAddresses;
import weft.vrouter.FloatingAddresses.Floating;
import weft.vrouter.FloatingAddresses.PortMap;
import weft.vrouter.Flow;
import weft.vrouter.FlowKey;
import weft.vrouter.TableKey.FloatingKey;

/** Connections by a floating address, in both directions and to their end. */
@Tag("lab")
class FloatingLabTest {
  private static final String FLOATING = "10.2.2.50";
  private static final String FAR = "8.8.8.8";
  private static final String ROUTER = "8.1.1.1";
  private PacketLab lab;

  @BeforeEach
  void open() {
    lab = new PacketLab("fl");
    lab.put(key(2, FLOATING + "/32"), PacketLab.route(PacketLab.NH_L3_A, MAC_A, 200));
    lab.put(key(2, "8.0.0.0/8"), PacketLab.tunnelRoute(MAC_R1, 200));
    floating(true, true);
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private void floating(boolean inbound, boolean outbound, PortMap... ports) {
    lab.put(
        new FloatingKey(A),
        new FloatingAddresses(
            List.of(
                new Floating(
                    Ipv4Address.parse(FLOATING),
                    Ipv4Address.parse(IP_A),
                    2,
                    0,
                    inbound,
                    outbound,
                    List.of(ports)))));
  }

  /** The IP packet that guest A gets of what comes by its label. */
  private byte[] received(Layer packet) {
    ProgramRun run = tunnel(packet);
    assertThat(run.result()).as("drops " + lab.datapath().drops()).isEqualTo(ProgramRun.REDIRECT);
    return sound(Packets.from(run.packet(), 14));
  }

  private ProgramRun tunnel(Layer packet) {
    return lab.fromFabric(ipv4(THERE, HERE, mplsUdp(6635, LABEL_L3_A, packet.bytes())));
  }

  /** The IP packet in the tunnel for what guest A sends. */
  private byte[] sent(Layer packet) {
    ProgramRun run = guest(packet);
    assertThat(run.result()).as("drops " + lab.datapath().drops()).isEqualTo(ProgramRun.REDIRECT);
    return sound(Packets.from(run.packet(), 46));
  }

  private ProgramRun guest(Layer packet) {
    return lab.fromGuest(A, ethernet(GATEWAY, MAC_A, packet));
  }

  private static byte[] sound(byte[] ip) {
    assertThat(Packets.sumsUp(ip)).as(weft.net.Hex.of(ip)).isTrue();
    return ip;
  }

  private static String source(byte[] ip) {
    return Ipv4Address.of(Arrays.copyOfRange(ip, 12, 16)).toString();
  }

  private static String destination(byte[] ip) {
    return Ipv4Address.of(Arrays.copyOfRange(ip, 16, 20)).toString();
  }

  private static int port(byte[] ip, int at) {
    return (ip[20 + at] & 0xff) << 8 | ip[21 + at] & 0xff;
  }

  private static Layer packet(String from, String to, Layer inner) {
    return checked(ipv4(from, to, inner));
  }

  private Map<FlowKey, Flow> flows() {
    Map<FlowKey, Flow> found = new HashMap<>();
    lab.datapath().flows(flow -> found.put(flow.key(), flow));
    return found;
  }

  @Test
  void theAnswerLeavesFromTheFloatingAddress() {
    for (Layer inner : List.of(udp(9000, 53, data(20)), tcp(9000, 80), echo(8, 77))) {
      assertThat(destination(received(packet(IP_R2, FLOATING, inner)))).isEqualTo(IP_A);
    }
    for (Layer inner : List.of(udp(53, 9000, data(30)), tcp(80, 9000), echo(0, 77))) {
      byte[] answer = sent(packet(IP_A, IP_R2, inner));
      assertThat(source(answer)).as("though its own VRF has a route").isEqualTo(FLOATING);
      assertThat(destination(answer)).isEqualTo(IP_R2);
    }
    assertThat(flows()).hasSize(6);
    assertThat(flows().values().stream().map(Flow::nat).toList()).doesNotContainNull();
    assertThat(lab.datapath().age(Duration.ZERO)).isEqualTo(6);
    assertThat(flows()).isEmpty();
  }

  @Test
  void theGuestsErrorSpeaksOfTheFloatingAddress() {
    byte[] seen = received(packet(IP_R2, FLOATING, udp(9000, 53, data(20))));
    byte[] error = sent(packet(IP_A, IP_R2, unreachable(new Layer(0x0800, seen))));
    assertThat(source(error)).isEqualTo(FLOATING);
    byte[] quoted = sound(Packets.from(error, 28));
    assertThat(destination(quoted)).isEqualTo(FLOATING);
    assertThat(source(quoted)).isEqualTo(IP_R2);
  }

  @Test
  void aRoutersErrorSpeaksOfTheGuestsOwnAddress() {
    floating(true, true, new PortMap(17, 5000, 1000), new PortMap(6, 5000, 1000));
    for (Layer inner : List.of(udp(1000, 53, data(20)), tcp(1000, 80))) {
      byte[] out = sent(packet(IP_A, FAR, inner));
      assertThat(source(out)).isEqualTo(FLOATING);
      assertThat(port(out, 0)).isEqualTo(5000);
      byte[] error = received(packet(ROUTER, FLOATING, unreachable(new Layer(0x0800, out))));
      assertThat(destination(error)).isEqualTo(IP_A);
      assertThat(source(error)).isEqualTo(ROUTER);
      byte[] quoted = sound(Packets.from(error, 28));
      assertThat(source(quoted)).isEqualTo(IP_A);
      assertThat(port(quoted, 0)).isEqualTo(1000);
      byte[] cut = Arrays.copyOf(out, 28);
      byte[] short1 = received(packet(ROUTER, FLOATING, unreachable(new Layer(0x0800, cut))));
      assertThat(source(Packets.from(short1, 28))).isEqualTo(IP_A);
      assertThat(port(Packets.from(short1, 28), 0)).isEqualTo(1000);
    }
  }

  @Test
  void directionAndPortsAreKept() {
    floating(false, true);
    dropped(DropReason.FLOATING_DIRECTION, packet(IP_R2, FLOATING, tcp(9000, 80)));
    assertThat(source(sent(packet(IP_A, FAR, tcp(1000, 80))))).isEqualTo(FLOATING);
    assertThat(destination(received(packet(FAR, FLOATING, tcp(80, 1000)))))
        .as("an answer is no new connection")
        .isEqualTo(IP_A);
    floating(true, false, new PortMap(6, 8080, 80));
    dropped(DropReason.FLOATING_PORT, packet(IP_R2, FLOATING, tcp(9000, 80)));
    byte[] mapped = received(packet(IP_R2, FLOATING, tcp(9000, 8080)));
    assertThat(port(mapped, 2)).isEqualTo(80);
    byte[] answer = sent(packet(IP_A, IP_R2, tcp(80, 9000)));
    assertThat(source(answer)).isEqualTo(FLOATING);
    assertThat(port(answer, 0)).isEqualTo(8080);
    long lost =
        lab.drops(
            DropReason.NO_ROUTE,
            () ->
                assertThat(guest(packet(IP_A, FAR, tcp(1001, 80))).result())
                    .isEqualTo(ProgramRun.SHOT));
    assertThat(lost).as("it may not leave from there, and has no route of its own").isEqualTo(1);
  }

  private void dropped(DropReason reason, Layer packet) {
    long drops =
        lab.drops(reason, () -> assertThat(tunnel(packet).result()).isEqualTo(ProgramRun.SHOT));
    assertThat(drops).as(reason + " of " + lab.datapath().drops()).isEqualTo(1);
  }

  @Test
  void connectionsEndWithTheFloatingAddress() {
    received(packet(IP_R2, FLOATING, udp(9000, 53, data(20))));
    assertThat(source(sent(packet(IP_A, IP_R2, udp(53, 9000, data(20)))))).isEqualTo(FLOATING);
    assertThat(source(sent(packet(IP_A, FAR, udp(53, 9000, data(20)))))).isEqualTo(FLOATING);
    lab.remove(new FloatingKey(A));
    assertThat(source(sent(packet(IP_A, IP_R2, udp(53, 9000, data(20)))))).isEqualTo(IP_A);
    assertThat(guest(packet(IP_A, FAR, udp(53, 9000, data(20)))).result())
        .isEqualTo(ProgramRun.SHOT);
    assertThat(flows().values().stream().filter(flow -> flow.nat() != null)).isEmpty();
  }

  @Test
  void aConnectionBegunBeforeGetsTheFloatingAddressOnlyIfItHadNoWay() {
    lab.remove(new FloatingKey(A));
    sent(packet(IP_A, IP_R2, udp(53, 9000, data(20))));
    assertThat(guest(packet(IP_A, FAR, echo(8, 5))).result()).isEqualTo(ProgramRun.SHOT);
    floating(true, true);
    assertThat(source(sent(packet(IP_A, IP_R2, udp(53, 9000, data(20)))))).isEqualTo(IP_A);
    assertThat(source(sent(packet(IP_A, FAR, echo(8, 5))))).isEqualTo(FLOATING);
  }

  @Test
  void twoConnectionsThatWouldLookTheSameAreNotMixed() {
    received(packet(IP_R2, IP_A, udp(9000, 53, data(20))));
    dropped(DropReason.NAT_CONFLICT, packet(IP_R2, FLOATING, udp(9000, 53, data(20))));
    assertThat(source(sent(packet(IP_A, IP_R2, udp(53, 9000, data(20)))))).isEqualTo(IP_A);
    assertThat(flows()).hasSize(2);
  }

  @Test
  void whatIsThereIsReadBack() {
    floating(true, false, new PortMap(6, 8080, 80), new PortMap(17, 53, 5353));
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
    lab.reopen();
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
    floating(true, true);
    lab.remove(new FloatingKey(A));
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
  }

  @Test
  void fragmentsFollowTheirHead() {
    Layer whole = packet(IP_R2, FLOATING, udp(9000, 53, data(64)));
    byte[] payload = Packets.from(whole.bytes(), 20);
    Layer head = ipv4(IP_R2, FLOATING, 64, 0x2000, 7, new Layer(17, Arrays.copyOf(payload, 40)));
    Layer tail = ipv4(IP_R2, FLOATING, 64, 5, 7, new Layer(17, Packets.from(payload, 40)));
    byte[] first = Packets.from(tunnel(head).packet(), 14);
    byte[] second = Packets.from(tunnel(tail).packet(), 14);
    assertThat(destination(first)).isEqualTo(IP_A);
    assertThat(destination(second)).isEqualTo(IP_A);
    byte[] joined = Arrays.copyOf(payload, payload.length);
    System.arraycopy(first, 20, joined, 0, 40);
    System.arraycopy(second, 20, joined, 40, payload.length - 40);
    sound(ipv4(IP_R2, IP_A, new Layer(17, joined)).bytes());
  }
}
