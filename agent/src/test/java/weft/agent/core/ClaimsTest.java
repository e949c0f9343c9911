package weft.agent.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.vrouter.InetRoute;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey;
import weft.xmpp.ControlMessage.Entry;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.Mobility;
import weft.xmpp.RouteAttributes;

/** Addresses that guests hand on to each other, as VRRP does: the last that spoke has it. */
class ClaimsTest extends AgentScene {
  private static final String SHARED = "10.1.1.100/32";
  private static final MacAddress MAC_A = MacAddress.parse("02:00:00:00:00:01");
  private static final UUID A = Config.uuid("a");
  private static final UUID B = Config.uuid("b");

  @BeforeEach
  void twoPorts() {
    Config config = new Config().network(NET, 5, "10.1.1.0");
    config.port("a", NET, "02:00:00:00:00:01", "10.1.1.3");
    config.pairs("a", "02:00:00:00:00:01", "active-standby", SHARED);
    config.port("b", NET, "02:00:00:00:00:02", "10.1.1.4");
    config.pairs("b", "02:00:00:00:00:02", "active-standby", SHARED);
    all(fabric(), plug("a", 7), config.update());
  }

  private void claim(UUID port) {
    core.on(new Event.AddressClaimed(port, IpAddress.parse("10.1.1.100")));
    core.settle(0);
    assertThat(core.tables()).isEqualTo(core.recomputedTables());
    assertThat(core.routes()).isEqualTo(core.recomputedRoutes());
  }

  private void told(long preference, long sequence, Ipv4Address... hops) {
    List<InetItem.NextHop> all =
        List.of(hops).stream()
            .map(hop -> InetItem.NextHop.of(hop, 40, List.of(Encapsulation.MPLS_O_UDP), NET))
            .toList();
    RouteAttributes attributes =
        RouteAttributes.DEFAULT
            .withPreference(preference, 0)
            .withMobility(new Mobility(false, sequence));
    core.on(
        new Event.RoutesCame(
            0,
            "1/1/" + VRF,
            List.of(Entry.of(InetItem.of(IpPrefix.parse(SHARED), all, attributes)))));
    core.settle(0);
  }

  private InetRoute route() {
    int vrf = ids.find(Ids.Pool.VRF, VRF);
    return (InetRoute) core.tables().get(new TableKey.InetRouteKey(vrf, IpPrefix.parse(SHARED)));
  }

  private NextHop nextHop() {
    return (NextHop) core.tables().get(new TableKey.NextHopKey(route().nextHop()));
  }

  private NextHop encap(UUID port) {
    return new NextHop.EncapL3(ids.find(Ids.Pool.VIF, port.toString()));
  }

  /** Preference and sequence of what is published for the address. */
  private List<String> published() {
    return core.routes().values().stream()
        .filter(InetItem.class::isInstance)
        .map(InetItem.class::cast)
        .filter(item -> item.prefix().equals(IpPrefix.parse(SHARED)))
        .map(InetItem::attributes)
        .map(each -> each.localPreference() + "/" + each.effectiveSequence())
        .toList();
  }

  private long macRoutes() {
    return core.routes().values().stream()
        .filter(item ->
            item instanceof EvpnItem evpn && evpn.nlri().address().equals(IpPrefix.parse(SHARED)))
        .count();
  }

  @Test
  void whoHasSpokenGoesFirst() {
    assertThat(published()).containsExactly("100/0");
    assertThat(macRoutes()).as("nobody's MAC is told before").isZero();
    assertThat(core.unclaimed(A)).containsExactly(IpAddress.parse("10.1.1.100"));
    claim(A);
    assertThat(published()).containsExactly("200/1");
    assertThat(macRoutes()).isEqualTo(1);
    assertThat(core.unclaimed(A)).isEmpty();
    claim(A);
    assertThat(published()).as("saying it again changes nothing").containsExactly("200/1");
    assertThat(route().mac()).isEqualTo(MAC_A);
  }

  @Test
  void whoSpokeLaterOnAnotherHostTakesItOver() {
    claim(A);
    told(200, 1, SELF);
    assertThat(published()).as("one's own route come back").containsExactly("200/1");
    told(200, 2, PEER);
    assertThat(published()).containsExactly("100/0");
    assertThat(macRoutes()).isZero();
    assertThat(nextHop()).isInstanceOf(NextHop.Tunnel.class);
    assertThat(core.unclaimed(A)).as("it has an owner").isEmpty();
    claim(A);
    assertThat(published()).containsExactly("200/3");
    assertThat(nextHop()).isEqualTo(encap(A));
  }

  @Test
  void twoThatSpokeAtOnceAreToldApartByTheNextWord() {
    claim(A);
    told(200, 1, SELF, PEER);
    assertThat(published()).containsExactly("200/1");
    claim(A);
    assertThat(published()).containsExactly("200/2");
  }

  @Test
  void onOneHostTheLastHasIt() {
    all(plug("b", 8));
    assertThat(nextHop()).as("as long as nobody has spoken, all").isInstanceOf(NextHop.Ecmp.class);
    claim(A);
    assertThat(nextHop()).isEqualTo(encap(A));
    claim(B);
    assertThat(nextHop()).isEqualTo(encap(B));
    assertThat(published()).containsExactly("200/2");
    core.on(new Event.PortUnplugged(B));
    core.settle(0);
    assertThat(nextHop()).as("what is left").isEqualTo(encap(A));
  }

  @Test
  void pairsThatSeveralHaveAtOnceAreNotClaimed() {
    Config shared = new Config();
    shared.pairs("a", "02:00:00:00:00:01", "active-active", SHARED);
    core.on(shared.update());
    core.settle(0);
    claim(A);
    assertThat(published()).containsExactly("100/0");
    assertThat(macRoutes()).isEqualTo(1);
    assertThat(core.unclaimed(A)).isEmpty();
  }
}
