package weft.agent.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import weft.bfd.BfdPacket;
import weft.net.Ipv4Address;
import weft.net.MacAddress;

class BfdFrameTest {
  private static final Ipv4Address SELF = Ipv4Address.parse("10.1.1.1");
  private static final Ipv4Address GUEST = Ipv4Address.parse("10.1.1.3");
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");

  @Test
  void aFrameCarriesAPacketOverOneLink() {
    BfdPacket packet =
        new BfdPacket(BfdPacket.State.DOWN, 0, false, false, false, 3, 1, 0, 1_000_000, 300_000);
    byte[] frame = BfdFrame.to(MAC, packet, SELF, GUEST);
    assertThat(frame[22] & 0xff).as("hops, by which one link is known").isEqualTo(255);
    assertThat(BfdFrame.from(frame, GUEST, SELF)).isEqualTo(packet);
    assertThat(BfdFrame.from(frame, SELF, GUEST)).as("of another").isNull();
  }
}
