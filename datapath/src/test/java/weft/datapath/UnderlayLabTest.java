package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.B;
import static weft.datapath.PacketLab.HERE;
import static weft.datapath.PacketLab.IP_A;
import static weft.datapath.PacketLab.IP_B;
import static weft.datapath.PacketLab.MAC_A;
import static weft.datapath.PacketLab.MAC_B;
import static weft.datapath.PacketLab.key;
import static weft.datapath.Packets.checked;
import static weft.datapath.Packets.data;
import static weft.datapath.Packets.echo;
import static weft.datapath.Packets.ethernet;
import static weft.datapath.Packets.ipv4;
import static weft.datapath.Packets.tcp;
import static weft.datapath.Packets.udp;
import static weft.datapath.Packets.unreachable;
import static weft.net.MacAddress.GATEWAY;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.datapath.Packets.Layer;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.vrouter.Acl;
import weft.vrouter.DropReason;
import weft.vrouter.Flow;
import weft.vrouter.FlowKey;
import weft.vrouter.InetRoute;
import weft.vrouter.NextHop;
import weft.vrouter.PortPool;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.NextHopKey;
import weft.vrouter.TableKey.PortPoolKey;
import weft.vrouter.TableValue;

/** Guests in the underlay by their host's address: both directions, ports and their end. */
@Tag("lab")
class UnderlayLabTest {
  private static final int NH_UNDERLAY = 800;
  private static final int FABRIC_NETWORK = 900;
  private static final String SERVER = "203.0.113.80";
  private static final String OTHER = "203.0.113.81";
  private static final String ROUTER = "198.51.100.1";
  private PacketLab lab;

  @BeforeEach
  void open() {
    lab = new PacketLab("un");
    lab.put(outside(20));
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private static Map<TableKey, TableValue> outside(int ports) {
    PortPool pool = new PortPool(List.of(new PortPool.Range(60001, 60000 + ports)));
    Map<TableKey, TableValue> t = new HashMap<>();
    t.put(new NextHopKey(NH_UNDERLAY), new NextHop.Underlay());
    t.put(
        key(1, "0.0.0.0/0"),
        new InetRoute(NH_UNDERLAY, -1, InetRoute.Arp.PROXY, null, FABRIC_NETWORK, new TreeSet<>()));
    for (int protocol : new int[] {1, 6, 17}) {
      t.put(new PortPoolKey(protocol), pool);
    }
    return t;
  }

  private ProgramRun guest(int vif, String to, Layer inner) {
    String from = vif == A ? IP_A : IP_B;
    MacAddress mac = vif == A ? MAC_A : MAC_B;
    return lab.fromGuest(vif, ethernet(GATEWAY, mac, checked(ipv4(from, to, inner))));
  }

  /** The IP packet as it enters the underlay. */
  private byte[] sent(int vif, String to, Layer inner) {
    ProgramRun run = guest(vif, to, inner);
    assertThat(run.result()).as("drops " + lab.datapath().drops()).isEqualTo(ProgramRun.REDIRECT);
    byte[] ip = Packets.from(run.packet(), 14);
    assertThat(Packets.sumsUp(ip)).as(weft.net.Hex.of(ip)).isTrue();
    assertThat(source(ip)).isEqualTo(HERE);
    assertThat(destination(ip)).isEqualTo(to);
    assertThat(ip[8]).as("one hop less").isEqualTo((byte) 63);
    return ip;
  }

  private byte[] received(String from, Layer inner) {
    ProgramRun run = lab.fromFabric(checked(ipv4(from, HERE, inner)));
    assertThat(run.result()).as("drops " + lab.datapath().drops()).isEqualTo(ProgramRun.REDIRECT);
    byte[] ip = Packets.from(run.packet(), 14);
    assertThat(Packets.sumsUp(ip)).as(weft.net.Hex.of(ip)).isTrue();
    assertThat(source(ip)).isEqualTo(from);
    return ip;
  }

  private static String source(byte[] ip) {
    return Ipv4Address.of(Arrays.copyOfRange(ip, 12, 16)).toString();
  }

  private static String destination(byte[] ip) {
    return Ipv4Address.of(Arrays.copyOfRange(ip, 16, 20)).toString();
  }

  private static int word(byte[] ip, int at) {
    return (ip[at] & 0xff) << 8 | ip[at + 1] & 0xff;
  }

  private Map<FlowKey, Flow> flows() {
    Map<FlowKey, Flow> found = new HashMap<>();
    lab.datapath().flows(flow -> found.put(flow.key(), flow));
    return found;
  }

  @Test
  void theAnswerFindsTheGuest() {
    for (Layer inner : List.of(tcp(1000, 80), udp(1000, 80, data(20)))) {
      int port = word(sent(A, SERVER, inner), 20);
      assertThat(port).isBetween(60001, 60020);
      Layer answer = inner.type() == 6 ? tcp(80, port) : udp(80, port, data(20));
      byte[] back = received(SERVER, answer);
      assertThat(destination(back)).isEqualTo(IP_A);
      assertThat(word(back, 22)).isEqualTo(1000);
    }
    int number = word(sent(A, SERVER, echo(8, 77)), 24);
    assertThat(number).isBetween(60001, 60020);
    byte[] back = received(SERVER, echo(0, number));
    assertThat(destination(back)).isEqualTo(IP_A);
    assertThat(word(back, 24)).isEqualTo(77);
    assertThat(flows()).hasSize(6);
    assertThat(flows().values()).allMatch(flow -> flow.nat() != null && flow.outward());
  }

  @Test
  void aPortOfTheGuestIsTheSameTowardsAllAndNobodyElseGetsIn() {
    int port = word(sent(A, SERVER, udp(1000, 80, data(8))), 20);
    assertThat(word(sent(A, OTHER, udp(1000, 53, data(8))), 20)).isEqualTo(port);
    assertThat(word(sent(B, SERVER, udp(1000, 80, data(8))), 20)).isNotEqualTo(port);
    assertThat(word(sent(A, SERVER, udp(1001, 80, data(8))), 20)).isNotEqualTo(port);
    for (Layer stray : List.of(udp(81, port, data(8)), tcp(80, port), udp(80, 22, data(8)))) {
      assertThat(lab.fromFabric(checked(ipv4(SERVER, HERE, stray))).result())
          .as("the host's own")
          .isEqualTo(ProgramRun.OK);
    }
    assertThat(lab.fromFabric(checked(ipv4(ROUTER, HERE, udp(80, port, data(8))))).result())
        .isEqualTo(ProgramRun.OK);
  }

  @Test
  void errorsOfTheWayReachTheGuest() {
    for (Layer inner : List.of(udp(1000, 80, data(20)), tcp(1000, 80), echo(8, 77))) {
      byte[] out = sent(A, SERVER, inner);
      byte[] error = received(ROUTER, unreachable(new Layer(0x0800, out)));
      assertThat(destination(error)).isEqualTo(IP_A);
      byte[] quoted = Packets.from(error, 28);
      assertThat(Packets.sumsUp(quoted)).as(weft.net.Hex.of(quoted)).isTrue();
      assertThat(source(quoted)).isEqualTo(IP_A);
      assertThat(word(quoted, inner.type() == 1 ? 24 : 20))
          .isEqualTo(inner.type() == 1 ? 77 : 1000);
    }
  }

  @Test
  void portsEndAndTheLastQuarterIsForOthers() {
    Set<Integer> ports = new HashSet<>();
    int refused = 0;
    for (int i = 0; i < 30; i++) {
      ProgramRun run = guest(A, SERVER, udp(1000 + i, 80, data(8)));
      if (run.result() == ProgramRun.REDIRECT) {
        ports.add(word(Packets.from(run.packet(), 14), 20));
      } else {
        refused++;
      }
    }
    assertThat(ports).as("of twenty").hasSize(15);
    assertThat(refused).isEqualTo(15);
    assertThat(lab.datapath().drops()).containsEntry(DropReason.NO_FREE_PORT, 15L);
    for (int i = 0; i < 5; i++) {
      assertThat(ports.add(word(sent(B, SERVER, udp(1000 + i, 80, data(8))), 20))).isTrue();
    }
    assertThat(guest(B, SERVER, udp(2000, 80, data(8))).result()).isEqualTo(ProgramRun.SHOT);
    assertThat(word(sent(A, OTHER, udp(1000, 80, data(8))), 20)).as("known").isIn(ports);
    sent(B, SERVER, tcp(2000, 80));
  }

  @Test
  void portsThatNoFlowUsesComeBack() {
    for (int i = 0; i < 15; i++) {
      sent(A, SERVER, udp(1000 + i, 80, data(8)));
    }
    Layer more = udp(2000, 80, data(8));
    assertThat(guest(A, SERVER, more).result()).isEqualTo(ProgramRun.SHOT);
    assertThat(lab.datapath().age(Duration.ZERO)).as("both entries of each").isEqualTo(30);
    assertThat(guest(A, SERVER, more).result()).as("too soon").isEqualTo(ProgramRun.SHOT);
    int kept = word(sent(A, SERVER, udp(1000, 80, data(8))), 20);

    long later = System.nanoTime() + Duration.ofSeconds(31).toNanos();
    Ageing ageing = Ageing.of(Duration.ofHours(1));
    lab.datapath().age(ageing, (_, _) -> {}, later);
    assertThat(guest(A, SERVER, more).result())
        .as("what binds them goes first")
        .isEqualTo(ProgramRun.SHOT);
    lab.datapath().age(ageing, (_, _) -> {}, later);
    assertThat(word(sent(A, OTHER, udp(1000, 53, data(8))), 20)).as("in use").isEqualTo(kept);
    Set<Integer> ports = new HashSet<>(Set.of(kept));
    for (int i = 0; i < 14; i++) {
      ports.add(word(sent(A, SERVER, udp(3000 + i, 80, data(8))), 20));
    }
    assertThat(ports).hasSize(15);
    assertThat(guest(A, SERVER, more).result()).isEqualTo(ProgramRun.SHOT);
  }

  @Test
  void policySeesTheGuestAndTheUnderlaysNetwork() {
    lab.acl(1, pass(new Acl.Endpoint.Network(100), new Acl.Endpoint.Network(FABRIC_NETWORK)));
    lab.put(new TableKey.VifKey(A), lab.vif(A, 1, 0, 0));
    int port = word(sent(A, SERVER, tcp(1000, 80)), 20);
    assertThat(destination(received(SERVER, tcp(80, port)))).isEqualTo(IP_A);
    lab.acl(1);
    assertThat(guest(A, SERVER, tcp(1000, 80)).result()).isEqualTo(ProgramRun.SHOT);
    assertThat(lab.fromFabric(checked(ipv4(SERVER, HERE, tcp(80, port)))).result())
        .isEqualTo(ProgramRun.SHOT);
  }

  private static Acl.Rule pass(Acl.Endpoint from, Acl.Endpoint to) {
    return new Acl.Rule(
        new UUID(0, 1),
        Acl.Family.ANY,
        -1,
        from,
        to,
        Acl.PortRange.ANY,
        Acl.PortRange.ANY,
        Acl.Action.PASS);
  }

  @Test
  void aRestartKeepsPortsAndTheEndOfTheWayEndsThem() {
    int port = word(sent(A, SERVER, tcp(1000, 80)), 20);
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
    lab.reopen();
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
    assertThat(destination(received(SERVER, tcp(80, port)))).isEqualTo(IP_A);
    assertThat(word(sent(A, SERVER, tcp(1000, 80)), 20)).isEqualTo(port);
    assertThat(word(sent(A, SERVER, tcp(1001, 80)), 20)).isNotEqualTo(port);
    lab.remove(key(1, "0.0.0.0/0"));
    assertThat(guest(A, SERVER, tcp(1000, 80)).result()).isEqualTo(ProgramRun.SHOT);
    lab.put(outside(20));
    sent(A, SERVER, tcp(1000, 80));
  }

  @Test
  void whatIsNotTranslatedDoesNotLeave() {
    assertThat(guest(A, SERVER, new Layer(89, data(20))).result()).isEqualTo(ProgramRun.SHOT);
    assertThat(guest(A, SERVER, echo(13, 1)).result()).isEqualTo(ProgramRun.SHOT);
    assertThat(guest(A, HERE, tcp(1000, 80)).result())
        .as("its own host")
        .isEqualTo(ProgramRun.SHOT);
    assertThat(lab.datapath().drops())
        .containsEntry(DropReason.UNSUPPORTED_PROTOCOL, 2L)
        .containsEntry(DropReason.LOOP, 1L);
    assertThat(flows()).isEmpty();
  }

  @Test
  void anotherPoolLeavesWhatIsBound() {
    int port = word(sent(A, SERVER, udp(1000, 80, data(8))), 20);
    PortPool other = new PortPool(List.of(new PortPool.Range(50000, 50100)));
    lab.put(new PortPoolKey(17), other);
    assertThat(word(sent(A, SERVER, udp(1000, 80, data(8))), 20)).isEqualTo(port);
    assertThat(word(sent(A, SERVER, udp(1001, 80, data(8))), 20)).isBetween(50000, 50100);
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
    lab.remove(new PortPoolKey(17));
    assertThat(guest(A, SERVER, udp(1002, 80, data(8))).result()).isEqualTo(ProgramRun.SHOT);
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
  }
}
