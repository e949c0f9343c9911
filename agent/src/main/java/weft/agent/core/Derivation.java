package weft.agent.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Situation.ActivePort;
import weft.agent.core.Wanted.Floating;
import weft.agent.core.Wanted.Network;
import weft.agent.core.Wanted.Subnet;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.Vni;
import weft.vrouter.BgpService;
import weft.vrouter.BridgeEntry;
import weft.vrouter.FloatingAddresses;
import weft.vrouter.HashField;
import weft.vrouter.InetRoute;
import weft.vrouter.InetRoute.Arp;
import weft.vrouter.LabelEntry;
import weft.vrouter.NextHop;
import weft.vrouter.NextHop.Member;
import weft.vrouter.Service;
import weft.vrouter.TableKey;
import weft.vrouter.Vif;
import weft.vrouter.VniEntry;
import weft.vrouter.Vrf;

/** Derives each unit of the desired state from the situation; keeps nothing. */
final class Derivation {
  private static final IpPrefix NO_ADDRESS = new IpPrefix(Ipv4Address.ANY, 0);
  private static final IpPrefix ANY_HOST = new IpPrefix(Ipv4Address.ANY, 32);

  private final Situation situation;
  private final Ids ids;
  private final Publications publications;
  private final Ways ways;
  private final Broadcasts broadcasts;
  private final VxlanRouter router;

  Derivation(Situation situation, Ids ids) {
    this.situation = situation;
    this.ids = ids;
    this.publications = new Publications(situation);
    this.ways = new Ways(situation, ids);
    this.broadcasts = new Broadcasts(situation, ways);
    this.router = new VxlanRouter(situation, ways);
  }

  Part derive(Unit unit) {
    Part.Builder part = new Part.Builder(ids);
    switch (unit) {
      case Unit.Fabric _ -> fabric(part);
      case Unit.Services _ ->
          situation.services.forEach((key, port) -> part.table(key, new Service(port)));
      case Unit.OfPort port -> port(part, port.id());
      case Unit.OfVrf vrf -> vrf(part, vrf.vrf());
      case Unit.OfInet inet -> inet(part, inet.vrf(), inet.prefix());
      case Unit.OfMac mac -> mac(part, mac.vrf(), mac.mac());
    }
    return part.build();
  }

  private void fabric(Part.Builder part) {
    Event.FabricFound fabric = situation.fabric;
    if (fabric != null) {
      part.table(
          new TableKey.VifKey(part.id(Ids.Pool.VIF, Names.FABRIC)),
          new Vif(
              Vif.Kind.FABRIC,
              fabric.device(),
              fabric.ifindex(),
              fabric.mac(),
              0,
              fabric.address(),
              new TreeSet<>(),
              0,
              0,
              0,
              new Vif.Flags(false, false, false, false),
              null));
    }
  }

  private void port(Part.Builder part, UUID id) {
    ActivePort port = situation.active.get(id);
    if (port == null) {
      return;
    }
    Network network = port.config().network();
    int networkAcl = AccessLists.ofNetwork(part, network);
    int ingress = AccessLists.ofGroups(part, port, true);
    int egress = AccessLists.ofGroups(part, port, false);
    List<IpAddress> addresses = port.config().addresses();
    int vif = part.id(Ids.Pool.VIF, Names.port(id));
    part.table(
        new TableKey.VifKey(vif),
        new Vif(
            Vif.Kind.VIRTUAL,
            port.plugged().device(),
            port.plugged().ifindex(),
            port.config().mac(),
            part.id(Ids.Pool.VRF, network.vrf()),
            addresses.isEmpty() ? null : addresses.getFirst(),
            port.config().otherSources(),
            networkAcl,
            ingress,
            egress,
            new Vif.Flags(
                port.config().policy(),
                network.bridged(),
                network.routed(),
                true,
                learning(network)),
            gateways(port),
            id,
            port.plugged().vlan(),
            port.config().flows().most()));
    if (!port.config().floating().isEmpty()) {
      part.table(new TableKey.FloatingKey(vif), floating(part, port));
    }
    if (!port.config().flows().fat().rules().isEmpty()) {
      part.table(new TableKey.FatFlowKey(vif), port.config().flows().fat());
    }
    if (port.config().bgpPort() != 0) {
      bgpServices(port)
          .forEach((address, server) ->
              part.table(
                  new TableKey.BgpServiceKey(vif, address),
                  new BgpService(server, port.config().bgpPort())));
    }
    int l3 = part.id(Ids.Pool.LABEL, Names.l3(id));
    int l2 = part.id(Ids.Pool.LABEL, Names.l2(id));
    part.table(new TableKey.LabelKey(new Label(l3)), new LabelEntry(Ways.encapL3(part, id)));
    part.table(new TableKey.LabelKey(new Label(l2)), new LabelEntry(Ways.encapL2(part, id)));
    if (!situation.sick.contains(id)) {
      publications.port(part, port, l3, l2);
      publications.floating(part, port, l3);
    }
  }

  private Vif.Learning learning(Network network) {
    if (!network.macs().learning() || !network.bridged()) {
      return Vif.Learning.OFF;
    }
    return situation.learned.isFull(network.vrf(), network.macs())
        ? Vif.Learning.FULL
        : Vif.Learning.ON;
  }

  /** Of the subnets that the port's first addresses are in. */
  private static SortedSet<IpAddress> gateways(ActivePort port) {
    SortedSet<IpAddress> gateways = new TreeSet<>();
    for (IpAddress address : port.config().addresses()) {
      Subnet subnet = port.config().subnetOf(address);
      IpAddress gateway =
          subnet == null || subnet.gateway() != null
              ? subnet == null ? null : subnet.gateway()
              : subnet.service();
      if (gateway != null
          && gateway.isV4() == address.isV4()
          && gateways.stream().noneMatch(other -> other.isV4() == address.isV4())) {
        gateways.add(gateway);
      }
    }
    return gateways;
  }

  /**
   * Where a guest finds control nodes: the first at the gateway of its subnet, the second at the
   * service address.
   */
  private SortedMap<Ipv4Address, Ipv4Address> bgpServices(ActivePort port) {
    SortedMap<Ipv4Address, Ipv4Address> found = new TreeMap<>();
    for (IpAddress own : port.config().addresses()) {
      Subnet subnet = own.isV4() && found.isEmpty() ? port.config().subnetOf(own) : null;
      if (subnet != null) {
        bgpService(subnet.service(), situation.controlNodes.get(1), found);
        bgpService(subnet.gateway(), situation.controlNodes.get(0), found);
      }
    }
    return found;
  }

  private static void bgpService(
      @Nullable IpAddress at,
      @Nullable Ipv4Address node,
      SortedMap<Ipv4Address, Ipv4Address> into) {
    if (at instanceof Ipv4Address address && node != null) {
      into.put(address, node);
    }
  }

  private static FloatingAddresses floating(Part.Builder part, ActivePort port) {
    List<FloatingAddresses.Floating> all = new ArrayList<>();
    for (Floating each : port.config().floating()) {
      all.add(
          new FloatingAddresses.Floating(
              each.address(),
              each.inside(),
              part.id(Ids.Pool.VRF, each.network().vrf()),
              AccessLists.ofNetwork(part, each.network()),
              each.inbound(),
              each.outbound(),
              each.ports()));
    }
    return new FloatingAddresses(all);
  }

  private void vrf(Part.Builder part, String vrf) {
    Network network = situation.networks.get(vrf);
    if (network == null) {
      return;
    }
    int id = part.id(Ids.Pool.VRF, vrf);
    part.table(new TableKey.VrfKey(id), new Vrf(vrf, part.id(Ids.Pool.NETWORK, network.name())));
    int bridge = part.nextHop(Names.bridge(vrf), new NextHop.Bridge(id));
    int label = part.id(Ids.Pool.LABEL, Names.broadcast(vrf));
    part.table(new TableKey.LabelKey(new Label(label)), new LabelEntry(bridge));
    if (network.vni() != 0) {
      part.table(new TableKey.VniKey(new Vni(network.vni())), new VniEntry(bridge));
    }
    if (network.fabricSnat()) {
      situation
          .global
          .portPools()
          .forEach((protocol, pool) -> part.table(new TableKey.PortPoolKey(protocol), pool));
    }
    List<Member> local = new ArrayList<>();
    for (UUID port : situation.portsOf(vrf)) {
      local.add(new Member(Ways.encapL2(part, port), -1));
    }
    List<Member> members = broadcasts.members(part, network, local);
    int flood = part.nextHop(Names.flood(vrf), new NextHop.Flood(members));
    part.table(new TableKey.BridgeKey(id, MacAddress.BROADCAST), new BridgeEntry(flood, -1));
    if (network.macs().floodUnknown()) {
      part.table(new TableKey.BridgeKey(id, MacAddress.ZERO), new BridgeEntry(flood, -1));
    }
    if (!situation.portsOf(vrf).isEmpty()) {
      publications.vrf(part, network, label);
    }
  }

  private void mac(Part.Builder part, String vrf, MacAddress mac) {
    if (!situation.networks.containsKey(vrf) || mac.isGroup() || mac.equals(MacAddress.ZERO)) {
      return;
    }
    TableKey key = new TableKey.BridgeKey(part.id(Ids.Pool.VRF, vrf), mac);
    SortedSet<UUID> local = situation.well(situation.portsWith(vrf, mac));
    if (!local.isEmpty()) {
      part.table(key, new BridgeEntry(Ways.encapL2(part, local.first()), -1));
      return;
    }
    SortedSet<UUID> floating = situation.well(situation.floatingWith(vrf, mac));
    if (!floating.isEmpty()) {
      part.table(key, new BridgeEntry(Ways.encapL3(part, floating.first()), -1));
      return;
    }
    LearnedMacs.Learned learned = situation.heard(vrf, mac);
    if (learned != null) {
      part.table(key, new BridgeEntry(Ways.encapL2(part, learned.port()), -1));
      publications.learned(part, mac, learned);
      return;
    }
    for (Routes.Evpn route : lastFirst(situation.routesOf(vrf).ofMac(mac))) {
      for (Routes.Hop hop : route.hops()) {
        Member member = ways.tunnel(part, hop, true);
        if (member != null) {
          part.table(key, new BridgeEntry(member.nextHop(), member.label()));
          return;
        }
      }
    }
  }

  /** A MAC that has moved is where it was heard last. */
  private static List<Routes.Evpn> lastFirst(Collection<Routes.Evpn> routes) {
    List<Routes.Evpn> sorted = new ArrayList<>(routes);
    sorted.sort(
        java.util.Comparator.comparingLong((Routes.Evpn route) -> route.rank().sequence())
            .reversed());
    return sorted;
  }

  private void inet(Part.Builder part, String vrf, IpPrefix prefix) {
    Network network = situation.networks.get(vrf);
    if (network == null) {
      return;
    }
    InetRoute route = localRoute(part, network, prefix);
    if (route == null) {
      route = receiveRoute(part, network, prefix);
    }
    if (route == null) {
      route = remoteRoute(part, network, prefix);
    }
    if (route == null) {
      route = router.route(part, network, prefix);
    }
    if (route == null) {
      route = subnetRoute(part, network, prefix);
    }
    if (route == null && network.fabricSnat() && prefix.equals(Wanted.EVERYWHERE)) {
      route = underlayRoute(part);
    }
    publications.routed(part, network, prefix);
    if (route != null) {
      part.table(new TableKey.InetRouteKey(part.id(Ids.Pool.VRF, vrf), prefix), route);
    }
  }

  private @Nullable InetRoute localRoute(Part.Builder part, Network network, IpPrefix prefix) {
    SortedSet<UUID> ports = situation.well(situation.portsWith(network.vrf(), prefix));
    if (ports.isEmpty()) {
      ports = situation.well(situation.floatingWith(network.vrf(), prefix));
    } else {
      ports = owners(ports, network.vrf(), prefix);
    }
    if (ports.isEmpty()) {
      return null;
    }
    List<Member> members = new ArrayList<>();
    SortedSet<Integer> groups = new TreeSet<>();
    Set<HashField> hashing = HashField.ALL;
    MacAddress mac = null;
    for (UUID id : ports) {
      ActivePort port = situation.active.get(id);
      if (port != null) {
        members.add(new Member(Ways.encapL3(part, id), -1));
        groups.addAll(Publications.groupIds(port));
        hashing = port.config().flows().hashing();
        mac = port.config().isBehind(prefix) ? null : port.config().mac();
      }
    }
    ways.alsoElsewhere(part, situation.routesOf(network.vrf()).inet(prefix), members);
    return Ways.route(
        part,
        new Ways.Target(network, prefix, members, hashing),
        members.size() == 1 ? mac : null,
        Arp.PROXY,
        network.name(),
        groups);
  }

  /** Of an address that one has at a time, the port that has it; all if nobody anywhere has. */
  private SortedSet<UUID> owners(SortedSet<UUID> ports, String vrf, IpPrefix prefix) {
    SortedSet<UUID> owners = new TreeSet<>();
    for (UUID id : ports) {
      ActivePort port = situation.active.get(id);
      boolean alone = port != null && port.config().standby().contains(prefix);
      if (!alone || situation.claimOf(id, vrf, prefix) != 0) {
        owners.add(id);
      }
    }
    Routes.Inet remote = situation.routesOf(vrf).inet(prefix);
    boolean elsewhere =
        remote != null && remote.elsewhere() && remote.rank().preference() >= Claims.PREFERENCE;
    return owners.isEmpty() && !elsewhere ? ports : owners;
  }

  private static InetRoute receive(Part.Builder part, Network network) {
    int receive = part.nextHop(Names.RECEIVE, new NextHop.Receive());
    int networkId = part.id(Ids.Pool.NETWORK, network.name());
    return new InetRoute(receive, -1, Arp.PROXY, null, networkId, new TreeSet<>());
  }

  private @Nullable InetRoute receiveRoute(Part.Builder part, Network network, IpPrefix prefix) {
    if (situation.global.services().stream()
        .anyMatch(service -> service.address().toHostPrefix().equals(prefix))) {
      return receive(part, network);
    }
    for (Subnet subnet : network.subnets()) {
      if (prefix.isHost()
          && (prefix.address().equals(subnet.gateway())
              || (prefix.address().equals(Wanted.GATEWAY_ON_LINK) && !subnet.prefix().isV4())
              || prefix.address().equals(subnet.service()))) {
        return receive(part, network);
      }
    }
    return null;
  }

  private @Nullable InetRoute remoteRoute(Part.Builder part, Network network, IpPrefix prefix) {
    Routes routes = situation.routesOf(network.vrf());
    Routes.Inet remote = routes.inet(prefix);
    Ways.Found found = remote == null ? null : ways.labelled(part, remote.hops());
    if (remote == null || found == null) {
      return null;
    }
    String origin = found.network();
    boolean own = origin.equals(network.name());
    boolean several = found.members().size() > 1;
    MacAddress mac =
        own && prefix.isHost() && !several ? macOf(routes.ofAddress(prefix.address())) : null;
    return Ways.route(
        part,
        new Ways.Target(network, prefix, found.members(), remote.hashing()),
        mac,
        own && inSubnet(network, prefix) && !several ? Arp.FLOOD : Arp.PROXY,
        origin,
        new TreeSet<>(remote.securityGroups()));
  }

  /** Of several owners the last. */
  private static @Nullable MacAddress macOf(Collection<Routes.Evpn> routes) {
    Routes.Evpn last = null;
    for (Routes.Evpn route : routes) {
      if (!route.mac().isGroup()
          && !route.mac().equals(MacAddress.ZERO)
          && (last == null || route.rank().sequence() > last.rank().sequence())) {
        last = route;
      }
    }
    return last == null ? null : last.mac();
  }

  private static boolean inSubnet(Network network, IpPrefix prefix) {
    return network.subnets().stream().anyMatch(subnet -> subnet.prefix().contains(prefix));
  }

  /** To the underlay, by this host's address: where nothing else leads. */
  private static InetRoute underlayRoute(Part.Builder part) {
    int hop = part.nextHop(Names.UNDERLAY, new NextHop.Underlay());
    int network = part.id(Ids.Pool.NETWORK, Wanted.UNDERLAY_NETWORK);
    return new InetRoute(hop, -1, Arp.PROXY, null, network, new TreeSet<>());
  }

  /** An address of the subnet that nobody is known to have: asked for, but not sent to. */
  private static @Nullable InetRoute subnetRoute(
      Part.Builder part, Network network, IpPrefix prefix) {
    for (Subnet subnet : network.subnets()) {
      if (subnet.prefix().equals(prefix)) {
        int networkId = part.id(Ids.Pool.NETWORK, network.name());
        return new InetRoute(0, -1, Arp.FLOOD, null, networkId, new TreeSet<>());
      }
    }
    return null;
  }

  /** The address part of a MAC that has none. */
  static IpPrefix noAddress() {
    return NO_ADDRESS;
  }

  /** The address part of a broadcast route. */
  static IpPrefix anyHost() {
    return ANY_HOST;
  }
}
