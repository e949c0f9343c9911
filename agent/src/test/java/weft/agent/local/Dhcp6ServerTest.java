package weft.agent.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import weft.agent.core.Wanted.AddressMode;
import weft.agent.core.Wanted.DhcpOption;
import weft.net.Hex;
import weft.net.Ipv4Address;
import weft.testkit.Seeds;

class Dhcp6ServerTest {
  private static final String CLIENT = "0001 000a 00030001 020000000001";
  private static final String SERVER = "0002 000a 00030001 00005e000100";
  private static final String ASSOCIATION = "0003 000c 00000007 00000000 00000000";
  private static final String ADDRESS =
      "0005 0018 fd000000000000000000000000000003 ffffffff ffffffff";
  private static final String GIVEN = "0003 0028 00000007 00000000 00000000" + ADDRESS;
  private static final String NAMES = "0017 0010 fd000000000000000000000000000002";

  private static String answer(AddressMode mode, String message, DhcpOption... options) {
    DhcpServer.Answer answer =
        Dhcp6Server.answer(Ipv6Guest.dhcp(message), Ipv6Guest.port(mode, options));
    return switch (answer) {
      case DhcpServer.Answer.Silence(String reason) -> reason;
      case DhcpServer.Answer.Reply(String _, byte[] frame) -> {
        byte[] payload = Ipv6Frame.parse(frame).payload();
        yield Hex.of(Arrays.copyOfRange(payload, 8, payload.length));
      }
    };
  }

  private static String plain(String hex) {
    return hex.replace(" ", "");
  }

  @Test
  void givesThePortItsAddress() {
    assertThat(answer(AddressMode.STATEFUL, "01 aabbcc" + CLIENT + ASSOCIATION))
        .isEqualTo(plain("02 aabbcc" + SERVER + CLIENT + GIVEN + NAMES));
    assertThat(answer(AddressMode.STATEFUL, "01 aabbcc" + CLIENT + ASSOCIATION + "000e 0000"))
        .as("rapid commit")
        .isEqualTo(plain("07 aabbcc" + SERVER + CLIENT + GIVEN + NAMES + "000e 0000"));
    for (String type : new String[] {"03", "05"}) {
      assertThat(answer(AddressMode.STATEFUL, type + "aabbcc" + CLIENT + SERVER + ASSOCIATION))
          .isEqualTo(plain("07 aabbcc" + SERVER + CLIENT + GIVEN + NAMES));
    }
    assertThat(answer(AddressMode.STATEFUL, "06 aabbcc" + CLIENT + ASSOCIATION))
        .as("rebind")
        .isEqualTo(plain("07 aabbcc" + SERVER + CLIENT + GIVEN + NAMES));
  }

  @Test
  void takesBackAddressesThatAreNotThePorts() {
    String foreign = "fd000000000000000000000000000099";
    String held = "0003 0028 00000007 00000000 00000000 0005 0018" + foreign + "00000e10 00000e10";
    assertThat(answer(AddressMode.STATEFUL, "06 aabbcc" + CLIENT + held))
        .contains(plain(ADDRESS))
        .contains(plain("0005 0018" + foreign + "00000000 00000000"));
  }

  @Test
  void whoMakesItsOwnAddressIsToldTheRest() {
    assertThat(answer(AddressMode.STATELESS, "0b aabbcc" + CLIENT))
        .isEqualTo(plain("07 aabbcc" + SERVER + CLIENT + NAMES));
    assertThat(answer(AddressMode.STATELESS, "0b aabbcc"))
        .as("also without a name")
        .isEqualTo(plain("07 aabbcc" + SERVER + NAMES));
    assertThat(answer(AddressMode.STATELESS, "01 aabbcc" + CLIENT + ASSOCIATION))
        .as("no address by DHCP")
        .contains(plain("000d"))
        .doesNotContain(plain(ADDRESS));
    assertThat(
            answer(
                AddressMode.STATELESS,
                "0b aabbcc" + CLIENT,
                new DhcpOption("v6-name-servers", "fd00::53 fd00::54"),
                new DhcpOption("v6-domain-search", "a.example"),
                new DhcpOption("v6-sntp-servers", "fd00::7b"),
                new DhcpOption("v6-bootfile-url", "tftp://x")))
        .contains(
            plain("0017 0020 fd000000000000000000000000000053 fd000000000000000000000000000054"))
        .contains(plain("0018 000b 0161 076578616d706c65 00"))
        .contains(plain("001f 0010 fd00000000000000000000000000007b"))
        .contains(plain("003b 0008 746674703a2f2f78"));
  }

  @Test
  void confirmsReleasesAndDeclines() {
    String held = "0003 0028 00000007 00000000 00000000" + ADDRESS;
    String elsewhere = plain(held).replace("fd00", "fe00");
    assertThat(answer(AddressMode.STATEFUL, "04 aabbcc" + CLIENT + held))
        .endsWith(plain("000d 0002 0000"));
    assertThat(answer(AddressMode.STATEFUL, "04 aabbcc" + CLIENT + elsewhere))
        .contains(plain("000d 0011 0004"));
    for (String type : new String[] {"08", "09"}) {
      assertThat(answer(AddressMode.STATEFUL, type + "aabbcc" + CLIENT + SERVER + held))
          .isEqualTo(plain("07 aabbcc" + SERVER + CLIENT + "000d 0002 0000"));
    }
  }

  @Test
  void asksOfOthersAndRelaysAreNotAnswered() {
    String other = "0002 000a 00030001 0a0b0c0d0e0f";
    assertThat(answer(AddressMode.STATEFUL, "03 aabbcc" + CLIENT + other + ASSOCIATION))
        .isEqualTo("v6: not to be answered");
    assertThat(answer(AddressMode.STATEFUL, "01 aabbcc" + ASSOCIATION))
        .as("without a client")
        .isEqualTo("v6: not to be answered");
    assertThat(answer(AddressMode.STATEFUL, "0c aabbcc" + CLIENT)).isEqualTo("v6: message type 12");
    assertThat(answer(AddressMode.STATIC, "0b aabbcc" + CLIENT))
        .isEqualTo("v6: no subnet with DHCP");
    assertThat(answer(AddressMode.STATEFUL, "01 aabbcc 0001 00ff 00")).isEqualTo("malformed");
  }

  /** Whatever a guest sends is answered or not, and nothing else happens. */
  @Test
  void noiseDoesNoHarm() {
    Seeds.each(
        2000,
        seed -> {
          Random random = new Random(seed);
          String message = "01 aabbcc" + CLIENT + GIVEN + "000e 0000" + SERVER;
          byte[] frame = Ipv6Guest.dhcp(message);
          for (int i = 0; i < 1 + random.nextInt(6); i++) {
            frame[random.nextInt(frame.length)] = (byte) random.nextInt();
          }
          byte[] cut = Arrays.copyOf(frame, random.nextInt(frame.length + 1));
          for (byte[] each : new byte[][] {frame, cut}) {
            assertThat(Dhcp6Server.answer(each, Ipv6Guest.port(AddressMode.STATEFUL))).isNotNull();
            RouterAdvertisement.answer(each, Ipv6Guest.port(AddressMode.SLAAC));
            Echo.answer(each);
            Claim.of(each);
            BfdFrame.from(each, Ipv4Address.parse("10.1.1.1"), Ipv4Address.parse("10.1.1.3"));
          }
        });
  }
}
