package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class IpProtocolTest {
  @Test
  void namesInEitherCaseAndNumbersAreKnown() {
    assertThat(IpProtocol.number("tcp")).hasValue(6);
    assertThat(IpProtocol.number("UDP")).hasValue(17);
    assertThat(IpProtocol.number("ipv6-icmp")).isEqualTo(IpProtocol.number("icmp6")).hasValue(58);
    assertThat(IpProtocol.number("0")).hasValue(0);
    assertThat(IpProtocol.number("255")).hasValue(255);
  }

  @Test
  void othersAreNot() {
    for (String text :
        new String[] {"", "any", "256", "-1", "0x6", "1000000000000", "٣", "teecp"}) {
      assertThat(IpProtocol.number(text)).as(text).isEqualTo(OptionalInt.empty());
    }
  }

  @Test
  void everyNameThatIsToldIsKnown() {
    for (String name : IpProtocol.names().split(", ")) {
      assertThat(IpProtocol.number(name)).as(name).isPresent();
    }
  }
}
