package weft.bench.vrouter;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.Vni;
import weft.vrouter.Acl;
import weft.vrouter.FloatingAddresses;
import weft.vrouter.InetRoute;
import weft.vrouter.LabelEntry;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.AclKey;
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
 * Ours: two networks joined by a policy, routed between hosts, with security groups at both ports.
 */
final class WeftPath implements GuestPath {
  static final int RULES = 10;

  private static final int VRF = 1;
  private static final int GUEST = 1;
  private static final int UNDERLAY = 9;
  private static final int TO_GUEST = 10;
  private static final int TO_HOST = 11;
  private static final int TO_BRIDGE = 12;

  /** Of a guest; with VXLAN a network's VNI. */
  private static final int LABEL = 100;

  private static final int NETWORK_ACL = 1;
  private static final int INGRESS_ACL = 2;
  private static final int EGRESS_ACL = 3;

  private final Encapsulation encapsulation;
  private final Fabric fabric;
  private final List<VrouterHost> hosts = new ArrayList<>();
  private Acl group;

  WeftPath(Encapsulation encapsulation, String stem, int flowTableSize) throws IOException {
    this.encapsulation = encapsulation;
    fabric = new Fabric(stem);
    group = group(RULES);
    fabric.routed();
    for (int side = 0; side < 2; side++) {
      VrouterHost host = new VrouterHost(fabric.host(side), flowTableSize, flowTableSize);
      hosts.add(host);
      host.add(tables(side));
    }
  }

  VrouterHost host(int side) {
    return hosts.get(side);
  }

  private Map<TableKey, TableValue> tables(int side) {
    Map<TableKey, TableValue> t = new HashMap<>();
    t.put(new VrfKey(VRF), new Vrf("bench", 1));
    t.put(new VifKey(UNDERLAY), underlay(side));
    t.put(new VifKey(GUEST), guest(side));
    t.put(new NextHopKey(TO_GUEST), new NextHop.EncapL3(GUEST));
    t.put(
        new NextHopKey(TO_HOST),
        new NextHop.Tunnel(
            Ipv4Address.parse(Fabric.underlay(side)),
            Ipv4Address.parse(Fabric.underlay(1 - side)),
            encapsulation));
    t.put(new LabelKey(new Label(LABEL)), new LabelEntry(TO_GUEST));
    t.put(new NextHopKey(TO_BRIDGE), new NextHop.Bridge(VRF));
    t.put(new VniKey(new Vni(LABEL)), new VniEntry(TO_BRIDGE));
    for (int to = 0; to < 2; to++) {
      for (int last : new int[] {2, 9}) {
        t.put(
            new InetRouteKey(VRF, IpPrefix.parse("10." + (to + 1) + ".1." + last + "/32")),
            route(side, to));
      }
      t.put(
          new InetRouteKey(VRF, IpPrefix.parse("10." + (to + 1) + ".1.1/32")),
          new InetRoute(0, -1, InetRoute.Arp.PROXY, null, to + 1, new TreeSet<>()));
    }
    t.put(new AclKey(NETWORK_ACL), network());
    t.put(new AclKey(INGRESS_ACL), group);
    t.put(new AclKey(EGRESS_ACL), group);
    return t;
  }

  /** How guest `to` is reached from this side. */
  private static InetRoute route(int side, int to) {
    return new InetRoute(
        to == side ? TO_GUEST : TO_HOST,
        to == side ? -1 : LABEL,
        InetRoute.Arp.PROXY,
        null,
        to + 1,
        new TreeSet<>(List.of(to + 1)));
  }

  /** Adds routes by which the guests know each other by these addresses, too. */
  void addresses(List<String> ofGuests) {
    for (int side = 0; side < 2; side++) {
      Map<TableKey, TableValue> t = new HashMap<>();
      for (int to = 0; to < 2; to++) {
        IpPrefix prefix = IpAddress.parse(ofGuests.get(to)).toHostPrefix();
        t.put(new InetRouteKey(VRF, prefix), route(side, to));
      }
      hosts.get(side).add(t);
    }
  }

  /** Gives the second guest an address by which it is known besides its own. */
  void floating(String address) {
    IpAddress outside = IpAddress.parse(address);
    for (int side = 0; side < 2; side++) {
      hosts.get(side).add(Map.of(new InetRouteKey(VRF, outside.toHostPrefix()), route(side, 1)));
    }
    FloatingAddresses.Floating floating =
        new FloatingAddresses.Floating(
            outside, IpAddress.parse(address()), VRF, NETWORK_ACL, true, true, List.of());
    hosts.get(1).add(Map.of(new FloatingKey(GUEST), new FloatingAddresses(List.of(floating))));
  }

  private Vif guest(int side) {
    return new Vif(
        Vif.Kind.VIRTUAL,
        "tap",
        hosts.get(side).ifindex("tap"),
        MacAddress.parse(Fabric.mac(side)),
        VRF,
        IpAddress.parse("10." + (side + 1) + ".1.2"),
        new TreeSet<>(List.of(IpPrefix.parse("fd00:" + (side + 1) + "::/64"))),
        NETWORK_ACL,
        INGRESS_ACL,
        EGRESS_ACL,
        new Vif.Flags(true, true, true, true),
        new TreeSet<>(List.of(IpAddress.parse("10." + (side + 1) + ".1.1"))),
        new UUID(0, side + 1),
        0,
        0);
  }

  private Vif underlay(int side) {
    return new Vif(
        Vif.Kind.FABRIC,
        "ul",
        hosts.get(side).ifindex("ul"),
        MacAddress.ZERO,
        0,
        IpAddress.parse(Fabric.underlay(side)),
        new TreeSet<>(),
        0,
        0,
        0,
        new Vif.Flags(false, false, false, false),
        (@Nullable UUID) null);
  }

  private static Acl.Rule rule(
      int protocol, Acl.Endpoint source, Acl.Endpoint destination, Acl.PortRange ports) {
    return new Acl.Rule(
        UUID.randomUUID(),
        Acl.Family.ANY,
        protocol,
        source,
        destination,
        Acl.PortRange.ANY,
        ports,
        Acl.Action.PASS);
  }

  /** Both networks may talk to each other. */
  private static Acl network() {
    Acl.Endpoint one = new Acl.Endpoint.Network(1);
    Acl.Endpoint two = new Acl.Endpoint.Network(2);
    return new Acl(
        "network",
        List.of(rule(-1, one, two, Acl.PortRange.ANY), rule(-1, two, one, Acl.PortRange.ANY)));
  }

  /** So many rules, of which the last passes what is sent here. */
  private static Acl group(int rules) {
    List<Acl.Rule> list = new ArrayList<>();
    for (int i = 0; i < rules - 2; i++) {
      IpPrefix prefix = IpPrefix.parse("172.%d.%d.0/24".formatted(16 + i / 256, i % 256));
      int port = 1 + i;
      list.add(
          rule(
              i % 2 == 0 ? 6 : 17,
              new Acl.Endpoint.Subnet(prefix),
              Acl.Endpoint.ANY,
              new Acl.PortRange(port, port + 10)));
    }
    for (String prefix : List.of("fd00::/16", "10.0.0.0/8")) {
      list.add(
          rule(
              -1,
              new Acl.Endpoint.Subnet(IpPrefix.parse(prefix)),
              Acl.Endpoint.ANY,
              Acl.PortRange.ANY));
    }
    return new Acl("group of " + rules, list);
  }

  /** Gives the ports' security groups so many rules. */
  void rules(int rules) {
    Acl next = group(rules);
    for (VrouterHost host : hosts) {
      host.replace(new AclKey(INGRESS_ACL), group, next);
      host.replace(new AclKey(EGRESS_ACL), group, next);
    }
    group = next;
  }

  @Override
  public String name() {
    return switch (encapsulation) {
      case MPLS_O_GRE -> "MPLSoGRE";
      case MPLS_O_UDP -> "MPLSoUDP";
      case VXLAN -> "VXLAN";
    };
  }

  @Override
  public Fabric fabric() {
    return fabric;
  }

  @Override
  public void forget() {
    hosts.forEach(VrouterHost::forget);
  }

  @Override
  public void close() {
    hosts.forEach(VrouterHost::close);
    fabric.close();
  }
}
