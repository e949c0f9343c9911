package weft.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "10.1.1.3", "255.255.255.255", "192.168.0.1"})
  void ipv4TextIsReadAndWritten(String text) {
    assertThat(IpAddress.parse(text)).isInstanceOf(Ipv4Address.class).hasToString(text);
    assertThat(IpAddress.of(IpAddress.parse(text).toBytes())).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "1.2.3.",
        ".1.2.3",
        "01.2.3.4",
        "1.2.3.a",
        "1..2.3",
        " 1.2.3.4"
      })
  void malformedIpv4IsRefused(String text) {
    assertThatThrownBy(() -> Ipv4Address.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }

  /** Canonical forms are those of RFC 5952 section 4. */
  @ParameterizedTest
  @CsvSource({
    "::,::",
    "::1,::1",
    "1::,1::",
    "2001:db8::1,2001:db8::1",
    "2001:DB8:0:0:1:0:0:1,2001:db8::1:0:0:1",
    "2001:0db8:0:1:1:1:1:1,2001:db8:0:1:1:1:1:1",
    "fe80:0:0:0:0:0:0:9,fe80::9",
    "::ffff:10.1.1.1,::ffff:a01:101",
    "1:2:3:4:5:6:7:8,1:2:3:4:5:6:7:8",
    "1:0:0:4:0:0:0:8,1:0:0:4::8",
  })
  void ipv6TextIsCanonical(String text, String canonical) {
    assertThat(IpAddress.parse(text)).hasToString(canonical);
    assertThat(IpAddress.parse(canonical)).isEqualTo(IpAddress.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ":",
        ":::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "g::",
        "12345::",
        "1:2:3:4:5:6:7:1.2.3.4",
        "::1%eth0",
        ":1::2"
      })
  void malformedIpv6IsRefused(String text) {
    assertThatThrownBy(() -> Ipv6Address.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void textRoundTripsForRandomAddresses() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      Ipv6Address v6 =
          new Ipv6Address(
              random.nextLong() & -1L << random.nextInt(64),
              random.nextLong() & -1L >>> random.nextInt(64));
      assertThat(IpAddress.parse(v6.toString())).isEqualTo(v6);
      Ipv4Address v4 = new Ipv4Address(random.nextInt());
      assertThat(IpAddress.parse(v4.toString())).isEqualTo(v4);
    }
  }

  @Test
  void addingCarriesAcrossTheHalvesOfIpv6() {
    assertThat(Ipv6Address.parse("::ffff:ffff:ffff:ffff").plus(1))
        .isEqualTo(Ipv6Address.parse("0:0:0:1::"));
    assertThat(Ipv6Address.parse("0:0:0:1::").plus(-1))
        .isEqualTo(Ipv6Address.parse("::ffff:ffff:ffff:ffff"));
    assertThat(Ipv4Address.parse("10.0.0.255").plus(1)).isEqualTo(Ipv4Address.parse("10.0.1.0"));
  }

  @Test
  void prefixesAreCanonicalAndOrdered() {
    assertThat(IpPrefix.parse("10.1.1.7/24"))
        .hasToString("10.1.1.0/24")
        .isEqualTo(IpPrefix.parse("10.1.1.0/24"));
    assertThat(IpPrefix.parse("10.1.1.0/24").contains(IpAddress.parse("10.1.1.255"))).isTrue();
    assertThat(IpPrefix.parse("10.1.1.0/24").contains(IpAddress.parse("10.1.2.0"))).isFalse();
    assertThat(IpPrefix.parse("0.0.0.0/0").contains(IpAddress.parse("::"))).isFalse();
    assertThat(IpPrefix.parse("2001:db8::/32").contains(IpPrefix.parse("2001:db8:1::/48")))
        .isTrue();
    assertThat(IpPrefix.parse("10.0.0.0/8").overlaps(IpPrefix.parse("10.1.0.0/16"))).isTrue();
    TreeSet<IpPrefix> sorted = new TreeSet<>();
    for (String text :
        new String[] {"::/0", "200.0.0.0/8", "10.0.0.0/16", "10.0.0.0/8", "0.0.0.0/0"}) {
      sorted.add(IpPrefix.parse(text));
    }
    assertThat(sorted)
        .extracting(IpPrefix::toString)
        .containsExactly("0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "200.0.0.0/8", "::/0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/8x",
        "::/129",
        "/8"
      })
  void malformedPrefixIsRefused(String text) {
    assertThatThrownBy(() -> IpPrefix.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void macTextIsReadAndWritten() {
    assertThat(MacAddress.parse("00:00:5e:00:01:00"))
        .isEqualTo(MacAddress.GATEWAY)
        .hasToString("00:00:5e:00:01:00");
    assertThat(MacAddress.parse("FF-FF-FF-FF-FF-FF").isBroadcast()).isTrue();
    assertThat(MacAddress.of(MacAddress.parse("02:11:22:33:44:55").toBytes()))
        .hasToString("02:11:22:33:44:55");
    assertThat(MacAddress.parse("01:00:5e:00:00:01").isGroup()).isTrue();
    assertThatThrownBy(() -> MacAddress.parse("02:11:22:33:44"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MacAddress.parse("02:11:22:33:44:5g"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
