package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import weft.bgp.Family;
import weft.control.BgpTestData.Element;
import weft.net.RouteTarget;
import weft.routing.BestPathRules;
import weft.routing.InstanceConfig;
import weft.routing.OriginVn;
import weft.routing.TableId;

/** Every control-node config of the shared vectors loads, and comes to what it says. */
class ConfigVectorsTest {
  /** Files that are no configs, by how their names begin, and what they are. */
  private static final Map<String, String> OTHERS =
      Map.of(
          "bad_", "items of agents: BadItemsTest reads them",
          "pubsub_", "a grammar that agents no longer speak",
          "network_test_", "a grammar that agents no longer speak",
          "initial-config", "what a server of IF-MAP answered",
          "service_chain_", "service chains of instances, which there are none of",
          "static_route_", "static routes alone: RoutingVectorsTest loads them");

  private static Stream<String> all() {
    return BgpTestData.names("").stream().filter(file -> reason(file).isEmpty());
  }

  private static Stream<String> configs() {
    return all().filter(file -> BgpTestData.read(file).name().equals("config"));
  }

  private static Stream<String> deletions() {
    return all().filter(file -> BgpTestData.read(file).name().equals("delete"));
  }

  private static String reason(String file) {
    return OTHERS.entrySet().stream()
        .filter(other -> file.startsWith(other.getKey()) && !file.startsWith("service_chain_test"))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("");
  }

  @Test
  void everyFileIsOneOrTheOther() {
    assertThat(configs().count() + deletions().count()).isEqualTo(all().count());
    assertThat(configs()).hasSizeGreaterThan(200);
    assertThat(deletions()).hasSizeGreaterThan(10);
  }

  @ParameterizedTest
  @MethodSource("configs")
  void itsInstancesAndPeersAreThere(String file) {
    Element root = BgpTestData.read(file);
    RoutingConfig config = BgpTestData.config(file);
    Map<String, Element> instances = new TreeMap<>();
    for (Element instance : root.all("routing-instance")) {
      instances.put(BgpTestData.instanceName(name(instance)).toString(), instance);
    }
    Set<String> names = new TreeSet<>(instances.keySet());
    names.add(TableId.MASTER);
    assertThat(config.instances().keySet()).isEqualTo(names);
    instances.forEach((name, element) -> {
      InstanceConfig instance = config.instances().get(name);
      assertThat(texts(instance.imports())).isEqualTo(targets(element, "export"));
      assertThat(texts(instance.exports())).isEqualTo(targets(element, "import"));
      assertThat(instance.originVn()).isEqualTo(originVn(root, element, config.asn()));
      assertThat(instance.policy().policies()).hasSize(policies(root, element));
      assertThat(instance.aggregates().isEmpty()).isEqualTo(aggregates(root, element) == 0);
      assertThat(instance.staticRoutes().isEmpty())
          .isEqualTo(element.all("static-route-entries").isEmpty());
    });
    assertThat(config.neighbours().keySet()).isEqualTo(peers(root, config.asn()));
    for (Element router : BgpTestRouters.ofFabric(root)) {
      Peering peering = config.neighbours().get(fullName(router));
      if (peering != null) {
        assertThat(peering.address()).hasToString(text(router, "address", ""));
        assertThat(peering.port()).hasToString(text(router, "port", "179"));
        String asn = text(router, "autonomous-system", Long.toString(config.asn()));
        assertThat(peering.asn()).hasToString(text(router, "local-autonomous-system", asn));
      }
    }
  }

  /** What it takes away is gone, of what those of the same name before it brought. */
  @ParameterizedTest
  @MethodSource("deletions")
  void whatItTakesAwayIsGone(String file) {
    String stem = file.replaceAll("[a-z]?\\.xml$", "");
    String[] until =
        BgpTestData.names(stem).stream()
            .filter(other -> other.matches(stem + "[a-z]?\\.xml") && other.compareTo(file) < 0)
            .toArray(String[]::new);
    assertThat(until).isNotEmpty();
    RoutingConfig before = BgpTestData.config(until);
    RoutingConfig after =
        BgpTestData.config(Stream.concat(Stream.of(until), Stream.of(file)).toArray(String[]::new));
    Element root = BgpTestData.read(file);
    Set<String> instances = new TreeSet<>(before.instances().keySet());
    root.all("routing-instance")
        .forEach(gone -> instances.remove(BgpTestData.instanceName(name(gone)).toString()));
    instances.add(TableId.MASTER);
    assertThat(after.instances().keySet()).isEqualTo(instances);
    Set<String> peers = new TreeSet<>(before.neighbours().keySet());
    BgpTestRouters.ofFabric(root).forEach(gone -> peers.remove(fullName(gone)));
    assertThat(after.neighbours().keySet()).isEqualTo(peers);
  }

  // ---- what a file says

  private static String name(Element element) {
    return element.attributes().get("name");
  }

  private static String fullName(Element router) {
    return BgpTestRouters.name(name(router)).toString();
  }

  private static String text(Element element, String child, String otherwise) {
    return element.all(child).stream().map(Element::text).findFirst().orElse(otherwise);
  }

  private static Set<String> texts(Set<RouteTarget> targets) {
    return new TreeSet<>(targets.stream().map(RouteTarget::toString).toList());
  }

  /** Those not for the other direction; what is no target is left out. */
  private static Set<String> targets(Element instance, String other) {
    return new TreeSet<>(
        instance.all("vrf-target").stream()
            .filter(target -> !text(target, "import-export", "").equals(other))
            .map(Element::text)
            .filter(text -> text.matches("target:\\d+:\\d+"))
            .toList());
  }

  private static OriginVn originVn(Element root, Element instance, long asn) {
    String network = text(instance, "virtual-network", "");
    return root.all("virtual-network").stream()
        .filter(each -> name(each).equals(network))
        .map(each -> new OriginVn(asn, Long.parseLong(text(each, "network-id", "0"))))
        .findFirst()
        .orElse(null);
  }

  private static int policies(Element root, Element instance) {
    return attached(root, instance, "routing-policy");
  }

  private static int aggregates(Element root, Element instance) {
    return attached(root, instance, "route-aggregate");
  }

  private static int attached(Element root, Element instance, String type) {
    List<String> there = root.all(type).stream().map(ConfigVectorsTest::name).toList();
    return (int)
        instance.all(type).stream()
            .filter(each -> there.contains(each.attributes().get("to")))
            .count();
  }

  /** Those with a session, those of our AS; all of them if we are none of the routers. */
  private static Set<String> peers(Element root, long asn) {
    List<Element> routers = BgpTestRouters.ofFabric(root);
    Element own =
        routers.stream()
            .filter(each -> name(each).equals(BgpTestRouters.OWN))
            .findFirst()
            .orElse(null);
    Set<String> found = new TreeSet<>();
    for (Element router : routers) {
      boolean isPeer =
          own == null
              || tells(own, router)
              || tells(router, own)
              || (own.all("session").isEmpty() && router.all("session").isEmpty())
              || text(router, "autonomous-system", Long.toString(asn))
                  .equals(text(own, "local-autonomous-system", Long.toString(asn)));
      if (router != own && isPeer) {
        found.add(fullName(router));
      }
    }
    return found;
  }

  private static boolean tells(Element one, Element other) {
    return one.all("session").stream()
        .anyMatch(session -> session.attributes().get("to").split(":", -1)[0].equals(name(other)));
  }

  // ---- what follows from some of them

  private static Peering peer(String file, String name) {
    return BgpTestData.config(file).neighbours().get(BgpTestRouters.name(name).toString());
  }

  @Test
  void familiesAreThoseOfTheSessionOrOfBothRouters() {
    assertThat(peer("config_test_12.xml", "remote1").families()).containsOnlyKeys(Family.INET_VPN);
    assertThat(peer("config_test_13.xml", "remote1").families())
        .containsOnlyKeys(Family.INET_VPN, Family.ERMVPN, Family.EVPN);
    assertThat(peer("config_test_14.xml", "remote1").families())
        .containsOnlyKeys(Family.INET_VPN, Family.INET6_VPN, Family.EVPN);
    assertThat(peer("config_test_44.xml", "remote1").families())
        .containsOnlyKeys(Family.ROUTE_TARGET, Family.EVPN);
    assertThat(peer("config_test_45.xml", "remote1").families()).containsOnlyKeys(Family.INET_VPN);
  }

  @Test
  void familiesWithAttributesAreFamiliesOfTheSession() {
    Map<Family, Peering.Terms> first = peer("config_test_35a.xml", "remote").families();
    assertThat(first).containsOnlyKeys(Family.INET, Family.INET_VPN);
    assertThat(first.get(Family.INET).loopCount()).isEqualTo(2);
    assertThat(first.get(Family.INET_VPN).loopCount()).isEqualTo(4);
    Map<Family, Peering.Terms> last = peer("config_test_35c.xml", "remote").families();
    assertThat(last).containsOnlyKeys(Family.INET, Family.EVPN);
    assertThat(last.get(Family.EVPN).loopCount()).isEqualTo(12);
  }

  @Test
  void ourAsMayBeAnotherTowardsPeers() {
    assertThat(peer("config_test_33a.xml", "remote").localAsn()).isEqualTo(99);
    assertThat(peer("config_test_33b.xml", "remote").localAsn()).isEqualTo(100);
    assertThat(peer("config_test_33c.xml", "remote").localAsn()).isEqualTo(101);
    assertThat(BgpTestData.config("config_test_34c.xml").asn()).isEqualTo(102);
    assertThat(peer("config_test_34c.xml", "remote").localAsn()).isEqualTo(103);
    assertThat(peer("config_test_25a.xml", "remote").asn()).isEqualTo(RoutingConfig.DEFAULT_ASN);
  }

  @Test
  void privateAsNumbersAreLeftOutAsTheSessionsSay() {
    Map<String, Peering.PrivateAs> expected =
        Map.of(
            "remote1", Peering.PrivateAs.REPLACE_ALL,
            "remote2", Peering.PrivateAs.REMOVE_ALL,
            "remote3", Peering.PrivateAs.REMOVE);
    expected.forEach((name, action) -> {
      assertThat(peer("config_test_43a.xml", name).rewriting().privateAs()).isEqualTo(action);
      assertThat(peer("config_test_43b.xml", name).rewriting().privateAs())
          .isEqualTo(Peering.PrivateAs.KEEP);
    });
  }

  @Test
  void settingsOfTheSystemCount() {
    RoutingConfig all = BgpTestData.config("config_test_gsc.xml");
    assertThat(all.rules()).isEqualTo(new BestPathRules(true, false));
    assertThat(all.restart().ours().time()).isEqualTo(120);
    assertThat(all.restart().ours().longLivedTime()).isEqualTo(130);
    assertThat(BgpTestData.config("config_test_46b.xml").rules().alwaysCompareMed()).isTrue();
    assertThat(BgpTestData.config("config_test_46c.xml").rules().alwaysCompareMed()).isFalse();
    assertThat(BgpTestData.config("config_test_gr_b.xml").restart().ours().time()).isEqualTo(100);
    assertThat(BgpTestData.config("config_test_llgr_b.xml").restart().ours().longLivedTime())
        .isEqualTo(100);
    assertThat(BgpTestData.config("config_test_fc_xmpp_a.xml").nextHopsChecked()).isFalse();
    assertThat(BgpTestData.config("config_test_fc_xmpp_b.xml").nextHopsChecked()).isTrue();
    assertThat(BgpTestData.config("config_test_fc_xmpp_c.xml").nextHopsChecked()).isFalse();
  }
}
