package weft.agent.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Situation.ActivePort;
import weft.agent.core.Wanted.Network;
import weft.net.IpPrefix;
import weft.vrouter.InetRoute;
import weft.vrouter.InetRoute.Arp;
import weft.vrouter.NextHop.Member;

/**
 * The routes of networks that a logical router joins by VXLAN (symmetric IRB, RFC 9136 section
 * 4.4.1): all that leads to the router's hidden network leads to its members too.
 *
 * <p>Rules see what is reached so as the hidden network, or as the network it was born in if that
 * is another.
 */
final class VxlanRouter {
  private final Situation situation;
  private final Ways ways;

  VxlanRouter(Situation situation, Ways ways) {
    this.situation = situation;
    this.ways = ways;
  }

  /** By the router of the network, or as its own routes of type 5 say; null if nothing does. */
  @Nullable InetRoute route(Part.Builder part, Network network, IpPrefix prefix) {
    Network router = network.router() == null ? network : network.router();
    Routes routes = situation.routesOf(router.vrf());
    Routes.Evpn told = routes.toPrefix(prefix);
    long preference = told == null ? 0 : told.rank().preference();
    Choice choice =
        behind(part, situation.ownersBehind(router.vrf(), prefix, preference), router.name());
    if (choice == null && told != null) {
      choice = told(part, told);
    }
    Routes.Inet inet = routes.inet(prefix);
    if (choice == null && inet != null && network.router() != null) {
      Ways.Found found = ways.labelled(part, inet.hops());
      choice =
          found == null
              ? null
              : new Choice(found.members(), found.network(), new TreeSet<>(inet.securityGroups()));
    }
    return choice == null
        ? null
        : Ways.route(
            part,
            new Ways.Target(network, prefix, choice.members()),
            null,
            Arp.PROXY,
            choice.network(),
            choice.groups());
  }

  private record Choice(List<Member> members, String network, SortedSet<Integer> groups) {}

  /** To ports of this host, which are in `network` to rules. */
  private @Nullable Choice behind(Part.Builder part, Collection<UUID> ports, String network) {
    List<Member> members = new ArrayList<>();
    SortedSet<Integer> groups = new TreeSet<>();
    for (UUID id : ports) {
      ActivePort port = situation.active.get(id);
      if (port != null) {
        members.add(new Member(Ways.encapL3(part, id), -1));
        groups.addAll(Publications.groupIds(port));
      }
    }
    return members.isEmpty() ? null : new Choice(members, network, groups);
  }

  /** As a route of type 5 says: to other hosts, or to ports behind another router of this one. */
  private @Nullable Choice told(Part.Builder part, Routes.Evpn route) {
    List<Member> members = new ArrayList<>();
    String origin = "";
    for (Routes.Hop hop : route.hops()) {
      List<Member> found = new ArrayList<>();
      if (ways.isHere(hop)) {
        Choice here = behind(part, behindVni(hop.label(), route.address()), hop.network());
        found.addAll(here == null ? List.of() : here.members());
      } else {
        Member tunnel = ways.toRouter(part, hop);
        found.addAll(tunnel == null ? List.of() : List.of(tunnel));
      }
      origin = origin.isEmpty() && !found.isEmpty() ? hop.network() : origin;
      found.stream().filter(each -> !members.contains(each)).forEach(members::add);
    }
    members.sort(Ways.BY_ID);
    return members.isEmpty()
        ? null
        : new Choice(members, origin, new TreeSet<>(route.securityGroups()));
  }

  private Collection<UUID> behindVni(int vni, IpPrefix prefix) {
    for (Network network : situation.networks.values()) {
      if (network.vni() == vni && !situation.portsBehind(network.vrf()).isEmpty()) {
        return situation.ownersBehind(network.vrf(), prefix, 0);
      }
    }
    return List.of();
  }
}
