package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.HERE;
import static weft.datapath.PacketLab.IP_A;
import static weft.datapath.PacketLab.IP_R2;
import static weft.datapath.PacketLab.MAC_A;
import static weft.datapath.PacketLab.THERE;
import static weft.datapath.Packets.data;
import static weft.datapath.Packets.ethernet;
import static weft.datapath.Packets.ipv4;
import static weft.datapath.Packets.udp;
import static weft.net.MacAddress.GATEWAY;

import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.net.Encapsulation;
import weft.vrouter.TableKey.NextHopKey;

/** The Ethernet addresses that tunnelled packets get: those of the kernel's neighbours. */
@Tag("lab")
class NeighbourLabTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String NOT_YET = "000000000000";
  private PacketLab lab;

  @BeforeEach
  void open() {
    lab = new PacketLab("nb");
    lab.namespace().exec("ip address add " + HERE + "/24 dev ul");
  }

  @AfterEach
  void close() {
    lab.close();
  }

  /** What a packet to the other host gets; nothing if the kernel is to find it. */
  private String destination() {
    ProgramRun run =
        lab.fromGuest(A, ethernet(GATEWAY, MAC_A, ipv4(IP_A, IP_R2, udp(1000, 9, data(8)))));
    assertThat(run.result()).as("drops " + lab.datapath().drops()).isEqualTo(ProgramRun.REDIRECT);
    return HexFormat.of().formatHex(Arrays.copyOf(run.packet(), 6));
  }

  /** What was found holds for a moment, and each processor has its own. */
  private void becomes(String wanted) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    String found = destination();
    while (!found.equals(wanted) && System.nanoTime() < end) {
      Thread.onSpinWait();
      found = destination();
    }
    assertThat(found).isEqualTo(wanted);
  }

  private void neighbour(String address, String mac) {
    lab.namespace()
        .exec("ip neighbour replace " + address + " lladdr " + mac + " dev ul nud permanent");
  }

  @Test
  void aNeighbourIsFoundFollowedAndForgotten() {
    assertThat(destination()).isEqualTo(NOT_YET);
    neighbour(THERE, "02:aa:00:00:00:01");
    becomes("02aa00000001");
    neighbour(THERE, "02:aa:00:00:00:02");
    becomes("02aa00000002");
    lab.namespace().exec("ip neighbour del " + THERE + " dev ul");
    becomes(NOT_YET);
  }

  @Test
  void aHostBehindARouterIsReachedByTheRoutersAddress() {
    neighbour("172.31.0.77", "02:aa:00:00:00:03");
    neighbour("172.31.0.78", "02:aa:00:00:00:04");
    lab.namespace().exec("ip route add " + THERE + "/32 via 172.31.0.77 dev ul");
    becomes("02aa00000003");
    lab.namespace().exec("ip route replace " + THERE + "/32 via 172.31.0.78 dev ul");
    becomes("02aa00000004");
  }

  @Test
  void aWayByAnotherDeviceIsNotTaken() {
    lab.namespace().exec("ip address add 10.77.0.1/24 dev tc");
    lab.namespace()
        .exec("ip neighbour replace 10.77.0.2 lladdr 02:aa:00:00:00:05 dev tc nud permanent");
    neighbour(THERE, "02:aa:00:00:00:01");
    becomes("02aa00000001");
    lab.namespace().exec("ip route add " + THERE + "/32 via 10.77.0.2 dev tc");
    becomes(NOT_YET);
  }

  @Test
  void everyEncapsulationCarriesIt() {
    neighbour(THERE, "02:aa:00:00:00:01");
    for (Encapsulation encapsulation : Encapsulation.values()) {
      lab.put(new NextHopKey(PacketLab.NH_TUNNEL), PacketLab.tunnel(encapsulation));
      becomes("02aa00000001");
    }
  }
}
