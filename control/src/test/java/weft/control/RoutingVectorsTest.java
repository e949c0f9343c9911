package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;
import weft.routing.Communities;
import weft.routing.Family;
import weft.routing.InstanceConfig;
import weft.routing.NextHop;
import weft.routing.Path;
import weft.routing.Peer;
import weft.routing.Rib;
import weft.routing.Route;
import weft.routing.RouteAttributes;
import weft.routing.RouteKey;
import weft.routing.RoutingEvent;
import weft.routing.Table;
import weft.routing.TableId;

/** The shared configs with static routes, aggregates and routing policies load and act. */
class RoutingVectorsTest {
  private static final Ipv4Address HOST = Ipv4Address.parse("172.31.0.1");
  private static final Peer AGENT = new Peer("agent", Peer.Kind.AGENT, HOST, HOST.bits());

  private final Rib rib = new Rib();
  private final Set<String> known = new TreeSet<>();

  private void load(String... files) {
    rib.apply(new RoutingEvent.PeerUp(AGENT));
    Set<String> gone = new TreeSet<>(known);
    for (InstanceConfig instance : BgpTestData.config(files).instances().values()) {
      rib.apply(new RoutingEvent.InstanceChanged(instance));
      rib.apply(new RoutingEvent.Subscribe(AGENT.name(), instance.name(), 1, true));
      known.add(instance.name());
      gone.remove(instance.name());
    }
    gone.forEach(name -> rib.apply(new RoutingEvent.InstanceRemoved(name)));
  }

  private static String instance(String name) {
    return BgpTestData.instanceName(name).toString();
  }

  private static TableId table(String instance, String prefix) {
    return new TableId(
        instance(instance), IpPrefix.parse(prefix).isV4() ? Family.INET : Family.INET6);
  }

  private void tell(String instance, String prefix, int label, String... communities) {
    tell(instance, prefix, label, List.of(), communities);
  }

  private void tell(
      String instance, String prefix, int label, List<String> targets, String... communities) {
    RouteAttributes attributes =
        RouteAttributes.of(NextHop.of(HOST, label, Encapsulation.MPLS_O_UDP));
    Set<RouteTarget> told = new TreeSet<>(targets.stream().map(RouteTarget::parse).toList());
    attributes =
        attributes.with(
            attributes
                .membership()
                .with(new TreeSet<>(told), null)
                .withCommunities(Communities.parse(List.of(communities))));
    rib.apply(
        new RoutingEvent.Announce(
            AGENT.name(),
            table(instance, prefix),
            new RouteKey.Inet(IpPrefix.parse(prefix)),
            0,
            attributes,
            RouteDistinguisher.ofAddress(HOST, 1),
            true));
  }

  private void withdraw(String instance, String prefix) {
    rib.apply(
        new RoutingEvent.Withdraw(
            AGENT.name(), table(instance, prefix), new RouteKey.Inet(IpPrefix.parse(prefix)), 0));
  }

  /** The best path, or null. */
  private Path best(String instance, String prefix) {
    Table found = rib.table(table(instance, prefix));
    Route route = found == null ? null : found.route(new RouteKey.Inet(IpPrefix.parse(prefix)));
    return route == null ? null : route.selection().best();
  }

  private List<Integer> labels(String instance, String prefix) {
    Table found = rib.table(table(instance, prefix));
    Route route = found == null ? null : found.route(new RouteKey.Inet(IpPrefix.parse(prefix)));
    return route == null
        ? List.of()
        : route.selection().ecmp().stream().map(p -> p.attributes().label()).toList();
  }

  private long preference(String instance, String prefix) {
    return best(instance, prefix).attributes().preference().local();
  }

  private List<String> communities(String instance, String prefix) {
    return Communities.format(best(instance, prefix).attributes().membership().communities());
  }

  private List<String> targets(String instance, String prefix) {
    return best(instance, prefix).attributes().membership().targets().stream()
        .map(RouteTarget::toString)
        .toList();
  }

  // ---- all of them

  @Test
  void allLoad() {
    int terms = 0;
    int statics = 0;
    int aggregates = 0;
    for (String prefix : List.of("static_route_", "route_aggregate_", "routing_policy_")) {
      for (String file : BgpTestData.names(prefix)) {
        for (InstanceConfig config : BgpTestData.config(file).instances().values()) {
          statics += config.staticRoutes().size();
          aggregates += config.aggregates().size();
          terms += config.policy().policies().stream().mapToInt(List::size).sum();
        }
      }
    }
    assertThat(statics).isGreaterThan(30);
    assertThat(aggregates).isGreaterThan(20);
    assertThat(terms).isGreaterThan(40);
  }

  // ---- static routes

  @Test
  void aStaticRouteCarriesItsTargetsAndGoesWithItsNextHop() {
    load("static_route_1.xml");
    assertThat(best("nat", "192.168.1.0/24")).isNull();
    tell("nat", "192.168.1.254/32", 25);
    assertThat(targets("nat", "192.168.1.0/24"))
        .containsExactly("target:64496:1", "target:64496:2", "target:64496:3");
    load("static_route_3.xml");
    assertThat(targets("nat", "192.168.1.0/24")).containsExactly("target:1:1");
    load("static_route_12.xml");
    assertThat(targets("nat", "192.168.1.0/24")).isEmpty();
    withdraw("nat", "192.168.1.254/32");
    assertThat(best("nat", "192.168.1.0/24")).isNull();
  }

  @Test
  void staticRoutesFollowTheirConfig() {
    load("static_route_1b.xml");
    tell("nat", "192.168.1.253/32", 24);
    tell("nat", "192.168.1.254/32", 25);
    assertThat(labels("nat", "192.168.1.0/24")).containsExactly(24, 25);
    load("static_route_16.xml");
    tell("nat", "1.1.1.1/32", 26);
    assertThat(labels("nat", "192.168.1.0/24")).containsExactlyInAnyOrder(25, 26);
    load("static_route_16a.xml");
    assertThat(labels("nat", "192.168.1.0/24")).containsExactly(26);
    load("static_route_2.xml");
    tell("nat", "192.168.2.1/32", 27);
    assertThat(labels("nat", "192.168.1.0/24")).containsExactly(25);
    assertThat(labels("nat", "192.168.2.0/24")).containsExactly(27);
    assertThat(labels("nat", "192.168.0.0/16")).containsExactly(27);
    load("static_route_15a.xml");
    assertThat(communities("nat", "192.168.1.0/24"))
        .containsExactlyInAnyOrder("64496:101", "64496:102", "accept-own-nexthop");
    load("static_route_15b.xml");
    assertThat(communities("nat", "192.168.1.0/24"))
        .containsExactlyInAnyOrder("64496:201", "64496:202", "accept-own-nexthop");
    assertThat(best("nat", "192.168.0.0/16")).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "static_route_9a.xml, 2",
    "static_route_9b.xml, 2",
    "static_route_9c.xml, 2",
    "static_route_10a.xml, 2",
    "static_route_10b.xml, 2",
    "static_route_10c.xml, 2",
    "static_route_11a.xml, 0",
    "static_route_11b.xml, 0",
    "static_route_11c.xml, 0"
  })
  void aBadStaticRouteIsLeftOutAndTheOthersStand(String file, int good) {
    assertThat(BgpTestData.config(file).instances().get(instance("nat")).staticRoutes())
        .hasSize(good);
  }

  // ---- aggregates

  @Test
  void anAggregateNeedsItsNextHopAndALongerPrefix() {
    load("route_aggregate_0a.xml");
    tell("test", "2.2.1.1/32", 20);
    assertThat(best("test", "2.2.0.0/16")).isNull();
    tell("test", "1.1.1.254/32", 21);
    assertThat(labels("test", "2.2.0.0/16")).containsExactly(21);
    load("route_aggregate_0c.xml");
    assertThat(best("test", "2.2.0.0/16")).isNull();
    assertThat(best("test", "2.2.0.0/24")).isNull();
    load("route_aggregate_0b.xml");
    tell("test", "3.3.3.3/32", 22);
    assertThat(labels("test", "3.3.0.0/16")).containsExactly(21);
    withdraw("test", "1.1.1.254/32");
    assertThat(best("test", "3.3.0.0/16")).isNull();
  }

  @Test
  void aggregatesOfBothFamiliesAndWithinEachOther() {
    load("route_aggregate_1.xml");
    tell("test", "1.1.1.1/32", 20);
    tell("test", "2002:db8:85a3::8a2e:370:7334/128", 21);
    tell("test", "2.2.1.1/32", 22);
    tell("test", "2001:db8:85a3::8a2e:370:7334/128", 23);
    assertThat(labels("test", "2.2.0.0/16")).containsExactly(20);
    assertThat(labels("test", "2001:db8:85a3::/64")).containsExactly(21);
    load("route_aggregate_3c.xml");
    tell("test", "2.2.2.1/32", 24);
    assertThat(labels("test", "2.2.2.0/24")).containsExactly(24);
    assertThat(labels("test", "2.2.0.0/16")).containsExactly(24);
    assertThat(labels("test", "2.0.0.0/8")).containsExactly(24);
    assertThat(best("test", "2001:db8:85a3::/64")).isNull();
  }

  // ---- routing policies

  @Test
  void theFirstTermThatEndsItDecides() {
    load("routing_policy_0.xml");
    tell("test", "10.0.1.1/32", 20, "11:13");
    tell("test", "10.0.1.2/32", 21, "11:13");
    tell("test", "10.0.1.3/32", 22, "11:14");
    assertThat(preference("test", "10.0.1.1/32")).isEqualTo(102);
    assertThat(best("test", "10.0.1.2/32")).isNull();
    assertThat(preference("test", "10.0.1.3/32")).isEqualTo(100);
    load("routing_policy_0i.xml");
    assertThat(preference("test", "10.0.1.1/32")).isEqualTo(100);
    assertThat(best("test", "10.0.1.2/32")).isNotNull();
    load("routing_policy_8a.xml");
    assertThat(preference("test", "10.0.1.1/32")).isEqualTo(100);
  }

  @Test
  void prefixesFitExactlyOrAreLonger() {
    load("routing_policy_0d.xml");
    tell("test", "10.0.1.1/32", 20);
    tell("test", "20.1.1.1/32", 21);
    tell("test", "20.1.1.0/24", 22);
    assertThat(preference("test", "10.0.1.1/32")).isEqualTo(102);
    assertThat(preference("test", "20.1.1.1/32")).isEqualTo(102);
    assertThat(preference("test", "20.1.1.0/24")).isEqualTo(100);
  }

  @Test
  void protocolsTellWhereARouteComesFrom() {
    load("routing_policy_0e.xml");
    tell("test", "10.0.1.1/32", 20);
    assertThat(preference("test", "10.0.1.1/32")).isEqualTo(102);
    load("routing_policy_0e2.xml");
    assertThat(preference("test", "10.0.1.1/32")).isEqualTo(100);
    load("routing_policy_0h.xml");
    tell("nat", "192.168.1.254/32", 25);
    assertThat(preference("nat", "192.168.1.254/32")).isEqualTo(100);
    assertThat(preference("nat", "192.168.1.0/24")).isEqualTo(102);
    assertThat(preference("blue", "192.168.1.0/24")).isEqualTo(102);
  }

  @Test
  void termsSeeWhatTermsBeforeThemMade() {
    load("routing_policy_6a.xml");
    tell("test", "1.1.1.1/32", 20);
    assertThat(communities("test", "1.1.1.1/32")).containsExactly("11:22", "22:44", "44:88");
    load("routing_policy_6b.xml");
    assertThat(best("test", "1.1.1.1/32")).isNull();
    load("routing_policy_5a.xml");
    assertThat(communities("test", "1.1.1.1/32")).containsExactly("11:22", "22:44", "44:88");
    load("routing_policy_6c.xml");
    tell("test", "1.1.1.1/32", 20, "11:22", "11:13");
    assertThat(communities("test", "1.1.1.1/32")).containsExactly("11:13");
    assertThat(preference("test", "1.1.1.1/32")).isEqualTo(500);
  }

  @Test
  void policiesApplyInTheirSequence() {
    load("routing_policy_4.xml");
    tell("test", "1.1.1.1/32", 20, "11:13");
    tell("test", "1.1.1.2/32", 20, "22:13");
    tell("test", "1.1.1.3/32", 20, "23:13");
    assertThat(best("test", "1.1.1.1/32")).isNull();
    assertThat(best("test", "1.1.1.2/32")).isNull();
    assertThat(best("test", "1.1.1.3/32")).isNotNull();
    load("routing_policy_7i.xml");
    tell("test_0", "1.1.1.1/32", 20, "23:13");
    tell("test_1", "1.1.1.1/32", 20, "23:13");
    assertThat(preference("test_0", "1.1.1.1/32")).isEqualTo(200);
    assertThat(preference("test_1", "1.1.1.1/32")).isEqualTo(50);
  }

  @ParameterizedTest
  @CsvSource({
    "ma, 23:11 43:11, true",
    "ma, 23:11, false",
    "mb, 23:11 43:11 5:5, true",
    "na, 23:1 33:2, true",
    "na, 23:1 34:2, false",
    "nb, 23:1, false",
    "oa, 23:11 33:1 43:11 53:2, true",
    "oa, 23:11 33:1 43:11, false",
    "pa, 43:11, true",
    "pa, 44:11, false",
    "pb, 23:11, true",
    "qa, 33:99, true",
    "qb, 34:99, false",
    "ra, 53:9, true",
    "rb, 54:9, false"
  })
  void communitiesMatchAsListsSay(String file, String told, boolean fits) {
    load("routing_policy_0" + file + ".xml");
    tell("test", "1.1.1.1/32", 20, told.split(" "));
    assertThat(preference("test", "1.1.1.1/32")).isEqualTo(fits ? 99 : 100);
    if (file.endsWith("a")) {
      load("routing_policy_ext_0" + file + ".xml");
      List<String> targets = List.of(("target:" + told.replace(" ", " target:")).split(" "));
      tell("test", "1.1.1.2/32", 21, targets);
      assertThat(preference("test", "1.1.1.2/32")).isEqualTo(fits ? 99 : 100);
    }
  }

  @Test
  void extendedCommunitiesAreAddedRemovedAndSet() {
    load("routing_policy_ext_2.xml");
    List<String> told = List.of("target:11:13", "target:22:44");
    tell("test", "1.1.1.1/32", 20, told);
    assertThat(targets("test", "1.1.1.1/32"))
        .containsExactly("target:11:13", "target:11:44", "target:22:44");
    load("routing_policy_ext_2b.xml");
    assertThat(targets("test", "1.1.1.1/32")).containsExactly("target:22:44");
    load("routing_policy_ext_2c.xml");
    assertThat(targets("test", "1.1.1.1/32")).containsExactly("target:11:13");
    load("routing_policy_ext_2g.xml");
    assertThat(targets("test", "1.1.1.1/32")).containsExactly("target:11:13", "target:11:22");
  }
}
