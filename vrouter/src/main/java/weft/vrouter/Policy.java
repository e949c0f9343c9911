package weft.vrouter;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;

/**
 * Judges a packet at a vif: the network's ACL, then the security groups'. All must pass; the first
 * that denies decides.
 */
public final class Policy {
  private final ForwardingTables tables;

  public Policy(ForwardingTables tables) {
    this.tables = tables;
  }

  /** Who an address is, as rules see it. */
  private record Identity(IpAddress address, int network, Set<Integer> groups) {
    Identity at(IpAddress other) {
      return new Identity(other, network, groups);
    }
  }

  /**
   * @param fromGuest true if the guest of `vif` sends the packet, false if it is to receive it
   */
  public Verdict judge(Vif vif, Packet.Ip packet, boolean fromGuest) {
    return judge(vif, packet, packet, fromGuest, Floatings.Choice.PLAIN);
  }

  /**
   * Likewise of a packet that is translated here. Policy is that of the floating address's network
   * and sees that address, the groups see the guest's own.
   *
   * @param asked what of the packet rules see; its addresses tell network and groups
   */
  Verdict judge(
      Vif vif, Packet.Ip packet, Packet.Ip asked, boolean fromGuest, Floatings.Choice choice) {
    Flow.Nat nat = choice.nat();
    if (!vif.flags().policy()) {
      return Verdict.UNASKED;
    }
    int vrf = nat == null ? vif.vrf() : nat.vrf();
    Packet.Ip translated = nat == null ? asked : asked.translated(nat);
    Packet.Ip outer = fromGuest ? translated : asked;
    Packet.Ip inner = fromGuest ? asked : translated;
    Packet.Ip who = nat == null ? packet : outer;
    Identity source = identify(vrf, who.source()).at(outer.source());
    Identity destination = identify(vrf, who.destination()).at(outer.destination());
    int networkAcl = nat == null ? vif.networkAcl() : choice.networkAcl();
    Verdict network = ask(networkAcl, outer, source, destination);
    if (network.reason() != DropReason.NONE) {
      return network;
    }
    int groupAcl = fromGuest ? vif.egressAcl() : vif.ingressAcl();
    Verdict groups =
        ask(groupAcl, inner, source.at(inner.source()), destination.at(inner.destination()));
    if (groups.passes()) {
      return groups.acl() == 0 ? network : groups;
    }
    DropReason reason = fromGuest ? DropReason.SECURITY_GROUP_OUT : DropReason.SECURITY_GROUP_IN;
    return new Verdict(reason, groups.acl(), groups.rule());
  }

  private Identity identify(int vrf, IpAddress address) {
    ForwardingTables.Match match = tables.route(vrf, address);
    return match == null
        ? new Identity(address, 0, Set.of())
        : new Identity(address, match.route().virtualNetwork(), match.route().securityGroups());
  }

  private Verdict ask(int aclId, Packet.Ip packet, Identity source, Identity destination) {
    if (aclId == 0) {
      return Verdict.UNASKED;
    }
    Acl acl = tables.acl(aclId);
    List<Acl.Rule> rules = acl == null ? List.of() : acl.rules();
    for (int i = 0; i < rules.size(); i++) {
      Acl.Rule rule = rules.get(i);
      if (matches(rule, packet, source, destination)) {
        return new Verdict(
            rule.action() == Acl.Action.PASS ? DropReason.NONE : DropReason.POLICY, aclId, i);
      }
    }
    return new Verdict(DropReason.POLICY_NO_MATCH, aclId, -1);
  }

  private static boolean matches(
      Acl.Rule rule, Packet.Ip packet, Identity source, Identity destination) {
    boolean family =
        switch (rule.family()) {
          case ANY -> true;
          case IPV4 -> packet.source().isV4();
          case IPV6 -> !packet.source().isV4();
        };
    return family
        && protocolMatches(rule, packet.protocol())
        && matches(rule.source(), source)
        && matches(rule.destination(), destination)
        && portsMatch(rule, packet);
  }

  /** A rule for ICMP holds for the ICMP of IPv6, too. */
  private static boolean protocolMatches(Acl.Rule rule, int protocol) {
    return rule.protocol() == -1
        || rule.protocol() == protocol
        || (rule.protocol() == Packet.ICMP && protocol == Packet.ICMP_V6);
  }

  private static boolean portsMatch(Acl.Rule rule, Packet.Ip packet) {
    return switch (packet.protocol()) {
      case Packet.TCP, Packet.UDP, Packet.SCTP ->
          rule.sourcePorts().contains(packet.sourcePort())
              && rule.destinationPorts().contains(packet.destinationPort());
      case Packet.ICMP, Packet.ICMP_V6 ->
          rule.destinationPorts().equals(Acl.PortRange.ANY)
              || rule.destinationPorts().low() == packet.icmpType();
      default -> true;
    };
  }

  private static boolean matches(Acl.Endpoint endpoint, Identity who) {
    return switch (endpoint) {
      case Acl.Endpoint.Any _ -> true;
      case Acl.Endpoint.Subnet subnet -> subnet.prefix().contains(who.address());
      case Acl.Endpoint.Group group -> who.groups().contains(group.id());
      case Acl.Endpoint.Network network -> who.network() == network.id();
    };
  }

  /** The rule that a verdict names, or null. */
  public Acl.@Nullable Rule rule(Verdict verdict) {
    Acl acl = verdict.rule() < 0 ? null : tables.acl(verdict.acl());
    return acl == null || verdict.rule() >= acl.rules().size()
        ? null
        : acl.rules().get(verdict.rule());
  }
}
