package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.B;
import static weft.datapath.PacketLab.HERE;
import static weft.datapath.PacketLab.IP_A;
import static weft.datapath.PacketLab.IP_B;
import static weft.datapath.PacketLab.MAC_A;
import static weft.datapath.PacketLab.MAC_B;
import static weft.datapath.Packets.checked;
import static weft.datapath.Packets.ethernet;
import static weft.datapath.Packets.ipv4;
import static weft.datapath.Packets.tcp;
import static weft.net.MacAddress.GATEWAY;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.vrouter.BgpService;
import weft.vrouter.Flow;
import weft.vrouter.TableKey.BgpServiceKey;
import weft.vrouter.TableKey.VifKey;

/** Guests that speak BGP with control nodes, at the addresses of their vRouter. */
@Tag("lab")
class BgpLabTest {
  private static final String AT_GATEWAY = "10.1.1.1";
  private static final String FIRST = "198.51.100.7";
  private static final String SECOND = "198.51.100.8";
  private static final int PORT_A = 50000;
  private static final int BGP = BgpService.BGP_PORT;
  private PacketLab lab;

  @BeforeEach
  void open() {
    lab = new PacketLab("bg");
    offer(A, FIRST, PORT_A);
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private void offer(int vif, String server, int port) {
    lab.put(
        new BgpServiceKey(vif, Ipv4Address.parse(AT_GATEWAY)),
        new BgpService(Ipv4Address.parse(server), port));
  }

  private ProgramRun guest(int vif, int from) {
    String own = vif == A ? IP_A : IP_B;
    MacAddress mac = vif == A ? MAC_A : MAC_B;
    return lab.fromGuest(
        vif, ethernet(GATEWAY, mac, checked(ipv4(own, AT_GATEWAY, tcp(from, BGP)))));
  }

  private static String ends(ProgramRun run) {
    byte[] ip = Packets.from(run.packet(), 14);
    assertThat(Packets.sumsUp(ip)).as(weft.net.Hex.of(ip)).isTrue();
    return "%s:%d > %s:%d, %d to live"
        .formatted(
            Ipv4Address.of(Arrays.copyOfRange(ip, 12, 16)),
            word(ip, 20),
            Ipv4Address.of(Arrays.copyOfRange(ip, 16, 20)),
            word(ip, 22),
            ip[8] & 0xff);
  }

  private static int word(byte[] ip, int at) {
    return (ip[at] & 0xff) << 8 | ip[at + 1] & 0xff;
  }

  private ProgramRun answer(String server, int to) {
    return lab.fromFabric(checked(ipv4(server, HERE, tcp(BGP, to))));
  }

  private List<Flow> flows() {
    List<Flow> found = new ArrayList<>();
    lab.datapath().flows(found::add);
    return found;
  }

  @Test
  void aSessionGoesByTheHostsAddressAndTheGuestsPortOfItAsIfOnOneLink() {
    assertThat(ends(guest(A, 40001))).isEqualTo(HERE + ":50000 > " + FIRST + ":179, 254 to live");
    assertThat(ends(answer(FIRST, PORT_A)))
        .isEqualTo(AT_GATEWAY + ":179 > " + IP_A + ":40001, 254 to live");
    assertThat(flows()).hasSize(2).allMatch(flow -> flow.outward() && flow.nat() != null);
    assertThat(answer(SECOND, PORT_A).result()).as("the host's own").isEqualTo(ProgramRun.OK);
    assertThat(answer(FIRST, PORT_A + 1).result()).isEqualTo(ProgramRun.OK);
    guest(B, 40001);
    assertThat(flows())
        .as("another guest speaks with the gateway itself")
        .filteredOn(flow -> flow.key().vif() == B)
        .hasSize(2)
        .allMatch(flow -> flow.nat() == null);
  }

  @Test
  void policyIsNotAsked() {
    lab.acl(1);
    lab.put(new VifKey(A), lab.vif(A, 1, 1, 1));
    assertThat(guest(A, 40001).result()).isEqualTo(ProgramRun.REDIRECT);
    assertThat(answer(FIRST, PORT_A).result()).isEqualTo(ProgramRun.REDIRECT);
  }

  @Test
  void aSessionBegunAnewTakesThePlaceOfTheOldOne() {
    guest(A, 40001);
    assertThat(ends(guest(A, 40002))).startsWith(HERE + ":50000 > ");
    assertThat(ends(answer(FIRST, PORT_A))).contains(" > " + IP_A + ":40002");
    assertThat(flows()).hasSize(2);
  }

  @Test
  void ofGuestsThatShareAPortTheLastToBeginHasIt() {
    offer(B, FIRST, PORT_A);
    guest(A, 40001);
    assertThat(ends(answer(FIRST, PORT_A))).contains(" > " + IP_A + ":40001");
    guest(B, 40003);
    assertThat(ends(answer(FIRST, PORT_A))).contains(" > " + IP_B + ":40003");
  }

  @Test
  void anotherControlNodeAnotherFlowAndNoneWithoutTheService() {
    guest(A, 40001);
    offer(A, SECOND, PORT_A);
    assertThat(ends(guest(A, 40001))).contains(" > " + SECOND + ":179");
    assertThat(ends(answer(SECOND, PORT_A))).contains(" > " + IP_A + ":40001");
    lab.remove(new BgpServiceKey(A, Ipv4Address.parse(AT_GATEWAY)));
    assertThat(answer(SECOND, PORT_A).result()).as("the host's own").isEqualTo(ProgramRun.OK);
  }

  @Test
  void anIdleSessionStaysAndARestartKeepsIt() {
    guest(A, 40001);
    answer(FIRST, PORT_A);
    lab.reopen();
    assertThat(lab.datapath().age(Duration.ZERO)).isZero();
    assertThat(ends(answer(FIRST, PORT_A))).contains(" > " + IP_A + ":40001");
    assertThat(lab.datapath().contents())
        .containsEntry(
            new BgpServiceKey(A, Ipv4Address.parse(AT_GATEWAY)),
            new BgpService(Ipv4Address.parse(FIRST), PORT_A));
  }
}
