package weft.bgp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.net.Encapsulation;
import weft.net.ExtendedCommunity;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;
import weft.state.EventLoop;
import weft.testkit.ForeignDaemon;
import weft.testkit.LabNamespace;
import weft.testkit.TestLoop;

/** Each make with each family that it knows, routes both ways. */
@Tag("lab")
@Timeout(400)
class ForeignFamiliesTest {
  private static final RouteDistinguisher RD = RouteDistinguisher.parse("10.0.0.1:5");
  private static final RouteTarget TARGET = RouteTarget.parse("target:64512:8000001");
  private static final Nlri.Segment SEGMENT = new Nlri.Segment(0, 0x11223344_55667788L, 0x99);

  private final TestLoop open = new TestLoop();
  private final EventLoop loop = open.loop();
  private final Recorder recorder = new Recorder();

  @AfterEach
  void closeAll() throws Exception {
    open.end();
  }

  private LabNamespace namespace(String... programs) throws IOException {
    String lacks = LabNamespace.lacks(programs);
    assumeTrue(lacks == null, () -> lacks);
    LabNamespace namespace = new LabNamespace();
    open.add(namespace);
    return namespace;
  }

  private BgpServer speaker(LabNamespace lab) throws IOException {
    BgpServer server =
        BgpServer.start(
            BgpServer.Options.of(
                64512, Ipv4Address.parse("10.0.0.1"), new InetSocketAddress(lab.here(), 0)),
            loop,
            new Random(1),
            recorder);
    open.add(server);
    return server;
  }

  private static int port(BgpServer server) {
    return server.addresses().getFirst().getPort();
  }

  private static BgpServer.Peer peer(LabNamespace lab, Family... families) {
    return BgpServer.Peer.of(IpAddress.parse(lab.there()), 1179, 64512, families)
        .withLocalAddress(IpAddress.parse(lab.here()))
        .withTimers(30, Duration.ofSeconds(2));
  }

  private static PathAttributes attributes(Attribute... more) {
    PathAttributes all =
        PathAttributes.of(
            Attribute.Origin.IGP,
            Attribute.AsPath.EMPTY,
            new Attribute.LocalPreference(100),
            new Attribute.ExtendedCommunities(List.of(TARGET.toCommunity())));
    for (Attribute attribute : more) {
      all = all.with(attribute);
    }
    return all;
  }

  private static PathAttributes overVxlan(Attribute... more) {
    return attributes(more)
        .with(
            new Attribute.ExtendedCommunities(
                List.of(
                    TARGET.toCommunity(), ExtendedCommunity.encapsulation(Encapsulation.VXLAN))));
  }

  /** By the router's own VNI, to our MAC. */
  private static PathAttributes routed() {
    return overVxlan()
        .with(
            new Attribute.ExtendedCommunities(
                List.of(
                    RouteTarget.ofAs2(64512, 200).toCommunity(),
                    ExtendedCommunity.encapsulation(Encapsulation.VXLAN),
                    ExtendedCommunity.routerMac(MacAddress.GATEWAY))));
  }

  private void tell(
      BgpSession session, PathAttributes attributes, Family family, String hop, Nlri route) {
    Update update = Update.announce(attributes, family, IpAddress.parse(hop), List.of(route));
    loop.execute(() -> session.send(update));
  }

  private void withdraw(BgpSession session, Family family, Nlri route) {
    loop.execute(() -> session.send(Update.withdraw(family, List.of(route))));
  }

  private record Told(PathAttributes attributes, Update.Reach reach, Nlri route) {}

  /** The next route that comes and is wanted; others are passed over. */
  private Told next(Predicate<Nlri> wanted) {
    List<Nlri> others = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Update update = recorder.nextUpdate();
      for (Update.Reach reach : update.reach()) {
        for (Nlri route : reach.routes()) {
          if (wanted.test(route)) {
            return new Told(update.attributes(), reach, route);
          }
          others.add(route);
        }
      }
    }
    throw new AssertionError("only " + others);
  }

  private static Predicate<Nlri> vpn(String prefix) {
    return route -> route instanceof Nlri.Vpn vpn && vpn.prefix().toString().equals(prefix);
  }

  private static Nlri vpn(String prefix, int label) {
    return new Nlri.Vpn(RD, IpPrefix.parse(prefix), new Label(label));
  }

  // ---- BIRD

  /** Of VPN routes of both kinds; this BIRD knows no EVPN. */
  @Test
  void vpnRoutesOfBirdAndOurs() throws IOException {
    LabNamespace lab = namespace(ForeignDaemon.BIRD, ForeignDaemon.BIRDC);
    BgpServer server = speaker(lab);
    loop.execute(() -> server.add(peer(lab, Family.INET_VPN, Family.INET6_VPN).withPassive()));
    ForeignDaemon bird =
        ForeignDaemon.bird(
            lab,
            """
            vpn4 table v4; vpn6 table v6;
            protocol static { vpn4 { table v4; }; route 10.0.0.1:5 10.9.0.0/24 blackhole; }
            protocol static { vpn6 { table v6; }; route 10.0.0.1:5 2001:db8:9::/48 blackhole; }
            filter marked {
              bgp_ext_community.add((rt, 64512, 8000001));
              bgp_large_community.add((64512, 1, 2));
              accept;
            }
            protocol bgp weft {
              local %2$s as 64512;
              neighbor %1$s port %3$d as 64512;
              multihop; connect delay time 1; connect retry time 2;
              vpn4 mpls { table v4; import all; export filter marked; };
              vpn6 mpls { table v6; import all; export filter marked; extended next hop on;
                next hop address ::ffff:%2$s; };
            }
            """
                .formatted(lab.here(), lab.there(), port(server)));
    BgpSession session = recorder.nextEstablished();
    assertThat(session.negotiated().families()).containsExactly(Family.INET_VPN, Family.INET6_VPN);
    Told four = next(vpn("10.9.0.0/24"));
    assertThat(four.reach().nextHop()).hasToString(lab.there());
    assertThat(four.attributes().extendedCommunities()).containsExactly(TARGET.toCommunity());
    assertThat(four.attributes().get(Attribute.LargeCommunities.class).values())
        .containsExactly(new Attribute.LargeCommunities.Value(64512, 1, 2));

    tell(session, attributes(), Family.INET_VPN, lab.here(), vpn("10.64.0.0/24", 900));
    tell(session, attributes(), Family.INET6_VPN, lab.here(), vpn("2001:db8:64::/48", 901));
    String table =
        lab.until(
            output -> output.contains("10.64.0.0/24") && output.contains("(rt, 64512, 8000001)"),
            bird.ask("show", "route", "table", "v4", "all", "10.0.0.1:5", "10.64.0.0/24"));
    assertThat(table).contains("BGP.mpls_label_stack: 900", "BGP.next_hop: " + lab.here());
    table =
        lab.until(
            output -> output.contains("2001:db8:64::/48"),
            bird.ask("show", "route", "table", "v6", "all"));
    assertThat(table).contains("BGP.mpls_label_stack: 901", "(rt, 64512, 8000001)");
    withdraw(session, Family.INET6_VPN, vpn("2001:db8:64::/48", 901));
    lab.until(
        output -> !output.contains("2001:db8:64::/48"),
        bird.ask("show", "route", "table", "v6", "all"));
  }

  // ---- ExaBGP

  @Test
  void vpnRoutesOfExabgpAndOurs() throws IOException {
    LabNamespace lab = namespace(ForeignDaemon.EXABGP);
    BgpServer server = speaker(lab);
    loop.execute(() -> server.add(peer(lab, Family.INET_VPN, Family.INET6_VPN).withPassive()));
    ForeignDaemon exabgp =
        ForeignDaemon.exabgp(
            lab,
            """
            neighbor %1$s {
              router-id 10.0.0.4; local-address %2$s; local-as 64512; peer-as 64512;
              connect %3$d;
              family { ipv4 mpls-vpn; ipv6 mpls-vpn; }
              api { processes [ hear ]; receive { parsed; update; } }
              static {
                route 10.9.0.0/24 rd 10.0.0.1:5 label 800 next-hop %2$s \
            extended-community [ target:64512:8000001 ] large-community [ 64512:1:2 ] \
            as-path [ 65001 ( 65002 65003 ) ] aggregator ( 65003:10.0.0.7 ) atomic-aggregate \
            attribute [ 0xc8 0xc0 0x010203 ];
                route 2001:db8:9::/48 rd 10.0.0.1:5 label 801 next-hop 2001:db8::4 \
            extended-community [ target:64512:8000001 ];
              }
            }
            """
                .formatted(lab.here(), lab.there(), port(server)));
    BgpSession session = recorder.nextEstablished();
    Told four = next(vpn("10.9.0.0/24"));
    assertThat(four.route()).isEqualTo(vpn("10.9.0.0/24", 800));
    assertThat(four.attributes().extendedCommunities()).containsExactly(TARGET.toCommunity());
    assertThat(four.attributes().get(Attribute.LargeCommunities.class).values())
        .containsExactly(new Attribute.LargeCommunities.Value(64512, 1, 2));
    assertThat(four.attributes().get(Attribute.Aggregator.class))
        .isEqualTo(new Attribute.Aggregator(65003, Ipv4Address.parse("10.0.0.7")));
    assertThat(four.attributes().asPath().segments())
        .containsExactly(
            new Attribute.AsPath.Segment(true, List.of(65001L)),
            new Attribute.AsPath.Segment(false, List.of(65002L, 65003L)));
    assertThat(four.attributes().get(Attribute.Unknown.class))
        .isEqualTo(new Attribute.Unknown(0xe0, 0xc8, new Nlri.HexBytes("010203")));
    Told six = next(vpn("2001:db8:9::/48"));
    assertThat(six.route()).isEqualTo(vpn("2001:db8:9::/48", 801));
    assertThat(six.reach().nextHop()).hasToString("2001:db8::4");

    tell(session, attributes(), Family.INET_VPN, lab.here(), vpn("10.64.0.0/24", 900));
    tell(session, attributes(), Family.INET6_VPN, "2001:db8::1", vpn("2001:db8:64::/48", 901));
    withdraw(session, Family.INET_VPN, vpn("10.64.0.0/24", 900));
    String heard = lab.until(output -> output.contains("\"withdraw\""), exabgp.ask());
    assertThat(heard)
        .contains("10.64.0.0/24", "2001:db8:64::/48", "target:64512:8000001", "10.0.0.1:5")
        .contains("[ [900", "[ [901");
  }

  // ---- GoBGP

  private static String[] add(ForeignDaemon gobgp, String family, String route) {
    List<String> words = new ArrayList<>(List.of("global", "rib", "-a", family, "add"));
    words.addAll(List.of(route.split(" ")));
    return gobgp.ask(words.toArray(String[]::new));
  }

  private BgpSession withGobgp(LabNamespace lab, Family... families) throws IOException {
    BgpServer server = speaker(lab);
    BgpServer.Peer peer = peer(lab, families).withProtection(new BgpServer.Protection("s3cret", 0));
    loop.execute(() -> server.add(peer));
    BgpSession session = recorder.nextEstablished();
    assertThat(session.negotiated().families()).containsExactly(families);
    assertThat(recorder.unprotected).isEmpty();
    return session;
  }

  /** Under MD5 signatures. */
  @Test
  void vpnRoutesOfIpv6OfGobgpAndOurs() throws IOException {
    LabNamespace lab = namespace(ForeignDaemon.GOBGPD, ForeignDaemon.GOBGP);
    ForeignDaemon gobgp =
        ForeignDaemon.gobgp(lab, "auth-password = \"s3cret\"", "l3vpn-ipv6-unicast");
    BgpSession session = withGobgp(lab, Family.INET6_VPN);
    lab.in(
        add(
            gobgp,
            "vpnv6",
            "2001:db8:9::/48 label 801 rd 10.0.0.1:5 rt 64512:8000001 nexthop 2001:db8::2"));
    Told six = next(vpn("2001:db8:9::/48"));
    assertThat(six.route()).isEqualTo(vpn("2001:db8:9::/48", 801));
    assertThat(six.reach().nextHop()).hasToString("2001:db8::2");
    assertThat(six.attributes().extendedCommunities()).containsExactly(TARGET.toCommunity());

    Nlri ours = vpn("2001:db8:64::/48", 901);
    tell(session, attributes(), Family.INET6_VPN, lab.here(), ours);
    String[] show = gobgp.ask("global", "rib", "-a", "vpnv6");
    String table = lab.until(output -> output.contains("2001:db8:64::/48"), show);
    assertThat(table).contains("[901]", "64512:8000001", lab.here());
    withdraw(session, Family.INET6_VPN, ours);
    lab.until(output -> !output.contains("2001:db8:64::/48"), show);
  }

  /** With segment and gateway; under MD5 signatures. */
  @Test
  void evpnRoutesOfGobgpAndOurs() throws IOException {
    LabNamespace lab = namespace(ForeignDaemon.GOBGPD, ForeignDaemon.GOBGP);
    ForeignDaemon gobgp = ForeignDaemon.gobgp(lab, "auth-password = \"s3cret\"", "l2vpn-evpn");
    BgpSession session = withGobgp(lab, Family.EVPN);
    String esi = "esi ARBITRARY 11:22:33:44:55:66:77:88:99";
    String tail = " rd 10.0.0.1:5 rt 64512:8000001 encap vxlan nexthop " + lab.there();
    lab.in(
        add(
            gobgp,
            "evpn",
            "macadv 02:00:00:00:00:03 10.1.1.3 " + esi + " etag 0 label 5000" + tail));
    Nlri.MacIp mac = (Nlri.MacIp) next(route -> route instanceof Nlri.MacIp).route();
    assertThat(mac.segment()).isEqualTo(SEGMENT);
    assertThat(mac.label().asVni()).isEqualTo(5000);
    lab.in(
        add(
            gobgp,
            "evpn",
            "multicast 198.18.0.9 etag 0"
                + tail.replace(" nexthop", " pmsi ingress-repl 5000 198.18.0.9 nexthop")));
    Told broadcast = next(route -> route instanceof Nlri.InclusiveMulticast);
    assertThat(broadcast.route())
        .isEqualTo(new Nlri.InclusiveMulticast(RD, 0, IpAddress.parse("198.18.0.9")));
    assertThat(broadcast.attributes().get(Attribute.PmsiTunnel.class).tunnelType())
        .isEqualTo(Attribute.PmsiTunnel.INGRESS_REPLICATION);
    lab.in(add(gobgp, "evpn", "prefix 10.7.0.0/16 gw 10.1.1.1 etag 0 label 5001" + tail));
    assertThat(next(route -> route instanceof Nlri.EvpnPrefix).route())
        .isEqualTo(prefix("10.7.0.0/16", Nlri.Segment.NONE, "10.1.1.1", 5001));

    String hop = lab.here();
    tell(session, overVxlan(), Family.EVPN, hop, ourMac(SEGMENT));
    tell(session, ourTunnel(hop), Family.EVPN, hop, ourBroadcast(hop));
    tell(session, overVxlan(), Family.EVPN, hop, prefix("10.8.0.0/16", SEGMENT, "0.0.0.0", 6001));
    String[] show = gobgp.ask("global", "rib", "-a", "evpn");
    String table = lab.until(output -> output.contains("10.8.0.0/16"), show);
    assertThat(table)
        .contains("02:00:00:00:00:04", "10.1.1.4", "[6000]", "[6001]", "[type:multicast]")
        .contains("ESI_ARBITRARY", "11:22:33:44:55:66:77:88:99", "VXLAN");
    withdraw(session, Family.EVPN, ourMac(SEGMENT));
    lab.until(output -> !output.contains("02:00:00:00:00:04"), show);
  }

  private static Nlri prefix(String prefix, Nlri.Segment segment, String gateway, int vni) {
    return new Nlri.EvpnPrefix(
        RD, segment, 0, IpPrefix.parse(prefix), IpAddress.parse(gateway), Nlri.LabelField.vni(vni));
  }

  private static Nlri ourMac(Nlri.Segment segment) {
    return new Nlri.MacIp(
        RD,
        segment,
        0,
        MacAddress.parse("02:00:00:00:00:04"),
        IpAddress.parse("10.1.1.4"),
        Nlri.LabelField.vni(6000),
        null);
  }

  private static Nlri ourBroadcast(String hop) {
    return new Nlri.InclusiveMulticast(RD, 0, IpAddress.parse(hop));
  }

  private static PathAttributes ourTunnel(String hop) {
    return overVxlan(
        Attribute.PmsiTunnel.ingressReplication(Nlri.LabelField.vni(6000), IpAddress.parse(hop)));
  }

  // ---- FRR

  private ForeignDaemon frr(LabNamespace lab, int port, String more) throws IOException {
    List<AutoCloseable> atEnd = new ArrayList<>();
    ForeignDaemon frr =
        ForeignDaemon.frr(
            lab,
            """
            router bgp 64512
             bgp router-id 10.0.0.2
             no bgp default ipv4-unicast
             neighbor %1$s remote-as 64512
             neighbor %1$s port %2$d
             neighbor %1$s timers connect 1
             neighbor %1$s password s3cret
            """
                    .formatted(lab.here(), port)
                + more,
            atEnd);
    atEnd.forEach(open::addFirst);
    return frr;
  }

  private BgpServer forFrr(LabNamespace lab, Family... families) throws IOException {
    BgpServer server = speaker(lab);
    BgpServer.Peer peer =
        peer(lab, families).withPassive().withProtection(new BgpServer.Protection("s3cret", 0));
    loop.execute(() -> server.add(peer));
    return server;
  }

  /** Under MD5 signatures. */
  @Test
  void vpnRoutesOfIpv6OfFrrAndOurs() throws IOException {
    LabNamespace lab = namespace(ForeignDaemon.ZEBRA, ForeignDaemon.BGPD, ForeignDaemon.VTYSH);
    BgpServer server = forFrr(lab, Family.INET6_VPN);
    ForeignDaemon frr =
        frr(
            lab,
            port(server),
            """
             no bgp network import-check
             address-family ipv6 unicast
              network 2001:db8:9::/48 route-map MARK
              rd vpn export 64512:5
              rt vpn both 64512:8000001
              label vpn export 801
              nexthop vpn export 2001:db8::2
              export vpn
             exit-address-family
             address-family ipv6 vpn
              neighbor %s activate
             exit-address-family
            exit
            route-map MARK permit 10
             set large-community 64512:1:2
            exit
            """
                .formatted(lab.here()));
    BgpSession session = recorder.nextEstablished();
    assertThat(recorder.unprotected).isEmpty();
    Told six = next(vpn("2001:db8:9::/48"));
    assertThat(six.route())
        .isEqualTo(
            new Nlri.Vpn(
                RouteDistinguisher.parse("64512:5"),
                IpPrefix.parse("2001:db8:9::/48"),
                new Label(801)));
    assertThat(six.attributes().extendedCommunities()).containsExactly(TARGET.toCommunity());
    assertThat(six.attributes().get(Attribute.LargeCommunities.class).values())
        .containsExactly(new Attribute.LargeCommunities.Value(64512, 1, 2));

    Nlri ours = vpn("2001:db8:64::/48", 901);
    tell(session, attributes(), Family.INET6_VPN, lab.here(), ours);
    String[] show = frr.ask("show bgp ipv6 vpn rd 10.0.0.1:5 2001:db8:64::/48");
    String route = lab.until(output -> output.contains("RT:64512:8000001"), show);
    assertThat(route).contains("Remote label: 901", "::ffff:", "best");
    withdraw(session, Family.INET6_VPN, ours);
    lab.until(output -> !output.contains("RT:64512:8000001"), show);
  }

  /** Types 2, 3 and 5 of the networks that FRR finds in its kernel. */
  @Test
  void evpnRoutesOfFrrAndOurs() throws IOException {
    LabNamespace lab = namespace(ForeignDaemon.ZEBRA, ForeignDaemon.BGPD, ForeignDaemon.VTYSH);
    network(lab, 100);
    network(lab, 200);
    lab.in("ip", "link", "add", "port", "type", "veth", "peer", "name", "far");
    lab.in("ip", "link", "set", "far", "up");
    lab.in("ip", "link", "set", "port", "master", "br100", "up");
    lab.in("bridge", "fdb", "add", "02:00:00:00:00:05", "dev", "port", "master", "static");
    BgpServer server = forFrr(lab, Family.EVPN);
    ForeignDaemon frr =
        frr(
            lab,
            port(server),
            """
             no bgp network import-check
             address-family ipv4 unicast
              network 10.77.0.0/16
             exit-address-family
             address-family l2vpn evpn
              neighbor %s activate
              advertise-all-vni
              advertise ipv4 unicast
             exit-address-family
            exit
            """
                .formatted(lab.here()));
    BgpSession session = recorder.nextEstablished();
    Set<Integer> seen = new TreeSet<>();
    while (!seen.equals(Set.of(2, 3, 5))) {
      Told told = next(route -> route instanceof Nlri.Evpn);
      checked(lab, told, seen);
    }

    String hop = lab.here();
    tell(session, overVxlan(), Family.EVPN, hop, ourMac(SEGMENT));
    tell(session, ourTunnel(hop), Family.EVPN, hop, ourBroadcast(hop));
    Nlri prefix = prefix("10.8.0.0/16", Nlri.Segment.NONE, "10.1.1.1", 6001);
    tell(session, overVxlan(), Family.EVPN, hop, prefix);
    String[] show = frr.ask("show bgp l2vpn evpn route detail");
    String table = lab.until(output -> output.contains("[5]:[0]:[16]:[10.8.0.0]"), show);
    assertThat(table)
        .contains("[2]:[0]:[48]:[02:00:00:00:00:04]:[32]:[10.1.1.4]", "[3]:[0]:[32]:[" + hop)
        .contains("ESI 00:11:22:33:44:55:66:77:88:99", "VNI 6001");

    Nlri routed = prefix("10.9.0.0/16", Nlri.Segment.NONE, "0.0.0.0", 200);
    tell(session, routed(), Family.EVPN, hop, routed);
    String[] one = frr.ask("show bgp l2vpn evpn route type prefix");
    assertThat(lab.until(output -> output.contains("[5]:[0]:[16]:[10.9.0.0]"), one))
        .contains("RT:64512:200 ET:8 Rmac:00:00:5e:00:01:00");
    withdraw(session, Family.EVPN, routed);
    lab.until(output -> !output.contains("10.9.0.0"), one);
    withdraw(session, Family.EVPN, ourMac(SEGMENT));
    lab.until(output -> !output.contains("02:00:00:00:00:04"), show);
  }

  /** From one hop away, and no further (RFC 5082). */
  @Test
  void sessionWithFrrOfNeighboursOnly() throws IOException {
    LabNamespace lab = namespace(ForeignDaemon.ZEBRA, ForeignDaemon.BGPD, ForeignDaemon.VTYSH);
    BgpServer server = speaker(lab);
    BgpServer.Peer peer =
        peer(lab, Family.INET_VPN)
            .withPassive()
            .withProtection(new BgpServer.Protection("s3cret", 1));
    loop.execute(() -> server.add(peer));
    ForeignDaemon frr =
        frr(
            lab,
            port(server),
            """
             neighbor %1$s ttl-security hops 1
             address-family ipv4 vpn
              neighbor %1$s activate
             exit-address-family
            exit
            """
                .formatted(lab.here()));
    BgpSession session = recorder.nextEstablished();
    assertThat(recorder.unprotected).isEmpty();
    assertThat(session.negotiated().families()).containsExactly(Family.INET_VPN);
    assertThat(lab.in(frr.ask("show bgp neighbors")))
        .contains("Internal BGP neighbor may be up to 1 hops away");
  }

  private static void network(LabNamespace lab, int vni) throws IOException {
    String name = "vx" + vni;
    lab.in("ip", "link", "add", "br" + vni, "type", "bridge");
    lab.in("ip", "link", "set", "br" + vni, "up");
    String link = "ip link add %s type vxlan id %d dstport 4789 local %s nolearning";
    lab.in(link.formatted(name, vni, lab.there()).split(" "));
    lab.in("ip", "link", "set", name, "master", "br" + vni, "up");
  }

  /** Of each type, what is to come of FRR is as it must be; its interfaces have MACs too. */
  private static void checked(LabNamespace lab, Told told, Set<Integer> seen) {
    assertThat(told.reach().nextHop()).hasToString(lab.there());
    if (told.route() instanceof Nlri.MacIp mac
        && mac.mac().equals(MacAddress.parse("02:00:00:00:00:05"))) {
      assertThat(mac.label().asVni()).isEqualTo(100);
      seen.add(2);
    } else if (told.route() instanceof Nlri.InclusiveMulticast broadcast) {
      assertThat(broadcast.originator()).hasToString(lab.there());
      Attribute.PmsiTunnel tunnel = told.attributes().get(Attribute.PmsiTunnel.class);
      assertThat(tunnel.label().asVni()).isEqualTo(100);
      seen.add(3);
    } else if (told.route() instanceof Nlri.EvpnPrefix prefix) {
      assertThat(prefix.prefix()).hasToString("10.77.0.0/16");
      assertThat(prefix.label().asVni()).isEqualTo(200);
      assertThat(told.attributes().extendedCommunities()).anyMatch(ExtendedCommunity::isRouterMac);
      seen.add(5);
    }
  }
}
