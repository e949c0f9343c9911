package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.state.Delta;
import weft.vrouter.InetRoute;
import weft.vrouter.LabelEntry;
import weft.vrouter.NextHop;
import weft.vrouter.NextHop.Member;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.InetRouteKey;
import weft.vrouter.TableKey.LabelKey;
import weft.vrouter.TableKey.NextHopKey;
import weft.vrouter.TableKey.VifKey;
import weft.vrouter.TableValue;
import weft.vrouter.Vif;

/** A table that is full refuses what is new, says so, and hurts nothing that is there. */
@Tag("lab")
class FullTablesLabTest {
  private static final int ROUTES = 1000;
  private static PacketLab lab;

  @BeforeAll
  static void open() {
    lab = new PacketLab("full", 4096, 2000, ROUTES);
  }

  @AfterAll
  static void close() {
    lab.close();
  }

  private static List<Failure> add(Map<TableKey, TableValue> entries) {
    Delta.Builder<TableKey, TableValue> delta = new Delta.Builder<>();
    entries.forEach((key, value) -> delta.add(key, lab.applied().get(key), value));
    return lab.namespace().run(() -> lab.datapath().apply(delta.build(1)));
  }

  private static void remove(Map<TableKey, TableValue> entries) {
    Delta.Builder<TableKey, TableValue> delta = new Delta.Builder<>();
    entries.forEach((key, value) -> delta.add(key, value, null));
    assertThat(lab.namespace().run(() -> lab.datapath().apply(delta.build(1)))).isEmpty();
  }

  /** Fills a table to its end and empties it again. */
  private static void full(
      String table, int count, IntFunction<Map.Entry<TableKey, TableValue>> nth) {
    Map<TableKey, TableValue> entries = new HashMap<>();
    for (int i = 0; i < count; i++) {
      Map.Entry<TableKey, TableValue> entry = nth.apply(i);
      entries.put(entry.getKey(), entry.getValue());
    }
    List<Failure> refused = add(entries);
    assertThat(refused)
        .isNotEmpty()
        .allMatch(each -> each.reason().equals("table " + table + " is full"));
    Map<TableKey, TableValue> expected = new HashMap<>(lab.applied());
    expected.putAll(entries);
    refused.forEach(each -> expected.remove(each.key()));
    assertThat(lab.datapath().contents().equals(expected)).as("all but what was refused").isTrue();
    what_was_there_works();

    Map<TableKey, TableValue> one = new HashMap<>();
    one.put(refused.getFirst().key(), entries.get(refused.getFirst().key()));
    entries.keySet().removeAll(refused.stream().map(Failure::key).toList());
    remove(entries);
    assertThat(add(one)).as("there is room again").isEmpty();
    remove(one);
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
  }

  /** An entry that is there can be changed, and a guest's packet passes. */
  private static void what_was_there_works() {
    InetRouteKey key = PacketLab.key(1, PacketLab.IP_A + "/32");
    TableValue own = lab.applied().get(key);
    lab.put(key, PacketLab.route(PacketLab.NH_L3_B, PacketLab.MAC_B, 100));
    lab.put(key, own);
    ProgramRun run =
        lab.fromGuest(
            A,
            Packets.ethernet(
                weft.net.MacAddress.GATEWAY,
                PacketLab.MAC_A,
                Packets.ipv4(PacketLab.IP_A, PacketLab.IP_R1, Packets.udp(1, 2, Packets.data(1)))));
    assertThat(run.result()).isEqualTo(ProgramRun.REDIRECT);
  }

  @Test
  void routes() {
    full(
        "routes",
        ROUTES + 5,
        i ->
            Map.entry(
                new InetRouteKey(1, new Ipv4Address(0x0a800000 + i).toHostPrefix()),
                new InetRoute(
                    PacketLab.NH_DISCARD,
                    -1,
                    InetRoute.Arp.PROXY,
                    null,
                    100,
                    new TreeSet<>(List.of(7)))));
  }

  @Test
  void next_hops() {
    full(
        "next_hops",
        (1 << 17) + 5,
        i -> Map.entry(new NextHopKey(1000 + i), new NextHop.Discard()));
  }

  @Test
  void labels() {
    full(
        "labels",
        (1 << 16) + 5,
        i -> Map.entry(new LabelKey(new Label(1000 + i)), new LabelEntry(PacketLab.NH_DISCARD)));
  }

  @Test
  void members_of_composite_next_hops() {
    List<Member> most = Collections.nCopies(4095, new Member(PacketLab.NH_L2_B, -1));
    full("members", 66, i -> Map.entry(new NextHopKey(1000 + i), new NextHop.Flood(most)));
  }

  @Test
  void hosts_that_tunnels_lead_to() {
    full(
        "peers",
        (1 << 14) + 5,
        i ->
            Map.entry(
                new NextHopKey(1000 + i),
                new NextHop.Tunnel(
                    Ipv4Address.parse(PacketLab.HERE),
                    new Ipv4Address(0x0a900000 + i),
                    weft.net.Encapsulation.MPLS_O_UDP)));
  }

  /** A port that cannot get what it is to have keeps what it had. */
  @Test
  void addresses_of_a_port() {
    Vif before = lab.vif(A, 0, 0, 0);
    List<IpPrefix> many = new ArrayList<>();
    for (int i = 0; i < 65_600; i++) {
      many.add(new Ipv4Address(0x0aa00000 + i).toHostPrefix());
    }
    SortedSet<IpPrefix> allowed = new TreeSet<>(many);
    allowed.addAll(before.allowed());
    Vif after =
        new Vif(
            before.kind(),
            before.device(),
            before.ifindex(),
            before.mac(),
            before.vrf(),
            before.address(),
            allowed,
            0,
            0,
            0,
            before.flags(),
            before.gateways(),
            before.port(),
            before.vlan(),
            0);
    assertThat(add(Map.of(new VifKey(A), after)))
        .singleElement()
        .isEqualTo(new Failure(new VifKey(A), "table sources is full"));
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
    what_was_there_works();
  }
}
