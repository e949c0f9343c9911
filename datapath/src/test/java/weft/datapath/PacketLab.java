package weft.datapath;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.Vni;
import weft.state.Delta;
import weft.vrouter.Acl;
import weft.vrouter.BridgeEntry;
import weft.vrouter.DropReason;
import weft.vrouter.InetRoute;
import weft.vrouter.InetRoute.Arp;
import weft.vrouter.LabelEntry;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.AclKey;
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
 * A host in a namespace of its own, on which programs are run packet by packet.
 *
 * <p>Network 1 (VRF 1, network id 100) has guests A and B here and R1 on the other host; network 2
 * (VRF 2, network id 200) has guest C here and R2 there. VRF 1 also routes to network 2.
 */
final class PacketLab implements AutoCloseable {
  static final int A = 1;
  static final int B = 2;
  static final int C = 3;
  static final int FABRIC = 9;
  static final String HERE = "172.31.0.11";
  static final String THERE = "172.31.0.12";
  static final String ONWARD = "172.31.0.13";
  static final MacAddress MAC_A = mac(A);
  static final MacAddress MAC_B = mac(B);
  static final MacAddress MAC_C = mac(C);
  static final MacAddress MAC_R1 = mac(4);
  static final String IP_A = "10.1.1.3";
  static final String IP_B = "10.1.1.4";
  static final String IP_C = "10.2.2.3";
  static final String IP_R1 = "10.1.1.5";
  static final String IP_R2 = "10.2.2.4";
  static final String IP6_A = "fd00::3";
  static final String IP6_B = "fd00::4";

  static final int NH_L3_A = 1;
  static final int NH_L2_A = 2;
  static final int NH_L3_B = 3;
  static final int NH_L2_B = 4;
  static final int NH_L3_C = 5;
  static final int NH_RECEIVE = 6;
  static final int NH_BRIDGE_1 = 7;
  static final int NH_TUNNEL = 8;
  static final int NH_FLOOD = 9;
  static final int NH_ECMP = 10;
  static final int NH_DISCARD = 11;
  static final int NH_TREE = 12;
  static final int NH_BRANCH = 13;

  static final int LABEL_L3_A = 17;
  static final int LABEL_L2_A = 18;
  static final int LABEL_FLOOD = 19;
  static final int LABEL_TREE = 20;
  static final int VNI_1 = 5;
  static final int LABEL_THERE = 100;

  private final Namespace namespace;
  private final Path bpfDir;
  final DatapathOptions options;
  private Datapath datapath;
  private long revision;
  private final Map<TableKey, TableValue> applied = new HashMap<>();
  private final Map<String, Integer> ifindexes = new HashMap<>();

  PacketLab(String stem) {
    this(stem, 4096, 2000);
  }

  PacketLab(String stem, int flowTableSize, int flowsPerVif) {
    this(stem, flowTableSize, flowsPerVif, 10_000);
  }

  PacketLab(String stem, int flowTableSize, int flowsPerVif, int routes) {
    try {
      bpfDir = Files.createTempDirectory("weft-bpf");
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    namespace = new Namespace(Namespace.unique(stem));
    namespace.exec("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6");
    for (String device : List.of("ta", "tb", "tc", "ul")) {
      namespace.exec(
          "ip link add "
              + device
              + " type veth peer name p"
              + device
              + " && ip link set "
              + device
              + " mtu 1600 && ip link set p"
              + device
              + " mtu 1600 && ip link set "
              + device
              + " up && ip link set p"
              + device
              + " up");
      ifindexes.put(device, namespace.run(() -> Libc.ifindex(device)));
    }
    options = new DatapathOptions(bpfDir, "pkt0", flowTableSize, flowsPerVif, 1000, routes);
    datapath = namespace.run(() -> Datapath.open(options));
    ifindexes.put("pkt0", namespace.run(() -> Libc.ifindex("pkt0")));
    put(usual());
  }

  static MacAddress mac(int last) {
    return new MacAddress(0x0200_0000_0000L | last);
  }

  private Map<TableKey, TableValue> usual() {
    Map<TableKey, TableValue> t = new HashMap<>();
    t.put(new VrfKey(1), new Vrf("default-domain:demo:net1:net1", 100));
    t.put(new VrfKey(2), new Vrf("default-domain:demo:net2:net2", 200));
    t.put(new VifKey(A), vif(A, 0, 0, 0));
    t.put(new VifKey(B), vif(B, 0, 0, 0));
    t.put(new VifKey(C), vif(C, 0, 0, 0));
    t.put(new VifKey(FABRIC), fabric());
    t.put(new NextHopKey(NH_L3_A), new NextHop.EncapL3(A));
    t.put(new NextHopKey(NH_L2_A), new NextHop.EncapL2(A));
    t.put(new NextHopKey(NH_L3_B), new NextHop.EncapL3(B));
    t.put(new NextHopKey(NH_L2_B), new NextHop.EncapL2(B));
    t.put(new NextHopKey(NH_L3_C), new NextHop.EncapL3(C));
    t.put(new NextHopKey(NH_RECEIVE), new NextHop.Receive());
    t.put(new NextHopKey(NH_BRIDGE_1), new NextHop.Bridge(1));
    t.put(new NextHopKey(NH_TUNNEL), tunnel(Encapsulation.MPLS_O_UDP));
    t.put(
        new NextHopKey(NH_FLOOD),
        new NextHop.Flood(
            List.of(
                new NextHop.Member(NH_L2_A, -1),
                new NextHop.Member(NH_L2_B, -1),
                new NextHop.Member(NH_TUNNEL, LABEL_THERE))));
    t.put(
        new NextHopKey(NH_ECMP),
        new NextHop.Ecmp(
            List.of(
                new NextHop.Member(NH_TUNNEL, 101),
                new NextHop.Member(0, -1),
                new NextHop.Member(NH_TUNNEL, 103))));
    t.put(new NextHopKey(NH_DISCARD), new NextHop.Discard());
    t.put(
        new NextHopKey(NH_BRANCH),
        new NextHop.Branch(
            Ipv4Address.parse(HERE), Ipv4Address.parse(ONWARD), Encapsulation.MPLS_O_UDP, VNI_1));
    t.put(
        new NextHopKey(NH_TREE),
        new NextHop.Tree(
            List.of(
                new NextHop.Member(NH_L2_A, -1),
                new NextHop.Member(NH_L2_B, -1),
                new NextHop.Member(NH_BRANCH, LABEL_THERE))));
    for (int vrf = 1; vrf <= 2; vrf++) {
      t.put(key(vrf, IP_A + "/32"), route(NH_L3_A, MAC_A, 100));
      t.put(key(vrf, IP_B + "/32"), route(NH_L3_B, MAC_B, 100));
      t.put(key(vrf, IP_C + "/32"), route(NH_L3_C, MAC_C, 200));
      t.put(key(vrf, IP_R1 + "/32"), tunnelRoute(MAC_R1, 100));
      t.put(key(vrf, IP_R2 + "/32"), tunnelRoute(mac(5), 200));
    }
    t.put(key(1, IP6_A + "/128"), route(NH_L3_A, MAC_A, 100));
    t.put(key(1, IP6_B + "/128"), route(NH_L3_B, MAC_B, 100));
    t.put(
        key(1, "10.1.1.1/32"),
        new InetRoute(NH_RECEIVE, -1, Arp.PROXY, null, 100, new TreeSet<>()));
    t.put(
        key(1, "10.1.1.0/24"), new InetRoute(NH_DISCARD, -1, Arp.DROP, null, 100, new TreeSet<>()));
    t.put(
        key(1, "10.9.0.0/16"),
        new InetRoute(NH_ECMP, -1, Arp.FLOOD, null, 0, new TreeSet<>(List.of(7, 8))));
    t.put(new BridgeKey(1, MAC_A), new BridgeEntry(NH_L2_A, -1));
    t.put(new BridgeKey(1, MAC_B), new BridgeEntry(NH_L2_B, -1));
    t.put(new BridgeKey(1, MAC_R1), new BridgeEntry(NH_TUNNEL, LABEL_THERE));
    t.put(new BridgeKey(1, MacAddress.BROADCAST), new BridgeEntry(NH_FLOOD, -1));
    t.put(new LabelKey(new Label(LABEL_L3_A)), new LabelEntry(NH_L3_A));
    t.put(new LabelKey(new Label(LABEL_L2_A)), new LabelEntry(NH_L2_A));
    t.put(new LabelKey(new Label(LABEL_FLOOD)), new LabelEntry(NH_FLOOD));
    t.put(new LabelKey(new Label(LABEL_TREE)), new LabelEntry(NH_TREE));
    t.put(new VniKey(new Vni(VNI_1)), new VniEntry(NH_BRIDGE_1));
    return t;
  }

  Vif vif(int id, int networkAcl, int ingressAcl, int egressAcl) {
    String device = id == A ? "ta" : id == B ? "tb" : "tc";
    String address = id == A ? IP_A : id == B ? IP_B : IP_C;
    SortedSet<IpPrefix> allowed = new TreeSet<>();
    allowed.add(IpPrefix.parse("fd00::" + (2 + id) + "/128"));
    return new Vif(
        Vif.Kind.VIRTUAL,
        device,
        ifindex(device),
        mac(id),
        id == C ? 2 : 1,
        Ipv4Address.parse(address),
        allowed,
        networkAcl,
        ingressAcl,
        egressAcl,
        new Vif.Flags(true, true, true, true),
        id == C ? new TreeSet<>() : new TreeSet<>(List.of(Ipv4Address.parse("10.1.1.1"))),
        new UUID(1, id),
        0,
        0);
  }

  /** Lets guest A have so many entries of flows. */
  void limitFlowsOfA(int most) {
    Vif a = (Vif) applied.get(new VifKey(A));
    changeA(a.allowed(), most);
  }

  /** Lets guest A speak for further addresses, beside its own. */
  void shareWithA(String... prefixes) {
    SortedSet<IpPrefix> allowed = new TreeSet<>();
    allowed.add(IpPrefix.parse(IP6_A + "/128"));
    for (String prefix : prefixes) {
      allowed.add(IpPrefix.parse(prefix));
    }
    changeA(allowed, 0);
  }

  private void changeA(SortedSet<IpPrefix> allowed, int maxFlows) {
    Vif a = (Vif) applied.get(new VifKey(A));
    put(
        new VifKey(A),
        new Vif(
            a.kind(),
            a.device(),
            a.ifindex(),
            a.mac(),
            a.vrf(),
            a.address(),
            allowed,
            a.networkAcl(),
            a.ingressAcl(),
            a.egressAcl(),
            a.flags(),
            a.gateways(),
            a.port(),
            a.vlan(),
            maxFlows));
  }

  private Vif fabric() {
    return new Vif(
        Vif.Kind.FABRIC,
        "ul",
        ifindex("ul"),
        mac(99),
        0,
        Ipv4Address.parse(HERE),
        new TreeSet<>(),
        0,
        0,
        0,
        new Vif.Flags(false, false, false, false),
        null);
  }

  static NextHop tunnel(Encapsulation encapsulation) {
    return new NextHop.Tunnel(Ipv4Address.parse(HERE), Ipv4Address.parse(THERE), encapsulation);
  }

  /** By VXLAN to a host that has told its MAC as a router. */
  static NextHop tunnel(MacAddress router) {
    return new NextHop.Tunnel(
        Ipv4Address.parse(HERE), Ipv4Address.parse(THERE), Encapsulation.VXLAN, router);
  }

  static InetRouteKey key(int vrf, String prefix) {
    return new InetRouteKey(vrf, IpPrefix.parse(prefix));
  }

  static InetRoute route(int nextHop, MacAddress mac, int network, Integer... groups) {
    return new InetRoute(nextHop, -1, Arp.STITCHED, mac, network, new TreeSet<>(List.of(groups)));
  }

  static InetRoute tunnelRoute(MacAddress mac, int network, Integer... groups) {
    return new InetRoute(
        NH_TUNNEL, LABEL_THERE, Arp.STITCHED, mac, network, new TreeSet<>(List.of(groups)));
  }

  int ifindex(String device) {
    return ifindexes.get(device);
  }

  Datapath datapath() {
    return datapath;
  }

  Map<TableKey, TableValue> applied() {
    return applied;
  }

  /** Puts entries and expects no failure. */
  void put(Map<TableKey, ? extends TableValue> entries) {
    Delta.Builder<TableKey, TableValue> delta = new Delta.Builder<>();
    entries.forEach((key, value) -> delta.add(key, applied.put(key, value), value));
    apply(delta);
  }

  void put(TableKey key, TableValue value) {
    put(Map.of(key, value));
  }

  void remove(TableKey key) {
    Delta.Builder<TableKey, TableValue> delta = new Delta.Builder<>();
    apply(delta.add(key, applied.remove(key), null));
  }

  private void apply(Delta.Builder<TableKey, TableValue> delta) {
    List<Failure> failures = namespace.run(() -> datapath.apply(delta.build(++revision)));
    if (!failures.isEmpty()) {
      throw new AssertionError(failures.toString());
    }
  }

  void acl(int id, Acl.Rule... rules) {
    put(new AclKey(id), new Acl("acl " + id, List.of(rules)));
  }

  /** Lets guest A send nothing but UDP to one port, by a list of that number. */
  void onlyUdpFromA(int id, int port) {
    acl(
        id,
        new Acl.Rule(
            new UUID(0, 1),
            Acl.Family.ANY,
            17,
            Acl.Endpoint.ANY,
            Acl.Endpoint.ANY,
            Acl.PortRange.ANY,
            new Acl.PortRange(port, port),
            Acl.Action.PASS));
    put(new VifKey(A), vif(A, 0, 0, id));
  }

  /** Closes the datapath and opens it again, as a restarted agent does. */
  void reopen() {
    datapath =
        namespace.run(() -> {
          datapath.close();
          return Datapath.open(options);
        });
  }

  /** Runs a guest's frame through the program of its device. */
  ProgramRun fromGuest(int vif, byte[] frame) {
    String device = vif == A ? "ta" : vif == B ? "tb" : "tc";
    return run("vif_rx", device, 0, frame);
  }

  /** Runs a frame of the underlay through its program. */
  ProgramRun fromFabric(Packets.Layer packet) {
    return run("fabric_rx", "ul", 0, Packets.ethernet(mac(99), mac(98), packet));
  }

  ProgramRun run(String program, String device, int mark, byte[] frame) {
    int fd = datapath.object().program(program);
    return namespace.run(() -> ProgramRun.run(fd, ifindex(device), mark, frame));
  }

  /** What the counter of a reason moves by while `action` runs. */
  long drops(DropReason reason, Runnable action) {
    long before = datapath.drops().getOrDefault(reason, 0L);
    action.run();
    return datapath.drops().getOrDefault(reason, 0L) - before;
  }

  Namespace namespace() {
    return namespace;
  }

  @Override
  public void close() {
    namespace.run(() -> {
      datapath.close();
      Datapath.remove(options);
      return null;
    });
    Namespace.sh("umount " + bpfDir + " && rmdir " + bpfDir);
    namespace.close();
  }
}
