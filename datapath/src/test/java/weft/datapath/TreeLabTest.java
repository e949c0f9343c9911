package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import weft.net.Encapsulation;
import weft.net.Label;
import weft.net.MacAddress;
import weft.vrouter.BridgeEntry;
import weft.vrouter.DropReason;
import weft.vrouter.LabelEntry;
import weft.vrouter.NextHop;
import weft.vrouter.NextHop.Member;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.BridgeKey;
import weft.vrouter.TableKey.LabelKey;
import weft.vrouter.TableKey.NextHopKey;
import weft.vrouter.Vif;

/** Four hosts that copy what is flooded along a tree: the second in the middle. */
@Tag("lab")
class TreeLabTest {
  private static final int NH_FLOOD = 500;
  private static final int NH_TREE = 501;
  private static final int LABEL = 700;
  private static final String ALL = "10.1.1.255";
  private static Hosts hosts;

  @BeforeAll
  static void build() {
    hosts = new Hosts("tr", 1, 1, 2, 1);
  }

  @AfterAll
  static void close() {
    hosts.close();
    assertThat(Namespace.sh("cat /proc/sys/kernel/tainted").strip()).isEqualTo("0");
  }

  /**
   * @param neighbours of each host
   */
  private static void tree(Encapsulation encapsulation, int[]... neighbours) {
    for (int host = 0; host < hosts.size(); host++) {
      Map<TableKey, weft.vrouter.TableValue> t =
          hosts.basics(host, new Vif.Flags(true, true, false, false));
      List<Member> members = new ArrayList<>();
      hosts.guestsOf(host).forEach(guest -> members.add(new Member(guest.id(), -1)));
      for (int to : neighbours[host]) {
        t.put(
            new NextHopKey(600 + to),
            new NextHop.Branch(Hosts.address(host), Hosts.address(to), encapsulation, 5));
        members.add(new Member(600 + to, LABEL + to));
      }
      t.put(new NextHopKey(NH_FLOOD), new NextHop.Flood(members));
      t.put(new NextHopKey(NH_TREE), new NextHop.Tree(members));
      t.put(new BridgeKey(1, MacAddress.BROADCAST), new BridgeEntry(NH_FLOOD, -1));
      t.put(new BridgeKey(1, MacAddress.ZERO), new BridgeEntry(NH_FLOOD, -1));
      t.put(new LabelKey(new Label(LABEL + host)), new LabelEntry(NH_TREE));
      hosts.put(host, t);
    }
  }

  private static int[] to(int... hosts) {
    return hosts;
  }

  /** Every guest but the speaker hears every word once, until a last one. */
  private static void eachHearsOnce(Hosts.Guest speaker, List<Hosts.Guest> listeners) {
    forgetAll();
    String word = "from " + speaker.id() + " number ";
    for (int i = 0; i < 5; i++) {
      speaker.say(ALL, word + i);
    }
    speaker.say(ALL, "over");
    for (Hosts.Guest listener : listeners) {
      List<String> heard = new ArrayList<>();
      String next = listener.hear(30_000);
      while (!next.isEmpty() && !next.equals("over")) {
        heard.add(next);
        next = listener.hear(30_000);
      }
      assertThat(heard)
          .as("guest " + listener.id())
          .containsExactlyElementsOf(IntStream.range(0, 5).mapToObj(i -> word + i).toList());
    }
    for (Hosts.Guest listener : listeners) {
      assertThat(listener.hear(50)).as("after the last word").isEmpty();
    }
  }

  /** Of what was said before; a speaker hears itself, too. */
  private static void forgetAll() {
    for (Hosts.Guest guest : hosts.guests) {
      String next = guest.hear(20);
      while (!next.isEmpty()) {
        next = guest.hear(20);
      }
    }
  }

  private static List<Hosts.Guest> others(Hosts.Guest guest) {
    return hosts.guests.stream().filter(other -> other != guest).toList();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "VXLAN")
  void eachMemberHearsWhatIsFloodedOnce(Encapsulation encapsulation) {
    tree(encapsulation, to(1), to(0, 2, 3), to(1), to(1));
    for (Hosts.Guest speaker : hosts.guests) {
      eachHearsOnce(speaker, others(speaker));
    }
    assertThat(hosts.datapath(1).contents()).isEqualTo(hosts.applied(1));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "VXLAN")
  void whatNobodyIsKnownToHaveFindsItsOwner(Encapsulation encapsulation) {
    tree(encapsulation, to(1), to(0, 2, 3), to(1), to(1));
    Hosts.Guest first = hosts.guests.getFirst();
    Hosts.Guest last = hosts.guests.getLast();
    assertThat(first.namespace().exec("ping -n -W 5 -c 3 -i 0.1 " + last.address() + " || true"))
        .contains(" 0% packet loss")
        .doesNotContain("DUP");
    String large = "ping -n -W 5 -c 2 -i 0.1 -s 1400 " + last.address() + " || true";
    assertThat(first.namespace().exec(large)).contains(" 0% packet loss");
    first.namespace().exec("ip neigh flush all");
  }

  /**
   * Super-packets to a MAC that nobody is known to have, by a host in the middle: there they have
   * been in a tunnel already.
   */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "VXLAN")
  void aStreamIsCopiedWhole(Encapsulation encapsulation) throws InterruptedException {
    tree(encapsulation, to(1), to(0, 2, 3), to(1), to(1));
    Hosts.Guest first = hosts.guests.getFirst();
    Hosts.Guest last = hosts.guests.getLast();
    TrafficLabTest.stream(encapsulation, first.namespace(), last.namespace(), last.address());
    offloads("off");
    try {
      TrafficLabTest.stream(encapsulation, first.namespace(), last.namespace(), last.address());
    } finally {
      offloads("on");
    }
    assertThat(rewriteFailures()).isZero();
  }

  /** Without them the kernel cuts streams before the device of the host in the middle. */
  private static void offloads(String state) {
    hosts
        .namespace(1)
        .exec(
            "ethtool -K ul tso %1$s gso %1$s tx-gre-segmentation %1$s tx-udp_tnl-segmentation %1$s tx %1$s"
                .formatted(state));
  }

  private static long rewriteFailures() {
    return IntStream.range(0, hosts.size())
        .mapToLong(host -> hosts.datapath(host).drops().getOrDefault(DropReason.REWRITE_FAILED, 0L))
        .sum();
  }

  @Test
  void theRestHearsEachOtherWhenTheMiddleIsLost() {
    tree(Encapsulation.MPLS_O_UDP, to(1), to(0, 2, 3), to(1), to(1));
    hosts.namespace(1).exec("ip link set ul down");
    try {
      tree(Encapsulation.MPLS_O_UDP, to(2), to(), to(0, 3), to(2));
      for (Hosts.Guest speaker : hosts.guests) {
        if (speaker.host() != 1) {
          eachHearsOnce(
              speaker, others(speaker).stream().filter(guest -> guest.host() != 1).toList());
        }
      }
    } finally {
      hosts.namespace(1).exec("ip link set ul up");
    }
  }

  /** While a tree is changed its hosts may not agree for a moment. */
  @Test
  void aWheelComesToAnEnd() {
    tree(Encapsulation.MPLS_O_UDP, to(1, 2), to(0, 2), to(0, 1), to());
    Hosts.Guest speaker = hosts.guests.getFirst();
    forgetAll();
    speaker.say(ALL, "round");
    Map<String, Integer> heard = new HashMap<>();
    Hosts.Guest listener = others(speaker).getFirst();
    String next = listener.hear(30_000);
    while (!next.isEmpty()) {
      heard.merge(next, 1, Integer::sum);
      next = listener.hear(500);
    }
    assertThat(heard.get("round")).isBetween(2, 2 * 64);
    tree(Encapsulation.MPLS_O_UDP, to(1), to(0, 2, 3), to(1), to(1));
    eachHearsOnce(speaker, others(speaker));
  }
}
