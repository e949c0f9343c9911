package weft.agent.core;

import java.util.List;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.vrouter.InetRoute;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey;
import weft.vrouter.Vif;
import weft.xmpp.ControlMessage.Entry;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.RouteAttributes;

/** A core with what happens to it in tests: a port, its config, routes of another host. */
class AgentScene {
  static final String NET = "default-domain:demo:net1";
  static final String VRF = NET + ":net1";
  static final String OTHER = "default-domain:demo:net2";
  static final String OTHER_VRF = OTHER + ":net2";
  static final String HIDDEN = "default-domain:demo:hidden";
  static final String HIDDEN_VRF = HIDDEN + ":hidden";
  static final String GROUP = "default-domain:demo:default";
  static final Ipv4Address SELF = Ipv4Address.parse("172.31.0.11");
  static final Ipv4Address PEER = Ipv4Address.parse("172.31.0.12");
  static final List<Encapsulation> MPLS =
      List.of(Encapsulation.MPLS_O_UDP, Encapsulation.MPLS_O_GRE);

  final Ids ids = new Ids();
  final AgentCore core = new AgentCore(ids);

  static Event fabric() {
    return new Event.FabricFound("eth0", 2, MacAddress.parse("02:00:00:00:00:0b"), SELF);
  }

  static Port port(String name, int ifindex) {
    return new Port(
        Config.uuid(name), Config.uuid("vm-" + name), name, "tap-" + name, ifindex, null, true);
  }

  static Event plug(String name, int ifindex) {
    return new Event.PortPlugged(port(name, ifindex));
  }

  static Config config() {
    return new Config()
        .network(NET, 5, "10.1.1.0")
        .group(GROUP, 8000001)
        .port("a", NET, "02:00:00:00:00:01", "10.1.1.3")
        .inGroup("a", GROUP);
  }

  static Event inet(String vrf, String prefix, int label, Ipv4Address hop, String network) {
    InetItem item =
        InetItem.of(
            IpPrefix.parse(prefix),
            List.of(InetItem.NextHop.of(hop, label, MPLS, network)),
            RouteAttributes.DEFAULT.withSecurityGroups(List.of(8000001L)));
    return new Event.RoutesCame(0, "1/1/" + vrf, List.of(Entry.of(item)));
  }

  static Event evpn(
      String vrf, String mac, String address, int label, List<Encapsulation> encapsulations) {
    EvpnItem item =
        EvpnItem.of(
            EvpnItem.Nlri.advertised(0, MacAddress.parse(mac), IpPrefix.parse(address)),
            List.of(EvpnItem.NextHop.of(PEER, label, 0, encapsulations)),
            RouteAttributes.DEFAULT);
    return new Event.RoutesCame(0, "25/242/" + vrf, List.of(Entry.of(item)));
  }

  /** A route of type 5, as the control node gives it to the hidden network of a router. */
  static Event prefix(Ipv4Address hop, String prefix) {
    EvpnItem.NextHop via = EvpnItem.NextHop.of(hop, 9, 0, List.of(Encapsulation.VXLAN));
    EvpnItem item =
        EvpnItem.of(
            EvpnItem.Nlri.advertised(0, MacAddress.ZERO, IpPrefix.parse(prefix)),
            List.of(via),
            RouteAttributes.DEFAULT.withSecurityGroups(List.of(8000001L)));
    return new Event.RoutesCame(0, "25/242/" + HIDDEN_VRF, List.of(Entry.of(item)));
  }

  static Event broadcast(String vrf, int label) {
    EvpnItem item =
        EvpnItem.ofOlist(
            EvpnItem.Nlri.advertised(5, MacAddress.BROADCAST, IpPrefix.parse("0.0.0.0/32")),
            List.of(EvpnItem.NextHop.of(PEER, label, 0, MPLS)),
            RouteAttributes.DEFAULT);
    return new Event.RoutesCame(0, "25/242/" + vrf, List.of(Entry.of(item)));
  }

  void all(List<Event> events) {
    events.forEach(core::on);
    core.settle(0);
  }

  void all(Event... events) {
    all(List.of(events));
  }

  int vrf(String name) {
    return ids.find(Ids.Pool.VRF, name);
  }

  InetRoute route(String vrf, String prefix) {
    return (InetRoute)
        core.tables().get(new TableKey.InetRouteKey(vrf(vrf), IpPrefix.parse(prefix)));
  }

  NextHop nextHop(int id) {
    return (NextHop) core.tables().get(new TableKey.NextHopKey(id));
  }

  Vif vif(String name) {
    int id = ids.find(Ids.Pool.VIF, Config.uuid(name).toString());
    return (Vif) core.tables().get(new TableKey.VifKey(id));
  }
}
