package weft.vrouter;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.MacAddress;

/**
 * Forwards one packet over the tables as the datapath does, and says why at every step.
 *
 * <p>The datapath's programs are tested against it, and `weft trace` runs it over the tables read
 * from the kernel. One instance serves one packet.
 */
public final class ReferencePipeline {
  /** A bridge that leads to a bridge, or a flood within a flood, is a mistake in the tables. */
  private static final int MOST_STEPS = 4;

  private final ForwardingTables tables;
  private final Policy policy;
  private final Function<FlowKey, @Nullable Flow> flows;
  private final List<String> decisions = new ArrayList<>();

  /**
   * @param flows looks up an established flow; it decides before policy is asked
   */
  public ReferencePipeline(ForwardingTables tables, Function<FlowKey, @Nullable Flow> flows) {
    this.tables = tables;
    this.policy = new Policy(tables);
    this.flows = flows;
  }

  /** Where a packet came in: from a guest (its vif) or through a tunnel (vif 0). */
  private record Origin(int vif) {
    static final Origin TUNNEL = new Origin(0);

    boolean tunnel() {
      return vif == 0;
    }
  }

  /** What the guest of `vifId` sends. */
  public PacketTrace fromGuest(int vifId, Packet packet) {
    return trace(guestSends(vifId, packet));
  }

  /**
   * What another host sends through a tunnel.
   *
   * @param source the outer source address
   * @param label the label or VNI
   * @param packet what is inside; for an IP packet under a label its Ethernet addresses are ignored
   */
  public PacketTrace fromTunnel(
      Ipv4Address source, Encapsulation encapsulation, int label, Packet packet) {
    return trace(tunnelBrings(source, encapsulation, label, packet));
  }

  private PacketTrace trace(Outcome outcome) {
    return new PacketTrace(decisions, outcome);
  }

  private void say(String format, Object... arguments) {
    decisions.add(format.formatted(arguments));
  }

  private Outcome drop(DropReason reason) {
    say("drop: %s", reason.text());
    return new Outcome.Dropped(reason);
  }

  private Outcome guestSends(int vifId, Packet packet) {
    Vif vif = tables.vif(vifId);
    if (vif == null) {
      return drop(DropReason.NO_VIF);
    }
    Vrf vrf = tables.vrf(vif.vrf());
    say(
        "vif %d (%s): VRF %d %s",
        vifId, vif.device(), vif.vrf(), vrf == null ? "(unknown)" : vrf.name());
    if (vrf == null) {
      return drop(DropReason.NO_VRF);
    }
    if (vif.flags().policy() && !packet.source().equals(vif.mac())) {
      say("source MAC %s is not the port's %s", packet.source(), vif.mac());
      return drop(DropReason.INVALID_SOURCE);
    }
    return switch (packet.ip()) {
      case Packet.Arp arp -> answerArp(vifId, vif, packet, arp);
      case Packet.Ip ip -> guestSendsIp(vifId, vif, packet, ip);
      case null -> bridge(new Origin(vifId), vif.vrf(), packet, 0);
    };
  }

  private Outcome answerArp(int vifId, Vif vif, Packet packet, Packet.Arp arp) {
    if (!arp.request()) {
      return bridge(new Origin(vifId), vif.vrf(), packet, 0);
    }
    ForwardingTables.Match match = tables.route(vif.vrf(), arp.target());
    if (match == null) {
      say("ARP for %s: no route", arp.target());
      return drop(DropReason.ARP_NOT_ANSWERED);
    }
    say("ARP for %s: route %s says %s", arp.target(), match.prefix(), match.route().arp());
    return switch (match.route().arp()) {
      case PROXY -> answered(MacAddress.GATEWAY);
      case STITCHED -> {
        MacAddress owner = match.route().mac();
        yield owner == null ? drop(DropReason.ARP_NOT_ANSWERED) : answered(owner);
      }
      case FLOOD -> bridge(new Origin(vifId), vif.vrf(), packet, 0);
      case DROP -> drop(DropReason.ARP_NOT_ANSWERED);
    };
  }

  private Outcome answered(MacAddress mac) {
    say("answered with %s", mac);
    return new Outcome.Answered(mac);
  }

  private Outcome guestSendsIp(int vifId, Vif vif, Packet packet, Packet.Ip ip) {
    if (vif.flags().dhcp() && ip.protocol() == Packet.UDP && ip.destinationPort() == 67) {
      say("DHCP request: to the agent");
      return new Outcome.Trapped(Trap.Reason.DHCP);
    }
    if (vif.flags().policy() && !owns(vif, ip.source())) {
      say("source address %s is not the port's", ip.source());
      return drop(DropReason.INVALID_SOURCE);
    }
    Verdict verdict = judge(vifId, vif, ip, true);
    if (!verdict.passes()) {
      return drop(verdict.reason());
    }
    Origin origin = new Origin(vifId);
    return packet.destination().equals(MacAddress.GATEWAY)
        ? route(origin, vif.vrf(), packet, ip)
        : bridge(origin, vif.vrf(), packet, 0);
  }

  private static boolean owns(Vif vif, IpAddress source) {
    return source.equals(vif.address())
        || vif.allowed().stream().anyMatch(prefix -> prefix.contains(source));
  }

  private Verdict judge(int vifId, Vif vif, Packet.Ip ip, boolean fromGuest) {
    String where = (fromGuest ? "sent by vif " : "received by vif ") + vifId;
    Flow flow = flows.apply(ip.flowKey(vifId));
    if (flow != null) {
      say("%s: established flow says %s", where, flow.action());
      return new Verdict(flow.reason(), flow.acl(), flow.rule());
    }
    Verdict verdict = policy.judge(vif, ip, fromGuest);
    Acl acl = tables.acl(verdict.acl());
    Acl.Rule rule = policy.rule(verdict);
    if (acl == null) {
      say("%s: no policy, passes", where);
    } else {
      say(
          "%s: ACL %d %s, %s: %s",
          where,
          verdict.acl(),
          acl.name(),
          rule == null ? "no rule matches" : "rule " + verdict.rule() + " (" + rule.id() + ")",
          verdict.passes() ? "passes" : "denied");
    }
    return verdict;
  }

  private Outcome route(Origin origin, int vrf, Packet packet, Packet.Ip ip) {
    ForwardingTables.Match match = tables.route(vrf, ip.destination());
    if (match == null) {
      return drop(DropReason.NO_ROUTE);
    }
    InetRoute route = match.route();
    NextHop nextHop = tables.nextHop(route.nextHop());
    say(
        "route %s: next hop %d %s",
        match.prefix(), route.nextHop(), nextHop == null ? "(missing)" : nextHop);
    if (ip.ttl() <= 1 && !(nextHop instanceof NextHop.Receive)) {
      return drop(DropReason.TTL_EXCEEDED);
    }
    return send(origin, nextHop, route.label(), packet, 0);
  }

  private Outcome bridge(Origin origin, int vrf, Packet packet, int steps) {
    MacAddress mac = packet.destination().isGroup() ? MacAddress.BROADCAST : packet.destination();
    BridgeEntry entry = tables.bridge(vrf, mac);
    if (entry == null) {
      say("MAC %s is not in the bridge table of VRF %d", mac, vrf);
      return drop(DropReason.L2_NO_ROUTE);
    }
    NextHop nextHop = tables.nextHop(entry.nextHop());
    say("MAC %s: next hop %d %s", mac, entry.nextHop(), nextHop == null ? "(missing)" : nextHop);
    return send(origin, nextHop, entry.label(), packet, steps + 1);
  }

  private Outcome send(
      Origin origin, @Nullable NextHop nextHop, int label, Packet packet, int steps) {
    if (steps > MOST_STEPS) {
      return drop(DropReason.LOOP);
    }
    return switch (nextHop) {
      case null -> drop(DropReason.INVALID_NEXT_HOP);
      case NextHop.Discard _ -> drop(DropReason.DISCARD);
      case NextHop.EncapL3 encap -> deliver(origin, encap.vif(), packet);
      case NextHop.EncapL2 encap -> deliver(origin, encap.vif(), packet);
      case NextHop.Tunnel tunnel -> tunnel(origin, tunnel, label);
      case NextHop.Receive _ -> {
        say("to the agent");
        yield new Outcome.Trapped(Trap.Reason.RECEIVE);
      }
      case NextHop.Bridge bridge -> bridge(origin, bridge.vrf(), packet, steps);
      case NextHop.Ecmp ecmp -> oneOf(origin, ecmp, packet, steps);
      case NextHop.Flood flood -> flood(origin, flood, packet, steps);
    };
  }

  private Outcome tunnel(Origin origin, NextHop.Tunnel tunnel, int label) {
    if (origin.tunnel()) {
      return drop(DropReason.LOOP);
    }
    if (label < 0) {
      return drop(DropReason.INVALID_LABEL);
    }
    say(
        "%s to %s with %s %d",
        tunnel.encapsulation(), tunnel.destination(), labelWord(tunnel.encapsulation()), label);
    return new Outcome.Tunnelled(tunnel.destination(), tunnel.encapsulation(), label);
  }

  private static String labelWord(Encapsulation encapsulation) {
    return encapsulation == Encapsulation.VXLAN ? "VNI" : "label";
  }

  /** The datapath picks by a hash of the flow; here the first usable member stands for all. */
  private Outcome oneOf(Origin origin, NextHop.Ecmp ecmp, Packet packet, int steps) {
    for (NextHop.Member member : ecmp.members()) {
      if (member.nextHop() != 0) {
        say("one of %d equal ways, such as next hop %d", ecmp.members().size(), member.nextHop());
        return send(origin, tables.nextHop(member.nextHop()), member.label(), packet, steps + 1);
      }
    }
    return drop(DropReason.INVALID_NEXT_HOP);
  }

  private Outcome flood(Origin origin, NextHop.Flood flood, Packet packet, int steps) {
    List<Outcome> copies = new ArrayList<>();
    for (NextHop.Member member : flood.members()) {
      NextHop nextHop = tables.nextHop(member.nextHop());
      boolean back = nextHop instanceof NextHop.EncapL2 encap && encap.vif() == origin.vif();
      boolean onward = nextHop instanceof NextHop.Tunnel && origin.tunnel();
      if (!back && !onward) {
        copies.add(send(origin, nextHop, member.label(), packet, steps + 1));
      }
    }
    return new Outcome.Flooded(copies);
  }

  private Outcome deliver(Origin origin, int vifId, Packet packet) {
    Vif vif = tables.vif(vifId);
    if (vif == null) {
      return drop(DropReason.NO_VIF);
    }
    if (vifId == origin.vif()) {
      return drop(DropReason.LOOP);
    }
    if (packet.ip() instanceof Packet.Ip ip) {
      Verdict verdict = judge(vifId, vif, ip, false);
      if (!verdict.passes()) {
        return drop(verdict.reason());
      }
    }
    say("to the guest of vif %d (%s)", vifId, vif.device());
    return new Outcome.Delivered(vifId);
  }

  private Outcome tunnelBrings(
      Ipv4Address source, Encapsulation encapsulation, int label, Packet packet) {
    say("%s from %s with %s %d", encapsulation, source, labelWord(encapsulation), label);
    if (!tables.isTunnelPeer(source)) {
      return drop(DropReason.INVALID_TUNNEL_SOURCE);
    }
    boolean vxlan = encapsulation == Encapsulation.VXLAN;
    int nextHopId;
    if (vxlan) {
      VniEntry entry = tables.vni(label);
      if (entry == null) {
        return drop(DropReason.INVALID_VNI);
      }
      nextHopId = entry.nextHop();
    } else {
      LabelEntry entry = tables.label(label);
      if (entry == null) {
        return drop(DropReason.INVALID_LABEL);
      }
      nextHopId = entry.nextHop();
    }
    NextHop nextHop = tables.nextHop(nextHopId);
    say(
        "%s %d: next hop %d %s",
        labelWord(encapsulation), label, nextHopId, nextHop == null ? "(missing)" : nextHop);
    return send(Origin.TUNNEL, nextHop, -1, packet, 0);
  }
}
