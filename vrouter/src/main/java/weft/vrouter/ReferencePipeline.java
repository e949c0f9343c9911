package weft.vrouter;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.net.MacAddress;

/**
 * Forwards one packet over the tables as the datapath does, and says why at every step.
 *
 * <p>The datapath's programs are tested against it, and `weft trace` runs it over the tables read
 * from the kernel. One instance serves one packet.
 */
public final class ReferencePipeline {
  private static final int ROUTER_SOLICITATION = 133;
  private static final int ROUTER_ADVERTISEMENT = 134;
  private static final int REDIRECT = 137;

  /** The hop limit of neighbour discovery. */
  private static final int ON_LINK = 255;

  private static final IpPrefix LINK_LOCAL = IpPrefix.parse("fe80::/10");

  private static final IpPrefix LINK_LOCAL_V4 = IpPrefix.parse("169.254.0.0/16");

  private final ForwardingTables tables;
  private final Judging judging;
  private final Set<Ipv4Address> silent;
  private final List<String> decisions = new ArrayList<>();
  private @Nullable Packet leaving;
  private @Nullable Ipv4Address outerSource;

  /**
   * @param flows looks up an established flow; it decides before policy is asked
   */
  public ReferencePipeline(ForwardingTables tables, Function<FlowKey, @Nullable Flow> flows) {
    this(tables, flows, Set.of());
  }

  /**
   * @param silent hosts that are passed over where there are other ways
   */
  public ReferencePipeline(
      ForwardingTables tables, Function<FlowKey, @Nullable Flow> flows, Set<Ipv4Address> silent) {
    this.silent = silent;
    this.tables = tables;
    this.judging = new Judging(tables, flows, decisions::add);
  }

  /**
   * Where a packet came in and what became of it.
   *
   * @param vif the guest's, or 0 if it came through a tunnel
   * @param routed by IP rather than by MAC
   * @param flooded it is one of several copies
   */
  private record Way(int vif, boolean routed, boolean flooded) {
    static Way from(int vif) {
      return new Way(vif, false, false);
    }

    boolean tunnel() {
      return vif == 0;
    }

    Way byIp() {
      return new Way(vif, true, flooded);
    }

    Way copied() {
      return new Way(vif, routed, true);
    }
  }

  /** What the guest of `vifId` sends. */
  public PacketTrace fromGuest(int vifId, Packet packet) {
    leaving = packet;
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
    leaving = packet;
    outerSource = source;
    return trace(tunnelBrings(source, encapsulation, label, packet));
  }

  private PacketTrace trace(Outcome outcome) {
    return new PacketTrace(decisions, outcome, leaving);
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
    if (packet.ip() == null) {
      return drop(DropReason.UNSUPPORTED_PROTOCOL);
    }
    DropReason refused = sourceMac(vifId, vif, packet);
    if (refused != DropReason.NONE) {
      return drop(refused);
    }
    return switch (packet.ip()) {
      case Packet.Arp arp -> guestSendsArp(vifId, vif, packet, arp);
      case Packet.Ip ip -> guestSendsIp(vifId, vif, packet, ip);
      case null -> drop(DropReason.UNSUPPORTED_PROTOCOL);
    };
  }

  /** The MAC that ARP of a frame may speak for. */
  private static MacAddress speaker(Vif vif, Packet packet) {
    return vif.flags().learning() == Vif.Learning.OFF ? vif.mac() : packet.source();
  }

  /** Whether a guest may send from the packet's MAC. */
  private DropReason sourceMac(int vifId, Vif vif, Packet packet) {
    MacAddress mac = packet.source();
    if (mac.equals(vif.mac())) {
      return DropReason.NONE;
    }
    if (vif.flags().learning() == Vif.Learning.OFF) {
      if (vif.flags().policy()) {
        say("source MAC %s is not the port's %s", mac, vif.mac());
        return DropReason.INVALID_SOURCE;
      }
      return DropReason.NONE;
    }
    if (mac.isGroup()
        || mac.equals(MacAddress.GATEWAY)
        || (packet.ip() instanceof Packet.Ip ip && isSpoofed(vif, ip))) {
      return DropReason.INVALID_SOURCE;
    }
    BridgeEntry entry = tables.bridge(vif.vrf(), mac);
    if (entry == null) {
      boolean full = vif.flags().learning() == Vif.Learning.FULL;
      say("source MAC %s is new%s", mac, full ? ", and there may be no more" : "");
      return full ? DropReason.MAC_LIMIT : DropReason.NONE;
    }
    boolean here =
        tables.nextHop(entry.nextHop()) instanceof NextHop.EncapL2 encap && encap.vif() == vifId;
    say("source MAC %s is known %s", mac, here ? "here" : "elsewhere");
    return here ? DropReason.NONE : DropReason.INVALID_SOURCE;
  }

  private Outcome guestSendsArp(int vifId, Vif vif, Packet packet, Packet.Arp arp) {
    boolean probe = arp.sender().equals(Ipv4Address.ANY);
    if (vif.flags().policy()
        && !(arp.senderMac().equals(speaker(vif, packet)) && (probe || owns(vif, arp.sender())))) {
      say("ARP speaks for %s at %s, which is not the port's", arp.sender(), arp.senderMac());
      return drop(DropReason.INVALID_SOURCE);
    }
    if (arp.request()) {
      ForwardingTables.Match match = tables.route(vif.vrf(), arp.target());
      if (match == null) {
        say("ARP for %s: no route", arp.target());
      } else {
        InetRoute route = match.route();
        say("ARP for %s: route %s says %s", arp.target(), match.prefix(), route.arp());
        if (route.arp() == InetRoute.Arp.DROP) {
          return drop(DropReason.ARP_NOT_ANSWERED);
        }
        MacAddress mac = answer(route);
        if (mac != null && !mac.equals(arp.senderMac())) {
          say("answered with %s", mac);
          return new Outcome.Answered(mac);
        }
      }
    }
    if (!vif.flags().bridged() || bridged(vif.vrf(), bridged(packet)) == null) {
      return drop(DropReason.ARP_NOT_ANSWERED);
    }
    return bridge(Way.from(vifId), vif.vrf(), packet);
  }

  /** Who answers ARP for an address under this route, or null if it is to be flooded. */
  private static @Nullable MacAddress answer(InetRoute route) {
    MacAddress owner = route.mac();
    return switch (route.arp()) {
      case PROXY -> MacAddress.GATEWAY;
      case STITCHED -> owner == null ? MacAddress.GATEWAY : owner;
      case FLOOD, DROP -> null;
    };
  }

  /** The MAC under which a frame is looked up: all that is flooded shares one. */
  private static MacAddress bridged(Packet packet) {
    return packet.destination().isGroup() ? MacAddress.BROADCAST : packet.destination();
  }

  /**
   * The address under which a service would stand; null if none may. DNS over TCP at the vRouter's
   * own addresses stands under that of this host's sockets.
   */
  private @Nullable Ipv4Address serviceAddress(Vif vif, Packet.Ip ip) {
    if (!(ip.destination() instanceof Ipv4Address address)) {
      return null;
    }
    if (LINK_LOCAL_V4.contains(address)) {
      return address;
    }
    boolean dns = ip.protocol() == Packet.TCP && ip.destinationPort() == Service.DNS_PORT;
    ForwardingTables.Match match = dns ? tables.route(vif.vrf(), address) : null;
    return match != null && tables.nextHop(match.route().nextHop()) instanceof NextHop.Receive
        ? Service.HOST
        : null;
  }

  private Outcome guestSendsIp(int vifId, Vif vif, Packet packet, Packet.Ip ip) {
    if (vif.flags().dhcp() && isDhcp(ip) && packet.source().equals(vif.mac())) {
      say("DHCP request: to the agent");
      return new Outcome.Trapped(Trap.Reason.DHCP);
    }
    if (isSpoofed(vif, ip)) {
      say("source address %s is not the port's", ip.source());
      return drop(DropReason.INVALID_SOURCE);
    }
    Outcome discovered = Judging.isNeighbourDiscovery(ip) ? neighbourDiscovery(vif, ip) : null;
    if (discovered != null) {
      return discovered;
    }
    boolean group = packet.destination().isGroup();
    if (!group) {
      Ipv4Address at = serviceAddress(vif, ip);
      Service service = at == null ? null : tables.service(at, ip.destinationPort(), ip.protocol());
      if (service != null) {
        say("a service of this host: its port %d", service.port());
        return new Outcome.Served(service.port());
      }
      boolean routed = packet.destination().equals(MacAddress.GATEWAY);
      Judging.Judged judged = judging.judge(vifId, vif, ip, true, routed);
      if (judged.refused() != DropReason.NONE) {
        return drop(judged.refused());
      }
      Flow.Nat nat = judged.nat();
      if (judged.outward()) {
        boolean bgp = nat != null && nat.far() != null;
        return bgp ? sentOut() : sendOut(Way.from(vifId).byIp(), packet);
      }
      if (nat != null) {
        Packet.Ip changed = ip.translated(nat);
        return route(Way.from(vifId), nat.vrf(), translated(packet, changed), changed);
      }
    }
    Way way = Way.from(vifId);
    Vif.Flags flags = vif.flags();
    if (packet.destination().equals(MacAddress.GATEWAY)) {
      return flags.routed() ? route(way, vif.vrf(), packet, ip) : drop(DropReason.L2_NO_ROUTE);
    }
    if (flags.bridged()) {
      return bridge(way, vif.vrf(), packet);
    }
    return flags.routed() && !group
        ? route(way, vif.vrf(), packet, ip)
        : drop(DropReason.L2_NO_ROUTE);
  }

  private static boolean isDhcp(Packet.Ip ip) {
    int client = ip.source().isV4() ? 68 : 546;
    int server = ip.source().isV4() ? 67 : 547;
    return ip.protocol() == Packet.UDP
        && ip.sourcePort() == client
        && ip.destinationPort() == server;
  }

  /** IPv6 hosts speak from link-local addresses, and from none before they have one. */
  private static boolean speaksOnTheLink(IpAddress source) {
    return LINK_LOCAL.contains(source) || source.equals(Ipv6Address.ANY);
  }

  private static boolean isSpoofed(Vif vif, Packet.Ip ip) {
    return vif.flags().policy() && !speaksOnTheLink(ip.source()) && !owns(vif, ip.source());
  }

  private static boolean owns(Vif vif, IpAddress source) {
    return source.equals(vif.address())
        || vif.allowed().stream().anyMatch(prefix -> prefix.contains(source));
  }

  /** What is refused or handed up; null for what is asked of others, or answered by its target. */
  private @Nullable Outcome neighbourDiscovery(Vif vif, Packet.Ip ip) {
    if (ip.ttl() != ON_LINK) {
      say("neighbour discovery of another link");
      return drop(DropReason.INVALID_PACKET);
    }
    return switch (ip.icmpType()) {
      case ROUTER_SOLICITATION -> {
        if (!vif.flags().routed()) {
          yield null;
        }
        say("router solicitation: to the agent");
        yield new Outcome.Trapped(Trap.Reason.ROUTER_SOLICITATION);
      }
      case ROUTER_ADVERTISEMENT, REDIRECT -> {
        if (!vif.flags().policy()) {
          yield null;
        }
        say("a guest is no router");
        yield drop(DropReason.INVALID_SOURCE);
      }
      default -> null;
    };
  }

  private Packet translated(Packet packet, Packet.Ip changed) {
    say("translated: %s to %s", changed.source(), changed.destination());
    Packet after = new Packet(packet.destination(), packet.source(), changed);
    leaving = after;
    return after;
  }

  private Outcome route(Way way, int vrf, Packet packet, Packet.Ip ip) {
    ForwardingTables.Match match = tables.route(vrf, ip.destination());
    if (match == null) {
      return drop(DropReason.NO_ROUTE);
    }
    InetRoute route = match.route();
    NextHop nextHop = tables.nextHop(route.nextHop());
    say(
        "route %s: next hop %d %s",
        match.prefix(), route.nextHop(), nextHop == null ? "(missing)" : nextHop);
    return send(way.byIp(), nextHop, route.label(), packet);
  }

  private Outcome bridge(Way way, int vrf, Packet packet) {
    MacAddress mac = bridged(packet);
    BridgeEntry entry = bridged(vrf, mac);
    if (entry == null) {
      return drop(DropReason.L2_NO_ROUTE);
    }
    NextHop nextHop = tables.nextHop(entry.nextHop());
    say("MAC %s: next hop %d %s", mac, entry.nextHop(), nextHop == null ? "(missing)" : nextHop);
    return send(way, nextHop, entry.label(), packet);
  }

  /** The entry of a MAC, else that of all which are not known, if there is one. */
  private @Nullable BridgeEntry bridged(int vrf, MacAddress mac) {
    BridgeEntry entry = tables.bridge(vrf, mac);
    if (entry == null) {
      say("MAC %s is not in the bridge table of VRF %d", mac, vrf);
      entry = tables.bridge(vrf, MacAddress.ZERO);
    }
    return entry;
  }

  private Outcome send(Way way, @Nullable NextHop nextHop, int label, Packet packet) {
    return switch (nextHop) {
      case null -> drop(DropReason.INVALID_NEXT_HOP);
      case NextHop.Discard _ -> drop(DropReason.DISCARD);
      case NextHop.EncapL3 encap ->
          packet.ip() instanceof Packet.Ip
              ? deliver(way.byIp(), encap.vif(), packet)
              : drop(DropReason.UNSUPPORTED_PROTOCOL);
      case NextHop.EncapL2 encap -> deliver(way, encap.vif(), packet);
      case NextHop.Tunnel tunnel -> tunnel(way, tunnel, label, packet);
      case NextHop.Branch branch ->
          tunnel(
              way,
              new NextHop.Tunnel(branch.source(), branch.destination(), branch.encapsulation()),
              label,
              packet);
      case NextHop.Receive _ -> {
        say("to the agent");
        yield new Outcome.Trapped(Trap.Reason.RECEIVE);
      }
      case NextHop.Bridge _, NextHop.Underlay _ -> drop(DropReason.INVALID_NEXT_HOP);
      case NextHop.Ecmp ecmp -> oneOf(way, ecmp, packet);
      case NextHop.Flood flood -> flood(way, flood.members(), way.tunnel(), packet);
      case NextHop.Tree tree -> tree(way, tree, packet);
    };
  }

  /** True if the packet was routed here and may not live for another hop. */
  private static boolean expires(Way way, Packet packet) {
    return way.routed() && !way.tunnel() && packet.ip() instanceof Packet.Ip ip && ip.ttl() <= 1;
  }

  /** Drops a packet whose time is over. A guest of IPv4 is told if its vif has a gateway. */
  private Outcome expired(Way way, Packet packet) {
    Vif from = tables.vif(way.vif());
    boolean told =
        from != null
            && packet.ip() instanceof Packet.Ip ip
            && !packet.destination().isGroup()
            && (!ip.source().isV4() || from.gateways().stream().anyMatch(IpAddress::isV4));
    say("drop: %s%s", DropReason.TTL_EXCEEDED.text(), told ? ", and the guest is told" : "");
    return told
        ? new Outcome.Refused(DropReason.TTL_EXCEEDED)
        : new Outcome.Dropped(DropReason.TTL_EXCEEDED);
  }

  private Outcome sendOut(Way way, Packet packet) {
    if (expires(way, packet)) {
      return expired(way, packet);
    }
    return sentOut();
  }

  private Outcome sentOut() {
    say("into the underlay by this host's address");
    leaving = null;
    return new Outcome.SentOut();
  }

  private Outcome tunnel(Way way, NextHop.Tunnel tunnel, int label, Packet packet) {
    if (way.tunnel() || tunnel.destination().equals(tunnel.source())) {
      return drop(DropReason.LOOP);
    }
    if (label < 0) {
      return drop(DropReason.INVALID_LABEL);
    }
    if (expires(way, packet)) {
      return expired(way, packet);
    }
    say(
        "%s to %s with %s %d%s",
        tunnel.encapsulation(),
        tunnel.destination(),
        labelWord(tunnel.encapsulation()),
        label,
        tunnel.router() == null || !way.routed() ? "" : ", for the router " + tunnel.router());
    return new Outcome.Tunnelled(tunnel.destination(), tunnel.encapsulation(), label);
  }

  private static String labelWord(Encapsulation encapsulation) {
    return encapsulation == Encapsulation.VXLAN ? "VNI" : "label";
  }

  /** The datapath picks by a hash of the flow; here the first usable member stands for all. */
  private Outcome oneOf(Way way, NextHop.Ecmp ecmp, Packet packet) {
    List<NextHop.Member> present =
        ecmp.members().stream().filter(member -> member.nextHop() != 0).toList();
    List<NextHop.Member> alive = present.stream().filter(member -> !isSilent(member)).toList();
    if (!alive.isEmpty() && alive.size() < present.size()) {
      say("%d of the ways lead to hosts that are silent", present.size() - alive.size());
    }
    for (NextHop.Member member : alive.isEmpty() ? present : alive) {
      NextHop nextHop = tables.nextHop(member.nextHop());
      if (nextHop instanceof NextHop.Ecmp) {
        return drop(DropReason.INVALID_NEXT_HOP);
      }
      say("one of %d equal ways, such as next hop %d", ecmp.members().size(), member.nextHop());
      return send(way, nextHop, member.label(), packet);
    }
    return drop(ecmp.members().isEmpty() ? DropReason.INVALID_NEXT_HOP : DropReason.DISCARD);
  }

  private boolean isSilent(NextHop.Member member) {
    return tables.nextHop(member.nextHop()) instanceof NextHop.Tunnel tunnel
        && silent.contains(tunnel.destination());
  }

  /**
   * @param localOnly no copies into tunnels
   */
  private Outcome flood(Way way, List<NextHop.Member> members, boolean localOnly, Packet packet) {
    if (way.flooded()) {
      return drop(DropReason.INVALID_NEXT_HOP);
    }
    List<Outcome> copies = new ArrayList<>();
    for (NextHop.Member member : members) {
      NextHop nextHop = tables.nextHop(member.nextHop());
      boolean back = nextHop instanceof NextHop.EncapL2 encap && encap.vif() == way.vif();
      Ipv4Address host = host(nextHop);
      if (!back && (host == null || !(localOnly || host.equals(outerSource)))) {
        copies.add(send(way.copied(), nextHop, member.label(), packet));
      }
    }
    return new Outcome.Flooded(copies);
  }

  /** The host that a tunnel leads to, or null. */
  private static @Nullable Ipv4Address host(@Nullable NextHop nextHop) {
    if (nextHop instanceof NextHop.Tunnel tunnel) {
      return tunnel.destination();
    }
    return nextHop instanceof NextHop.Branch branch ? branch.destination() : null;
  }

  /** A copy from another host goes on along the tree; each is sent as if it began here. */
  private Outcome tree(Way way, NextHop.Tree tree, Packet packet) {
    return flood(way.tunnel() ? new Way(-1, false, false) : way, tree.members(), false, packet);
  }

  private Outcome deliver(Way way, int vifId, Packet packet) {
    Vif vif = tables.vif(vifId);
    if (vif == null) {
      return drop(DropReason.NO_VIF);
    }
    if (vifId == way.vif()) {
      return drop(DropReason.LOOP);
    }
    if (expires(way, packet)) {
      return expired(way, packet);
    }
    // A copy of what is for one guest is judged where it arrives.
    boolean asked = !way.flooded() || !packet.destination().isGroup();
    if (packet.ip() instanceof Packet.Ip ip && asked) {
      Judging.Judged verdict = judging.judge(vifId, vif, ip, false, false);
      if (verdict.refused() != DropReason.NONE) {
        return drop(verdict.refused());
      }
      Flow.Nat nat = verdict.nat();
      if (nat != null) {
        Packet _ = translated(packet, ip.translated(nat));
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
    if (nextHop != null && packet.ip() == null) {
      return drop(DropReason.UNSUPPORTED_PROTOCOL);
    }
    Way way = Way.from(0);
    if (nextHop instanceof NextHop.Bridge(int vrf)) {
      return tables.isRouter(packet.destination()) && packet.ip() instanceof Packet.Ip ip
          ? route(way, vrf, packet, ip)
          : bridge(way, vrf, packet);
    }
    return send(way, nextHop, -1, packet);
  }
}
