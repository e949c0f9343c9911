package weft.agent.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Wanted.Network;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.Vni;
import weft.vrouter.HashField;
import weft.vrouter.InetRoute;
import weft.vrouter.InetRoute.Arp;
import weft.vrouter.NextHop;
import weft.vrouter.NextHop.Member;

/** The next hops that lead to ports of this host and to other hosts, and routes made of them. */
final class Ways {
  static final Comparator<Member> BY_ID =
      Comparator.comparingInt(Member::nextHop).thenComparingInt(Member::label);

  private final Situation situation;
  private final Ids ids;

  Ways(Situation situation, Ids ids) {
    this.situation = situation;
    this.ids = ids;
  }

  static int encapL3(Part.Builder part, UUID port) {
    int vif = part.id(Ids.Pool.VIF, Names.port(port));
    return part.nextHop(Names.l3(port), new NextHop.EncapL3(vif));
  }

  static int encapL2(Part.Builder part, UUID port) {
    int vif = part.id(Ids.Pool.VIF, Names.port(port));
    return part.nextHop(Names.l2(port), new NextHop.EncapL2(vif));
  }

  boolean isHere(Routes.Hop hop) {
    Event.FabricFound fabric = situation.fabric;
    return fabric != null && hop.address().equals(fabric.address());
  }

  /** The tunnel to another host, or null if the hop is this host or cannot be reached. */
  @Nullable Member tunnel(Part.Builder part, Routes.Hop hop, boolean bridged) {
    return tunnel(part, hop, bridged, null);
  }

  /** The tunnel of a route of type 5: what goes there is for the router that told it. */
  @Nullable Member toRouter(Part.Builder part, Routes.Hop hop) {
    return tunnel(part, hop, true, hop.router());
  }

  private @Nullable Member tunnel(
      Part.Builder part, Routes.Hop hop, boolean bridged, @Nullable MacAddress router) {
    Event.FabricFound fabric = situation.fabric;
    Encapsulation encapsulation = situation.global.choose(hop.encapsulations(), bridged);
    if (fabric == null || encapsulation == null || isHere(hop)) {
      return null;
    }
    boolean vxlan = encapsulation == Encapsulation.VXLAN;
    if (hop.label() < 0 || hop.label() > (vxlan ? Vni.MAX : Label.MAX)) {
      return null;
    }
    MacAddress to = vxlan ? router : null;
    int id =
        part.nextHop(
            Names.tunnel(hop.address(), encapsulation, to),
            new NextHop.Tunnel(fabric.address(), hop.address(), encapsulation, to));
    return new Member(id, hop.label());
  }

  /**
   * The ways of a route by labels.
   *
   * @param network of origin, as the first that says it has it
   */
  record Found(List<Member> members, String network) {}

  /** The ways by labels to ports here and to other hosts, or null if there are none. */
  @Nullable Found labelled(Part.Builder part, Collection<Routes.Hop> hops) {
    List<Member> members = new ArrayList<>();
    String origin = "";
    for (Routes.Hop hop : hops) {
      Member member = isHere(hop) ? ownLabel(part, hop.label()) : tunnel(part, hop, false);
      if (member != null && !members.contains(member)) {
        members.add(member);
        origin = origin.isEmpty() ? hop.network() : origin;
      }
    }
    members.sort(BY_ID);
    return members.isEmpty() ? null : new Found(members, origin);
  }

  /** Adds ports of other hosts that have the address too, where those here are as good. */
  void alsoElsewhere(Part.Builder part, Routes.@Nullable Inet told, List<Member> members) {
    if (told == null || told.hops().stream().noneMatch(this::isHere)) {
      return;
    }
    for (Routes.Hop hop : told.hops()) {
      Member member = isHere(hop) ? null : tunnel(part, hop, false);
      if (member != null && !members.contains(member)) {
        members.add(member);
      }
    }
    members.sort(BY_ID);
  }

  /** A route that this host has published, seen from another VRF. */
  private @Nullable Member ownLabel(Part.Builder part, int label) {
    String name = ids.name(Ids.Pool.LABEL, label);
    UUID port = name == null ? null : Names.portOfL3(name);
    return port == null || !situation.active.containsKey(port)
        ? null
        : new Member(encapL3(part, port), -1);
  }

  /**
   * What a route is to lead to.
   *
   * @param hashing what of a flow chooses one of several members
   */
  record Target(Network network, IpPrefix prefix, List<Member> members, Set<HashField> hashing) {
    /** Of which each connection may go another way. */
    Target(Network network, IpPrefix prefix, List<Member> members) {
      this(network, prefix, members, HashField.ALL);
    }
  }

  static InetRoute route(
      Part.Builder part,
      Target target,
      @Nullable MacAddress mac,
      Arp otherwise,
      String network,
      SortedSet<Integer> groups) {
    List<Member> members = target.members();
    Member only = members.getFirst();
    int nextHop =
        members.size() == 1
            ? only.nextHop()
            : part.nextHop(
                Names.ecmp(target.network().vrf(), target.prefix()),
                new NextHop.Ecmp(members, target.hashing()));
    return new InetRoute(
        nextHop,
        members.size() == 1 ? only.label() : -1,
        mac == null ? otherwise : Arp.STITCHED,
        mac,
        network.isEmpty() || network.equals("unresolved") ? 0 : part.id(Ids.Pool.NETWORK, network),
        groups);
  }
}
