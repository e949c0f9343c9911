package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.FABRIC;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.net.IpPrefix;
import weft.state.Delta;
import weft.vrouter.Acl;
import weft.vrouter.DropReason;
import weft.vrouter.InetRoute;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.AclKey;
import weft.vrouter.TableKey.NextHopKey;
import weft.vrouter.TableKey.VifKey;
import weft.vrouter.TableKey.VrfKey;
import weft.vrouter.TableValue;
import weft.vrouter.Trap;
import weft.vrouter.Vif;
import weft.vrouter.Vrf;

/** What is written is what is read, now and after a restart. */
@Tag("lab")
class TablesLabTest {
  private static PacketLab lab;

  @BeforeAll
  static void open() {
    lab = new PacketLab("tab");
  }

  @AfterAll
  static void close() {
    lab.close();
  }

  @Test
  void contentsAreWhatWasApplied() {
    lab.acl(
        70,
        new Acl.Rule(
            new UUID(5, 6),
            Acl.Family.IPV6,
            -1,
            new Acl.Endpoint.Subnet(IpPrefix.parse("2001:db8::/33")),
            new Acl.Endpoint.Group(8000001),
            Acl.PortRange.ANY,
            new Acl.PortRange(80, 443),
            Acl.Action.PASS),
        new Acl.Rule(
            new UUID(-5, -6),
            Acl.Family.ANY,
            6,
            new Acl.Endpoint.Network(4),
            Acl.Endpoint.ANY,
            new Acl.PortRange(1, 65535),
            Acl.PortRange.ANY,
            Acl.Action.DENY));
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
    lab.acl(70);
    lab.put(new NextHopKey(50), new NextHop.Ecmp(List.of(new NextHop.Member(8, 3))));
    lab.put(new NextHopKey(50), new NextHop.Ecmp(List.of()));
    lab.put(PacketLab.key(1, "0.0.0.0/0"), PacketLab.route(1, PacketLab.MAC_A, 0, 1, 2));
    lab.put(PacketLab.key(1, "::/0"), PacketLab.route(1, PacketLab.MAC_A, 0, 1, 2));
    lab.put(PacketLab.key(1, "0.0.0.0/0"), PacketLab.route(1, PacketLab.MAC_A, 0, 2));
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
    lab.reopen();
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
    lab.remove(PacketLab.key(1, "0.0.0.0/0"));
    lab.remove(PacketLab.key(1, "::/0"));
    lab.remove(new NextHopKey(50));
    lab.remove(new AclKey(70));
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
  }

  @Test
  void whatCannotBeDoneIsToldAndTheRestIsInForce() {
    Vif gone =
        new Vif(
            Vif.Kind.VIRTUAL,
            "none",
            99999,
            PacketLab.mac(77),
            1,
            null,
            new TreeSet<>(),
            0,
            0,
            0,
            new Vif.Flags(true, true, true, true),
            null);
    Delta.Builder<TableKey, TableValue> delta = new Delta.Builder<>();
    delta.add(new VifKey(77), null, gone);
    delta.add(new VrfKey(77), null, new Vrf("n".repeat(600), 0));
    delta.add(new VrfKey(78), null, new Vrf("fits", 0));
    List<Failure> failures = lab.namespace().run(() -> lab.datapath().apply(delta.build(1)));
    assertThat(failures)
        .extracting(Failure::key)
        .containsExactlyInAnyOrder(new VifKey(77), new VrfKey(77));
    assertThat(lab.datapath().contents())
        .containsKey(new VrfKey(78))
        .doesNotContainKeys(new VifKey(77), new VrfKey(77));
    lab.applied().put(new VrfKey(78), new Vrf("fits", 0));
    lab.remove(new VrfKey(78));
  }

  @Test
  void aVifMovesToAnotherDevice() {
    lab.namespace().exec("ip link add tn type veth peer name ptn");
    int other = lab.namespace().run(() -> Libc.ifindex("tn"));
    Vif before = lab.vif(A, 0, 0, 0);
    Vif after =
        new Vif(
            before.kind(),
            "tn",
            other,
            before.mac(),
            before.vrf(),
            before.address(),
            new TreeSet<>(),
            0,
            0,
            0,
            before.flags(),
            before.port());
    lab.put(new VifKey(A), after);
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
    lab.put(new VifKey(A), before);
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
  }

  @Test
  void aVifWhoseDeviceIsGoneIsNotTakenOver() {
    lab.namespace().exec("ip link add tgone type veth peer name ptgone");
    int index = lab.namespace().run(() -> Libc.ifindex("tgone"));
    Vif a = lab.vif(A, 0, 0, 0);
    lab.put(
        new VifKey(33),
        new Vif(
            a.kind(), "tgone", index, a.mac(), 1, null, new TreeSet<>(), 0, 0, 0, a.flags(), null));
    lab.namespace().exec("ip link del tgone");
    lab.reopen();
    lab.applied().remove(new VifKey(33));
    assertThat(lab.datapath().contents()).isEqualTo(lab.applied());
    assertThat(lab.datapath().vifStats()).containsKeys(A, FABRIC).doesNotContainKey(33);
  }

  @Test
  void enumsHaveTheSameOrderInTheKernel() {
    BpfObject object = lab.datapath().object();
    assertThat(names(object.constants("drop_reason"), "DROP_"))
        .isEqualTo(names(DropReason.values()));
    assertThat(object.constants("drop_reason").get("DROP_COUNT"))
        .isGreaterThan(DropReason.values().length);
    assertThat(header("abi.h", "enum trap_reason", "TRAP_")).isEqualTo(names(Trap.Reason.values()));
    assertThat(header("abi_hop.h", "enum encapsulation", "ENCAP_"))
        .isEqualTo(names(weft.net.Encapsulation.values()));
    assertThat(header("abi_hop.h", "enum arp_mode", "ARP_"))
        .isEqualTo(names(InetRoute.Arp.values()));
    assertThat(header("abi_vif.h", "enum vif_kind", "VIF_")).isEqualTo(names(Vif.Kind.values()));
  }

  private static List<String> names(Enum<?>[] values) {
    return Arrays.stream(values).map(Enum::name).toList();
  }

  private static List<String> names(Map<String, Integer> constants, String prefix) {
    Map<String, Integer> rest = new HashMap<>(constants);
    rest.remove("DROP_COUNT");
    List<String> names = new ArrayList<>(rest.keySet());
    names.sort((a, b) -> Integer.compare(rest.get(a), rest.get(b)));
    return names.stream().map(name -> name.substring(prefix.length())).toList();
  }

  /** The constants of an enum as one of the headers of layouts lists them. */
  private static List<String> header(String file, String name, String prefix) {
    String text;
    try {
      text = Files.readString(Path.of("src/main/bpf", file));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    int at = text.indexOf(name + " {");
    String body = text.substring(text.indexOf('{', at) + 1, text.indexOf('}', at));
    return Arrays.stream(body.split(","))
        .map(String::strip)
        .filter(constant -> !constant.isEmpty())
        .map(constant -> constant.substring(prefix.length()))
        .toList();
  }
}
