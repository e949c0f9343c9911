package weft.agent.core;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import weft.agent.core.Situation.ActivePort;
import weft.agent.core.Wanted.Floating;
import weft.agent.core.Wanted.Group;
import weft.agent.core.Wanted.InterfaceRoute;
import weft.agent.core.Wanted.Network;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.Mobility;
import weft.xmpp.MulticastItem;
import weft.xmpp.RouteAttributes;
import weft.xmpp.TagList;

/**
 * The routes that this host tells the control node.
 *
 * <p>Routed traffic always comes by MPLS label. Bridged traffic comes by VNI if VXLAN is preferred
 * and the network has one, else by label too; both ways in stay open, so that a change of
 * preference loses nothing.
 */
final class Publications {
  private static final List<Encapsulation> VXLAN = List.of(Encapsulation.VXLAN);

  private final Situation situation;

  Publications(Situation situation) {
    this.situation = situation;
  }

  /** The groups that rules of others may name; a group without a number cannot be named. */
  static SortedSet<Integer> groupIds(ActivePort port) {
    SortedSet<Integer> ids = new TreeSet<>();
    for (Group group : port.config().groups().values()) {
      if (group.id() != 0) {
        ids.add(group.id());
      }
    }
    return ids;
  }

  /** An inet route and a MAC route for each address of a port. */
  void port(Part.Builder part, ActivePort port, int l3Label, int l2Label) {
    Event.FabricFound fabric = situation.fabric;
    if (fabric == null) {
      return;
    }
    Network network = port.config().network();
    RouteAttributes attributes =
        RouteAttributes.DEFAULT.withSecurityGroups(
            groupIds(port).stream().map(Integer::longValue).toList());
    for (IpPrefix host : port.config().ownPrefixes()) {
      boolean alone = port.config().standby().contains(host);
      long claim = alone ? situation.claimOf(port.plugged().id(), network.vrf(), host) : 0;
      if (alone && claim == 0 && claimedHere(network.vrf(), host)) {
        continue;
      }
      RouteAttributes told = claim == 0 ? attributes : claimed(attributes, claim);
      if (network.routed()) {
        InetItem item = inet(fabric.address(), host, l3Label, network, told);
        part.publish(network.vrf(), item.withLoadBalance(spread(port)));
      }
      if (network.bridged() && host.isHost() && (!alone || claim != 0)) {
        part.publish(network.vrf(), evpn(fabric.address(), port, host, l2Label, told));
      }
    }
    if (network.routed()) {
      behind(part, port, l3Label, attributes);
    }
    if (network.bridged() && port.config().addresses().isEmpty()) {
      part.publish(
          network.vrf(), evpn(fabric.address(), port, Derivation.noAddress(), l2Label, attributes));
    }
  }

  /** Another port of this host has it, and publishes it. */
  private boolean claimedHere(String vrf, IpPrefix prefix) {
    return situation.well(situation.portsWith(vrf, prefix)).stream()
        .anyMatch(port -> situation.claimOf(port, vrf, prefix) != 0);
  }

  private static RouteAttributes claimed(RouteAttributes attributes, long claim) {
    return attributes.withPreference(Claims.PREFERENCE, 0).withMobility(new Mobility(false, claim));
  }

  /** A route for each prefix behind the guest that it does not answer for itself. */
  private void behind(Part.Builder part, ActivePort port, int label, RouteAttributes attributes) {
    Event.FabricFound fabric = situation.fabric;
    Network network = port.config().network();
    for (InterfaceRoute route : port.config().routes()) {
      if (fabric != null && port.config().isBehind(route.prefix())) {
        InetItem item = inet(fabric.address(), route.prefix(), label, network, attributes);
        part.publish(
            network.vrf(),
            item.ofInterfaceRoute(route.communities()).withLoadBalance(spread(port)));
      }
    }
  }

  private static InetItem.LoadBalance spread(ActivePort port) {
    return LoadBalancing.of(port.config().flows().hashing());
  }

  private InetItem inet(
      Ipv4Address self, IpPrefix host, int label, Network network, RouteAttributes attributes) {
    InetItem.NextHop hop =
        InetItem.NextHop.of(self, label, situation.global.mpls(), network.name());
    return InetItem.of(host, List.of(hop), attributes);
  }

  private EvpnItem evpn(
      Ipv4Address self, ActivePort port, IpPrefix host, int label, RouteAttributes attributes) {
    return EvpnItem.of(
        EvpnItem.Nlri.published(0, port.config().mac(), host),
        List.of(hop(self, port.config().network(), label)),
        attributes);
  }

  /**
   * An inet route for each floating address, by the port's own label. Who asks in the network for
   * the address is told the port's MAC; frames to it come by the network's label or VNI, and are
   * routed.
   */
  void floating(Part.Builder part, ActivePort port, int l3Label) {
    Event.FabricFound fabric = situation.fabric;
    if (fabric == null) {
      return;
    }
    RouteAttributes attributes =
        RouteAttributes.DEFAULT.withSecurityGroups(
            groupIds(port).stream().map(Integer::longValue).toList());
    for (Floating each : port.config().floating()) {
      Network network = each.network();
      IpPrefix host = each.address().toHostPrefix();
      InetItem item = inet(fabric.address(), host, l3Label, network, attributes);
      part.publish(network.vrf(), item.withLoadBalance(spread(port)));
      if (network.bridged()) {
        int label = part.id(Ids.Pool.LABEL, Names.broadcast(network.vrf()));
        part.publish(
            network.vrf(),
            EvpnItem.of(
                EvpnItem.Nlri.published(0, port.config().mac(), host),
                List.of(hop(fabric.address(), network, label)),
                attributes));
      }
    }
  }

  /**
   * What is behind ports of this host, told to the other hosts that the router routes between. It
   * comes by the router's VNI, to this host's own MAC: each host's is another, since a foreign
   * router knows one host by one MAC.
   */
  void routed(Part.Builder part, Network router, IpPrefix prefix) {
    Event.FabricFound fabric = situation.fabric;
    SortedSet<UUID> ports = situation.ownersBehind(router.vrf(), prefix, 0);
    if (fabric == null || router.vni() == 0 || ports.isEmpty()) {
      return;
    }
    SortedSet<Integer> groups = new TreeSet<>();
    long claim = 0;
    for (UUID id : ports) {
      ActivePort port = situation.active.get(id);
      if (port != null) {
        groups.addAll(groupIds(port));
        if (port.config().standby().contains(prefix)) {
          claim = Math.max(claim, situation.claimOf(id, port.vrf(), prefix));
        }
      }
    }
    RouteAttributes attributes =
        RouteAttributes.DEFAULT.withSecurityGroups(
            groups.stream().map(Integer::longValue).toList());
    EvpnItem.NextHop hop =
        new EvpnItem.NextHop(
            fabric.address(),
            fabric.mac(),
            router.vni(),
            0,
            VXLAN.stream().map(Encapsulation::word).toList(),
            TagList.NONE,
            0);
    part.publish(
        router.vrf(),
        EvpnItem.of(
            EvpnItem.Nlri.published(0, MacAddress.ZERO, prefix),
            List.of(hop),
            claim == 0 ? attributes : claimed(attributes, claim)));
  }

  private EvpnItem.NextHop hop(Ipv4Address self, Network network, int label) {
    boolean vxlan = situation.global.vxlanFirst() && network.vni() != 0;
    return EvpnItem.NextHop.of(
        self, vxlan ? network.vni() : label, 0, vxlan ? VXLAN : situation.global.mpls());
  }

  /** The route of a MAC that was heard at a port and is not the port's own. */
  void learned(Part.Builder part, MacAddress mac, LearnedMacs.Learned learned) {
    Event.FabricFound fabric = situation.fabric;
    ActivePort port = situation.active.get(learned.port());
    if (fabric != null && port != null) {
      Network network = port.config().network();
      int label = part.id(Ids.Pool.LABEL, Names.l2(learned.port()));
      RouteAttributes attributes =
          RouteAttributes.DEFAULT
              .withSecurityGroups(groupIds(port).stream().map(Integer::longValue).toList())
              .withMobility(new Mobility(false, learned.sequence()));
      part.publish(
          network.vrf(),
          EvpnItem.of(
              EvpnItem.Nlri.published(0, mac, Derivation.noAddress()),
              List.of(hop(fabric.address(), network, label)),
              attributes));
    }
  }

  /**
   * The wish to be in the tree of what is flooded, with the labels that the control node may take.
   */
  private void tree(Part.Builder part, Network network, Ipv4Address self) {
    part.publish(
        network.vrf(),
        new MulticastItem(
            Ipv4Address.BROADCAST,
            Ipv4Address.ANY,
            0,
            null,
            List.of(
                new MulticastItem.NextHop(
                    self,
                    Ids.TREE_LABELS,
                    Label.MAX,
                    situation.global.mpls().stream().map(Encapsulation::word).toList())),
            List.of()));
  }

  /** The routes by which this host gets what is flooded in the network. */
  void vrf(Part.Builder part, Network network, int label) {
    Event.FabricFound fabric = situation.fabric;
    if (fabric != null && network.bridged()) {
      tree(part, network, fabric.address());
      part.publish(
          network.vrf(),
          EvpnItem.of(
              EvpnItem.Nlri.published(network.vni(), MacAddress.BROADCAST, Derivation.anyHost()),
              List.of(hop(fabric.address(), network, label)),
              RouteAttributes.DEFAULT));
    }
  }
}
