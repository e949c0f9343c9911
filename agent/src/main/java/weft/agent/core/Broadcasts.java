package weft.agent.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Wanted.Network;
import weft.net.Encapsulation;
import weft.net.Label;
import weft.net.MacAddress;
import weft.vrouter.LabelEntry;
import weft.vrouter.NextHop;
import weft.vrouter.NextHop.Member;
import weft.vrouter.TableKey;

/** Whom copies of broadcasts and multicasts of a network go to. */
final class Broadcasts {
  private final Situation situation;
  private final Ways ways;

  Broadcasts(Situation situation, Ways ways) {
    this.situation = situation;
    this.ways = ways;
  }

  /**
   * @param local the ports here
   */
  List<Member> members(Part.Builder part, Network network, List<Member> local) {
    return replicated(part, network.vrf(), tree(part, network, local));
  }

  /**
   * Whom a copy goes to: ports here and the branches of the tree. What comes by the tree's label
   * goes to all of these but the branch that it has come from.
   */
  private List<Member> tree(Part.Builder part, Network network, List<Member> local) {
    List<Member> members = new ArrayList<>(local);
    for (Routes.Tree tree : situation.routesOf(network.vrf()).trees()) {
      for (Routes.Hop hop : tree.hops()) {
        Member branch = branch(part, network, hop);
        if (branch != null && !members.contains(branch)) {
          members.add(branch);
        }
      }
    }
    for (Routes.Tree tree : situation.routesOf(network.vrf()).trees()) {
      if (tree.label() >= Ids.TREE_LABELS && tree.label() <= Label.MAX) {
        int id = part.nextHop(Names.tree(network.vrf()), new NextHop.Tree(members));
        part.table(new TableKey.LabelKey(new Label(tree.label())), new LabelEntry(id));
      }
    }
    return members;
  }

  private @Nullable Member branch(Part.Builder part, Network network, Routes.Hop hop) {
    Event.FabricFound fabric = situation.fabric;
    Encapsulation encapsulation = situation.global.choose(hop.encapsulations(), false);
    if (fabric == null
        || encapsulation == null
        || hop.address().equals(fabric.address())
        || hop.label() < 0
        || hop.label() > Label.MAX) {
      return null;
    }
    int id =
        part.nextHop(
            Names.branch(network.vrf(), hop.address(), encapsulation),
            new NextHop.Branch(fabric.address(), hop.address(), encapsulation, network.vni()));
    return new Member(id, hop.label());
  }

  /** Those of the tree, and the hosts that copies are sent to one by one. */
  private List<Member> replicated(Part.Builder part, String vrf, List<Member> tree) {
    List<Member> members = new ArrayList<>(tree);
    List<Member> remote = new ArrayList<>();
    for (Routes.Evpn route : situation.routesOf(vrf).ofMac(MacAddress.BROADCAST)) {
      for (Routes.Hop hop : route.hops()) {
        Member member = ways.tunnel(part, hop, true);
        if (member != null && !remote.contains(member)) {
          remote.add(member);
        }
      }
    }
    remote.sort(Ways.BY_ID);
    members.addAll(remote);
    return members;
  }
}
