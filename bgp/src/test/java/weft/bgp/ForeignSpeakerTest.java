package weft.bgp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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

/** Sessions with the daemons that others run: routes both ways, checked at both ends. */
@Tag("lab")
@Timeout(400)
class ForeignSpeakerTest {
  private static final String GOBGP = ForeignDaemon.GOBGP;
  private static final RouteDistinguisher RD = RouteDistinguisher.parse("10.0.0.1:5");
  private static final RouteTarget TARGET = RouteTarget.parse("target:64512:8000001");

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

  private BgpServer speaker(String address) throws IOException {
    BgpServer server =
        BgpServer.start(
            BgpServer.Options.of(
                64512, Ipv4Address.parse("10.0.0.1"), new InetSocketAddress(address, 0)),
            loop,
            new Random(1),
            recorder);
    open.add(server);
    return server;
  }

  private static PathAttributes attributes(ExtendedCommunity... more) {
    List<ExtendedCommunity> communities = new ArrayList<>(List.of(more));
    communities.addFirst(TARGET.toCommunity());
    return PathAttributes.of(
        Attribute.Origin.IGP,
        Attribute.AsPath.EMPTY,
        new Attribute.LocalPreference(100),
        new Attribute.ExtendedCommunities(communities));
  }

  /** The next update that brings routes. */
  private Update nextRoutes() {
    while (true) {
      Update update = recorder.nextUpdate();
      if (!update.reach().isEmpty()) {
        return update;
      }
    }
  }

  /** The next update that takes routes away. */
  private Update nextWithdrawal() {
    while (true) {
      Update update = recorder.nextUpdate();
      if (!update.unreach().isEmpty() && update.endOfRib() == null) {
        return update;
      }
    }
  }

  private static void startGobgp(LabNamespace lab) throws IOException {
    ForeignDaemon.gobgp(lab, "", "l3vpn-ipv4-unicast", "l2vpn-evpn", "rtc");
  }

  private static BgpServer.Peer peer(LabNamespace lab, Family... families) {
    return BgpServer.Peer.of(IpAddress.parse(lab.there()), 1179, 64512, families)
        .withLocalAddress(IpAddress.parse(lab.here()))
        .withTimers(30, Duration.ofSeconds(2));
  }

  @Test
  void routesOfGobgpAndOurs() throws IOException {
    LabNamespace lab = namespace(ForeignDaemon.GOBGPD, GOBGP);
    startGobgp(lab);
    BgpServer server = speaker(lab.here());
    loop.execute(() -> server.add(peer(lab, Family.INET_VPN, Family.EVPN)));
    BgpSession session = recorder.nextEstablished();
    assertThat(session.negotiated().families()).containsExactly(Family.INET_VPN, Family.EVPN);
    assertThat(session.negotiated().fourOctetAs()).isTrue();

    gobgpRoutesArrive(lab);
    ourRoutesReachGobgp(lab, session);

    loop.execute(() -> server.remove(IpAddress.parse(lab.there())));
    assertThat(recorder.nextDown()).contains("stopped");
    lab.until(output -> !output.contains("10.64.0.0/32"), GOBGP, "global", "rib", "-a", "vpnv4");
  }

  private void gobgpRoutesArrive(LabNamespace lab) throws IOException {
    String[] route =
        ("10.9.0.1/32 label 800 rd 10.0.0.1:5 rt 64512:8000001 nexthop " + lab.there()).split(" ");
    lab.in(command(List.of(GOBGP, "global", "rib", "-a", "vpnv4", "add"), route));
    Update update = nextRoutes();
    assertThat(update.reach())
        .containsExactly(
            new Update.Reach(
                Family.INET_VPN,
                IpAddress.parse(lab.there()),
                List.of(new Nlri.Vpn(RD, IpPrefix.parse("10.9.0.1/32"), new Label(800)))));
    assertThat(update.attributes().extendedCommunities()).containsExactly(TARGET.toCommunity());

    lab.in(command(List.of(GOBGP, "global", "rib", "-a", "vpnv4", "del"), route));
    assertThat(nextWithdrawal().unreach().getFirst().routes())
        .singleElement()
        .isInstanceOfSatisfying(
            Nlri.Vpn.class,
            gone -> {
              assertThat(gone.distinguisher()).isEqualTo(RD);
              assertThat(gone.prefix()).isEqualTo(IpPrefix.parse("10.9.0.1/32"));
            });

    String[] mac =
        ("macadv 02:00:00:00:00:03 10.1.1.3 etag 0 label 5000 rd 10.0.0.1:5 rt 64512:8000001"
                + " encap vxlan nexthop "
                + lab.there())
            .split(" ");
    lab.in(command(List.of(GOBGP, "global", "rib", "-a", "evpn", "add"), mac));
    Update evpn = nextRoutes();
    assertThat(evpn.reach().getFirst().routes())
        .singleElement()
        .isInstanceOfSatisfying(
            Nlri.MacIp.class,
            come -> {
              assertThat(come.mac()).isEqualTo(MacAddress.parse("02:00:00:00:00:03"));
              assertThat(come.address()).isEqualTo(IpAddress.parse("10.1.1.3"));
              assertThat(come.label().asVni()).isEqualTo(5000);
            });
    assertThat(evpn.attributes().extendedCommunities())
        .contains(TARGET.toCommunity(), ExtendedCommunity.encapsulation(Encapsulation.VXLAN));
  }

  private static String[] command(List<String> head, String... rest) {
    List<String> all = new ArrayList<>(head);
    all.addAll(List.of(rest));
    return all.toArray(String[]::new);
  }

  private void ourRoutesReachGobgp(LabNamespace lab, BgpSession session) throws IOException {
    IpAddress hop = IpAddress.parse(lab.here());
    Nlri vpn = new Nlri.Vpn(RD, IpPrefix.parse("10.64.0.0/32"), new Label(900));
    Nlri mac =
        new Nlri.MacIp(
            RD,
            Nlri.Segment.NONE,
            0,
            MacAddress.parse("02:00:00:00:00:04"),
            IpAddress.parse("10.1.1.4"),
            Nlri.LabelField.vni(6000),
            null);
    Nlri broadcast = new Nlri.InclusiveMulticast(RD, 0, IpAddress.parse(lab.here()));
    PathAttributes vxlan = attributes(ExtendedCommunity.encapsulation(Encapsulation.VXLAN));
    loop.execute(() -> {
      session.send(
          Update.announce(
              attributes(ExtendedCommunity.encapsulation(Encapsulation.MPLS_O_UDP)),
              Family.INET_VPN,
              hop,
              List.of(vpn)));
      session.send(Update.announce(vxlan, Family.EVPN, hop, List.of(mac)));
      session.send(
          Update.announce(
              vxlan.with(Attribute.PmsiTunnel.ingressReplication(Nlri.LabelField.vni(6000), hop)),
              Family.EVPN,
              hop,
              List.of(broadcast)));
    });
    String table =
        lab.until(output -> output.contains("10.64.0.0/32"), GOBGP, "global", "rib", "-a", "vpnv4");
    assertThat(table).contains("10.0.0.1:5:10.64.0.0/32", "[900]", lab.here(), "64512:8000001");
    String evpn =
        lab.until(
            output -> output.contains("[type:multicast]"), GOBGP, "global", "rib", "-a", "evpn");
    assertThat(evpn)
        .contains("02:00:00:00:00:04", "10.1.1.4", "[6000]", "64512:8000001", "VXLAN")
        .containsIgnoringCase("ingress-repl");

    loop.execute(() -> session.send(Update.withdraw(Family.EVPN, List.of(mac))));
    lab.until(
        output -> !output.contains("02:00:00:00:00:04"), GOBGP, "global", "rib", "-a", "evpn");
  }

  /** What we are a member of decides what GoBGP sends. */
  @Test
  void routeTargetMembershipFiltersGobgp() throws IOException {
    LabNamespace lab = namespace(ForeignDaemon.GOBGPD, GOBGP);
    startGobgp(lab);
    for (int i = 1; i <= 2; i++) {
      lab.in(
          command(
              List.of(GOBGP, "global", "rib", "-a", "vpnv4", "add"),
              ("10.9.0.%1$d/32 label 80%1$d rd 10.0.0.1:5 rt 64512:800000%1$d".formatted(i))
                  .split(" ")));
    }
    BgpServer server = speaker(lab.here());
    loop.execute(() -> server.add(peer(lab, Family.INET_VPN, Family.ROUTE_TARGET)));
    BgpSession session = recorder.nextEstablished();
    RouteTarget wanted = RouteTarget.parse("target:64512:8000002");
    loop.execute(() -> {
      session.send(
          Update.announce(
              PathAttributes.of(
                  Attribute.Origin.IGP, Attribute.AsPath.EMPTY, new Attribute.LocalPreference(100)),
              Family.ROUTE_TARGET,
              IpAddress.parse(lab.here()),
              List.of(Nlri.RouteTargetMembership.of(64512, wanted))));
      session.send(Update.endOfRib(Family.ROUTE_TARGET));
    });
    Update update = nextRoutes();
    while (!update.reach().getFirst().family().equals(Family.INET_VPN)) {
      update = nextRoutes();
    }
    assertThat(update.reach().getFirst().routes())
        .containsExactly(new Nlri.Vpn(RD, IpPrefix.parse("10.9.0.2/32"), new Label(802)));
    assertThat(update.attributes().extendedCommunities()).containsExactly(wanted.toCommunity());
  }

  /** FRR dials us. */
  @Test
  void routesOfFrrAndOurs() throws IOException {
    LabNamespace lab = namespace(ForeignDaemon.ZEBRA, ForeignDaemon.BGPD, ForeignDaemon.VTYSH);
    BgpServer server = speaker(lab.here());
    loop.execute(() -> server.add(peer(lab, Family.INET_VPN).withPassive()));
    ForeignDaemon frr = startFrr(lab, server.addresses().getFirst().getPort());

    BgpSession session = recorder.nextEstablished();
    assertThat(session.negotiated().extendedMessage()).isTrue();
    Update update = nextRoutes();
    assertThat(update.reach())
        .containsExactly(
            new Update.Reach(
                Family.INET_VPN,
                IpAddress.parse(lab.there()),
                List.of(
                    new Nlri.Vpn(
                        RouteDistinguisher.parse("64512:5"),
                        IpPrefix.parse("10.9.0.0/24"),
                        new Label(800)))));
    assertThat(update.attributes().extendedCommunities()).containsExactly(TARGET.toCommunity());

    List<Nlri> routes = SessionTest.routes(1000);
    loop.execute(() ->
        session.send(
            Update.announce(attributes(), Family.INET_VPN, IpAddress.parse(lab.here()), routes)));
    String[] show = frr.ask("show bgp ipv4 vpn rd 10.0.0.1:5 10.64.3.231/32");
    String route = lab.until(output -> output.contains("RT:64512:8000001"), show);
    assertThat(route).contains("Remote label: 1015", lab.here(), "localpref 100", "best");
    loop.execute(() -> session.send(Update.withdraw(Family.INET_VPN, routes)));
    lab.until(output -> !output.contains("RT:64512:8000001"), show);

    loop.execute(() -> session.requestRefresh(Family.INET_VPN));
    recorder.skipEndsOfRib();
    assertThat(recorder.nextMark()).isEqualTo("begins");
    assertThat(nextRoutes().reach().getFirst().routes()).hasSize(1);
  }

  private ForeignDaemon startFrr(LabNamespace lab, int port) throws IOException {
    List<AutoCloseable> atEnd = new ArrayList<>();
    ForeignDaemon frr =
        ForeignDaemon.frr(
            lab,
            """
            route-map TARGET permit 10
             set extcommunity rt 64512:8000001
            exit
            router bgp 64512
             bgp router-id 10.0.0.2
             no bgp default ipv4-unicast
             neighbor %1$s remote-as 64512
             neighbor %1$s port %2$d
             neighbor %1$s timers connect 1
             address-family ipv4 vpn
              neighbor %1$s activate
              network 10.9.0.0/24 rd 64512:5 label 800 route-map TARGET
             exit-address-family
            exit
            """
                .formatted(lab.here(), port),
            atEnd);
    atEnd.forEach(open::addFirst);
    return frr;
  }
}
