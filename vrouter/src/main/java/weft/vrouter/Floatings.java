package weft.vrouter;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;

/** Decides by which floating address, if any, a connection goes. */
final class Floatings {
  private final ForwardingTables tables;

  Floatings(ForwardingTables tables) {
    this.tables = tables;
  }

  /**
   * What is to become of a connection.
   *
   * @param refused NONE unless it must not be
   * @param nat null if it goes as it is
   * @param networkAcl the ACL to ask in place of that of the port's network, if it is translated
   */
  record Choice(DropReason refused, Flow.@Nullable Nat nat, int networkAcl) {
    static final Choice PLAIN = new Choice(DropReason.NONE, null, 0);

    static Choice refused(DropReason reason) {
      return new Choice(reason, null, 0);
    }
  }

  /**
   * For what the guest begins: the VRF with the longest route wins, its own if equal.
   *
   * @param routed true if it goes by the gateway; else it stays in its network
   */
  Choice outbound(int vifId, Vif vif, Packet.Ip ip, boolean routed) {
    List<FloatingAddresses.Floating> all = tables.floating(vifId);
    if (all.isEmpty() || !routed) {
      return Choice.PLAIN;
    }
    Choice best = Choice.PLAIN;
    int longest = length(vif.vrf(), ip.destination());
    for (FloatingAddresses.Floating each : all) {
      int port = each.port(ip.protocol(), ip.sourcePort(), false);
      int length = length(each.vrf(), ip.destination());
      boolean usable =
          each.outbound()
              && each.inside().equals(ip.source())
              && port != FloatingAddresses.NOT_MAPPED;
      if (usable && length > longest) {
        longest = length;
        best =
            new Choice(
                DropReason.NONE,
                new Flow.Nat(true, each.outside(), port, each.vrf()),
                each.networkAcl());
      }
    }
    return longest < 0 ? Choice.refused(DropReason.NO_ROUTE) : best;
  }

  /** For what comes to the guest: is it to one of its floating addresses? */
  Choice inbound(int vifId, Packet.Ip ip) {
    for (FloatingAddresses.Floating each : tables.floating(vifId)) {
      if (each.outside().equals(ip.destination())) {
        int port = each.port(ip.protocol(), ip.destinationPort(), true);
        if (!each.inbound()) {
          return Choice.refused(DropReason.FLOATING_DIRECTION);
        }
        return port == FloatingAddresses.NOT_MAPPED
            ? Choice.refused(DropReason.FLOATING_PORT)
            : new Choice(
                DropReason.NONE,
                new Flow.Nat(false, each.inside(), port, each.vrf()),
                each.networkAcl());
      }
    }
    return Choice.PLAIN;
  }

  private int length(int vrf, IpAddress destination) {
    ForwardingTables.Match match = tables.route(vrf, destination);
    return match == null ? -1 : match.prefix().length();
  }
}
