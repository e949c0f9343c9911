package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.HERE;
import static weft.datapath.PacketLab.IP6_A;
import static weft.datapath.PacketLab.IP6_B;
import static weft.datapath.PacketLab.IP_A;
import static weft.datapath.PacketLab.IP_B;
import static weft.datapath.PacketLab.IP_R1;
import static weft.datapath.PacketLab.IP_R2;
import static weft.datapath.PacketLab.LABEL_FLOOD;
import static weft.datapath.PacketLab.LABEL_L2_A;
import static weft.datapath.PacketLab.LABEL_L3_A;
import static weft.datapath.PacketLab.MAC_A;
import static weft.datapath.PacketLab.MAC_R1;
import static weft.datapath.PacketLab.THERE;
import static weft.datapath.PacketLab.VNI_1;
import static weft.datapath.Packets.arp;
import static weft.datapath.Packets.data;
import static weft.datapath.Packets.echo;
import static weft.datapath.Packets.echo6;
import static weft.datapath.Packets.ethernet;
import static weft.datapath.Packets.ipv4;
import static weft.datapath.Packets.ipv6;
import static weft.datapath.Packets.mplsGre;
import static weft.datapath.Packets.mplsUdp;
import static weft.datapath.Packets.udp;
import static weft.datapath.Packets.vxlan;
import static weft.net.MacAddress.BROADCAST;
import static weft.net.MacAddress.GATEWAY;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.datapath.Packets.Layer;
import weft.net.MacAddress;
import weft.net.Writer;
import weft.vrouter.DropReason;

/** What comes from the underlay, packet by packet. */
@Tag("lab")
class FromFabricLabTest {
  private static PacketLab lab;

  @BeforeAll
  static void open() {
    lab = new PacketLab("ff");
  }

  @AfterAll
  static void close() {
    lab.close();
  }

  private static byte[] delivered(Layer inTunnel) {
    ProgramRun run = lab.fromFabric(ipv4(THERE, HERE, inTunnel));
    assertThat(run.result()).as("drops " + lab.datapath().drops()).isEqualTo(ProgramRun.REDIRECT);
    return run.packet();
  }

  private static void dropped(DropReason reason, Layer packet) {
    long drops =
        lab.drops(
            reason, () -> assertThat(lab.fromFabric(packet).result()).isEqualTo(ProgramRun.SHOT));
    assertThat(drops).as(reason.name()).isEqualTo(1);
  }

  private static Layer fromThere(Layer inner) {
    return ipv4(THERE, HERE, inner);
  }

  private static final Layer ROUTED = ipv4(IP_R2, IP_A, 9, 0, 1, echo(8, 5));
  private static final byte[] BRIDGED =
      ethernet(MAC_A, MAC_R1, ipv4(IP_R1, IP_A, udp(7, 8, data(40))));

  @Test
  void deliversRoutedPackets() {
    byte[] expected = ethernet(MAC_A, GATEWAY, ROUTED);
    for (Layer outer :
        List.of(
            mplsUdp(6635, LABEL_L3_A, ROUTED.bytes()),
            mplsUdp(51234, LABEL_L3_A, ROUTED.bytes()),
            mplsGre(LABEL_L3_A, ROUTED.bytes()))) {
      assertThat(delivered(outer)).isEqualTo(expected);
    }
  }

  @Test
  void deliversBridgedFrames() {
    for (Layer outer :
        List.of(
            mplsUdp(6635, LABEL_L2_A, BRIDGED),
            mplsGre(LABEL_L2_A, BRIDGED),
            vxlan(VNI_1, BRIDGED))) {
      assertThat(delivered(outer)).isEqualTo(BRIDGED);
    }
    byte[] reply = ethernet(MAC_A, MAC_R1, arp(2, MAC_R1, IP_R1, MAC_A, IP_A));
    assertThat(delivered(vxlan(VNI_1, reply))).isEqualTo(reply);
    assertThat(delivered(mplsUdp(6635, LABEL_L2_A, reply))).isEqualTo(reply);
  }

  @Test
  void deliversIpv6() {
    Layer ip = ipv6(IP6_B, IP6_A, echo6(128, 9));
    byte[] frame = ethernet(MAC_A, MAC_R1, ip);
    assertThat(delivered(vxlan(VNI_1, frame))).isEqualTo(frame);
    assertThat(delivered(mplsUdp(6635, LABEL_L3_A, ip.bytes())))
        .isEqualTo(ethernet(MAC_A, GATEWAY, ip));
  }

  @Test
  void routesVxlanFramesForTheGateway() {
    assertThat(delivered(vxlan(VNI_1, ethernet(GATEWAY, GATEWAY, ROUTED))))
        .isEqualTo(ethernet(MAC_A, GATEWAY, ROUTED));
  }

  @Test
  void routesVxlanFramesForThisHostsRouter() {
    assertThat(delivered(vxlan(VNI_1, ethernet(PacketLab.mac(99), PacketLab.mac(77), ROUTED))))
        .isEqualTo(ethernet(MAC_A, GATEWAY, ROUTED));
  }

  @Test
  void takesGreWithChecksumAndKey() {
    byte[] gre =
        new Writer()
            .u16(0xa000)
            .u16(0x8847)
            .i32(0)
            .i32(42)
            .bytes(Packets.mpls(LABEL_L3_A, ROUTED.bytes()))
            .toBytes();
    assertThat(delivered(new Layer(47, gre))).isEqualTo(ethernet(MAC_A, GATEWAY, ROUTED));
  }

  @Test
  void leavesTheHostsOwnTrafficAlone() {
    for (Layer own :
        List.of(
            ipv4(THERE, HERE, udp(1000, 5269, data(20))),
            ipv4(THERE, HERE, echo(8, 1)),
            ipv4(THERE, "172.31.0.99", mplsUdp(6635, LABEL_L3_A, ROUTED.bytes())),
            ipv4(THERE, HERE, 64, 0x2000, 5, mplsUdp(6635, LABEL_L3_A, ROUTED.bytes())),
            ipv6(IP6_A, IP6_B, echo6(128, 1)),
            arp(1, MAC_A, THERE, MacAddress.ZERO, HERE))) {
      byte[] frame = ethernet(PacketLab.mac(99), PacketLab.mac(98), own);
      ProgramRun run = lab.fromFabric(own);
      assertThat(run.result()).isEqualTo(ProgramRun.OK);
      assertThat(run.packet()).isEqualTo(frame);
    }
  }

  @Test
  void dropsWhatItDoesNotKnow() {
    dropped(
        DropReason.INVALID_TUNNEL_SOURCE,
        ipv4("172.31.0.66", HERE, mplsUdp(6635, LABEL_L3_A, ROUTED.bytes())));
    dropped(DropReason.INVALID_TUNNEL_SOURCE, ipv4("172.31.0.66", HERE, vxlan(VNI_1, BRIDGED)));
    dropped(DropReason.INVALID_LABEL, fromThere(mplsUdp(6635, 4000, ROUTED.bytes())));
    dropped(DropReason.INVALID_LABEL, fromThere(mplsGre(4000, ROUTED.bytes())));
    dropped(DropReason.INVALID_VNI, fromThere(vxlan(4000, BRIDGED)));
    dropped(DropReason.INVALID_VNI, fromThere(udp(5000, 4789, new byte[70])));
    byte[] twoLabels = new Writer().i32(LABEL_L3_A << 12 | 64).bytes(data(40)).toBytes();
    dropped(DropReason.INVALID_LABEL, fromThere(udp(5000, 6635, twoLabels)));
    dropped(
        DropReason.L2_NO_ROUTE,
        fromThere(vxlan(VNI_1, ethernet(PacketLab.mac(66), MAC_R1, ROUTED))));
    dropped(DropReason.INVALID_PACKET, fromThere(mplsUdp(6635, LABEL_L3_A, data(60))));
  }

  @Test
  void neverSendsBackIntoTheUnderlay() {
    dropped(
        DropReason.LOOP,
        fromThere(vxlan(VNI_1, ethernet(MAC_R1, PacketLab.mac(7), ipv4(IP_A, IP_R1, echo(8, 3))))));
  }

  @Test
  void floodsToLocalGuestsOnly() {
    byte[] broadcast = ethernet(BROADCAST, MAC_R1, arp(1, MAC_R1, IP_R1, MacAddress.ZERO, IP_B));
    for (Layer outer : List.of(vxlan(VNI_1, broadcast), mplsUdp(6635, LABEL_FLOOD, broadcast))) {
      long before = deviceRx();
      ProgramRun run = lab.fromFabric(fromThere(outer));
      assertThat(run.result()).isEqualTo(ProgramRun.SHOT);
      assertThat(deviceRx() - before).as("copies to A and B").isEqualTo(2);
    }
  }

  /** Copies made: packets that came in on the agent's device. */
  private static long deviceRx() {
    return lab.datapath().vifStats().get(PacketLab.A).txPackets()
        + lab.datapath().vifStats().get(PacketLab.B).txPackets();
  }

  @Test
  void aCutPacketIsCountedOrLeftToTheHost() {
    for (Layer outer :
        List.of(
            fromThere(mplsUdp(6635, LABEL_L3_A, ROUTED.bytes())),
            fromThere(mplsGre(LABEL_L2_A, BRIDGED)),
            fromThere(vxlan(VNI_1, BRIDGED)))) {
      byte[] frame = ethernet(PacketLab.mac(99), PacketLab.mac(98), outer);
      for (int length = ProgramRun.shortest(frame); length < frame.length; length++) {
        long before = lab.datapath().drops().values().stream().mapToLong(n -> n).sum();
        ProgramRun run = lab.run("fabric_rx", "ul", 0, Arrays.copyOf(frame, length));
        long drops = lab.datapath().drops().values().stream().mapToLong(n -> n).sum() - before;
        if (run.result() == ProgramRun.SHOT) {
          assertThat(drops).as("at " + length).isEqualTo(1);
        } else {
          assertThat(run.result()).as("at " + length).isEqualTo(ProgramRun.OK);
          assertThat(drops).isZero();
        }
      }
    }
    assertThat(lab.datapath().drops().keySet())
        .doesNotContain(DropReason.REWRITE_FAILED, DropReason.NONE);
  }
}
