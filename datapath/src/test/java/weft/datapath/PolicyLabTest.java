package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.B;
import static weft.datapath.PacketLab.HERE;
import static weft.datapath.PacketLab.IP6_A;
import static weft.datapath.PacketLab.IP6_B;
import static weft.datapath.PacketLab.IP_A;
import static weft.datapath.PacketLab.IP_B;
import static weft.datapath.PacketLab.IP_C;
import static weft.datapath.PacketLab.IP_R2;
import static weft.datapath.PacketLab.LABEL_L3_A;
import static weft.datapath.PacketLab.MAC_A;
import static weft.datapath.PacketLab.MAC_B;
import static weft.datapath.PacketLab.MAC_C;
import static weft.datapath.PacketLab.NH_L3_B;
import static weft.datapath.PacketLab.THERE;
import static weft.datapath.PacketLab.key;
import static weft.datapath.PacketLab.route;
import static weft.datapath.Packets.data;
import static weft.datapath.Packets.echo;
import static weft.datapath.Packets.echo6;
import static weft.datapath.Packets.ethernet;
import static weft.datapath.Packets.ipv4;
import static weft.datapath.Packets.ipv6;
import static weft.datapath.Packets.mplsUdp;
import static weft.datapath.Packets.neighbour;
import static weft.datapath.Packets.tcp;
import static weft.datapath.Packets.udp;
import static weft.datapath.Packets.unreachable;
import static weft.net.MacAddress.GATEWAY;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.vrouter.Acl.Action;
import weft.vrouter.Acl.Endpoint;
import weft.vrouter.Acl.Family;
import weft.vrouter.Acl.PortRange;
import weft.vrouter.Acl.Rule;
import weft.vrouter.Drop;
import weft.vrouter.DropReason;
import weft.vrouter.Flow;
import weft.vrouter.FlowKey;
import weft.vrouter.TableKey.VifKey;

/** Flows and what the rules make of them. */
@Tag("lab")
class PolicyLabTest {
  private static final int NETWORK = 1;
  private static final int INGRESS = 2;
  private static final int EGRESS = 3;
  private static final Rule ALL = rule(Family.ANY, -1, Endpoint.ANY, Endpoint.ANY, Action.PASS);
  private PacketLab lab;

  @BeforeEach
  void open() {
    lab = new PacketLab("po", 64, 20);
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private static Rule rule(Family family, int protocol, Endpoint from, Endpoint to, Action action) {
    return new Rule(
        new UUID(1, 1), family, protocol, from, to, PortRange.ANY, PortRange.ANY, action);
  }

  private static Rule ports(int protocol, int low, int high, Action action) {
    return new Rule(
        new UUID(1, 2),
        Family.IPV4,
        protocol,
        Endpoint.ANY,
        Endpoint.ANY,
        PortRange.ANY,
        new PortRange(low, high),
        action);
  }

  private void aclsOfA(int network, int ingress, int egress) {
    lab.put(new VifKey(A), lab.vif(A, network, ingress, egress));
  }

  private static byte[] toB(Packets.Layer inner) {
    return ethernet(MAC_B, MAC_A, ipv4(IP_A, IP_B, inner));
  }

  private static byte[] toA(Packets.Layer inner) {
    return ethernet(MAC_A, MAC_B, ipv4(IP_B, IP_A, inner));
  }

  private void passes(int vif, byte[] frame) {
    assertThat(lab.fromGuest(vif, frame).result())
        .as("drops " + lab.datapath().drops())
        .isEqualTo(ProgramRun.REDIRECT);
  }

  private void dropped(DropReason reason, int vif, byte[] frame) {
    long drops =
        lab.drops(
            reason,
            () -> assertThat(lab.fromGuest(vif, frame).result()).isEqualTo(ProgramRun.SHOT));
    assertThat(drops).as(reason + " of " + lab.datapath().drops()).isEqualTo(1);
  }

  private Map<FlowKey, Flow> flows() {
    Map<FlowKey, Flow> found = new HashMap<>();
    lab.datapath().flows(flow -> found.put(flow.key(), flow));
    assertThat(lab.datapath().flowEntries()).isEqualTo(found.size());
    return found;
  }

  private static FlowKey flow(int vif, String from, String to, int protocol, int a, int b) {
    return new FlowKey(vif, IpAddress.parse(from), IpAddress.parse(to), protocol, a, b);
  }

  @Test
  void aFlowHasTwoEntriesAtEachVif() {
    passes(A, toB(udp(1000, 53, data(4))));
    passes(A, toB(udp(1000, 53, data(4))));
    passes(B, toA(udp(53, 1000, data(4))));
    FlowKey atA = flow(A, IP_A, IP_B, 17, 1000, 53);
    FlowKey atB = flow(B, IP_A, IP_B, 17, 1000, 53);
    Map<FlowKey, Flow> flows = flows();
    assertThat(flows).containsOnlyKeys(atA, atA.reverse(), atB, atB.reverse());
    assertThat(flows.get(atA).forward()).isTrue();
    assertThat(flows.get(atA).fromGuest()).isTrue();
    assertThat(flows.get(atA).packets()).isEqualTo(2);
    assertThat(flows.get(atA).bytes()).isEqualTo(2 * 46);
    assertThat(flows.get(atA.reverse()).forward()).isFalse();
    assertThat(flows.get(atA.reverse()).fromGuest()).isFalse();
    assertThat(flows.get(atA.reverse()).packets()).isEqualTo(1);
    assertThat(flows.get(atB).forward()).isTrue();
    assertThat(flows.get(atB).fromGuest()).isFalse();
  }

  @Test
  void theFirstRuleThatMatchesDecides() {
    lab.acl(NETWORK, ports(6, 80, 90, Action.DENY), ports(6, 0, 65535, Action.PASS));
    aclsOfA(NETWORK, 0, 0);
    passes(A, toB(tcp(1000, 79)));
    dropped(DropReason.POLICY, A, toB(tcp(1000, 80)));
    dropped(DropReason.POLICY, A, toB(tcp(1000, 90)));
    passes(A, toB(tcp(1000, 91)));
    dropped(DropReason.POLICY_NO_MATCH, A, toB(udp(1000, 91, data(1))));
    Flow denied = flows().get(flow(A, IP_A, IP_B, 6, 1000, 80));
    assertThat(denied.action()).isEqualTo(Action.DENY);
    assertThat(denied.reason()).isEqualTo(DropReason.POLICY);
    assertThat(denied.acl()).isEqualTo(NETWORK);
    assertThat(denied.rule()).isZero();
    assertThat(flows().get(flow(A, IP_A, IP_B, 6, 1000, 91)).rule()).isEqualTo(1);
  }

  @Test
  void securityGroupsJudgeEachDirectionBySideThatBegan() {
    lab.acl(INGRESS);
    lab.acl(EGRESS, ALL);
    aclsOfA(0, INGRESS, EGRESS);
    passes(A, toB(tcp(1000, 80)));
    passes(B, toA(tcp(80, 1000)));
    dropped(DropReason.SECURITY_GROUP_IN, B, toA(tcp(80, 1001)));
    lab.acl(EGRESS);
    lab.acl(INGRESS, ALL);
    dropped(DropReason.SECURITY_GROUP_OUT, A, toB(tcp(2000, 80)));
    passes(B, toA(tcp(3000, 3000)));
    passes(A, toB(tcp(3000, 3000)));
  }

  @Test
  void rulesNameNetworksGroupsAndPrefixes() {
    lab.put(key(1, IP_B + "/32"), route(NH_L3_B, MAC_B, 100, 8000001, 8000002));
    Map<Rule, Boolean> cases = new HashMap<>();
    cases.put(to(new Endpoint.Group(8000002)), true);
    cases.put(to(new Endpoint.Group(8000003)), false);
    cases.put(to(new Endpoint.Network(100)), true);
    cases.put(to(new Endpoint.Network(200)), false);
    cases.put(to(new Endpoint.Subnet(IpPrefix.parse("10.1.1.4/30"))), true);
    cases.put(to(new Endpoint.Subnet(IpPrefix.parse("10.1.1.8/29"))), false);
    cases.put(to(new Endpoint.Subnet(IpPrefix.parse("0.0.0.0/0"))), true);
    cases.put(to(new Endpoint.Subnet(IpPrefix.parse("::/0"))), false);
    cases.put(rule(Family.IPV6, -1, Endpoint.ANY, Endpoint.ANY, Action.PASS), false);
    cases.put(rule(Family.IPV4, 17, Endpoint.ANY, Endpoint.ANY, Action.PASS), true);
    cases.put(
        rule(
            Family.ANY,
            -1,
            new Endpoint.Subnet(IpPrefix.parse(IP_A + "/32")),
            new Endpoint.Group(8000001),
            Action.PASS),
        true);
    aclsOfA(0, 0, EGRESS);
    cases.forEach((rule, pass) -> {
      lab.acl(EGRESS, rule);
      if (pass) {
        passes(A, toB(udp(1, 2, data(1))));
      } else {
        dropped(DropReason.SECURITY_GROUP_OUT, A, toB(udp(1, 2, data(1))));
      }
    });
  }

  private static Rule to(Endpoint endpoint) {
    return rule(Family.ANY, -1, Endpoint.ANY, endpoint, Action.PASS);
  }

  @Test
  void icmpRulesNameATypeAndMeanBothFamilies() {
    lab.acl(
        EGRESS,
        new Rule(
            new UUID(1, 3),
            Family.ANY,
            1,
            Endpoint.ANY,
            Endpoint.ANY,
            PortRange.ANY,
            new PortRange(8, 8),
            Action.PASS));
    lab.acl(INGRESS);
    aclsOfA(0, INGRESS, EGRESS);
    passes(A, toB(echo(8, 40)));
    passes(B, toA(echo(0, 40)));
    dropped(DropReason.SECURITY_GROUP_OUT, A, toB(echo(13, 40)));
    lab.acl(EGRESS, rule(Family.ANY, 1, Endpoint.ANY, Endpoint.ANY, Action.PASS));
    passes(A, ethernet(MAC_B, MAC_A, ipv6(IP6_A, IP6_B, echo6(128, 4))));
    lab.acl(EGRESS);
    passes(A, ethernet(MAC_B, MAC_A, neighbour(135, IP6_A, IP6_B, 0, IP6_B, 1, MAC_A)));
  }

  @Test
  void aDropIsToldWithItsFlowAndRuleWhileDropsAreWatched() throws InterruptedException {
    BlockingQueue<Drop> told = new LinkedBlockingQueue<>();
    lab.datapath().drops(told::add);
    lab.acl(NETWORK, ports(6, 1, 9, Action.PASS), ports(6, 80, 90, Action.DENY));
    aclsOfA(NETWORK, 0, 0);
    dropped(DropReason.POLICY, A, toB(tcp(1000, 80)));
    lab.datapath().watchDrops(true);
    dropped(DropReason.POLICY, A, toB(tcp(1001, 80)));
    dropped(DropReason.POLICY_NO_MATCH, A, toB(udp(1002, 91, data(1))));
    dropped(DropReason.INVALID_SOURCE, A, ethernet(MAC_B, MAC_B, ipv4(IP_A, IP_B, echo(8, 1))));
    lab.datapath().watchDrops(false);
    dropped(DropReason.POLICY, A, toB(tcp(1003, 80)));

    FlowKey byRule = flow(A, IP_A, IP_B, 6, 1001, 80);
    FlowKey byNone = flow(A, IP_A, IP_B, 17, 1002, 91);
    assertThat(told.poll(30, TimeUnit.SECONDS))
        .isEqualTo(new Drop(A, DropReason.POLICY, byRule, NETWORK, 1));
    assertThat(told.poll(30, TimeUnit.SECONDS))
        .isEqualTo(new Drop(A, DropReason.POLICY_NO_MATCH, byNone, NETWORK, -1));
    Drop spoofed = told.poll(30, TimeUnit.SECONDS);
    assertThat(spoofed).isNotNull();
    assertThat(spoofed.reason()).isEqualTo(DropReason.INVALID_SOURCE);
    assertThat(spoofed.acl()).isZero();
    assertThat(told).isEmpty();
  }

  @Test
  void aChangedRuleIsInForceAtTheNextPacket() {
    lab.acl(EGRESS, ALL);
    lab.acl(INGRESS);
    aclsOfA(0, INGRESS, EGRESS);
    passes(A, toB(echo(8, 9)));
    passes(B, toA(echo(0, 9)));
    lab.acl(EGRESS);
    dropped(DropReason.SECURITY_GROUP_OUT, B, toA(echo(0, 9)));
    dropped(DropReason.SECURITY_GROUP_OUT, A, toB(echo(8, 9)));
    lab.acl(EGRESS, ALL);
    passes(A, toB(echo(8, 9)));
    passes(B, toA(echo(0, 9)));
    lab.put(key(1, IP_B + "/32"), route(NH_L3_B, MAC_B, 100, 5));
    lab.acl(EGRESS, to(new Endpoint.Group(5)));
    passes(A, toB(echo(8, 9)));
    lab.put(key(1, IP_B + "/32"), route(NH_L3_B, MAC_B, 100, 6));
    dropped(DropReason.SECURITY_GROUP_OUT, A, toB(echo(8, 9)));
    lab.reopen();
    dropped(DropReason.SECURITY_GROUP_OUT, A, toB(echo(8, 9)));
  }

  @Test
  void whatComesByTunnelIsJudgedAtItsReceiver() {
    lab.acl(INGRESS, ports(17, 53, 53, Action.PASS));
    aclsOfA(0, INGRESS, 0);
    ProgramRun passed = lab.fromFabric(tunneled(udp(9, 53, data(1))));
    assertThat(passed.result()).isEqualTo(ProgramRun.REDIRECT);
    assertThat(
            lab.drops(
                DropReason.SECURITY_GROUP_IN, () -> lab.fromFabric(tunneled(udp(9, 54, data(1))))))
        .isEqualTo(1);
    assertThat(lab.datapath().vifDrops().get(A)).containsEntry(DropReason.SECURITY_GROUP_IN, 1L);
  }

  private static Packets.Layer tunneled(Packets.Layer inner) {
    return ipv4(THERE, HERE, mplsUdp(6635, LABEL_L3_A, ipv4(IP_R2, IP_A, inner).bytes()));
  }

  @Test
  void aVifHasAQuotaOfFlows() {
    for (int port = 0; port < 10; port++) {
      lab.fromGuest(A, ethernet(GATEWAY, MAC_A, ipv4(IP_A, IP_R2, udp(port, 1, data(1)))));
    }
    byte[] more = ethernet(GATEWAY, MAC_A, ipv4(IP_A, IP_R2, udp(10, 1, data(1))));
    dropped(DropReason.FLOW_QUOTA, A, more);
    assertThat(flows()).hasSize(20);
    assertThat(lab.datapath().deleteFlow(flow(A, IP_A, IP_R2, 17, 3, 1))).isTrue();
    assertThat(lab.datapath().deleteFlow(flow(A, IP_A, IP_R2, 17, 3, 1))).isFalse();
    passes(A, more);
    assertThat(lab.datapath().age(Duration.ofHours(1))).isZero();
    Ageing others = Ageing.of(Duration.ZERO).with(Map.of(new Ageing.Kind(17, 5), Ageing.NEVER));
    assertThat(lab.datapath().age(others)).as("all but those from one port").isEqualTo(18);
    assertThat(lab.datapath().age(Duration.ZERO)).isEqualTo(2);
    assertThat(flows()).isEmpty();
    passes(A, more);
  }

  @Test
  void aVifMayHaveAQuotaOfItsOwnWithinThatOfAll() {
    lab.limitFlowsOfA(6);
    for (int port = 0; port < 3; port++) {
      passes(A, fromAToPort(port));
    }
    dropped(DropReason.FLOW_QUOTA, A, fromAToPort(3));
    passes(A, fromAToPort(2));
    lab.limitFlowsOfA(2);
    passes(A, fromAToPort(1));
    dropped(DropReason.FLOW_QUOTA, A, fromAToPort(3));
    lab.limitFlowsOfA(1000);
    for (int port = 3; port < 10; port++) {
      passes(A, fromAToPort(port));
    }
    dropped(DropReason.FLOW_QUOTA, A, fromAToPort(10));
    assertThat(lab.datapath().contents().get(new VifKey(A)))
        .isEqualTo(lab.applied().get(new VifKey(A)));
  }

  private static byte[] fromAToPort(int port) {
    return ethernet(GATEWAY, MAC_A, ipv4(IP_A, IP_R2, udp(port, 1, data(1))));
  }

  @Test
  void onePortsFlowsLeaveTheOthersTheirShareAndKeepTheirPlace() {
    for (int port = 0; port < 10; port++) {
      passes(A, fromAToPort(port));
    }
    for (int port = 10; port < 100; port++) {
      dropped(DropReason.FLOW_QUOTA, A, fromAToPort(port));
    }
    for (int port = 0; port < 10; port++) {
      passes(
          PacketLab.B,
          ethernet(GATEWAY, PacketLab.mac(PacketLab.B), ipv4(IP_B, IP_R2, udp(port, 1, data(1)))));
      passes(A, fromAToPort(port));
    }
  }

  @Test
  void theTableHasAnEnd() {
    for (int vif : new int[] {A, B}) {
      for (int port = 0; port < 10; port++) {
        lab.fromGuest(
            vif,
            ethernet(
                GATEWAY,
                PacketLab.mac(vif),
                ipv4(vif == A ? IP_A : IP_B, IP_R2, udp(port, 1, data(1)))));
      }
    }
    lab.close();
    lab = new PacketLab("po", 8, 20);
    for (int port = 0; port < 4; port++) {
      passes(A, ethernet(GATEWAY, MAC_A, ipv4(IP_A, IP_R2, udp(port, 1, data(1)))));
    }
    dropped(
        DropReason.FLOW_TABLE_FULL,
        A,
        ethernet(GATEWAY, MAC_A, ipv4(IP_A, IP_R2, udp(9, 1, data(1)))));
    for (int port = 0; port < 4; port++) {
      passes(A, ethernet(GATEWAY, MAC_A, ipv4(IP_A, IP_R2, udp(port, 1, data(1)))));
    }
    assertThat(flows()).hasSize(8);
  }

  @Test
  void anErrorPassesWithTheFlowItIsAbout() {
    lab.acl(EGRESS, ports(17, 33434, 33534, Action.PASS));
    lab.acl(INGRESS);
    aclsOfA(0, INGRESS, EGRESS);
    byte[] probe = ethernet(GATEWAY, MAC_A, ipv4(IP_A, IP_C, udp(40000, 33434, data(8))));
    byte[] error =
        ethernet(
            MAC_A,
            MAC_B,
            ipv4(IP_B, IP_A, unreachable(ipv4(IP_A, IP_C, udp(40000, 33434, data(8))))));
    dropped(DropReason.FLOW_INVALID, B, error);
    passes(A, probe);
    byte[] fromC =
        ethernet(
            GATEWAY,
            MAC_C,
            ipv4(IP_C, IP_A, unreachable(ipv4(IP_A, IP_C, udp(40000, 33434, data(8))))));
    passes(PacketLab.C, fromC);
  }

  @Test
  void laterFragmentsFollowTheFirst() {
    lab.acl(EGRESS, ports(17, 53, 53, Action.PASS));
    aclsOfA(0, 0, EGRESS);
    Packets.Layer later = new Packets.Layer(17, data(24));
    byte[] tail = ethernet(MAC_B, MAC_A, ipv4(IP_A, IP_B, 64, 100, 7, later));
    dropped(DropReason.FRAGMENT_NO_HEAD, A, tail);
    passes(A, ethernet(MAC_B, MAC_A, ipv4(IP_A, IP_B, 64, 0x2000, 7, udp(1, 53, data(24)))));
    passes(A, tail);
  }

  private void sends(int vif, boolean fromA, int flags) {
    Packets.Layer segment = fromA ? tcp(1000, 80, flags) : tcp(80, 1000, flags);
    byte[] frame =
        fromA
            ? ethernet(MAC_B, MAC_A, ipv4(IP_A, IP_B, segment))
            : ethernet(MAC_A, MAC_B, ipv4(IP_B, IP_A, segment));
    assertThat(lab.fromGuest(vif, frame).result()).isEqualTo(ProgramRun.REDIRECT);
  }

  @Test
  void connectionsThatHaveEndedAreForgottenSoonAndLivingOnesStay() {
    lab.put(new VifKey(A), lab.vif(A, 0, 0, 0));
    Duration hour = Duration.ofHours(1);
    Ageing ended = new Ageing(hour, Duration.ZERO, hour);
    Ageing unanswered = new Ageing(hour, hour, Duration.ZERO);
    int before = lab.datapath().age(Duration.ZERO);
    assertThat(before).isNotNegative();

    sends(A, true, 0x02);
    assertThat(lab.datapath().age(ended)).isZero();
    assertThat(lab.datapath().age(unanswered)).as("nobody has answered").isPositive();

    sends(A, true, 0x02);
    sends(B, false, 0x12);
    sends(A, true, 0x10);
    assertThat(lab.datapath().age(unanswered)).isZero();
    sends(A, true, 0x11);
    assertThat(lab.datapath().age(ended)).as("one end may still send").isZero();
    sends(B, false, 0x11);
    assertThat(lab.datapath().age(ended)).as("both have closed").isPositive();

    sends(A, true, 0x02);
    sends(B, false, 0x12);
    sends(B, false, 0x14);
    sends(A, true, 0x02);
    sends(B, false, 0x12);
    assertThat(lab.datapath().age(ended)).as("it began anew after the reset").isZero();
    sends(B, false, 0x04);
    assertThat(lab.datapath().age(ended)).as("reset").isPositive();
  }
}
