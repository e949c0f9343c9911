package weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import weft.net.Hex;
import weft.net.IpAddress;

class PacketFilterTest {
  /** TCP 10.1.1.3:1000 to 10.1.1.4:80. */
  private static final String IP =
      "450000280001000040060000" + "0a010103" + "0a010104" + "03e80050" + "00".repeat(16);

  private static final String ETHERNET = "020000000002" + "020000000001" + "0800";
  private static final String PLAIN = ETHERNET + IP;

  /** 172.31.0.11 to 172.31.0.12, port 6635, label 18. */
  private static final String OUTER =
      ETHERNET
          + "450000480001000040110000"
          + "ac1f000b"
          + "ac1f000c"
          + "c00019eb00340000"
          + "00012140";

  private static PacketFilter filter(String host, String peer, int protocol, int port) {
    return new PacketFilter(
        host.isEmpty() ? null : IpAddress.parse(host),
        peer.isEmpty() ? null : IpAddress.parse(peer),
        protocol,
        port);
  }

  private static boolean matches(PacketFilter filter, String frame) {
    return filter.matches(Hex.parse(frame));
  }

  @Test
  void aFlowIsFoundAsItIsAndInsideTunnels() {
    for (String frame : new String[] {PLAIN, OUTER + IP, OUTER + PLAIN}) {
      assertThat(matches(filter("", "", -1, -1), frame)).isTrue();
      assertThat(matches(filter("10.1.1.3", "10.1.1.4", 6, 80), frame)).isTrue();
      assertThat(matches(filter("10.1.1.4", "", -1, 1000), frame)).isTrue();
      assertThat(matches(filter("10.1.1.5", "", -1, -1), frame)).isFalse();
      assertThat(matches(filter("10.1.1.3", "", 17, -1), frame)).isFalse();
      assertThat(matches(filter("10.1.1.3", "", 6, 81), frame)).isFalse();
    }
    assertThat(matches(filter("172.31.0.12", "", -1, -1), OUTER + IP)).isTrue();
    assertThat(matches(filter("172.31.0.12", "10.1.1.3", -1, -1), OUTER + IP)).isFalse();
  }

  @Test
  void whatIsCutOffMatchesNothingAndBreaksNothing() {
    byte[] whole = Hex.parse(OUTER + IP);
    PacketFilter filter = filter("10.1.1.3", "10.1.1.4", 6, 80);
    for (int length = 0; length < whole.length - 16; length++) {
      assertThat(filter.matches(Arrays.copyOf(whole, length))).as("cut at " + length).isFalse();
    }
  }
}
