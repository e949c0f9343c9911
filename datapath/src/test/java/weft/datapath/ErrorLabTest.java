package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.HERE;
import static weft.datapath.PacketLab.IP6_A;
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
import static weft.datapath.Packets.ipv6;
import static weft.datapath.Packets.mplsUdp;
import static weft.datapath.Packets.udp;
import static weft.datapath.Packets.unreachable;
import static weft.net.MacAddress.GATEWAY;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.datapath.Packets.Layer;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.net.Writer;
import weft.vrouter.DropReason;
import weft.vrouter.FloatingAddresses;
import weft.vrouter.FloatingAddresses.Floating;
import weft.vrouter.TableKey.FloatingKey;

/** What a guest is told of packets that cannot go on, and of its segments' size. */
@Tag("lab")
class ErrorLabTest {
  private static final String FAR6 = "fd09::9";
  private static final String ROUTER6 = "fd09::1";
  private PacketLab lab;

  @BeforeEach
  void open() {
    lab = new PacketLab("er");
    lab.namespace().exec("ip link set ul mtu 1400");
    lab.put(key(1, "fd09::/16"), PacketLab.tunnelRoute(MAC_R1, 200));
    lab.put(key(2, "fd0a::/16"), PacketLab.tunnelRoute(MAC_R1, 200));
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private byte[] refused(DropReason reason, Layer packet) {
    byte[][] frame = new byte[1][];
    long drops =
        lab.drops(
            reason,
            () -> {
              ProgramRun run = lab.fromGuest(A, ethernet(GATEWAY, MAC_A, packet));
              assertThat(run.result()).isEqualTo(ProgramRun.REDIRECT);
              frame[0] = run.packet();
            });
    assertThat(drops).isEqualTo(1);
    assertThat(Arrays.copyOf(frame[0], 12))
        .isEqualTo(new Writer().mac(MAC_A).mac(GATEWAY).toBytes());
    byte[] error = Packets.from(frame[0], 14);
    assertThat(Packets.sumsUp(error)).as(weft.net.Hex.of(frame[0])).isTrue();
    return error;
  }

  private static int u16(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
  }

  @Test
  void aPacketWhoseTimeIsOver() {
    Layer packet = checked(ipv4(IP_A, IP_R1, 1, 0, 9, udp(33434, 33435, data(100))));
    byte[] error = refused(DropReason.TTL_EXCEEDED, packet);
    assertThat(Ipv4Address.of(Arrays.copyOfRange(error, 12, 16))).hasToString("10.1.1.1");
    assertThat(Ipv4Address.of(Arrays.copyOfRange(error, 16, 20))).hasToString(IP_A);
    assertThat(List.of(error[9], error[20], error[21]))
        .containsExactly((byte) 1, (byte) 11, (byte) 0);
    assertThat(error).endsWith(Arrays.copyOf(packet.bytes(), 40));
    assertThat(u16(error, 2)).isEqualTo(error.length).isEqualTo(68);
  }

  @Test
  void aPacketThatIsTooBig() {
    Layer packet = checked(ipv4(IP_A, IP_R1, 64, 0x4000, 9, udp(1000, 1001, data(1372))));
    byte[] error = refused(DropReason.PACKET_TOO_BIG, packet);
    assertThat(List.of(error[20], error[21])).containsExactly((byte) 3, (byte) 4);
    assertThat(u16(error, 26)).as("32 bytes of outer headers").isEqualTo(1368);
    assertThat(error).endsWith(Arrays.copyOf(packet.bytes(), 40));
  }

  @Test
  void aPacketOfIpv6() {
    Layer packet = checked(ipv6(IP6_A, FAR6, udp(1000, 1001, data(1372))));
    byte[] error = refused(DropReason.PACKET_TOO_BIG, packet);
    assertThat(Ipv6Address.of(Arrays.copyOfRange(error, 8, 24)))
        .isEqualTo(Ipv6Address.parse("fe80::200:5eff:fe00:100"));
    assertThat(Ipv6Address.of(Arrays.copyOfRange(error, 24, 40))).hasToString(IP6_A);
    assertThat(List.of(error[40], error[41])).containsExactly((byte) 2, (byte) 0);
    assertThat(u16(error, 46)).isEqualTo(1368);
    assertThat(error).endsWith(Arrays.copyOf(packet.bytes(), 60));
    byte[] late = packet.bytes().clone();
    late[7] = 1;
    byte[] over = refused(DropReason.TTL_EXCEEDED, new Layer(0x86dd, late));
    assertThat(over[40]).isEqualTo((byte) 3);
  }

  @Test
  void aTranslatedPacketIsQuotedAsItWasSent() {
    IpAddress outside = IpAddress.parse("10.2.2.50");
    Floating floating =
        new Floating(
            outside,
            IpAddress.parse(IP_A),
            2,
            0,
            true,
            true,
            List.of(new FloatingAddresses.PortMap(17, 5000, 1000)));
    lab.put(new FloatingKey(A), new FloatingAddresses(List.of(floating)));
    lab.put(key(2, "8.0.0.0/8"), PacketLab.tunnelRoute(MAC_R1, 200));
    Layer packet = checked(ipv4(IP_A, "8.8.8.8", 64, 0x4000, 9, udp(1000, 53, data(1372))));
    byte[] error = refused(DropReason.PACKET_TOO_BIG, packet);
    assertThat(Ipv4Address.of(Arrays.copyOfRange(error, 16, 20))).hasToString(IP_A);
    byte[] quoted = Packets.from(error, 28);
    assertThat(Arrays.copyOf(quoted, 24)).isEqualTo(Arrays.copyOf(packet.bytes(), 24));
  }

  @Test
  void whatMustNotBeAnswered() {
    Layer about = checked(ipv4(IP_R1, IP_A, udp(1, 2, data(8))));
    lab.fromFabric(
        ipv4(
            THERE,
            HERE,
            mplsUdp(6635, LABEL_L3_A, checked(ipv4(IP_R1, IP_A, udp(1, 2, data(8)))).bytes())));
    for (Layer packet :
        List.of(
            checked(ipv4(IP_A, IP_R1, 1, 0, 9, unreachable(about))),
            ipv4("0.0.0.0", IP_R1, 1, 0, 9, echo(8, 1)))) {
      ProgramRun run = lab.fromGuest(A, ethernet(GATEWAY, MAC_A, packet));
      assertThat(run.result()).isEqualTo(ProgramRun.SHOT);
    }
  }

  @Test
  void oneGuestIsNotToldWithoutEnd() {
    Layer packet = checked(ipv4(IP_A, IP_R1, 1, 0, 9, echo(8, 5)));
    int told = 0;
    for (int i = 0; i < 3000; i++) {
      told +=
          lab.fromGuest(A, ethernet(GATEWAY, MAC_A, packet)).result() == ProgramRun.REDIRECT
              ? 1
              : 0;
    }
    assertThat(told).isBetween(900, 2900);
  }

  /** Errors of routers far away pass with the flow that they are about, in IPv6 as in IPv4. */
  @Test
  void anErrorOfIpv6PassesWithItsFlow() {
    Layer packet = checked(ipv6(IP6_A, FAR6, udp(1000, 53, data(20))));
    Layer error =
        checked(
            ipv6(
                ROUTER6,
                IP6_A,
                new Layer(
                    58,
                    new Writer().u8(2).u8(0).u16(0).i32(1280).bytes(packet.bytes()).toBytes())));
    Layer tunnel = ipv4(THERE, HERE, mplsUdp(6635, LABEL_L3_A, error.bytes()));
    long lost =
        lab.drops(
            DropReason.FLOW_INVALID,
            () -> assertThat(lab.fromFabric(tunnel).result()).isEqualTo(ProgramRun.SHOT));
    assertThat(lost).as("about nothing that was sent").isEqualTo(1);
    assertThat(lab.fromGuest(A, ethernet(GATEWAY, MAC_A, packet)).result())
        .isEqualTo(ProgramRun.REDIRECT);
    assertThat(lab.fromFabric(tunnel).result()).isEqualTo(ProgramRun.REDIRECT);
  }

  @Test
  void anErrorOfIpv6IsTranslatedInsideAndOutside() {
    IpAddress outside = IpAddress.parse("fd02::50");
    lab.put(
        new FloatingKey(A),
        new FloatingAddresses(
            List.of(new Floating(outside, IpAddress.parse(IP6_A), 2, 0, true, true, List.of()))));
    Layer packet = checked(ipv6(IP6_A, "fd0a::9", udp(1000, 53, data(20))));
    ProgramRun run = lab.fromGuest(A, ethernet(GATEWAY, MAC_A, packet));
    byte[] sent = Packets.from(run.packet(), 46);
    assertThat(Ipv6Address.of(Arrays.copyOfRange(sent, 8, 24))).isEqualTo(outside);
    Layer error =
        checked(
            ipv6(
                "fd0a::1",
                outside.toString(),
                new Layer(58, new Writer().u8(2).u8(0).u16(0).i32(1280).bytes(sent).toBytes())));
    byte[] seen =
        Packets.from(
            lab.fromFabric(ipv4(THERE, HERE, mplsUdp(6635, LABEL_L3_A, error.bytes()))).packet(),
            14);
    assertThat(Packets.sumsUp(seen)).isTrue();
    assertThat(Packets.from(seen, 48)).as("as it was sent").isEqualTo(aged(packet.bytes()));
  }

  /** With one hop less. */
  private static byte[] aged(byte[] ip) {
    byte[] aged = ip.clone();
    aged[7]--;
    return aged;
  }

  private static Layer syn(int mss, boolean odd) {
    Writer options = new Writer();
    if (odd) {
      options.u8(1);
    }
    options.u8(2).u8(4).u16(mss).u8(1).u8(1).u8(1);
    if (!odd) {
      options.u8(0);
    }
    return new Layer(
        6,
        new Writer()
            .u16(1000)
            .u16(80)
            .u32(1)
            .u32(0)
            .u16(0x7002)
            .u16(512)
            .u16(0)
            .u16(0)
            .bytes(options.toBytes())
            .toBytes());
  }

  @Test
  void segmentsAreMadeToFit() {
    for (boolean odd : new boolean[] {false, true}) {
      int at = 40 + (odd ? 3 : 2);
      Layer packet = checked(ipv4(IP_A, IP_R1, syn(1460, odd)));
      byte[] out = Packets.from(lab.fromGuest(A, ethernet(GATEWAY, MAC_A, packet)).packet(), 46);
      assertThat(u16(out, at)).isEqualTo(1400 - 32 - 40);
      assertThat(Packets.sumsUp(out)).isTrue();
      Layer small = checked(ipv4(IP_A, IP_R1, syn(536, odd)));
      byte[] same = Packets.from(lab.fromGuest(A, ethernet(GATEWAY, MAC_A, small)).packet(), 46);
      assertThat(u16(same, at)).isEqualTo(536);
    }
    Layer inbound = checked(ipv4(IP_R1, IP_A, syn(1460, false)));
    byte[] in =
        Packets.from(
            lab.fromFabric(ipv4(THERE, HERE, mplsUdp(6635, LABEL_L3_A, inbound.bytes()))).packet(),
            14);
    assertThat(u16(in, 42)).isEqualTo(1400 - 32 - 40);
    assertThat(Packets.sumsUp(in)).isTrue();
    Layer six = checked(ipv6(IP6_A, FAR6, syn(1440, false)));
    byte[] out6 = Packets.from(lab.fromGuest(A, ethernet(GATEWAY, MAC_A, six)).packet(), 46);
    assertThat(u16(out6, 62)).isEqualTo(1400 - 32 - 60);
    assertThat(Packets.sumsUp(out6)).isTrue();
  }
}
