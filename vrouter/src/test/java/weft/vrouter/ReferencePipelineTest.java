package weft.vrouter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import weft.net.Encapsulation;
import weft.net.Hex;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.Vni;
import weft.vrouter.TableKey.AclKey;
import weft.vrouter.TableKey.BridgeKey;
import weft.vrouter.TableKey.InetRouteKey;
import weft.vrouter.TableKey.LabelKey;
import weft.vrouter.TableKey.NextHopKey;
import weft.vrouter.TableKey.VifKey;
import weft.vrouter.TableKey.VniKey;
import weft.vrouter.TableKey.VrfKey;

/**
 * One host with guests 1 (10.1.1.3) and 2 (10.1.1.4) in network 5, guest 3 (10.2.1.3) in network 6
 * whose routes the first VRF has too, and a remote guest 10.1.1.9 behind host 172.31.0.12.
 */
class ReferencePipelineTest {
  private static final int WEB = 8000001;
  private static final MacAddress REMOTE_MAC = MacAddress.parse("02:00:00:00:00:09");
  private static final Ipv4Address REMOTE_HOST = Ipv4Address.parse("172.31.0.12");

  private final Map<TableKey, TableValue> tables = new HashMap<>();

  ReferencePipelineTest() {
    tables.put(new VrfKey(1), new Vrf("a", 5));
    tables.put(new VrfKey(2), new Vrf("b", 6));
    guest(1, 1, "10.1.1.3", 0, 0, 0);
    guest(2, 1, "10.1.1.4", 0, 0, 0);
    guest(3, 2, "10.2.1.3", 0, 0, 0);
    tables.put(new NextHopKey(90), new NextHop.Receive());
    tables.put(new NextHopKey(91), tunnel(Encapsulation.MPLS_O_UDP));
    tables.put(new NextHopKey(92), new NextHop.Bridge(1));
    tables.put(
        new NextHopKey(93),
        new NextHop.Flood(
            List.of(
                new NextHop.Member(101, -1),
                new NextHop.Member(102, -1),
                new NextHop.Member(91, 40))));
    route(1, "10.1.1.1/32", 90, -1, InetRoute.Arp.PROXY, null, 5);
    route(1, "10.1.1.9/32", 91, 30, InetRoute.Arp.STITCHED, REMOTE_MAC, 5);
    route(1, "10.1.1.0/24", 0, -1, InetRoute.Arp.DROP, null, 5);
    route(1, "10.2.1.3/32", 13, -1, InetRoute.Arp.PROXY, null, 6);
    tables.put(new BridgeKey(1, REMOTE_MAC), new BridgeEntry(91, 31));
    tables.put(new BridgeKey(1, MacAddress.BROADCAST), new BridgeEntry(93, -1));
    tables.put(new VniKey(new Vni(5)), new VniEntry(92));
  }

  private static NextHop.Tunnel tunnel(Encapsulation encapsulation) {
    return new NextHop.Tunnel(Ipv4Address.parse("172.31.0.11"), REMOTE_HOST, encapsulation);
  }

  private void guest(
      int id, int vrf, String address, int networkAcl, int ingressAcl, int egressAcl) {
    MacAddress mac = mac(id);
    Vif.Flags flags = new Vif.Flags(true, true, true, true);
    tables.put(
        new VifKey(id),
        new Vif(
            Vif.Kind.VIRTUAL,
            "tap" + id,
            10 + id,
            mac,
            vrf,
            IpAddress.parse(address),
            new TreeSet<>(),
            networkAcl,
            ingressAcl,
            egressAcl,
            flags,
            UUID.randomUUID()));
    tables.put(new NextHopKey(10 + id), new NextHop.EncapL3(id));
    tables.put(new NextHopKey(100 + id), new NextHop.EncapL2(id));
    tables.put(new LabelKey(new Label(20 + id)), new LabelEntry(10 + id));
    tables.put(new LabelKey(new Label(200 + id)), new LabelEntry(100 + id));
    route(vrf, address + "/32", 10 + id, -1, InetRoute.Arp.STITCHED, mac, vrf + 4);
    tables.put(new BridgeKey(vrf, mac), new BridgeEntry(100 + id, -1));
  }

  private void route(
      int vrf,
      String prefix,
      int nextHop,
      int label,
      InetRoute.Arp arp,
      MacAddress mac,
      int vn,
      int... groups) {
    TreeSet<Integer> set = new TreeSet<>();
    for (int group : groups) {
      set.add(group);
    }
    tables.put(
        new InetRouteKey(vrf, IpPrefix.parse(prefix)),
        new InetRoute(nextHop, label, arp, mac, vn, set));
  }

  private static MacAddress mac(int id) {
    return new MacAddress(0x0200_0000_0000L + id);
  }

  private static Packet ip(
      MacAddress to, MacAddress from, String source, String destination, int protocol, int port) {
    return ip(to, from, source, destination, protocol, 1000, port);
  }

  private static Packet ip(
      MacAddress to,
      MacAddress from,
      String source,
      String destination,
      int protocol,
      int sourcePort,
      int port) {
    return new Packet(
        to,
        from,
        new Packet.Ip(
            IpAddress.parse(source), IpAddress.parse(destination), protocol, sourcePort, port, 64));
  }

  private PacketTrace sends(int vif, Packet packet) {
    return new ReferencePipeline(new ForwardingTables(tables), key -> null).fromGuest(vif, packet);
  }

  private Outcome outcome(MacAddress to, String destination, int protocol, int port) {
    return sends(1, ip(to, mac(1), "10.1.1.3", destination, protocol, port)).outcome();
  }

  @Test
  void neighboursAreBridgedLocallyAndThroughTheTunnel() {
    assertThat(outcome(mac(2), "10.1.1.4", 1, 0)).isEqualTo(new Outcome.Delivered(2));
    assertThat(outcome(REMOTE_MAC, "10.1.1.9", 1, 0))
        .isEqualTo(new Outcome.Tunnelled(REMOTE_HOST, Encapsulation.MPLS_O_UDP, 31));
  }

  @Test
  void otherNetworksAreRouted() {
    assertThat(outcome(MacAddress.GATEWAY, "10.2.1.3", 6, 80)).isEqualTo(new Outcome.Delivered(3));
    assertThat(outcome(MacAddress.GATEWAY, "10.1.1.9", 6, 80))
        .isEqualTo(new Outcome.Tunnelled(REMOTE_HOST, Encapsulation.MPLS_O_UDP, 30));
    assertThat(outcome(MacAddress.GATEWAY, "10.1.1.1", 1, 0))
        .isEqualTo(new Outcome.Trapped(Trap.Reason.RECEIVE));
    assertThat(outcome(MacAddress.GATEWAY, "10.1.1.77", 1, 0))
        .isEqualTo(new Outcome.Dropped(DropReason.DISCARD));
    assertThat(outcome(MacAddress.GATEWAY, "8.8.8.8", 1, 0))
        .isEqualTo(new Outcome.Dropped(DropReason.NO_ROUTE));
    assertThat(outcome(mac(99), "10.1.1.4", 1, 0))
        .isEqualTo(new Outcome.Dropped(DropReason.L2_NO_ROUTE));
  }

  @Test
  void whatIsNotThePortsOwnIsDropped() {
    assertThat(sends(1, ip(mac(2), mac(7), "10.1.1.3", "10.1.1.4", 1, 0)).outcome())
        .isEqualTo(new Outcome.Dropped(DropReason.INVALID_SOURCE));
    assertThat(sends(1, ip(mac(2), mac(1), "10.1.1.9", "10.1.1.4", 1, 0)).outcome())
        .isEqualTo(new Outcome.Dropped(DropReason.INVALID_SOURCE));
    assertThat(sends(9, ip(mac(2), mac(1), "10.1.1.3", "10.1.1.4", 1, 0)).outcome())
        .isEqualTo(new Outcome.Dropped(DropReason.NO_VIF));
  }

  @Test
  void dhcpGoesToTheAgentEvenWithoutAnAddress() {
    assertThat(
            sends(1, ip(MacAddress.BROADCAST, mac(1), "0.0.0.0", "255.255.255.255", 17, 68, 67))
                .outcome())
        .isEqualTo(new Outcome.Trapped(Trap.Reason.DHCP));
  }

  @Test
  void arpIsAnsweredByTheRoute() {
    assertThat(arp("10.1.1.9")).isEqualTo(new Outcome.Answered(REMOTE_MAC));
    assertThat(arp("10.1.1.1")).isEqualTo(new Outcome.Answered(MacAddress.GATEWAY));
    assertThat(arp("10.1.1.50")).isEqualTo(new Outcome.Dropped(DropReason.ARP_NOT_ANSWERED));
    assertThat(arp("9.9.9.9")).isInstanceOf(Outcome.Flooded.class);
    assertThat(arp("10.1.1.3")).as("a probe").isInstanceOf(Outcome.Flooded.class);
  }

  private Outcome arp(String target) {
    return sends(
            1,
            new Packet(
                MacAddress.BROADCAST,
                mac(1),
                new Packet.Arp(true, mac(1), IpAddress.parse("10.1.1.3"), IpAddress.parse(target))))
        .outcome();
  }

  @Test
  void broadcastIsFloodedButNotBackNorOnward() {
    Packet packet = ip(MacAddress.BROADCAST, mac(1), "10.1.1.3", "10.1.1.255", 17, 9);
    assertThat(sends(1, new Packet(MacAddress.BROADCAST, mac(1), null)).outcome())
        .isEqualTo(new Outcome.Dropped(DropReason.UNSUPPORTED_PROTOCOL));
    assertThat(sends(1, packet).outcome())
        .isEqualTo(
            new Outcome.Flooded(
                List.of(
                    new Outcome.Delivered(2),
                    new Outcome.Tunnelled(REMOTE_HOST, Encapsulation.MPLS_O_UDP, 40))));
    assertThat(arrives(Encapsulation.VXLAN, 5, packet).outcome())
        .isEqualTo(
            new Outcome.Flooded(List.of(new Outcome.Delivered(1), new Outcome.Delivered(2))));
  }

  private PacketTrace arrives(Encapsulation encapsulation, int label, Packet packet) {
    return new ReferencePipeline(new ForwardingTables(tables), key -> null)
        .fromTunnel(REMOTE_HOST, encapsulation, label, packet);
  }

  @Test
  void labelsAndVnisLeadToTheGuest() {
    Packet packet = ip(mac(1), REMOTE_MAC, "10.1.1.9", "10.1.1.3", 1, 0);
    assertThat(arrives(Encapsulation.MPLS_O_UDP, 21, packet).outcome())
        .isEqualTo(new Outcome.Delivered(1));
    assertThat(arrives(Encapsulation.MPLS_O_GRE, 201, packet).outcome())
        .isEqualTo(new Outcome.Delivered(1));
    assertThat(arrives(Encapsulation.VXLAN, 5, packet).outcome())
        .isEqualTo(new Outcome.Delivered(1));
    assertThat(arrives(Encapsulation.MPLS_O_UDP, 777, packet).outcome())
        .isEqualTo(new Outcome.Dropped(DropReason.INVALID_LABEL));
    assertThat(arrives(Encapsulation.VXLAN, 777, packet).outcome())
        .isEqualTo(new Outcome.Dropped(DropReason.INVALID_VNI));
    assertThat(
            new ReferencePipeline(new ForwardingTables(tables), key -> null)
                .fromTunnel(Ipv4Address.parse("172.31.0.66"), Encapsulation.VXLAN, 5, packet)
                .outcome())
        .isEqualTo(new Outcome.Dropped(DropReason.INVALID_TUNNEL_SOURCE));
  }

  @Test
  void securityGroupsJudgeBothEnds() {
    acl(7, rule(17, Acl.Endpoint.ANY, 0, 65535, Acl.Action.PASS));
    acl(8, rule(6, new Acl.Endpoint.Group(WEB), 80, 80, Acl.Action.PASS));
    guest(1, 1, "10.1.1.3", 0, 0, 0);
    guest(2, 1, "10.1.1.4", 0, 8, 0);
    assertThat(outcome(mac(2), "10.1.1.4", 6, 80))
        .isEqualTo(new Outcome.Dropped(DropReason.SECURITY_GROUP_IN));
    route(1, "10.1.1.3/32", 11, -1, InetRoute.Arp.STITCHED, mac(1), 5, WEB);
    assertThat(outcome(mac(2), "10.1.1.4", 6, 80)).isEqualTo(new Outcome.Delivered(2));
    assertThat(outcome(mac(2), "10.1.1.4", 6, 81))
        .isEqualTo(new Outcome.Dropped(DropReason.SECURITY_GROUP_IN));
    tables.put(new VifKey(1), withEgress((Vif) tables.get(new VifKey(1)), 7));
    assertThat(outcome(mac(2), "10.1.1.4", 6, 80))
        .isEqualTo(new Outcome.Dropped(DropReason.SECURITY_GROUP_OUT));
  }

  private static Vif withEgress(Vif vif, int acl) {
    return new Vif(
        vif.kind(),
        vif.device(),
        vif.ifindex(),
        vif.mac(),
        vif.vrf(),
        vif.address(),
        vif.allowed(),
        vif.networkAcl(),
        vif.ingressAcl(),
        acl,
        vif.flags(),
        vif.port());
  }

  private void acl(int id, Acl.Rule... rules) {
    tables.put(new AclKey(id), new Acl("acl" + id, List.of(rules)));
  }

  private static Acl.Rule rule(
      int protocol, Acl.Endpoint source, int low, int high, Acl.Action action) {
    return new Acl.Rule(
        new UUID(0, low),
        Acl.Family.IPV4,
        protocol,
        source,
        Acl.Endpoint.ANY,
        Acl.PortRange.ANY,
        new Acl.PortRange(low, high),
        action);
  }

  @Test
  void theFirstRuleThatMatchesDecides() {
    acl(
        9,
        rule(6, Acl.Endpoint.ANY, 22, 22, Acl.Action.DENY),
        rule(6, new Acl.Endpoint.Network(5), 0, 65535, Acl.Action.PASS));
    guest(1, 1, "10.1.1.3", 9, 0, 0);
    assertThat(outcome(mac(2), "10.1.1.4", 6, 22))
        .isEqualTo(new Outcome.Dropped(DropReason.POLICY));
    assertThat(outcome(mac(2), "10.1.1.4", 6, 23)).isEqualTo(new Outcome.Delivered(2));
    assertThat(outcome(mac(2), "10.1.1.4", 17, 23))
        .isEqualTo(new Outcome.Dropped(DropReason.POLICY_NO_MATCH));
    PacketTrace trace = sends(1, ip(mac(2), mac(1), "10.1.1.3", "10.1.1.4", 6, 22));
    assertThat(trace.decisions())
        .anyMatch(line -> line.contains("ACL 9 acl9, rule 0") && line.endsWith("denied"));
  }

  @Test
  void anEstablishedFlowDecidesBeforePolicy() {
    acl(9);
    guest(2, 1, "10.1.1.4", 0, 9, 0);
    Packet packet = ip(mac(2), mac(1), "10.1.1.3", "10.1.1.4", 6, 80);
    assertThat(sends(1, packet).outcome())
        .isEqualTo(new Outcome.Dropped(DropReason.SECURITY_GROUP_IN));
    FlowKey key = ((Packet.Ip) packet.ip()).flowKey(2);
    Flow flow = new Flow(key, Acl.Action.PASS, false, false, DropReason.NONE, 9, 0, 1, 60, 0);
    assertThat(
            new ReferencePipeline(
                    new ForwardingTables(tables), wanted -> wanted.equals(key) ? flow : null)
                .fromGuest(1, packet)
                .outcome())
        .isEqualTo(new Outcome.Delivered(2));
  }

  @Test
  void tablesThatLeadInCirclesEndInADrop() {
    tables.put(new BridgeKey(1, mac(50)), new BridgeEntry(92, -1));
    assertThat(outcome(mac(50), "10.1.1.4", 1, 0))
        .isEqualTo(new Outcome.Dropped(DropReason.INVALID_NEXT_HOP));
  }

  @Test
  void framesAreParsedAndTruncatedOnesAreNot() {
    byte[] echo =
        Hex.parse(
            "020000000002 020000000001 0800 4500001c000100004001 64d9 0a010103 0a010104 0800 0000 1234 0001");
    assertThat(Packet.parse(echo))
        .isEqualTo(
            new Packet(
                mac(2),
                mac(1),
                new Packet.Ip(
                    IpAddress.parse("10.1.1.3"), IpAddress.parse("10.1.1.4"), 1, 0x1234, 0, 64)));
    for (int length = 0; length < echo.length - 2; length++) {
      assertThat(Packet.parse(java.util.Arrays.copyOf(echo, length)))
          .as("%d bytes", length)
          .isNull();
    }
  }
}
