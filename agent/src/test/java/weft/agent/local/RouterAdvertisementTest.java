package weft.agent.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import weft.agent.core.Wanted.AddressMode;
import weft.agent.core.Wanted.DhcpOption;
import weft.net.Hex;

class RouterAdvertisementTest {
  private static final byte[] SOLICITATION =
      Ipv6Guest.frame(58, 255, "ff02::2", Hex.parse("8500 0000 00000000 0101 020000000001"));

  private static String answer(AddressMode mode, DhcpOption... options) {
    byte[] frame = RouterAdvertisement.answer(SOLICITATION, Ipv6Guest.port(mode, options));
    Ipv6Frame packet = Ipv6Frame.parse(frame);
    assertThat(packet.destinationMac()).isEqualTo(Ipv6Guest.MAC);
    assertThat(packet.destination()).isEqualTo(Ipv6Guest.ON_LINK);
    assertThat(packet.source()).isEqualTo(Neighbours.GATEWAY);
    assertThat(packet.hopLimit()).isEqualTo(255);
    byte[] payload = packet.payload();
    byte[] unchecked = payload.clone();
    unchecked[2] = 0;
    unchecked[3] = 0;
    assertThat(Ipv6Frame.icmp(packet.source(), packet.destination(), unchecked)).isEqualTo(payload);
    return Hex.of(payload);
  }

  private static String flags(AddressMode mode) {
    return answer(mode).substring(10, 12);
  }

  @Test
  void tellsPrefixMtuRoutesAndNames() {
    assertThat(answer(AddressMode.STATEFUL, new DhcpOption("domain-name", "a.example")))
        .matches(
            "8600....40c02328" // hop limit 64, managed and other, lifetime 9000
                + "0000000000000000"
                + "010100005e000100"
                + "0501000000000578" // MTU 1400
                + "030440" // prefix of 64 bits
                + "80ffffffffffffffff00000000"
                + "fd000000000000000000000000000000"
                + "1803300000002328fd990000000000000000000000000000"
                + "1903000000002328fd000000000000000000000000000002"
                + "1f03000000002328" // then the domain
                + "0161076578616d706c6500"
                + "0000000000");
  }

  @Test
  void saysByFlagsHowGuestsComeByAddresses() {
    assertThat(flags(AddressMode.STATEFUL)).isEqualTo("c0");
    assertThat(flags(AddressMode.STATELESS)).isEqualTo("40");
    assertThat(flags(AddressMode.SLAAC)).isEqualTo("00");
    assertThat(flags(AddressMode.STATIC)).isEqualTo("00");
    for (AddressMode mode : AddressMode.values()) {
      boolean own = mode == AddressMode.SLAAC || mode == AddressMode.STATELESS;
      assertThat(answer(mode)).contains("030440" + (own ? "c0" : "80"));
    }
  }

  @Test
  void isNotFooledByWhatIsNoSolicitation() {
    byte[] far = SOLICITATION.clone();
    far[14 + 7] = 64;
    byte[] short_ = Ipv6Guest.frame(58, 255, "ff02::2", Hex.parse("85000000"));
    byte[] other = Ipv6Guest.frame(58, 255, "ff02::2", Hex.parse("8600 0000 00000000"));
    for (byte[] frame : new byte[][] {far, short_, other, new byte[0]}) {
      assertThat(RouterAdvertisement.answer(frame, Ipv6Guest.port(AddressMode.SLAAC))).isNull();
    }
  }
}
