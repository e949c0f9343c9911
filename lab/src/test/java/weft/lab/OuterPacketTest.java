package weft.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import weft.net.Hex;

class OuterPacketTest {
  private static final String ETHERNET = "020000000002 020000000001 0800";
  private static final String INNER =
      "4500001c000100004001 64d9 0a010103 0a010104 0800f7ff00000000";
  private static final String INNER_FRAME = "020000000004 020000000003 0800" + INNER;

  private static String outer(int protocol, int length) {
    return ETHERNET
        + "4500%04x0000400040%02x0000 ac1f000b ac1f000c".formatted(20 + length, protocol);
  }

  @Test
  void routedPacketUnderLabelOverUdp() {
    OuterPacket packet = decode(outer(17, 40) + "c000 19eb 0028 0000" + "00012140" + INNER);
    assertThat(packet.encapsulation()).isEqualTo("MPLSoUDP");
    assertThat(packet.lines())
        .containsExactly(
            "outer Ethernet  02:00:00:00:00:01 > 02:00:00:00:00:02 type 0x0800",
            "IPv4  172.31.0.11 > 172.31.0.12 protocol 17 ttl 64 id 0 length 60 DF",
            "UDP  port 49152 > 6635 length 40 checksum none",
            "MPLS  label 18 bottom 1 ttl 64",
            "IPv4  10.1.1.3 > 10.1.1.4 protocol 1 ttl 64 id 1 length 28",
            "ICMP  type 8 code 0");
  }

  @Test
  void bridgedFrameUnderLabelOverGre() {
    OuterPacket packet = decode(outer(47, 50) + "0000 8847" + "00013140" + INNER_FRAME);
    assertThat(packet.encapsulation()).isEqualTo("MPLSoGRE");
    assertThat(packet.lines())
        .contains(
            "MPLS  label 19 bottom 1 ttl 64",
            "inner Ethernet  02:00:00:00:00:03 > 02:00:00:00:00:04 type 0x0800")
        .endsWith("ICMP  type 8 code 0");
  }

  @Test
  void bridgedFrameInVxlan() {
    OuterPacket packet =
        decode(outer(17, 58) + "c000 12b5 003a 0000" + "08000000 00000500" + INNER_FRAME);
    assertThat(packet.encapsulation()).isEqualTo("VXLAN");
    assertThat(packet.lines()).contains("VXLAN  VNI 5 flags 0x08");
  }

  @Test
  void whatIsCutShortIsSaidSo() {
    byte[] whole =
        Hex.parse(outer(17, 58) + "c000 12b5 003a 0000" + "08000000 00000500" + INNER_FRAME);
    for (int length = 0; length < whole.length - 8; length++) {
      List<String> lines = OuterPacket.decode(Arrays.copyOf(whole, length)).lines();
      assertThat(lines.getLast()).as("%d bytes", length).startsWith("(cut short");
    }
  }

  private static OuterPacket decode(String hex) {
    return OuterPacket.decode(Hex.parse(hex));
  }
}
