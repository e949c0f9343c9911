package weft.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommunityTest {
  /** Bytes as RFC 4360 and RFC 5668 lay them out. */
  @ParameterizedTest
  @CsvSource({
    "target:64512:8000001,0002fc00007a1201",
    "target:10.0.0.1:5,01020a0000010005",
    "target:70000:5,0202000111700005",
    "target:64512L:5,02020000fc000005",
  })
  void routeTargetsHaveTheirBytes(String text, String hex) {
    RouteTarget target = RouteTarget.parse(text);
    assertThat(Hex.of(new Writer().i64(target.bits()).toBytes())).isEqualTo(hex);
    assertThat(target).hasToString(text);
    assertThat(target.toCommunity().isRouteTarget()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "64512:1",
        "target:",
        "target:1",
        "target:x:1",
        "target:1:x",
        "target:1:4294967296",
        "target:70000:65536",
        "target:4294967296:1",
        "target:10.0.0.1:65536"
      })
  void malformedRouteTargetIsRefused(String text) {
    assertThatThrownBy(() -> RouteTarget.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "64512:5,0000fc0000000005",
    "10.0.0.1:5,00010a0000010005",
    "70000L:5,0002000111700005"
  })
  void routeDistinguishersHaveTheirBytes(String text, String hex) {
    RouteDistinguisher rd = RouteDistinguisher.parse(text);
    assertThat(Hex.of(new Writer().i64(rd.bits()).toBytes())).isEqualTo(hex);
    assertThat(rd).hasToString(text);
  }

  @Test
  void communitiesOfTungstenFabricHaveTheirBytes() {
    assertThat(hex(ExtendedCommunity.securityGroup(64512, 8000001))).isEqualTo("8004fc00007a1201");
    assertThat(hex(ExtendedCommunity.originVn(64512, 5))).isEqualTo("8071fc0000000005");
    assertThat(hex(ExtendedCommunity.encapsulation(Encapsulation.MPLS_O_UDP)))
        .isEqualTo("030c00000000000d");
    assertThat(hex(ExtendedCommunity.macMobility(true, 7))).isEqualTo("0600010000000007");
    assertThat(hex(ExtendedCommunity.tag(64512, 0x10001))).isEqualTo("8084fc0000010001");
    assertThat(hex(ExtendedCommunity.securityGroupAs4(70000, 1))).isEqualTo("8204000111700001");
    assertThat(hex(ExtendedCommunity.tagAs4(70000, 1))).isEqualTo("8284000111700001");
    assertThat(hex(ExtendedCommunity.loadBalance(0x1f, false))).isEqualTo("03aaf80000000000");
    assertThat(hex(ExtendedCommunity.loadBalance(0x11, true))).isEqualTo("03aa880080000000");
    assertThat(hex(ExtendedCommunity.routerMac(MacAddress.GATEWAY))).isEqualTo("060300005e000100");
    assertThat(ExtendedCommunity.securityGroup(1, 2).isTransitive()).isTrue();
    assertThat(new ExtendedCommunity(0xc000_0000_0000_0000L).isTransitive()).isFalse();
  }

  private static String hex(ExtendedCommunity community) {
    return Hex.of(new Writer().i64(community.bits()).toBytes());
  }

  @Test
  void encapsulationsAreFoundByWordAndCode() {
    for (Encapsulation e : Encapsulation.values()) {
      assertThat(Encapsulation.ofWord(e.word())).isEqualTo(e);
      assertThat(Encapsulation.ofCode(e.code())).isEqualTo(e);
      assertThat(Encapsulation.ofConfig(e.toString())).isEqualTo(e);
    }
    assertThat(Encapsulation.ofWord("nvgre")).isNull();
    assertThat(Encapsulation.ofCode(9)).isNull();
  }
}
