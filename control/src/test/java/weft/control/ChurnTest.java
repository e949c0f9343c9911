package weft.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.bgp.Attribute;
import weft.bgp.Family;
import weft.bgp.Nlri;
import weft.bgp.PathAttributes;
import weft.bgp.Update;
import weft.http.Json;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.testkit.ForeignDaemon;
import weft.testkit.LabNamespace;
import weft.testkit.TestLoop;

/**
 * Routers tell and withdraw routes and lose their sessions, for some seconds or for
 * `-Dweft.churn.minutes`; then our table is what the routers tell, and so are those of two BIRDs
 * behind us, one of which takes all paths of a route (RFC 7911).
 */
@Tag("lab")
class ChurnTest {
  private static final int ROUTERS = 3;
  private static final int PREFIXES = 300;
  private static final int BURST = 40;
  private static final Nlri.Vpn MARK =
      new Nlri.Vpn(new RouteDistinguisher(1), IpPrefix.parse("192.0.2.0/32"), new Label(0));
  private static final Pattern ROUTE =
      Pattern.compile("(?m)^(\\S+:\\S+) (\\S+/\\d+)|BGP\\.mpls_label_stack: (\\d+)");

  private final long seed = Long.getLong("weft.seed", 7);
  private final RandomGenerator random = new Random(seed);
  private final TestLoop loop = new TestLoop();
  private final List<TestRouter> routers = new ArrayList<>();

  /** What each router tells: label by route. */
  private final List<Map<Nlri.Vpn, Integer>> told = new ArrayList<>();

  private TestNode node;
  private LabNamespace lab;
  private LabNamespace labOfAll;

  @AfterEach
  void stop() throws Exception {
    loop.end();
    if (node != null) {
      node.close();
      assertThat(node.faults).isEmpty();
    }
    for (LabNamespace one : new LabNamespace[] {lab, labOfAll}) {
      if (one != null) {
        one.close();
      }
    }
  }

  @Test
  void afterTheChurnAllTablesAreWhatTheRoutersTell() throws IOException {
    String lacks = LabNamespace.lacks(ForeignDaemon.BIRD, ForeignDaemon.BIRDC);
    assumeTrue(lacks == null, () -> lacks);
    lab = new LabNamespace();
    labOfAll = new LabNamespace();
    node =
        new TestNode(
            Duration.ofSeconds(30),
            "10.0.0.1",
            List.of(
                new InetSocketAddress(lab.here(), 0),
                new InetSocketAddress(labOfAll.here(), 0),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    configure();
    ForeignDaemon bird = bird(lab, 0, "");
    ForeignDaemon birdOfAll = bird(labOfAll, 1, "add paths rx;");
    for (int i = 0; i < ROUTERS; i++) {
      told.add(new TreeMap<>(Comparator.comparing(Nlri.Vpn::toString)));
      routers.add(
          new TestRouter(
              loop, address(i), 65001 + i, node.node.bgpAddresses().getLast(), Family.INET_VPN));
    }
    routers.forEach(TestRouter::awaitUp);
    String[] show = bird.ask("show", "route", "table", "v4", "all");
    long minutes = Long.getLong("weft.churn.minutes", 0);
    Duration wanted = minutes == 0 ? Duration.ofSeconds(4) : Duration.ofMinutes(minutes);
    long end = System.nanoTime() + wanted.toNanos();
    for (int round = 1; System.nanoTime() < end; round++) {
      for (int i = 0; i < ROUTERS; i++) {
        burst(i);
      }
      if (random.nextInt(20) == 0) {
        routers.get(random.nextInt(ROUTERS)).drop();
      }
      if (round % 25 == 0) {
        keepUp(round, show);
      }
    }
    routers.forEach(TestRouter::awaitUp);
    SortedMap<String, Integer> expected = expected();
    assertThat(expected).hasSizeGreaterThan(PREFIXES);
    lab.until(output -> parsed(output).equals(expected), show);
    SortedMap<String, List<Integer>> all = expectedOfAll();
    labOfAll.until(
        output -> parsedAll(output).equals(all),
        birdOfAll.ask("show", "route", "table", "v4", "all"));
    assertThat(all.values()).anyMatch(labels -> labels.size() == ROUTERS);
    assertThat(ours()).as("seed %d", seed).isEqualTo(expected);
  }

  private static String address(int router) {
    return "127.0.9." + (21 + router);
  }

  private void configure() {
    List<ConfigObject> far = new ArrayList<>();
    for (int i = 0; i < ROUTERS; i++) {
      far.add(router("far-" + i, address(i), 65001 + i));
    }
    router("bird", lab.there(), 64512);
    router("bird-of-all", labOfAll.there(), 64512);
    node.config.create(
        "bgp-router",
        FqName.of("default-domain", "default-project", "ip-fabric", "d", "control-1"),
        null,
        body -> {
          body.putObject("bgp_router_parameters")
              .put("address", "10.0.0.1")
              .put("autonomous_system", 64512)
              .put("router_type", "control-node");
          far.forEach(one -> TestConfig.refer(body, one, Json.object()));
        });
  }

  private ConfigObject router(String name, String address, long asn) {
    return node.config.create(
        "bgp-router",
        FqName.of("default-domain", "default-project", "ip-fabric", "d", name),
        null,
        body -> {
          ObjectNode parameters = body.putObject("bgp_router_parameters");
          parameters
              .put("address", address)
              .put("port", 1)
              .put("autonomous_system", asn)
              .put("router_type", "router")
              .putObject("address_families")
              .putArray("family")
              .add("inet-vpn");
        });
  }

  private ForeignDaemon bird(LabNamespace at, int index, String terms) throws IOException {
    return ForeignDaemon.bird(
        at,
        """
        vpn4 table v4;
        protocol bgp weft {
          local %2$s as 64512;
          neighbor %1$s port %3$d as 64512;
          multihop; connect delay time 1; connect retry time 2;
          vpn4 mpls { table v4; import all; export none; %4$s };
        }
        """
            .formatted(
                at.here(), at.there(), node.node.bgpAddresses().get(index).getPort(), terms));
  }

  /** Some of what a router tells changes: of its own routes, and of those that all may tell. */
  private void burst(int router) {
    for (int i = 0; i < BURST; i++) {
      boolean shared = random.nextInt(3) == 0;
      Nlri.Vpn route =
          new Nlri.Vpn(
              RouteDistinguisher.ofAddress(Ipv4Address.parse("10.0.1.0"), shared ? 9 : router),
              new IpPrefix(new Ipv4Address(0x0a400000 + (random.nextInt(PREFIXES) << 8)), 24),
              new Label(0));
      tell(router, route, random.nextInt(3) == 0 ? -1 : 16 + random.nextInt(1000));
    }
  }

  /**
   * @param label negative to withdraw the route
   */
  private void tell(int router, Nlri.Vpn route, int label) {
    if (label < 0) {
      told.get(router).remove(route);
    } else {
      told.get(router).put(route, label);
    }
    List<Long> path = Collections.nCopies(router + 1, 65001L + router);
    Update update =
        label < 0
            ? null
            : Update.announce(
                PathAttributes.of(
                    Attribute.Origin.IGP,
                    new Attribute.AsPath(List.of(new Attribute.AsPath.Segment(true, path))),
                    new Attribute.Communities(List.of(65001 << 16 | label % 5)),
                    new Attribute.ExtendedCommunities(
                        List.of(RouteTarget.parse("target:64512:8000004").toCommunity()))),
                Family.INET_VPN,
                IpAddress.parse("172.31.0." + (1 + router)),
                List.of(new Nlri.Vpn(route.distinguisher(), route.prefix(), new Label(label))));
    routers.get(router).keepTelling(route, update);
  }

  /** Waits until what was told so far is known behind us, so that no backlog builds up. */
  private void keepUp(int round, String[] show) throws IOException {
    int label = 16 + round % 100_000;
    tell(0, MARK, label);
    String mark = MARK.distinguisher() + " " + MARK.prefix();
    lab.until(output -> Integer.valueOf(label).equals(parsed(output).get(mark)), show);
  }

  /** The router with the shortest path is heard. */
  private SortedMap<String, Integer> expected() {
    SortedMap<String, Integer> best = new TreeMap<>();
    for (Map<Nlri.Vpn, Integer> one : told) {
      one.forEach(
          (route, label) -> best.putIfAbsent(route.distinguisher() + " " + route.prefix(), label));
    }
    return best;
  }

  private SortedMap<String, List<Integer>> expectedOfAll() {
    SortedMap<String, List<Integer>> all = new TreeMap<>();
    for (Map<Nlri.Vpn, Integer> one : told) {
      one.forEach((route, label) ->
          all.computeIfAbsent(route.distinguisher() + " " + route.prefix(), _ -> new ArrayList<>())
              .add(label));
    }
    all.values().forEach(Collections::sort);
    return all;
  }

  private static SortedMap<String, Integer> parsed(String output) {
    SortedMap<String, Integer> found = new TreeMap<>();
    parsedAll(output).forEach((route, labels) -> found.put(route, labels.getLast()));
    return found;
  }

  /** The labels of each route's paths. */
  private static SortedMap<String, List<Integer>> parsedAll(String output) {
    SortedMap<String, List<Integer>> found = new TreeMap<>();
    Matcher matcher = ROUTE.matcher(output);
    String route = "";
    while (matcher.find()) {
      if (matcher.group(1) != null) {
        route = matcher.group(1) + " " + matcher.group(2);
      } else {
        found.computeIfAbsent(route, _ -> new ArrayList<>()).add(Integer.valueOf(matcher.group(3)));
      }
    }
    found.values().forEach(Collections::sort);
    return found;
  }

  private SortedMap<String, Integer> ours() {
    SortedMap<String, Integer> found = new TreeMap<>();
    for (JsonNode row : node.get("/routes?table=bgp.l3vpn.0").path("routes")) {
      if (row.path("best").asBoolean()) {
        String key = row.path("prefix").asString();
        int at = key.lastIndexOf(':');
        found.put(key.substring(0, at) + " " + key.substring(at + 1), row.path("label").asInt());
      }
    }
    return found;
  }
}
