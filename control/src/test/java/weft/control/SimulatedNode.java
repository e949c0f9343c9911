package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import weft.bgp.BgpServer;
import weft.net.Ipv4Address;
import weft.routing.BestPathRules;
import weft.routing.InstanceConfig;
import weft.routing.Path;
import weft.routing.Rib;
import weft.routing.Route;
import weft.routing.RoutingEvent;
import weft.routing.Table;
import weft.state.FaultHandler;
import weft.testkit.SimulatedLoop;

/** A control node without sockets and config store, on a clock of its own. */
final class SimulatedNode {
  static final long ASN = 64512;
  static final Duration RESTART = Duration.ofSeconds(60);

  final String name;
  final Ipv4Address address;

  /** For how long routes of others stay after that, as the last choice; zero: they go. */
  final Duration longLived;

  final SimulatedLoop loop = new SimulatedLoop();
  final Counters counters = new Counters();
  final RouteFeed feed = new RouteFeed(new Rib(), loop);
  final StartUp startUp = new StartUp(loop, RESTART);
  final Agents agents;
  final Neighbours neighbours;

  /**
   * @param config null if the instance is gone
   */
  record ConfigChange(String instance, InstanceConfig config) {}

  /** What the config says and this node does not know yet. */
  final Deque<ConfigChange> configQueue = new ArrayDeque<>();

  final Map<String, InstanceConfig> applied = new TreeMap<>();

  SimulatedNode(int number, int of, Duration longLived) {
    this.longLived = longLived;
    name = name(number);
    address = address(number);
    ControlOptions options =
        ControlOptions.of(name, address)
            .with(new ControlOptions.Times(Duration.ofSeconds(90), RESTART, Duration.ofSeconds(1)));
    ConfigChannel channel = new ConfigChannel(_ -> {});
    agents = new Agents(loop, feed, channel, counters, AgentTimes.of(options), startUp);
    agents.configure(new AgentTimes(RESTART, longLived, RESTART, null));
    neighbours = new Neighbours(options, loop, FaultHandler.rethrow(), feed, counters);
    feed.senders(agents::send, neighbours::send);
    agents.waitFor(neighbours::haveTold);
    neighbours.waitFor(agents::haveTold);
    Map<String, Peering> peerings = new LinkedHashMap<>();
    for (int other = 1; other <= of; other++) {
      if (other != number) {
        peerings.put(name(other), Peering.of(name(other), address(other), 179, ASN, ASN));
      }
    }
    feed.apply(new RoutingEvent.Speaker(ASN, address, false));
    neighbours.configure(
        new RoutingConfig(
            ASN,
            new TreeMap<>(),
            0,
            peerings,
            new RestartTimes(
                new BgpServer.Restart((int) RESTART.toSeconds(), (int) longLived.toSeconds()),
                true,
                RESTART),
            BestPathRules.USUAL,
            false));
    neighbours.awaitStartUp();
  }

  static String name(int number) {
    return "control-" + number;
  }

  static Ipv4Address address(int number) {
    return new Ipv4Address(0x0a09_0000 + number);
  }

  static InetSocketAddress socket(Ipv4Address address, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(address.toBytes()), port);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  Rib rib() {
    return feed.rib();
  }

  void configure() {
    ConfigChange next = configQueue.poll();
    if (next == null) {
      return;
    }
    if (next.config == null) {
      applied.remove(next.instance);
      feed.apply(new RoutingEvent.InstanceRemoved(next.instance));
    } else {
      applied.put(next.instance, next.config);
      feed.apply(new RoutingEvent.InstanceChanged(next.config));
    }
  }

  /** All that stands in its tables, by table and key. */
  Map<String, Object> content() {
    Map<String, Object> content = new TreeMap<>();
    for (Table table : rib().tables()) {
      for (Route route : table.routes()) {
        content.put(table.id() + " " + route.key(), route.selection());
      }
    }
    return content;
  }

  /** Whether it has routes of somebody who is away for long. */
  boolean hasLastChoices() {
    return rib().tables().stream()
        .flatMap(table -> table.routes().stream())
        .flatMap(route -> route.selection().ranked().stream())
        .anyMatch(path -> path.condition() == Path.Condition.LONG_STALE);
  }

  /** No instance has a route that none of its targets lets in. */
  void noLeaks() {
    for (Table table : rib().tables()) {
      if (table.id().family().isVpn()) {
        continue;
      }
      InstanceConfig config = applied.get(table.id().instance());
      Set<?> imports = config == null ? Set.of() : config.imports();
      for (Route route : table.routes()) {
        for (Path path : route.selection().ranked()) {
          if (path.imported()) {
            assertThat(path.attributes().membership().targets())
                .as("%s: %s in %s", name, path, table.id())
                .anyMatch(imports::contains);
          }
        }
      }
    }
  }

  /** Nothing is left of anybody. */
  void isEmpty(List<String> agentNames) {
    assertThat(content()).isEmpty();
    assertThat(rib().targets()).isEmpty();
    assertThat(rib().tables()).allMatch(table -> table.ribOuts().isEmpty());
    assertThat(agents.all()).isEmpty();
    for (String agent : agentNames) {
      assertThat(rib().pathCount(agent)).isZero();
      assertThat(rib().subscriptions(agent)).isEmpty();
    }
    assertThat(counters.all()).doesNotContainKeys("xmpp_malformed", "xmpp_route_dropped");
  }
}
