package weft.vrouter;

import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Judges packets at vifs as flows, floating addresses and policy say, and tells why. */
final class Judging {
  private final ForwardingTables tables;
  private final Policy policy;
  private final Floatings floatings;
  private final Function<FlowKey, @Nullable Flow> flows;
  private final Consumer<String> decisions;

  Judging(
      ForwardingTables tables,
      Function<FlowKey, @Nullable Flow> flows,
      Consumer<String> decisions) {
    this.tables = tables;
    this.policy = new Policy(tables);
    this.floatings = new Floatings(tables);
    this.flows = flows;
    this.decisions = decisions;
  }

  private void say(String format, Object... arguments) {
    decisions.accept(format.formatted(arguments));
  }

  static boolean isNeighbourDiscovery(Packet.Ip ip) {
    return ip.protocol() == Packet.ICMP_V6 && ip.icmpType() >= 133 && ip.icmpType() <= 137;
  }

  /**
   * @param outward it leaves by this host's address
   */
  record Judged(DropReason refused, Flow.@Nullable Nat nat, boolean outward) {
    static final Judged PASSES = new Judged(DropReason.NONE, null, false);
  }

  private @Nullable Judged established(int vifId, String where, Packet.Ip ip) {
    Flow flow = flows.apply(ip.flowKey(vifId));
    if (flow == null) {
      return null;
    }
    say("%s: established flow says %s", where, flow.action());
    return new Judged(flow.reason(), flow.nat(), flow.outward());
  }

  /**
   * @param routed true if the guest sends the packet to the gateway
   */
  Judged judge(int vifId, Vif vif, Packet.Ip ip, boolean fromGuest, boolean routed) {
    if (isNeighbourDiscovery(ip)) {
      return Judged.PASSES;
    }
    String where = (fromGuest ? "sent by vif " : "received by vif ") + vifId;
    Judged established = established(vifId, where, ip);
    if (established != null) {
      return established;
    }
    Floatings.Choice bgp = fromGuest ? floatings.toControlNode(vifId, vif, ip) : null;
    if (bgp != null) {
      say("%s: BGP with a control node", where);
      return new Judged(DropReason.NONE, bgp.nat(), true);
    }
    FatFlows fat = tables.fatFlows(vifId);
    FatFlows.Shared shared = fat == null ? null : fat.shared(ip, fromGuest);
    if (shared != null && !shared.addresses()) {
      established = established(vifId, where, shared.packet());
      if (established != null) {
        return established;
      }
    }
    Floatings.Choice choice =
        fromGuest ? floatings.outbound(vifId, vif, ip, routed) : floatings.inbound(vifId, ip);
    if (choice.refused() != DropReason.NONE) {
      return new Judged(choice.refused(), null, false);
    }
    Packet.Ip asked =
        shared == null || choice.nat() != null || choice.outward() ? ip : shared.packet();
    established = established(vifId, where, asked);
    return established != null
        ? established
        : told(where, policy.judge(vif, ip, asked, fromGuest, choice), choice);
  }

  private Judged told(String where, Verdict verdict, Floatings.Choice choice) {
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
    return new Judged(verdict.reason(), choice.nat(), choice.outward());
  }
}
