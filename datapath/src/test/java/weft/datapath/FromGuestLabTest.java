package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.B;
import static weft.datapath.PacketLab.IP6_A;
import static weft.datapath.PacketLab.IP6_B;
import static weft.datapath.PacketLab.IP_A;
import static weft.datapath.PacketLab.IP_B;
import static weft.datapath.PacketLab.IP_C;
import static weft.datapath.PacketLab.IP_R1;
import static weft.datapath.PacketLab.IP_R2;
import static weft.datapath.PacketLab.LABEL_THERE;
import static weft.datapath.PacketLab.MAC_A;
import static weft.datapath.PacketLab.MAC_B;
import static weft.datapath.PacketLab.MAC_C;
import static weft.datapath.PacketLab.MAC_R1;
import static weft.datapath.PacketLab.NH_TUNNEL;
import static weft.datapath.Packets.arp;
import static weft.datapath.Packets.data;
import static weft.datapath.Packets.echo;
import static weft.datapath.Packets.echo6;
import static weft.datapath.Packets.ethernet;
import static weft.datapath.Packets.from;
import static weft.datapath.Packets.ipv4;
import static weft.datapath.Packets.ipv6;
import static weft.datapath.Packets.neighbour;
import static weft.datapath.Packets.tcp;
import static weft.datapath.Packets.udp;
import static weft.net.MacAddress.BROADCAST;
import static weft.net.MacAddress.GATEWAY;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import weft.net.Encapsulation;
import weft.net.MacAddress;
import weft.vrouter.DropReason;
import weft.vrouter.InetRoute;
import weft.vrouter.TableKey.NextHopKey;
import weft.vrouter.TableKey.VifKey;
import weft.vrouter.Trap;
import weft.vrouter.Vif;

/** What a guest sends, packet by packet. */
@Tag("lab")
class FromGuestLabTest {
  private static PacketLab lab;
  private static final BlockingQueue<Trap> TRAPS = new LinkedBlockingQueue<>();

  @BeforeAll
  static void open() {
    lab = new PacketLab("fg");
    lab.datapath().traps(TRAPS::add);
  }

  @AfterAll
  static void close() {
    lab.close();
  }

  private static void dropped(DropReason reason, byte[] frame) {
    assertThat(
            lab.drops(
                reason,
                () -> {
                  assertThat(lab.fromGuest(A, frame).result()).isEqualTo(ProgramRun.SHOT);
                }))
        .as(reason.name())
        .isEqualTo(1);
  }

  private static byte[] sent(byte[] frame) {
    ProgramRun run = lab.fromGuest(A, frame);
    assertThat(run.result()).as("drops " + lab.datapath().drops()).isEqualTo(ProgramRun.REDIRECT);
    return run.packet();
  }

  private static byte[] ping(MacAddress mac, String to) {
    return ethernet(mac, MAC_A, ipv4(IP_A, to, echo(8, 77)));
  }

  @Test
  void bridgesToALocalGuest() {
    byte[] frame = ping(MAC_B, IP_B);
    assertThat(sent(frame)).isEqualTo(frame);
  }

  @Test
  void routesToALocalGuest() {
    assertThat(sent(ping(GATEWAY, IP_C)))
        .isEqualTo(ethernet(MAC_C, GATEWAY, ipv4(IP_A, IP_C, 63, 0, 1, echo(8, 77))));
    assertThat(sent(ping(GATEWAY, IP_B)))
        .isEqualTo(ethernet(MAC_B, GATEWAY, ipv4(IP_A, IP_B, 63, 0, 1, echo(8, 77))));
  }

  @Test
  void forwardsIpv6() {
    byte[] bridged = ethernet(MAC_B, MAC_A, ipv6(IP6_A, IP6_B, echo6(128, 1)));
    assertThat(sent(bridged)).isEqualTo(bridged);
    byte[] routed = sent(ethernet(GATEWAY, MAC_A, ipv6(IP6_A, IP6_B, echo6(128, 1))));
    assertThat(routed[21]).as("hop limit").isEqualTo((byte) 63);
    dropped(
        DropReason.INVALID_SOURCE, ethernet(MAC_B, MAC_A, ipv6("fd00::99", IP6_B, echo6(128, 1))));
  }

  private static byte[] solicitation(String from, String target) {
    return ethernet(
        MacAddress.parse("33:33:ff:00:00:04"),
        MAC_A,
        neighbour(135, from, "ff02::1:ff00:4", 0, target, 1, MAC_A));
  }

  @Test
  void answersNeighbourSolicitations() {
    assertThat(sent(solicitation("fe80::1", IP6_B)))
        .as("who has the address, by its own MAC")
        .isEqualTo(ethernet(MAC_A, MAC_B, neighbour(136, IP6_B, "fe80::1", 0x60, IP6_B, 2, MAC_B)));
    assertThat(sent(solicitation("::", IP6_B)))
        .as("who wants the address of another is told, in public, that it is taken")
        .isEqualTo(ethernet(MAC_A, MAC_B, neighbour(136, IP6_B, "ff02::1", 0x20, IP6_B, 2, MAC_B)));
    lab.put(
        PacketLab.key(1, "fd00::1/128"),
        new InetRoute(PacketLab.NH_RECEIVE, -1, InetRoute.Arp.PROXY, null, 100, new TreeSet<>()));
    assertThat(sent(solicitation(IP6_A, "fd00::1")))
        .as("the gateway is a router")
        .isEqualTo(
            ethernet(
                MAC_A, GATEWAY, neighbour(136, "fd00::1", IP6_A, 0xe0, "fd00::1", 2, GATEWAY)));
    lab.remove(PacketLab.key(1, "fd00::1/128"));
  }

  @Test
  void whatNobodyHereKnowsIsAskedOfAll() {
    for (String target : new String[] {IP6_A, "fe80::99"}) {
      ProgramRun run = lab.fromGuest(A, solicitation("::", target));
      assertThat(run.result()).as("flooded, not answered").isEqualTo(ProgramRun.SHOT);
    }
  }

  @Test
  void neighbourDiscoveryOfHostileGuestsIsDropped() {
    byte[] far = solicitation("fe80::1", IP6_B);
    far[14 + 7] = 64;
    dropped(DropReason.INVALID_PACKET, far);
    dropped(DropReason.INVALID_PACKET, Arrays.copyOf(far, 14 + 40 + 8));
    MacAddress all = MacAddress.parse("33:33:00:00:00:01");
    for (int type : new int[] {134, 137}) {
      dropped(
          DropReason.INVALID_SOURCE,
          ethernet(all, MAC_A, neighbour(type, "fe80::1", "ff02::1", 0, IP6_B, 2, MAC_A)));
    }
    dropped(
        DropReason.INVALID_SOURCE,
        ethernet(all, MAC_A, neighbour(136, "fe80::1", "ff02::1", 0x20, IP6_B, 2, MAC_A)));
  }

  @Test
  void whoSpeaksForASharedAddressIsHeardByTheAgent() throws InterruptedException {
    lab.shareWithA("10.1.1.100/32");
    try {
      byte[] announced =
          ethernet(BROADCAST, MAC_A, arp(1, MAC_A, "10.1.1.100", BROADCAST, "10.1.1.100"));
      byte[] told = ethernet(GATEWAY, MAC_A, arp(2, MAC_A, "10.1.1.100", GATEWAY, "10.1.1.1"));
      byte[] own = ethernet(BROADCAST, MAC_A, arp(1, MAC_A, IP_A, BROADCAST, IP_A));
      byte[] v6 =
          ethernet(
              MacAddress.parse("33:33:00:00:00:01"),
              MAC_A,
              neighbour(136, "fe80::1", "ff02::1", 0x20, IP6_A, 2, MAC_A));
      TRAPS.clear();
      for (byte[] frame : new byte[][] {own, announced, told, v6}) {
        assertThat(lab.fromGuest(A, frame).result()).isEqualTo(ProgramRun.SHOT);
      }
      for (byte[] frame : new byte[][] {announced, told, v6}) {
        Trap trap = TRAPS.poll(30, TimeUnit.SECONDS);
        assertThat(trap).isNotNull();
        assertThat(trap.reason()).isEqualTo(Trap.Reason.ARP);
        assertThat(trap.frame()).isEqualTo(frame);
      }
    } finally {
      lab.shareWithA();
    }
  }

  @Test
  void routerSolicitationsGoToTheAgent() throws InterruptedException {
    TRAPS.clear();
    byte[] frame =
        ethernet(
            MacAddress.parse("33:33:00:00:00:02"),
            MAC_A,
            neighbour(133, "fe80::1", "ff02::2", 0, "::", 1, MAC_A));
    assertThat(lab.fromGuest(A, frame).result()).isEqualTo(ProgramRun.SHOT);
    Trap trap = TRAPS.poll(30, TimeUnit.SECONDS);
    assertThat(trap).isNotNull();
    assertThat(trap.reason()).isEqualTo(Trap.Reason.ROUTER_SOLICITATION);
    assertThat(trap.frame()).isEqualTo(frame);
  }

  @ParameterizedTest
  @EnumSource
  void bridgesThroughEachEncapsulation(Encapsulation encapsulation) {
    lab.put(new NextHopKey(NH_TUNNEL), PacketLab.tunnel(encapsulation));
    byte[] frame = ping(MAC_R1, IP_R1);
    byte[] out = sent(frame);
    int header = outer(out, encapsulation);
    assertThat(from(out, header)).isEqualTo(frame);
    lab.put(new NextHopKey(NH_TUNNEL), PacketLab.tunnel(Encapsulation.MPLS_O_UDP));
  }

  @ParameterizedTest
  @EnumSource
  void routesThroughEachEncapsulation(Encapsulation encapsulation) {
    lab.put(new NextHopKey(NH_TUNNEL), PacketLab.tunnel(encapsulation));
    byte[] out = sent(ping(GATEWAY, IP_R2));
    int header = outer(out, encapsulation);
    byte[] inner = ipv4(IP_A, IP_R2, 63, 0, 1, echo(8, 77)).bytes();
    if (encapsulation == Encapsulation.VXLAN) {
      assertThat(from(out, header))
          .isEqualTo(
              ethernet(GATEWAY, PacketLab.mac(99), ipv4(IP_A, IP_R2, 63, 0, 1, echo(8, 77))));
    } else {
      assertThat(from(out, header)).isEqualTo(inner);
    }
    lab.put(new NextHopKey(NH_TUNNEL), PacketLab.tunnel(Encapsulation.MPLS_O_UDP));
  }

  @Test
  void routesToTheMacOfARouter() {
    MacAddress router = PacketLab.mac(77);
    lab.put(new NextHopKey(NH_TUNNEL), PacketLab.tunnel(router));
    byte[] routed = sent(ping(GATEWAY, IP_R2));
    assertThat(from(routed, outer(routed, Encapsulation.VXLAN)))
        .isEqualTo(ethernet(router, PacketLab.mac(99), ipv4(IP_A, IP_R2, 63, 0, 1, echo(8, 77))));
    byte[] frame = ping(MAC_R1, IP_R1);
    byte[] bridged = sent(frame);
    assertThat(from(bridged, outer(bridged, Encapsulation.VXLAN))).isEqualTo(frame);
    assertThat(lab.datapath().contents())
        .containsEntry(new NextHopKey(NH_TUNNEL), PacketLab.tunnel(router));
    lab.put(new NextHopKey(NH_TUNNEL), PacketLab.tunnel(Encapsulation.MPLS_O_UDP));
  }

  @ParameterizedTest
  @EnumSource
  void bridgesArpThroughEachEncapsulation(Encapsulation encapsulation) {
    lab.put(new NextHopKey(NH_TUNNEL), PacketLab.tunnel(encapsulation));
    byte[] frame = ethernet(MAC_R1, MAC_A, arp(2, MAC_A, IP_A, MAC_R1, IP_R1));
    ProgramRun run = lab.fromGuest(A, frame);
    assertThat(run.result()).isEqualTo(ProgramRun.REDIRECT);
    assertThat(run.mark()).as("for the second pass").isEqualTo(-1);
    assertThat(from(run.packet(), outer(run.packet(), encapsulation))).isEqualTo(frame);
    lab.put(new NextHopKey(NH_TUNNEL), PacketLab.tunnel(Encapsulation.MPLS_O_UDP));
  }

  /** Checks the outer headers; the result is where the payload starts. */
  private static int outer(byte[] out, Encapsulation encapsulation) {
    assertThat(u16(out, 12)).as("type").isEqualTo(0x0800);
    assertThat(Packets.checksum(out, 14, 20)).as("checksum").isZero();
    assertThat(u16(out, 16)).as("length").isEqualTo(out.length - 14);
    assertThat(Arrays.copyOfRange(out, 26, 34))
        .isEqualTo(new byte[] {(byte) 172, 31, 0, 11, (byte) 172, 31, 0, 12});
    int label = LABEL_THERE << 12 | 0x100 | 64;
    return switch (encapsulation) {
      case MPLS_O_GRE -> {
        assertThat(out[23]).isEqualTo((byte) 47);
        assertThat(i32(out, 34)).isEqualTo(0x8847);
        assertThat(i32(out, 38)).isEqualTo(label);
        yield 42;
      }
      case MPLS_O_UDP -> {
        udpHeader(out, 6635);
        assertThat(i32(out, 42)).isEqualTo(label);
        yield 46;
      }
      case VXLAN -> {
        udpHeader(out, 4789);
        assertThat(i32(out, 42)).isEqualTo(0x08000000);
        assertThat(i32(out, 46)).isEqualTo(LABEL_THERE << 8);
        yield 50;
      }
    };
  }

  private static void udpHeader(byte[] out, int port) {
    assertThat(out[23]).isEqualTo((byte) 17);
    assertThat(u16(out, 34)).isGreaterThanOrEqualTo(49152);
    assertThat(u16(out, 36)).isEqualTo(port);
    assertThat(u16(out, 38)).isEqualTo(out.length - 34);
    assertThat(u16(out, 40)).as("no checksum").isZero();
  }

  private static int u16(byte[] b, int at) {
    return (b[at] & 0xff) << 8 | b[at + 1] & 0xff;
  }

  private static int i32(byte[] b, int at) {
    return u16(b, at) << 16 | u16(b, at + 2);
  }

  @Test
  void answersArpByTheRoute() {
    assertThat(sent(request(IP_B)))
        .isEqualTo(ethernet(MAC_A, MAC_B, arp(2, MAC_B, IP_B, MAC_A, IP_A)));
    assertThat(sent(request(IP_R1)))
        .isEqualTo(ethernet(MAC_A, MAC_R1, arp(2, MAC_R1, IP_R1, MAC_A, IP_A)));
    assertThat(sent(request("10.1.1.1")))
        .isEqualTo(ethernet(MAC_A, GATEWAY, arp(2, GATEWAY, "10.1.1.1", MAC_A, IP_A)));
    dropped(DropReason.ARP_NOT_ANSWERED, request("10.1.1.99"));
  }

  private static byte[] request(String target) {
    return ethernet(BROADCAST, MAC_A, arp(1, MAC_A, IP_A, MacAddress.ZERO, target));
  }

  @Test
  void refusesForgedArp() {
    dropped(
        DropReason.INVALID_SOURCE,
        ethernet(BROADCAST, MAC_A, arp(1, MAC_A, IP_B, MacAddress.ZERO, IP_A)));
    dropped(DropReason.INVALID_SOURCE, ethernet(MAC_B, MAC_A, arp(2, MAC_C, IP_A, MAC_B, IP_B)));
    dropped(DropReason.INVALID_SOURCE, ethernet(MAC_B, MAC_C, arp(2, MAC_A, IP_A, MAC_B, IP_B)));
  }

  @Test
  void refusesForgedSources() {
    dropped(DropReason.INVALID_SOURCE, ethernet(MAC_B, MAC_A, ipv4(IP_B, IP_C, echo(8, 1))));
    dropped(DropReason.INVALID_SOURCE, ethernet(MAC_B, MAC_C, ipv4(IP_A, IP_B, echo(8, 1))));
    dropped(DropReason.INVALID_SOURCE, ethernet(MAC_B, MAC_A, ipv4("0.0.0.0", IP_B, tcp(1, 2))));
  }

  @Test
  void takesAnySourceWherePolicyIsOff() {
    Vif a = lab.vif(A, 0, 0, 0);
    lab.put(
        new VifKey(A),
        new Vif(
            a.kind(),
            a.device(),
            a.ifindex(),
            a.mac(),
            a.vrf(),
            a.address(),
            new TreeSet<>(a.allowed()),
            0,
            0,
            0,
            new Vif.Flags(false, true, true, true),
            a.port()));
    byte[] frame = ethernet(MAC_B, MAC_C, ipv4("1.2.3.4", IP_B, udp(1, 2, data(1))));
    assertThat(sent(frame)).isEqualTo(frame);
    lab.put(new VifKey(A), a);
  }

  @Test
  void handsDhcpAndServiceAddressesToTheAgent() throws InterruptedException {
    TRAPS.clear();
    byte[] discover =
        ethernet(BROADCAST, MAC_A, ipv4("0.0.0.0", "255.255.255.255", udp(68, 67, data(300))));
    assertThat(lab.fromGuest(A, discover).result()).isEqualTo(ProgramRun.SHOT);
    Trap trap = TRAPS.poll(5, TimeUnit.SECONDS);
    assertThat(trap.reason()).isEqualTo(Trap.Reason.DHCP);
    assertThat(trap.vif()).isEqualTo(A);
    assertThat(trap.frame()).isEqualTo(discover);
    byte[] gateway = ethernet(GATEWAY, MAC_A, ipv4(IP_A, "10.1.1.1", udp(1000, 53, data(1200))));
    assertThat(lab.fromGuest(A, gateway).result()).isEqualTo(ProgramRun.SHOT);
    trap = TRAPS.poll(5, TimeUnit.SECONDS);
    assertThat(trap.reason()).isEqualTo(Trap.Reason.RECEIVE);
    assertThat(trap.frame()).isEqualTo(gateway);
  }

  @Test
  void choosesOneOfEqualRoutesByFlow() {
    boolean[] seen = new boolean[104];
    for (int port = 0; port < 100; port++) {
      byte[] frame = ethernet(GATEWAY, MAC_A, ipv4(IP_A, "10.9.1.1", udp(port, 80, data(8))));
      int label = i32(sent(frame), 42) >>> 12;
      assertThat(label).isIn(101, 103);
      assertThat(i32(sent(frame), 42) >>> 12).isEqualTo(label);
      seen[label] = true;
    }
    assertThat(seen[101] && seen[103]).isTrue();
  }

  @Test
  void dropsWhatLeadsNowhere() {
    dropped(DropReason.L2_NO_ROUTE, ping(PacketLab.mac(66), IP_B));
    dropped(DropReason.NO_ROUTE, ping(GATEWAY, "9.9.9.9"));
    dropped(DropReason.DISCARD, ping(GATEWAY, "10.1.1.200"));
    dropped(DropReason.LOOP, ping(MAC_A, IP_B));
    dropped(
        DropReason.UNSUPPORTED_PROTOCOL,
        ethernet(MAC_B, MAC_A, new Packets.Layer(0x88cc, data(50))));
    dropped(
        DropReason.UNSUPPORTED_PROTOCOL,
        ethernet(MAC_B, MAC_A, new Packets.Layer(0x8100, data(50))));
    lab.put(
        PacketLab.key(1, "10.7.0.0/16"),
        new InetRoute(999, -1, InetRoute.Arp.FLOOD, null, 0, new TreeSet<>()));
    dropped(DropReason.INVALID_NEXT_HOP, ping(GATEWAY, "10.7.1.1"));
  }

  @Test
  void refusesWhatDoesNotFitTheUnderlay() {
    byte[] fits = ethernet(GATEWAY, MAC_A, ipv4(IP_A, IP_R2, udp(1, 2, data(1600 - 32 - 28))));
    byte[] tooBig = ethernet(GATEWAY, MAC_A, ipv4(IP_A, IP_R2, udp(1, 2, data(1601 - 32 - 28))));
    sent(fits);
    long drops =
        lab.drops(
            DropReason.PACKET_TOO_BIG,
            () -> assertThat(lab.fromGuest(A, tooBig).result()).isEqualTo(ProgramRun.REDIRECT));
    assertThat(drops).isEqualTo(1);
  }

  @Test
  void aCutPacketIsCounted() {
    for (byte[] whole :
        new byte[][] {
          ethernet(MAC_B, MAC_A, ipv4(IP_A, IP_B, tcp(1000, 2000))),
          ethernet(GATEWAY, MAC_A, ipv4(IP_A, IP_R2, udp(1, 2, data(10)))),
          ethernet(MAC_B, MAC_A, ipv6(IP6_A, IP6_B, echo6(128, 3))),
          ethernet(BROADCAST, MAC_A, arp(1, MAC_A, IP_A, MacAddress.ZERO, IP_B))
        }) {
      for (int length = ProgramRun.shortest(whole); length < whole.length; length++) {
        dropped(DropReason.INVALID_PACKET, Arrays.copyOf(whole, length));
      }
    }
  }

  @Test
  void lengthsThatLieAreCounted() {
    byte[] frame = ethernet(MAC_B, MAC_A, ipv4(IP_A, IP_B, udp(1, 2, data(8))));
    for (int header : new int[] {0x40, 0x44, 0x4f, 0x65}) {
      byte[] bad = frame.clone();
      bad[14] = (byte) header;
      dropped(DropReason.INVALID_PACKET, bad);
    }
    byte[] tooShort = frame.clone();
    tooShort[16] = 0;
    tooShort[17] = 21;
    dropped(DropReason.INVALID_PACKET, tooShort);
  }

  @Test
  void aFloodedCopyGoesToTheMemberOfItsMark() {
    byte[] frame = ethernet(BROADCAST, MAC_A, ipv4(IP_A, "10.1.1.255", udp(1, 2, data(8))));
    assertThat(lab.fromGuest(A, frame).result()).isEqualTo(ProgramRun.SHOT);
    ProgramRun toB = lab.run("agent_rx", "pkt0", PacketLab.NH_FLOOD << 12 | 1, frame);
    assertThat(toB.result()).isEqualTo(ProgramRun.REDIRECT);
    assertThat(toB.packet()).isEqualTo(frame);
    assertThat(toB.mark()).isZero();
    ProgramRun toTunnel = lab.run("agent_rx", "pkt0", PacketLab.NH_FLOOD << 12 | 2, frame);
    assertThat(from(toTunnel.packet(), outer(toTunnel.packet(), Encapsulation.MPLS_O_UDP)))
        .isEqualTo(frame);
    assertThat(
            lab.drops(
                DropReason.INVALID_NEXT_HOP,
                () -> lab.run("agent_rx", "pkt0", PacketLab.NH_FLOOD << 12 | 3, frame)))
        .isEqualTo(1);
  }

  @Test
  void theAgentsFramesSayWhereTheyGo() {
    byte[] frame = ethernet(MAC_A, GATEWAY, ipv4("10.1.1.1", IP_A, udp(67, 68, data(8))));
    ProgramRun transmitted = lab.run("agent_rx", "pkt0", 0, trailed(frame, 1, A));
    assertThat(transmitted.result()).isEqualTo(ProgramRun.REDIRECT);
    assertThat(transmitted.packet()).isEqualTo(frame);
    byte[] sent = ping(MAC_B, IP_B);
    assertThat(lab.run("agent_rx", "pkt0", 0, trailed(sent, 2, A)).packet()).isEqualTo(sent);
    assertThat(lab.drops(DropReason.INVALID_PACKET, () -> lab.run("agent_rx", "pkt0", 0, frame)))
        .isEqualTo(1);
    assertThat(
            lab.drops(
                DropReason.NO_VIF, () -> lab.run("agent_rx", "pkt0", 0, trailed(frame, 1, 999))))
        .isEqualTo(1);
  }

  private static byte[] trailed(byte[] frame, int operation, int vif) {
    return new weft.net.Writer().bytes(frame).i32(0x57656674).u16(operation).u16(vif).toBytes();
  }

  @Test
  void aGuestCannotFloodTheAgent() {
    byte[] request = ethernet(GATEWAY, MAC_B, ipv4(IP_B, "10.1.1.1", udp(2, 3, data(8))));
    long refused =
        lab.drops(
            DropReason.TRAP_RATE,
            () -> {
              for (int i = 0; i < 3000; i++) {
                lab.fromGuest(B, request);
              }
            });
    assertThat(refused).isPositive();
    TRAPS.clear();
  }

  @Test
  void countsByVif() {
    VifStats a = lab.datapath().vifStats().get(A);
    VifStats b = lab.datapath().vifStats().get(B);
    byte[] frame = ping(MAC_B, IP_B);
    sent(frame);
    dropped(DropReason.NO_ROUTE, ping(GATEWAY, "9.9.9.9"));
    VifStats after = lab.datapath().vifStats().get(A);
    assertThat(after.rxPackets() - a.rxPackets()).isEqualTo(2);
    assertThat(after.rxBytes() - a.rxBytes()).isEqualTo(2L * frame.length);
    assertThat(lab.datapath().vifStats().get(B).txPackets() - b.txPackets()).isEqualTo(1);
    Map<DropReason, Long> drops = lab.datapath().vifDrops().get(A);
    assertThat(drops.get(DropReason.NO_ROUTE)).isPositive();
  }
}
