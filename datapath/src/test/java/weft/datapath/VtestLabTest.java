package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.Vni;
import weft.vrouter.BridgeEntry;
import weft.vrouter.InetRoute;
import weft.vrouter.LabelEntry;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.BridgeKey;
import weft.vrouter.TableKey.InetRouteKey;
import weft.vrouter.TableKey.LabelKey;
import weft.vrouter.TableKey.NextHopKey;
import weft.vrouter.TableKey.VifKey;
import weft.vrouter.TableKey.VniKey;
import weft.vrouter.TableKey.VrfKey;
import weft.vrouter.TableValue;
import weft.vrouter.Vif;
import weft.vrouter.VniEntry;
import weft.vrouter.Vrf;

/**
 * Vectors of Tungsten Fabric's vtest: their objects as our tables, their packets through the
 * programs. What must differ is masked: IP id and checksum of the outer header, its DF, the UDP
 * source port, the label's TTL, the inner checksum (theirs is not finished) and Ethernet addresses.
 */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VtestLabTest {
  private static final Pattern MESSAGE =
      Pattern.compile("<(vr_\\w+_req)>(.*?)</\\1>", Pattern.DOTALL);
  private static final Pattern FIELD = Pattern.compile("<(\\w+)>\\s*([^<>]*?)\\s*</\\1>");
  private static final int VRF = 51;
  private static final int VIF = 60;
  private static final int NEXT_HOP = 1000;
  private static final int BRIDGE_FAMILY = 7;

  private final Map<TableKey, TableValue> made = new LinkedHashMap<>();
  private Path vectors = Path.of("");
  private PacketLab lab;

  @BeforeAll
  void open() {
    vectors =
        Path.of(
            System.getProperty("weft.shared", "../../shared"), "data/vtest/vtest-xml/vtest/tests");
    assumeTrue(Files.exists(vectors), "no shared data: vtest");
    lab = new PacketLab("vt");
    List.of(PacketLab.A, PacketLab.B).forEach(vif -> lab.remove(new VifKey(vif)));
    lab.put(new VrfKey(VRF), new Vrf("vtest", 0));
  }

  @AfterAll
  void close() {
    if (lab != null) {
      lab.close();
    }
  }

  private record Message(String kind, Map<String, String> fields) {
    String text(String name) {
      return fields.getOrDefault(name, "");
    }

    int number(String name) {
      return Integer.parseInt(fields.getOrDefault(name, "0"));
    }
  }

  private static String withoutComments(Path file) throws IOException {
    return Files.readString(file).replaceAll("(?s)<!--.*?-->", "");
  }

  /** Does what the messages say: adds, reads back, removes. */
  private void messages(String xml) {
    Matcher each = MESSAGE.matcher(xml);
    while (each.find()) {
      Map<String, String> fields = new HashMap<>();
      Matcher field = FIELD.matcher(each.group(2));
      while (field.find()) {
        fields.put(field.group(1), field.group(2));
      }
      Message message = new Message(each.group(1), fields);
      Map<TableKey, TableValue> entry = entry(message);
      switch (message.text("h_op")) {
        case "Add" -> {
          lab.put(entry);
          made.putAll(entry);
        }
        case "Get" -> assertThat(lab.datapath().contents()).containsAllEntriesOf(present(entry));
        case "Delete", "Del" ->
            entry
                .keySet()
                .forEach(key -> {
                  lab.remove(key);
                  made.remove(key);
                  assertThat(lab.datapath().contents()).doesNotContainKey(key);
                });
        default -> assertThat(message.kind()).as("without operation").isEqualTo("vr_flow_req");
      }
    }
  }

  /** A question names the key alone. */
  private Map<TableKey, TableValue> present(Map<TableKey, TableValue> asked) {
    Map<TableKey, TableValue> present = new HashMap<>();
    asked.keySet().forEach(key -> present.put(key, lab.applied().get(key)));
    return present;
  }

  private Map<TableKey, TableValue> entry(Message m) {
    return switch (m.kind()) {
      case "vr_interface_req" -> Map.of(new VifKey(VIF + m.number("vifr_idx")), vif(m));
      case "vr_nexthop_req" ->
          // "My MAC" is told from others by the gateway's MAC, not by a next hop.
          m.number("nhr_type") == 8
              ? Map.of()
              : Map.of(new NextHopKey(NEXT_HOP + m.number("nhr_id")), nextHop(m));
      case "vr_route_req" -> route(m);
      case "vr_mpls_req" ->
          Map.of(
              new LabelKey(new Label(m.number("mr_label"))),
              new LabelEntry(NEXT_HOP + m.number("mr_nhid")));
      case "vr_vxlan_req" ->
          Map.of(
              new VniKey(new Vni(m.number("vxlanr_vnid"))),
              new VniEntry(NEXT_HOP + m.number("vxlanr_nhid")));
      // Programs make flows themselves.
      case "vr_flow_req" -> Map.of();
      default -> throw new AssertionError(m.kind());
    };
  }

  private Vif vif(Message m) {
    String device = m.number("vifr_idx") == 1 ? "ta" : "tb";
    String mac = m.text("vifr_mac");
    return new Vif(
        Vif.Kind.VIRTUAL,
        device,
        lab.ifindex(device),
        mac.isEmpty() ? MacAddress.ZERO : MacAddress.parse(mac),
        VRF,
        Ipv4Address.parse(m.number("vifr_idx") == 1 ? "1.1.1.1" : "2.2.2.2"),
        new TreeSet<>(),
        0,
        0,
        0,
        new Vif.Flags((m.number("vifr_flags") & 1) != 0, true, true, false),
        new UUID(7, m.number("vifr_idx")));
  }

  /** Addresses are numbers in the order of the wire, read on a small-endian machine. */
  private static Ipv4Address address(Message m, String name) {
    return new Ipv4Address(Integer.reverseBytes(m.number(name)));
  }

  private static NextHop nextHop(Message m) {
    int vif = VIF + m.number("nhr_encap_oif_id");
    int flags = m.number("nhr_flags");
    return switch (m.number("nhr_type")) {
      case 2 ->
          m.number("nhr_family") == BRIDGE_FAMILY
              ? new NextHop.EncapL2(vif)
              : new NextHop.EncapL3(vif);
      case 3 ->
          new NextHop.Tunnel(
              address(m, "nhr_tun_sip"),
              address(m, "nhr_tun_dip"),
              (flags & 0x40) != 0 ? Encapsulation.MPLS_O_UDP : Encapsulation.MPLS_O_GRE);
      case 0, 5 -> new NextHop.Discard();
      case 7 -> new NextHop.Bridge(VRF);
      default -> throw new AssertionError("next hop of type " + m.text("nhr_type"));
    };
  }

  private Map<TableKey, TableValue> route(Message m) {
    int nextHop = NEXT_HOP + m.number("rtr_nh_id");
    if (m.number("rtr_family") == BRIDGE_FAMILY) {
      MacAddress mac = MacAddress.parse(m.text("rtr_mac"));
      return lab.applied().containsKey(new NextHopKey(nextHop))
          ? Map.of(new BridgeKey(VRF, mac), new BridgeEntry(nextHop, -1))
          : Map.of();
    }
    IpPrefix prefix =
        IpPrefix.parse(m.text("rtr_prefix").replace(':', '.') + "/" + m.text("rtr_prefix_len"));
    int label = m.number("rtr_label_flags") == 0 ? -1 : m.number("rtr_label");
    return Map.of(
        new InetRouteKey(VRF, prefix),
        new InetRoute(nextHop, label, InetRoute.Arp.PROXY, null, 0, new TreeSet<>()));
  }

  private void forget() {
    List<TableKey> keys = List.copyOf(made.keySet()).reversed();
    keys.forEach(lab::remove);
    made.clear();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "msg/mpls/mpls_add_get_delete",
        "msg/nexthop/nh_add_delete",
        "msg/rt/rt_add_delete",
        "msg/vif/vif_add_delete",
        "msg/vxlan/vxlan_add_get_delete"
      })
  void objectsComeAreThereAndGo(String vector) throws IOException {
    try {
      messages(withoutComments(vectors.resolve(vector + ".xml")));
    } finally {
      forget();
    }
  }

  /** The first packet of a capture; all of one are the same. */
  private byte[] packet(Path vector, String xml, String which) throws IOException {
    Matcher name = Pattern.compile("<" + which + ">\\s*([^<]*?)\\s*<").matcher(xml);
    assertThat(name.find()).isTrue();
    byte[] pcap = Files.readAllBytes(vector.resolveSibling(name.group(1)));
    int length = (pcap[32] & 0xff) | (pcap[33] & 0xff) << 8;
    return Arrays.copyOfRange(pcap, 40, 40 + length);
  }

  @ParameterizedTest
  @ValueSource(strings = {"flow/flow_add", "flow/flow_simple_add"})
  void aPacketGoesFromPortToPort(String vector) throws IOException {
    Path file = vectors.resolve("ipv4/complex/" + vector + ".xml");
    String xml = withoutComments(file);
    try {
      messages(xml);
      byte[] sent = packet(file, xml, "pcap_input_file");
      ProgramRun run = lab.run("vif_rx", "ta", 0, sent);
      assertThat(run.result()).isEqualTo(ProgramRun.REDIRECT);
      assertThat(run.packet()).isEqualTo(packet(file, xml, "pcap_expected_file"));
    } finally {
      forget();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mplsogre/routing/mplsogre", "mplsoudp/routing/mplsoudp"})
  void aRoutedPacketGoesIntoATunnel(String vector) throws IOException {
    Path file = vectors.resolve("ipv4/complex/" + vector + ".xml");
    String xml = withoutComments(file);
    try {
      messages(xml);
      byte[] sent = packet(file, xml, "pcap_input_file");
      System.arraycopy(MacAddress.GATEWAY.toBytes(), 0, sent, 0, 6);
      ProgramRun run = lab.run("vif_rx", "ta", 0, sent);
      assertThat(run.result()).isEqualTo(ProgramRun.REDIRECT);
      assertThat(masked(run.packet())).isEqualTo(masked(packet(file, xml, "pcap_expected_file")));
    } finally {
      forget();
    }
  }

  private static byte[] masked(byte[] frame) {
    byte[] copy = frame.clone();
    int mpls = copy[23] == 47 ? 38 : 42;
    clear(copy, 0, 12);
    clear(copy, 18, 22);
    clear(copy, 24, 26);
    if (copy[23] != 47) {
      clear(copy, 34, 36);
    }
    clear(copy, mpls + 3, mpls + 4);
    clear(copy, mpls + 4 + 10, mpls + 4 + 12);
    return copy;
  }

  private static void clear(byte[] bytes, int from, int to) {
    Arrays.fill(bytes, from, to, (byte) 0);
  }
}
