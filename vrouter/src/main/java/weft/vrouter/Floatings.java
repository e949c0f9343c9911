package weft.vrouter;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.Ipv4Address;

/** Decides by which floating address, if any, a connection goes. */
final class Floatings {
  private final ForwardingTables tables;

  Floatings(ForwardingTables tables) {
    this.tables = tables;
  }

  /**
   * What a guest sends to a control node's BGP: it goes by this host's address and the guest's port
   * of it, and asks no policy. Null for all else.
   */
  @Nullable Choice toControlNode(int vifId, Vif vif, Packet.Ip ip) {
    BgpService service =
        ip.protocol() == Packet.TCP
                && ip.destinationPort() == BgpService.BGP_PORT
                && ip.destination() instanceof Ipv4Address address
            ? tables.bgpService(vifId, address)
            : null;
    IpAddress host = service == null ? null : tables.underlayAddress();
    return service == null || host == null
        ? null
        : new Choice(
            DropReason.NONE,
            new Flow.Nat(true, host, service.port(), vif.vrf(), service.server()),
            0,
            true);
  }

  /**
   * What is to become of a connection.
   *
   * @param refused NONE unless it must not be
   * @param nat null if it goes as it is
   * @param networkAcl the ACL to ask in place of that of the port's network, if it is translated
   * @param outward it leaves by this host's address, to the underlay
   */
  record Choice(DropReason refused, Flow.@Nullable Nat nat, int networkAcl, boolean outward) {
    static final Choice PLAIN = new Choice(DropReason.NONE, null, 0, false);
    static final Choice OUTWARD = new Choice(DropReason.NONE, null, 0, true);

    static Choice refused(DropReason reason) {
      return new Choice(reason, null, 0, false);
    }

    static Choice by(Flow.Nat nat, int networkAcl) {
      return new Choice(DropReason.NONE, nat, networkAcl, false);
    }
  }

  /**
   * For what the guest begins: the VRF with the longest route wins, its own if equal.
   *
   * @param routed true if it goes by the gateway; else it stays in its network
   */
  Choice outbound(int vifId, Vif vif, Packet.Ip ip, boolean routed) {
    List<FloatingAddresses.Floating> all = tables.floating(vifId);
    if (!routed) {
      return Choice.PLAIN;
    }
    Choice floating = all.isEmpty() ? Choice.PLAIN : floating(all, vif, ip);
    return floating.equals(Choice.PLAIN) ? underlay(vif, ip) : floating;
  }

  private Choice floating(List<FloatingAddresses.Floating> all, Vif vif, Packet.Ip ip) {
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
        best = Choice.by(new Flow.Nat(true, each.outside(), port, each.vrf()), each.networkAcl());
      }
    }
    return longest < 0 ? Choice.refused(DropReason.NO_ROUTE) : best;
  }

  private Choice underlay(Vif vif, Packet.Ip ip) {
    ForwardingTables.Match match = tables.route(vif.vrf(), ip.destination());
    if (match == null || !(tables.nextHop(match.route().nextHop()) instanceof NextHop.Underlay)) {
      return Choice.PLAIN;
    }
    boolean known =
        switch (ip.protocol()) {
          case Packet.TCP, Packet.UDP -> true;
          case Packet.ICMP -> ip.icmpType() == 8;
          default -> false;
        };
    if (!known || !ip.source().isV4()) {
      return Choice.refused(DropReason.UNSUPPORTED_PROTOCOL);
    }
    IpAddress host = tables.underlayAddress();
    return host == null || host.equals(ip.destination())
        ? Choice.refused(DropReason.LOOP)
        : Choice.OUTWARD;
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
            : Choice.by(new Flow.Nat(false, each.inside(), port, each.vrf()), each.networkAcl());
      }
    }
    return Choice.PLAIN;
  }

  private int length(int vrf, IpAddress destination) {
    ForwardingTables.Match match = tables.route(vrf, destination);
    return match == null ? -1 : match.prefix().length();
  }
}
