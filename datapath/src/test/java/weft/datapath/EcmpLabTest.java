package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.IP_A;
import static weft.datapath.PacketLab.MAC_A;
import static weft.datapath.PacketLab.NH_ECMP;
import static weft.datapath.PacketLab.NH_TUNNEL;
import static weft.datapath.Packets.data;
import static weft.datapath.Packets.ethernet;
import static weft.datapath.Packets.ipv4;
import static weft.datapath.Packets.tcp;
import static weft.datapath.Packets.udp;
import static weft.net.MacAddress.GATEWAY;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.datapath.Packets.Layer;
import weft.vrouter.HashField;
import weft.vrouter.NextHop;
import weft.vrouter.NextHop.Member;
import weft.vrouter.TableKey.NextHopKey;

/** Which of several ways a flow takes, and that it keeps it. */
@Tag("lab")
class EcmpLabTest {
  private static final int MPLS_AT = 14 + 20 + 8;
  private PacketLab lab;

  @BeforeEach
  void open() {
    lab = new PacketLab("ec");
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private void by(HashField... fields) {
    lab.put(
        new NextHopKey(NH_ECMP),
        new NextHop.Ecmp(
            List.of(new Member(NH_TUNNEL, 101), new Member(0, -1), new Member(NH_TUNNEL, 103)),
            Set.of(fields)));
  }

  private int label(String to, Layer inner) {
    ProgramRun run = lab.fromGuest(A, ethernet(GATEWAY, MAC_A, ipv4(IP_A, to, inner)));
    assertThat(run.result()).as("drops " + lab.datapath().drops()).isEqualTo(ProgramRun.REDIRECT);
    lab.datapath().age(Duration.ZERO);
    byte[] out = run.packet();
    return (out[MPLS_AT] & 0xff) << 12
        | (out[MPLS_AT + 1] & 0xff) << 4
        | (out[MPLS_AT + 2] & 0xff) >> 4;
  }

  private Set<Integer> bySourcePorts(String to) {
    Set<Integer> labels = new TreeSet<>();
    for (int port = 1; port <= 12; port++) {
      labels.add(label(to, udp(port * 7919, 80, data(8))));
    }
    return labels;
  }

  private Set<Integer> byDestinationPorts() {
    Set<Integer> labels = new TreeSet<>();
    for (int port = 1; port <= 12; port++) {
      labels.add(label("10.9.0.1", udp(4000, port * 7919, data(8))));
    }
    return labels;
  }

  private Set<Integer> byDestinations() {
    Set<Integer> labels = new TreeSet<>();
    for (int last = 1; last <= 12; last++) {
      labels.add(label("10.9.%d.%d".formatted(last * 19, last), udp(4000, 80, data(8))));
    }
    return labels;
  }

  @Test
  void onlyTheFieldsThatAreNamedChoose() {
    Set<Integer> both = Set.of(101, 103);
    by(HashField.SOURCE_PORT);
    assertThat(bySourcePorts("10.9.0.1")).isEqualTo(both);
    assertThat(byDestinations()).hasSize(1);
    assertThat(byDestinationPorts()).hasSize(1);
    by(HashField.DESTINATION);
    assertThat(byDestinations()).isEqualTo(both);
    assertThat(bySourcePorts("10.9.0.2")).hasSize(1);
    by(HashField.DESTINATION_PORT);
    assertThat(byDestinationPorts()).isEqualTo(both);
    assertThat(byDestinations()).hasSize(1);
    by(HashField.SOURCE);
    assertThat(bySourcePorts("10.9.0.3")).hasSize(1);
    assertThat(byDestinations()).hasSize(1);
    by(HashField.SOURCE, HashField.DESTINATION);
    assertThat(label("10.9.0.1", tcp(1, 2))).isEqualTo(label("10.9.0.1", udp(3, 4, data(8))));
  }

  private void among(int... labels) {
    lab.put(
        new NextHopKey(NH_ECMP),
        new NextHop.Ecmp(
            IntStream.of(labels).mapToObj(label -> new Member(NH_TUNNEL, label)).toList()));
  }

  /** The ways of connections from so many ports, the first of which is given. */
  private Map<Integer, Integer> ways(int first, int count) {
    Map<Integer, Integer> ways = new TreeMap<>();
    for (int port = first; port < first + count; port++) {
      ways.put(port, label("10.9.0.1", tcp(port, 80)));
    }
    return ways;
  }

  @Test
  void aWayThatComesTakesNoConnectionThatIsThere() {
    among(101, 102, 103);
    Map<Integer, Integer> before = ways(1000, 60);
    assertThat(new TreeSet<>(before.values())).containsExactly(101, 102, 103);
    among(104, 103, 101, 102);
    assertThat(ways(1000, 60)).isEqualTo(before);
    assertThat(ways(2000, 60).values()).as("new ones").contains(101, 102, 103, 104);
  }

  @Test
  void aWayThatGoesLeavesTheOthersTheirConnections() {
    among(101, 102, 103, 104);
    Map<Integer, Integer> before = ways(1000, 60);
    among(104, 101, 103);
    Map<Integer, Integer> after = ways(1000, 60);
    after.forEach((port, label) -> {
      if (before.get(port) == 102) {
        assertThat(label).isIn(101, 103, 104);
      } else {
        assertThat(label).isEqualTo(before.get(port));
      }
    });
    assertThat(before).containsValue(102);
    among(101, 102, 103, 104);
    assertThat(ways(1000, 60)).as("who had to go stays where it went").isEqualTo(after);
  }

  @Test
  void portsThatAreAllEvenOrAllOddGoAllWays() {
    by(HashField.values());
    for (int first = 0; first < 2; first++) {
      for (int other = 1; other <= 3; other++) {
        Set<Integer> labels = new TreeSet<>();
        for (int port = 0; port < 24; port++) {
          labels.add(label("10.9.0." + other, tcp(32768 + first + 2 * port, 80)));
        }
        assertThat(labels).as("ports from %d to .%d", first, other).containsOnly(101, 103);
      }
    }
  }

  @Test
  void theFieldsAreInTheTable() {
    by(HashField.SOURCE, HashField.DESTINATION_PORT);
    Map<?, ?> contents = lab.datapath().contents();
    assertThat(contents.get(new NextHopKey(NH_ECMP)))
        .isEqualTo(lab.applied().get(new NextHopKey(NH_ECMP)));
  }
}
