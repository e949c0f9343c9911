package weft.datapath;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.Vni;
import weft.state.Delta;
import weft.vrouter.BridgeEntry;
import weft.vrouter.FloatingAddresses;
import weft.vrouter.Flow;
import weft.vrouter.InetRoute;
import weft.vrouter.InetRoute.Arp;
import weft.vrouter.LabelEntry;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.BridgeKey;
import weft.vrouter.TableKey.FloatingKey;
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
 * Two hosts with real guests and real traffic: guest A on the first; on the second B, in A's
 * network, and C, in another to which A's is joined.
 */
final class TwoHosts implements AutoCloseable {
  static final String IP_A = "10.1.1.3";
  static final String IP_B = "10.1.1.5";
  static final String IP_C = "10.2.2.4";
  static final String FLOATING_A = "10.2.2.50";
  private static final int FABRIC = 9;
  private static final int VNI = 5;
  private static final int NH_TUNNEL = 100;
  private static final int NH_L3_TUNNEL = 101;
  private static final int NH_FLOOD = 102;
  private static final int NH_BRIDGE = 103;
  private static final int LABEL_FLOOD = 103;

  /** A guest: its number is also that of its vif and the last byte of its MAC. */
  record Guest(int id, int host, int vrf, String address, Namespace namespace) {
    MacAddress mac() {
      return PacketLab.mac(id);
    }

    int nextHopL3() {
      return 10 * id;
    }

    int nextHopL2() {
      return 10 * id + 1;
    }

    /** The label is the same number as its next hop. */
    int labelL3() {
      return 10 * id + 20;
    }

    int labelL2() {
      return 10 * id + 21;
    }
  }

  private final List<Namespace> hosts = new ArrayList<>();
  private final List<Path> bpfDirs = new ArrayList<>();
  private final List<Datapath> datapaths = new ArrayList<>();
  final Guest a;
  final Guest b;
  final Guest c;
  private final List<Map<TableKey, TableValue>> applied = List.of(new HashMap<>(), new HashMap<>());

  private final boolean tcx;

  TwoHosts(String stem) {
    this(stem, true);
  }

  /**
   * @param tcx false for the older way to attach programs
   */
  TwoHosts(String stem, boolean tcx) {
    this.tcx = tcx;
    for (int host = 0; host < 2; host++) {
      hosts.add(new Namespace(Namespace.unique(stem + host)));
    }
    Namespace.sh(
        "ip link add ul netns %s mtu 1600 type veth peer name ul mtu 1600 netns %s"
            .formatted(hosts.get(0).name(), hosts.get(1).name()));
    for (int host = 0; host < 2; host++) {
      hosts.get(host).exec("ip addr add " + underlay(host) + "/24 dev ul && ip link set ul up");
      try {
        bpfDirs.add(Files.createTempDirectory("weft-bpf"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    a = guest(1, 0, 1, IP_A, stem);
    b = guest(2, 1, 1, IP_B, stem);
    c = guest(3, 1, 2, IP_C, stem);
    for (int host = 0; host < 2; host++) {
      datapaths.add(open(host));
    }
    use(Encapsulation.MPLS_O_UDP);
  }

  private static String underlay(int host) {
    return "172.31.0." + (11 + host);
  }

  private Guest guest(int id, int host, int vrf, String address, String stem) {
    Namespace namespace = new Namespace(Namespace.unique(stem + "g" + id));
    Guest guest = new Guest(id, host, vrf, address, namespace);
    Namespace.sh(
        "ip link add tap%d netns %s type veth peer name eth0 netns %s"
            .formatted(id, hosts.get(host).name(), namespace.name()));
    hosts.get(host).exec("ip link set tap" + id + " up");
    String gateway = address.substring(0, address.lastIndexOf('.')) + ".1";
    namespace.exec(
        "ip link set eth0 address %s up && ip addr add %s/24 dev eth0 && ip route add default via %s"
            .formatted(guest.mac(), address, gateway));
    return guest;
  }

  private Datapath open(int host) {
    return hosts.get(host).run(() -> Datapath.open(DatapathOptions.of(bpfDirs.get(host)), tcx));
  }

  Datapath datapath(int host) {
    return datapaths.get(host);
  }

  Map<TableKey, TableValue> applied(int host) {
    return applied.get(host);
  }

  Namespace host(int host) {
    return hosts.get(host);
  }

  /** Lets go of the kernel, as a process that is killed does. */
  void leave(int host) {
    hosts
        .get(host)
        .run(() -> {
          datapaths.get(host).close();
          return null;
        });
  }

  /** Takes over what is there, as a restarted agent does. */
  void takeOver(int host) {
    datapaths.set(host, open(host));
  }

  /** Takes over as a program does whose tables have another layout. */
  void upgrade(int host) {
    leave(host);
    Path pins = bpfDirs.get(host);
    Namespace.sh("mv " + pins + "/layout-* " + pins + "/layout-0-0");
    applied.get(host).clear();
    takeOver(host);
  }

  /** Programs both hosts; routed traffic keeps to MPLS where bridged traffic takes VXLAN. */
  void use(Encapsulation encapsulation) {
    for (int host = 0; host < 2; host++) {
      put(host, tables(host, encapsulation));
    }
  }

  void put(int host, Map<TableKey, TableValue> entries) {
    Delta.Builder<TableKey, TableValue> delta = new Delta.Builder<>();
    entries.forEach((key, value) -> delta.add(key, applied.get(host).put(key, value), value));
    List<Failure> failures = hosts.get(host).run(() -> datapaths.get(host).apply(delta.build(1)));
    if (!failures.isEmpty()) {
      throw new AssertionError(failures.toString());
    }
  }

  private Map<TableKey, TableValue> tables(int host, Encapsulation encapsulation) {
    boolean vxlan = encapsulation == Encapsulation.VXLAN;
    Map<TableKey, TableValue> t = new HashMap<>();
    t.put(new VrfKey(1), new Vrf("net1", 100));
    t.put(new VrfKey(2), new Vrf("net2", 200));
    t.put(new VifKey(FABRIC), fabric(host));
    t.put(new NextHopKey(NH_TUNNEL), tunnel(host, encapsulation));
    t.put(
        new NextHopKey(NH_L3_TUNNEL),
        tunnel(host, vxlan ? Encapsulation.MPLS_O_UDP : encapsulation));
    t.put(new NextHopKey(NH_BRIDGE), new NextHop.Bridge(1));
    t.put(new VniKey(new Vni(VNI)), new VniEntry(NH_BRIDGE));
    t.put(new LabelKey(new Label(LABEL_FLOOD)), new LabelEntry(NH_BRIDGE));
    List<NextHop.Member> members = new ArrayList<>();
    members.add(new NextHop.Member(NH_TUNNEL, vxlan ? VNI : LABEL_FLOOD));
    for (Guest guest : List.of(a, b, c)) {
      boolean local = guest.host() == host;
      if (local) {
        t.put(new VifKey(guest.id()), vif(guest));
        t.put(new NextHopKey(guest.nextHopL3()), new NextHop.EncapL3(guest.id()));
        t.put(new NextHopKey(guest.nextHopL2()), new NextHop.EncapL2(guest.id()));
        t.put(new LabelKey(new Label(guest.labelL3())), new LabelEntry(guest.nextHopL3()));
        t.put(new LabelKey(new Label(guest.labelL2())), new LabelEntry(guest.nextHopL2()));
      }
      if (local && guest.vrf() == 1) {
        members.add(new NextHop.Member(guest.nextHopL2(), -1));
      }
      for (int vrf = 1; vrf <= 2; vrf++) {
        t.put(
            new InetRouteKey(vrf, IpAddress.parse(guest.address()).toHostPrefix()),
            new InetRoute(
                local ? guest.nextHopL3() : NH_L3_TUNNEL,
                local ? -1 : guest.labelL3(),
                vrf == guest.vrf() ? Arp.STITCHED : Arp.PROXY,
                guest.mac(),
                guest.vrf() * 100,
                new TreeSet<>()));
      }
      t.put(
          new BridgeKey(guest.vrf(), guest.mac()),
          local
              ? new BridgeEntry(guest.nextHopL2(), -1)
              : new BridgeEntry(NH_TUNNEL, vxlan ? VNI : guest.labelL2()));
    }
    t.put(new NextHopKey(NH_FLOOD), new NextHop.Flood(members));
    t.put(new BridgeKey(1, MacAddress.BROADCAST), new BridgeEntry(NH_FLOOD, -1));
    for (int vrf = 1; vrf <= 2; vrf++) {
      t.put(
          new InetRouteKey(vrf, IpPrefix.parse("10.%d.%d.1/32".formatted(vrf, vrf))),
          new InetRoute(0, -1, Arp.PROXY, null, 0, new TreeSet<>()));
    }
    return t;
  }

  /** Gives A an address in C's network, by which alone that knows it; A's own VRF loses C. */
  void floating() {
    InetRoute atHome = new InetRoute(a.nextHopL3(), -1, Arp.PROXY, null, 200, new TreeSet<>());
    InetRoute far = new InetRoute(NH_L3_TUNNEL, a.labelL3(), Arp.PROXY, null, 200, new TreeSet<>());
    IpPrefix address = IpAddress.parse(FLOATING_A).toHostPrefix();
    put(0, Map.of(new InetRouteKey(2, address), atHome));
    put(1, Map.of(new InetRouteKey(2, address), far));
    FloatingAddresses.Floating floating =
        new FloatingAddresses.Floating(
            address.address(), IpAddress.parse(IP_A), 2, 0, true, true, List.of());
    put(0, Map.of(new FloatingKey(a.id()), new FloatingAddresses(List.of(floating))));
    remove(0, new InetRouteKey(1, IpAddress.parse(IP_C).toHostPrefix()));
    remove(1, new InetRouteKey(2, IpAddress.parse(IP_A).toHostPrefix()));
  }

  void notFloating() {
    remove(0, new FloatingKey(a.id()));
    use(Encapsulation.MPLS_O_UDP);
  }

  void remove(int host, TableKey key) {
    Delta.Builder<TableKey, TableValue> delta = new Delta.Builder<>();
    delta.add(key, applied.get(host).remove(key), null);
    List<Failure> failures = hosts.get(host).run(() -> datapaths.get(host).apply(delta.build(1)));
    if (!failures.isEmpty()) {
      throw new AssertionError(failures.toString());
    }
  }

  List<Flow> flows(int host) {
    List<Flow> found = new ArrayList<>();
    datapaths.get(host).flows(found::add);
    return found;
  }

  private NextHop tunnel(int host, Encapsulation encapsulation) {
    return new NextHop.Tunnel(
        Ipv4Address.parse(underlay(host)), Ipv4Address.parse(underlay(1 - host)), encapsulation);
  }

  private Vif vif(Guest guest) {
    String device = "tap" + guest.id();
    return new Vif(
        Vif.Kind.VIRTUAL,
        device,
        hosts.get(guest.host()).run(() -> Libc.ifindex(device)),
        guest.mac(),
        guest.vrf(),
        IpAddress.parse(guest.address()),
        new TreeSet<>(),
        0,
        0,
        0,
        new Vif.Flags(true, true, true, true),
        new TreeSet<>(List.of(gateway(guest.vrf()))),
        new UUID(0, guest.id()),
        0,
        0);
  }

  static IpAddress gateway(int vrf) {
    return IpAddress.parse("10.%d.%d.1".formatted(vrf, vrf));
  }

  private Vif fabric(int host) {
    return new Vif(
        Vif.Kind.FABRIC,
        "ul",
        hosts.get(host).run(() -> Libc.ifindex("ul")),
        MacAddress.ZERO,
        0,
        IpAddress.parse(underlay(host)),
        new TreeSet<>(),
        0,
        0,
        0,
        new Vif.Flags(false, false, false, false),
        null);
  }

  @Override
  public void close() {
    for (int host = 0; host < datapaths.size(); host++) {
      Datapath datapath = datapaths.get(host);
      Path bpfDir = bpfDirs.get(host);
      hosts
          .get(host)
          .run(() -> {
            datapath.close();
            Datapath.remove(DatapathOptions.of(bpfDir));
            return null;
          });
      Namespace.sh("umount " + bpfDir + " && rmdir " + bpfDir);
    }
    List.of(a, b, c).forEach(guest -> guest.namespace().close());
    hosts.forEach(Namespace::close);
  }
}
