package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.HERE;
import static weft.datapath.PacketLab.IP6_A;
import static weft.datapath.PacketLab.IP6_B;
import static weft.datapath.PacketLab.IP_A;
import static weft.datapath.PacketLab.IP_B;
import static weft.datapath.PacketLab.IP_C;
import static weft.datapath.PacketLab.IP_R1;
import static weft.datapath.PacketLab.LABEL_FLOOD;
import static weft.datapath.PacketLab.LABEL_L2_A;
import static weft.datapath.PacketLab.LABEL_L3_A;
import static weft.datapath.PacketLab.MAC_A;
import static weft.datapath.PacketLab.MAC_B;
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
import static weft.datapath.Packets.neighbour;
import static weft.datapath.Packets.tcp;
import static weft.datapath.Packets.udp;
import static weft.datapath.Packets.unreachable;
import static weft.datapath.Packets.vxlan;
import static weft.net.MacAddress.BROADCAST;
import static weft.net.MacAddress.GATEWAY;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.net.MacAddress;
import weft.testkit.Seeds;

/**
 * Frames broken at random, from a guest and from the underlay: none harms, none says what is not
 * true.
 */
@Tag("lab")
class HostileLabTest {
  private static final int SEEDS = 6000;
  private static PacketLab lab;
  private static final AtomicLong TRAPS = new AtomicLong();

  @BeforeAll
  static void open() {
    lab = new PacketLab("hg");
    lab.datapath().traps(_ -> TRAPS.incrementAndGet());
  }

  @AfterAll
  static void close() {
    lab.close();
  }

  private static final List<byte[]> GUEST =
      List.of(
          ethernet(MAC_B, MAC_A, ipv4(IP_A, IP_B, tcp(4000, 80))),
          ethernet(GATEWAY, MAC_A, ipv4(IP_A, IP_C, udp(4000, 53, data(40)))),
          ethernet(GATEWAY, MAC_A, ipv4(IP_A, IP_R1, 64, 0x2000, 9, udp(4000, 53, data(40)))),
          ethernet(GATEWAY, MAC_A, ipv4(IP_A, IP_R1, 64, 3, 9, udp(4000, 53, data(40)))),
          ethernet(GATEWAY, MAC_A, ipv4(IP_A, IP_R1, 1, 0, 9, echo(8, 5))),
          ethernet(
              MAC_B, MAC_A, ipv4(IP_A, IP_B, unreachable(ipv4(IP_B, IP_A, udp(1, 2, data(8)))))),
          ethernet(BROADCAST, MAC_A, ipv4("0.0.0.0", "255.255.255.255", udp(68, 67, data(250)))),
          ethernet(BROADCAST, MAC_A, arp(1, MAC_A, IP_A, MacAddress.ZERO, IP_B)),
          ethernet(MAC_B, MAC_A, ipv6(IP6_A, IP6_B, echo6(128, 1))),
          ethernet(
              MacAddress.parse("33:33:ff:00:00:04"),
              MAC_A,
              neighbour(135, "fe80::1", "ff02::1:ff00:4", 0, IP6_B, 1, MAC_A)),
          ethernet(MAC_B, MAC_A, neighbour(136, IP6_A, IP6_B, 0x60, IP6_A, 2, MAC_A)));

  private static byte[] tunnel(Packets.Layer inTunnel) {
    return ethernet(PacketLab.mac(99), PacketLab.mac(98), ipv4(THERE, HERE, inTunnel));
  }

  private static final Packets.Layer ROUTED = ipv4(IP_R1, IP_A, udp(7, 8, data(30)));
  private static final byte[] BRIDGED = ethernet(MAC_A, PacketLab.MAC_R1, ROUTED);
  private static final List<byte[]> FABRIC =
      List.of(
          tunnel(mplsUdp(6635, LABEL_L3_A, ROUTED.bytes())),
          tunnel(mplsGre(LABEL_L3_A, ROUTED.bytes())),
          tunnel(mplsUdp(6635, LABEL_L2_A, BRIDGED)),
          tunnel(mplsGre(LABEL_FLOOD, BRIDGED)),
          tunnel(vxlan(VNI_1, BRIDGED)));

  private static byte[] broken(Random random, List<byte[]> frames) {
    byte[] frame = frames.get(random.nextInt(frames.size())).clone();
    for (int i = random.nextInt(6); i > 0; i--) {
      int at = random.nextInt(frame.length);
      frame[at] =
          (byte)
              switch (random.nextInt(4)) {
                case 0 -> 0;
                case 1 -> 0xff;
                case 2 -> frame[at] ^ 1 << random.nextInt(8);
                default -> random.nextInt();
              };
    }
    int length =
        random.nextInt(3) != 0
            ? frame.length
            : ProgramRun.shortest(frame) + random.nextInt(frame.length);
    return Arrays.copyOf(frame, Math.max(ProgramRun.shortest(frame), length));
  }

  private static long allDrops() {
    return lab.datapath().drops().values().stream().mapToLong(n -> n).sum();
  }

  private static boolean isIpv4(byte[] frame) {
    return frame[12] == 8 && frame[13] == 0;
  }

  @Test
  void whatAGuestSendsIsItsOwnOrDoesNotGoOn() {
    Seeds.each(
        SEEDS,
        seed -> {
          byte[] frame = broken(new Random(seed), GUEST);
          ProgramRun run = lab.fromGuest(A, frame);
          if (run.result() != ProgramRun.REDIRECT) {
            assertThat(run.result()).isEqualTo(ProgramRun.SHOT);
            return;
          }
          assertThat(Arrays.copyOfRange(frame, 6, 12)).as("source MAC").isEqualTo(MAC_A.toBytes());
          if (isIpv4(frame)) {
            assertThat(Arrays.copyOfRange(frame, 26, 30))
                .as("source address")
                .isEqualTo(Packets.ip(IP_A).toBytes());
          }
        });
    assertUnharmed();
  }

  @Test
  void whatTheUnderlayBringsReachesAGuestOnlyFromAKnownHost() {
    Seeds.each(
        SEEDS,
        seed -> {
          byte[] frame = broken(new Random(seed), FABRIC);
          ProgramRun run = lab.run("fabric_rx", "ul", 0, frame);
          if (run.result() == ProgramRun.REDIRECT) {
            assertThat(isIpv4(frame)).isTrue();
            assertThat(Arrays.copyOfRange(frame, 26, 30)).isEqualTo(Packets.ip(THERE).toBytes());
            assertThat(Arrays.copyOfRange(frame, 30, 34)).isEqualTo(Packets.ip(HERE).toBytes());
          } else {
            assertThat(run.result()).isIn(ProgramRun.SHOT, ProgramRun.OK);
          }
        });
    assertUnharmed();
  }

  /** Whoever asks too much is not heard, and the others are. */
  @Test
  void aFloodOfOneGuestLeavesTheOthersTheirShare() {
    byte[] discover =
        ethernet(BROADCAST, MAC_A, ipv4("0.0.0.0", "255.255.255.255", udp(68, 67, data(250))));
    long before = allDrops();
    for (int i = 0; i < 3000; i++) {
      assertThat(lab.fromGuest(A, discover).result()).isEqualTo(ProgramRun.SHOT);
    }
    assertThat(allDrops() - before).as("not all of them went up").isPositive();
    byte[] other =
        ethernet(BROADCAST, MAC_B, ipv4("0.0.0.0", "255.255.255.255", udp(68, 67, data(250))));
    before = allDrops();
    assertThat(lab.fromGuest(PacketLab.B, other).result()).isEqualTo(ProgramRun.SHOT);
    assertThat(allDrops() - before).as("the other guest's went up").isZero();
  }

  private static void assertUnharmed() {
    byte[] good = ethernet(MAC_B, MAC_A, ipv4(IP_A, IP_B, echo(8, 4711)));
    assertThat(lab.fromGuest(A, good).packet()).isEqualTo(good);
    assertThat(Namespace.sh("cat /proc/sys/kernel/tainted").strip()).isEqualTo("0");
  }
}
