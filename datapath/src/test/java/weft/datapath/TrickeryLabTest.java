package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.B;
import static weft.datapath.PacketLab.HERE;
import static weft.datapath.PacketLab.IP_A;
import static weft.datapath.PacketLab.IP_B;
import static weft.datapath.PacketLab.IP_R1;
import static weft.datapath.PacketLab.LABEL_L3_A;
import static weft.datapath.PacketLab.MAC_A;
import static weft.datapath.PacketLab.MAC_B;
import static weft.datapath.PacketLab.THERE;
import static weft.datapath.Packets.data;
import static weft.datapath.Packets.ethernet;
import static weft.datapath.Packets.ipv4;
import static weft.datapath.Packets.udp;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.datapath.Packets.Layer;
import weft.net.MacAddress;
import weft.testkit.Seeds;
import weft.vrouter.DropReason;
import weft.vrouter.TableKey.VifKey;

/** What a guest or somebody in the underlay might try to get past policy or to others. */
@Tag("lab")
class TrickeryLabTest {
  private static final int EGRESS = 3;
  private static final MacAddress GATEWAY = MacAddress.GATEWAY;
  private static final AtomicInteger TRAPS = new AtomicInteger();
  private static PacketLab lab;

  @BeforeAll
  static void open() {
    lab = new PacketLab("ti");
    lab.datapath().traps(_ -> TRAPS.incrementAndGet());
    lab.onlyUdpFromA(EGRESS, 53);
  }

  @AfterAll
  static void close() {
    lab.close();
    assertThat(Namespace.sh("cat /proc/sys/kernel/tainted").strip()).isEqualTo("0");
  }

  private static void passes(byte[] frame) {
    ProgramRun run = lab.fromGuest(A, frame);
    assertThat(run.result()).isEqualTo(ProgramRun.REDIRECT);
    assertThat(run.packet()).isEqualTo(frame);
  }

  private static void dropped(DropReason reason, byte[] frame) {
    assertThat(
            lab.drops(
                reason,
                () -> assertThat(lab.fromGuest(A, frame).result()).isEqualTo(ProgramRun.SHOT)))
        .as(reason.name())
        .isEqualTo(1);
  }

  /** Puts options of IP, in words, between the header and what follows it. */
  private static byte[] withOptions(byte[] frame, byte[] options) {
    byte[] packet = new byte[frame.length + options.length];
    System.arraycopy(frame, 0, packet, 0, 34);
    System.arraycopy(options, 0, packet, 34, options.length);
    System.arraycopy(frame, 34, packet, 34 + options.length, frame.length - 34);
    packet[14] = (byte) (0x45 + options.length / 4);
    int length = packet.length - 14;
    packet[16] = (byte) (length >>> 8);
    packet[17] = (byte) length;
    packet[24] = 0;
    packet[25] = 0;
    int sum = Packets.checksum(packet, 14, 20 + options.length);
    packet[24] = (byte) (sum >>> 8);
    packet[25] = (byte) sum;
    return packet;
  }

  /** Policy sees the ports behind the options, not what the options have in their place. */
  @Test
  void optionsOfIpHideNothing() {
    byte[] routerAlert = {(byte) 0x94, 4, 0, 0};
    byte[] asIfPorts = {0, 53, 0, 53, 1, 1, 1, 1};
    byte[] sourceRoute = {(byte) 0x83, 7, 4, 10, 1, 1, 4, 0};
    for (byte[] options : List.of(routerAlert, asIfPorts, sourceRoute, new byte[40])) {
      passes(withOptions(ethernet(MAC_B, MAC_A, ipv4(IP_A, IP_B, udp(9, 53, data(8)))), options));
      dropped(
          DropReason.SECURITY_GROUP_OUT,
          withOptions(ethernet(MAC_B, MAC_A, ipv4(IP_A, IP_B, udp(9, 54, data(8)))), options));
    }
  }

  private static byte[] fragment(int offset, boolean more, int id, Layer payload) {
    return ethernet(MAC_B, MAC_A, ipv4(IP_A, IP_B, 64, (more ? 0x2000 : 0) | offset, id, payload));
  }

  /** Units of eight bytes: nothing that overlaps can write over ports, and each head is judged. */
  @Test
  void overlappingFragmentsChangeNoVerdict() {
    Layer rest = new Layer(17, data(24));
    passes(fragment(0, true, 21, udp(9, 53, data(24))));
    passes(fragment(1, true, 21, rest));
    passes(fragment(1, false, 21, rest));
    dropped(DropReason.SECURITY_GROUP_OUT, fragment(0, true, 21, udp(9, 54, data(24))));
    dropped(DropReason.SECURITY_GROUP_OUT, fragment(2, false, 21, rest));
    dropped(DropReason.FRAGMENT_NO_HEAD, fragment(1, false, 22, rest));
    dropped(DropReason.INVALID_PACKET, fragment(0, true, 23, new Layer(17, data(4))));
    dropped(DropReason.FRAGMENT_NO_HEAD, fragment(1, false, 23, rest));
  }

  /** To a guest's port a tunnel is a packet like any; to the underlay there is no way. */
  @Test
  void tunnelsThatGuestsMakeLeadNowhere() {
    lab.put(new VifKey(A), lab.vif(A, 0, 0, 0));
    try {
      byte[] inner = ethernet(MAC_B, MacAddress.ZERO, ipv4(IP_R1, IP_B, udp(1, 2, data(8))));
      for (Layer tunnel :
          List.of(
              Packets.mplsUdp(6635, LABEL_L3_A, Packets.from(inner, 14)),
              Packets.mplsGre(LABEL_L3_A, Packets.from(inner, 14)),
              Packets.vxlan(PacketLab.VNI_1, inner))) {
        passes(ethernet(MAC_B, MAC_A, ipv4(IP_A, IP_B, tunnel)));
        for (String underlay : List.of(HERE, THERE)) {
          dropped(DropReason.NO_ROUTE, ethernet(GATEWAY, MAC_A, ipv4(IP_A, underlay, tunnel)));
        }
        Layer twice = Packets.mplsUdp(6635, LABEL_L3_A, ipv4(IP_R1, IP_A, tunnel).bytes());
        ProgramRun opened = lab.fromFabric(ipv4(THERE, HERE, twice));
        assertThat(opened.result()).isEqualTo(ProgramRun.REDIRECT);
        assertThat(Packets.from(opened.packet(), 14))
            .as("opened once")
            .isEqualTo(ipv4(IP_R1, IP_A, tunnel).bytes());
      }
    } finally {
      lab.put(new VifKey(A), lab.vif(A, 0, 0, EGRESS));
    }
  }

  /** Every label and VNI from who is no known host, and those that lead nowhere from one. */
  @Test
  void guessedLabelsLeadNowhere() {
    Layer inner = ipv4(IP_R1, IP_A, udp(1, 2, data(8)));
    byte[] frame = ethernet(MAC_A, PacketLab.MAC_R1, inner);
    Seeds.each(
        300,
        seed -> {
          Random random = new Random(seed);
          int number = random.nextInt(4) == 0 ? random.nextInt(1 << 20) : random.nextInt(40);
          for (Layer tunnel :
              List.of(
                  Packets.mplsUdp(6635, number, inner.bytes()),
                  Packets.mplsUdp(51234, number, frame),
                  Packets.mplsGre(number, inner.bytes()),
                  Packets.vxlan(number, frame))) {
            String stranger = "172.31.0." + (20 + random.nextInt(200));
            assertThat(
                    lab.drops(
                        DropReason.INVALID_TUNNEL_SOURCE,
                        () -> lab.fromFabric(ipv4(stranger, HERE, tunnel))))
                .isEqualTo(1);
          }
          int unused = 5000 + random.nextInt(1 << 19);
          assertThat(
                  lab.drops(
                      DropReason.INVALID_LABEL,
                      () ->
                          lab.fromFabric(
                              ipv4(THERE, HERE, Packets.mplsUdp(6635, unused, inner.bytes())))))
              .isEqualTo(1);
          assertThat(
                  lab.drops(
                      DropReason.INVALID_VNI,
                      () -> lab.fromFabric(ipv4(THERE, HERE, Packets.vxlan(unused, frame)))))
              .isEqualTo(1);
        });
  }

  /** Questions are answered in the kernel; what must go up goes up by the port's share. */
  @Test
  void aFloodOfArpReachesTheAgentByTheShareOfItsPort() {
    byte[] question =
        ethernet(MacAddress.BROADCAST, MAC_A, Packets.arp(1, MAC_A, IP_A, MacAddress.ZERO, IP_B));
    int before = TRAPS.get();
    for (int i = 0; i < 5000; i++) {
      assertThat(lab.fromGuest(A, question).result()).isEqualTo(ProgramRun.REDIRECT);
    }
    assertThat(TRAPS.get()).as("questions").isEqualTo(before);
    byte[] forged = question.clone();
    byte[] other = PacketLab.mac(77).toBytes();
    System.arraycopy(other, 0, forged, 22, 6);
    dropped(DropReason.INVALID_SOURCE, forged);
    byte[] theirs =
        ethernet(MacAddress.BROADCAST, MAC_B, Packets.arp(1, MAC_B, IP_B, MacAddress.ZERO, IP_A));
    ProgramRun answer = lab.fromGuest(B, theirs);
    assertThat(answer.result()).isEqualTo(ProgramRun.REDIRECT);
    assertThat(Arrays.copyOfRange(answer.packet(), 22, 28)).isEqualTo(MAC_A.toBytes());
  }
}
