package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.RouteTarget;
import weft.routing.InstanceConfig;
import weft.routing.OriginVn;
import weft.testkit.Seeds;
import weft.xmpp.AgentMessage;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.Item;
import weft.xmpp.RouteAttributes;
import weft.xmpp.RouteRequest;

/**
 * Control nodes, agents and config as a cluster in one thread and on virtual clocks. What they say
 * to each other is encoded and parsed as on the wire: stanzas of XMPP, updates of BGP.
 *
 * <p>Connections break at one end first, stand still, come back beside what is left of them; nodes
 * restart empty; config comes late and in another order to each; readers are slow; time passes, so
 * that what waits for somebody to come back gives up: at once, or after it was the last choice for
 * a while (RFC 9494), in every other history. After every step no instance has a route that none of
 * its targets lets in. Whatever happened, all end with what a cluster without that history has, and
 * with nothing once all is withdrawn.
 *
 * <p>More seeds: `-Dweft.seeds=5000`.
 */
class ClusterTest {
  private static final List<String> INSTANCES = List.of("red", "blue", "green");

  @Test
  void everyHistoryEndsInTheSameState() {
    AtomicLong lastChoices = new AtomicLong();
    Seeds.each(
        60,
        seed -> {
          Random random = new Random(seed);
          Duration longLived = Duration.ofSeconds(seed % 2 == 0 ? 0 : 90);
          Cluster lived = new Cluster(random, longLived);
          for (int i = 0; i < 300; i++) {
            lived.step();
          }
          if (longLived.isZero()) {
            assertThat(lived.lastChoices).isZero();
          } else {
            lastChoices.addAndGet(lived.lastChoices);
          }
          lived.settle();
          Cluster fresh = new Cluster(random, longLived);
          fresh.inherit(lived);
          fresh.settle();
          for (int i = 0; i < fresh.nodes.size(); i++) {
            assertThat(lived.nodes.get(i).content()).isEqualTo(fresh.nodes.get(i).content());
          }
          for (int i = 0; i < fresh.agents.size(); i++) {
            assertThat(lived.agents.get(i).heard()).isEqualTo(fresh.agents.get(i).heard());
          }
          lived.end();
        });
    if (Long.getLong("weft.seed") == null) {
      assertThat(lastChoices).hasPositiveValue();
    }
  }

  /** An agent with streams to all nodes, of which some are up. */
  private static final class Agent {
    final String name;
    final Ipv4Address address;
    final Set<String> subscriptions = new TreeSet<>();
    final Map<String, RouteRequest> routes = new TreeMap<>();
    final Map<String, SimulatedStream> streams = new TreeMap<>();

    Agent(int number) {
      name = "agent" + number;
      address = new Ipv4Address(0xac1f_0000 + number);
    }

    void connect(SimulatedStream stream) {
      streams.put(stream.node().name, stream);
      subscriptions.forEach(instance -> stream.tell(subscribe(instance)));
      routes.values().forEach(stream::tell);
      stream.tell(new AgentMessage.EndOfRib());
    }

    AgentMessage subscribe(String instance) {
      return new AgentMessage.Subscribe(instance, INSTANCES.indexOf(instance) + 1, false);
    }

    List<SimulatedStream> present() {
      return streams.values().stream().filter(SimulatedStream::atAgent).toList();
    }

    void unsubscribe(String instance) {
      present().forEach(stream -> stream.tell(new AgentMessage.Unsubscribe(instance)));
    }

    void subscribeAgain(String instance) {
      present()
          .forEach(stream -> {
            stream.tell(subscribe(instance));
            routes.values().stream()
                .filter(route -> route.instance().equals(instance))
                .forEach(stream::tell);
          });
    }

    /** What it has of each node, empty tables left out. */
    Map<String, Map<String, Map<String, Item>>> heard() {
      Map<String, Map<String, Map<String, Item>>> all = new TreeMap<>();
      streams.forEach((node, stream) -> {
        Map<String, Map<String, Item>> tables = new TreeMap<>(stream.heard);
        tables.values().removeIf(Map::isEmpty);
        all.put(node, tables);
      });
      return all;
    }
  }

  private static final class Cluster {
    private static final int NODES = 3;

    final Random random;
    final Duration longLived;
    final Map<String, InstanceConfig> config = new TreeMap<>();
    final List<SimulatedNode> nodes = new ArrayList<>();
    final List<Agent> agents = new ArrayList<>();

    /** With those that their agent has given up, and the node not yet. */
    final List<SimulatedStream> streams = new ArrayList<>();

    /** How often a node had routes of somebody who is away for long. */
    long lastChoices;

    final List<SimulatedPeering> mesh = new ArrayList<>();

    Cluster(Random random, Duration longLived) {
      this.random = random;
      this.longLived = longLived;
      for (int i = 1; i <= NODES; i++) {
        nodes.add(new SimulatedNode(i, NODES, longLived));
      }
      for (int i = 1; i <= 4; i++) {
        agents.add(new Agent(i));
      }
    }

    void inherit(Cluster other) {
      config.putAll(other.config);
      nodes.forEach(this::configure);
      for (int i = 0; i < agents.size(); i++) {
        agents.get(i).routes.putAll(other.agents.get(i).routes);
        agents.get(i).subscriptions.addAll(other.agents.get(i).subscriptions);
      }
    }

    private <T> T pick(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }

    // ---- what happens

    void step() {
      switch (random.nextInt(20)) {
        case 0 -> changeConfig();
        case 1 -> pick(nodes).configure();
        case 2 -> subscribe(pick(agents));
        case 3, 4, 5 -> announce(pick(agents));
        case 6 -> connect(pick(agents), pick(nodes));
        case 7 -> connect(pick(nodes), pick(nodes));
        case 8 -> lose();
        case 9 -> {
          pass(Duration.ofSeconds(random.nextInt(40)));
          lastChoices += nodes.stream().filter(SimulatedNode::hasLastChoices).count();
        }
        case 10 -> {
          if (random.nextInt(6) == 0) {
            restart(random.nextInt(NODES));
          }
        }
        case 11, 12 -> pick(nodes).loop.run();
        case 13 -> askAgain();
        default -> {
          for (int i = random.nextInt(6); i >= 0; i--) {
            deliver();
            nodes.forEach(SimulatedNode::noLeaks);
          }
        }
      }
      nodes.forEach(SimulatedNode::noLeaks);
    }

    /** Something that is under way on one connection arrives. */
    private void deliver() {
      if (!mesh.isEmpty() && random.nextInt(3) == 0) {
        pick(pick(mesh).ends()).deliver();
      } else if (!streams.isEmpty()) {
        SimulatedStream stream = pick(streams);
        if (random.nextBoolean()) {
          stream.deliver();
        } else {
          stream.hear();
        }
      }
    }

    private void pass(Duration time) {
      nodes.forEach(node -> node.loop.advance(time));
    }

    private Set<RouteTarget> targets() {
      Set<RouteTarget> found = new HashSet<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        found.add(RouteTarget.ofAs2(64512, 8_000_000L + random.nextInt(4)));
      }
      return found;
    }

    private void changeConfig() {
      String name = pick(INSTANCES);
      InstanceConfig next = null;
      if (random.nextInt(5) == 0) {
        config.remove(name);
      } else {
        OriginVn origin = new OriginVn(SimulatedNode.ASN, INSTANCES.indexOf(name) + 1);
        next = new InstanceConfig(name, "net-" + name, origin, targets(), targets());
        config.put(name, next);
      }
      SimulatedNode.ConfigChange change = new SimulatedNode.ConfigChange(name, next);
      nodes.forEach(node -> node.configQueue.add(change));
    }

    private void configure(SimulatedNode node) {
      List<InstanceConfig> all = new ArrayList<>(config.values());
      Collections.shuffle(all, random);
      all.forEach(each -> node.configQueue.add(new SimulatedNode.ConfigChange(each.name(), each)));
    }

    /** Or unsubscribes, or does so and thinks better of it at once. */
    private void subscribe(Agent agent) {
      String name = pick(INSTANCES);
      if (agent.subscriptions.add(name)) {
        agent.subscribeAgain(name);
        return;
      }
      agent.unsubscribe(name);
      if (random.nextInt(3) == 0) {
        agent.subscriptions.remove(name);
        agent.routes.values().removeIf(route -> route.instance().equals(name));
      } else {
        agent.subscribeAgain(name);
      }
    }

    private void announce(Agent agent) {
      if (agent.subscriptions.isEmpty()) {
        return;
      }
      String instance = pick(List.copyOf(agent.subscriptions));
      Item item = item(agent);
      String at = item.publishNode(instance) + " of " + instance;
      if (random.nextInt(3) > 0) {
        RouteRequest route = RouteRequest.publish(instance, item);
        agent.routes.put(at, route);
        agent.present().forEach(stream -> stream.tell(route));
      } else if (agent.routes.remove(at) != null) {
        RouteRequest gone = RouteRequest.withdraw(instance, item);
        agent.present().forEach(stream -> stream.tell(gone));
      }
    }

    private Item item(Agent agent) {
      IpPrefix host = IpPrefix.parse("10.0.0." + random.nextInt(4) + "/32");
      int label = 20 + random.nextInt(3);
      RouteAttributes attributes =
          RouteAttributes.DEFAULT
              .withSecurityGroups(List.of(8_000_001L + random.nextInt(2)))
              .withPreference(100 + 100 * random.nextInt(2), 0);
      List<Encapsulation> mpls = List.of(Encapsulation.MPLS_O_GRE, Encapsulation.MPLS_O_UDP);
      EvpnItem.NextHop l2 = EvpnItem.NextHop.of(agent.address, label, 0, mpls);
      return switch (random.nextInt(5)) {
        case 0 -> evpn(new MacAddress(0x0200_0000_0001L), host, l2, attributes);
        case 1 -> evpn(MacAddress.BROADCAST, IpPrefix.parse("0.0.0.0/32"), l2, attributes);
        case 2 -> evpn(MacAddress.ZERO, host, l2, attributes);
        default ->
            InetItem.of(
                host, List.of(InetItem.NextHop.of(agent.address, label, mpls, "")), attributes);
      };
    }

    private static Item evpn(
        MacAddress mac, IpPrefix host, EvpnItem.NextHop via, RouteAttributes attributes) {
      return EvpnItem.of(EvpnItem.Nlri.published(0, mac, host), List.of(via), attributes);
    }

    // ---- connections

    /**
     * If the agent knows of none; what is left of an older one at the node it takes the place of.
     */
    private void connect(Agent agent, SimulatedNode node) {
      SimulatedStream known = agent.streams.get(node.name);
      if (known == null || !known.atAgent()) {
        SimulatedStream stream = new SimulatedStream(node, agent.name, agent.address);
        streams.add(stream);
        agent.connect(stream);
      }
    }

    private void connect(SimulatedNode one, SimulatedNode other) {
      if (one != other && mesh.stream().noneMatch(p -> p.isBetween(one, other) && p.isUp())) {
        List<SimulatedPeering> before = mesh.stream().filter(p -> p.isBetween(one, other)).toList();
        mesh.add(new SimulatedPeering(one, other));
        before.forEach(p -> p.ends().forEach(SimulatedPeering.End::lost));
        mesh.removeAll(before);
      }
    }

    /** One end of a connection finds out that it is over; the other does so now or later. */
    private void lose() {
      if (!mesh.isEmpty() && random.nextBoolean()) {
        SimulatedPeering peering = pick(mesh);
        pick(peering.ends()).lost();
        if (peering.isOver()) {
          mesh.remove(peering);
        }
      } else if (!streams.isEmpty()) {
        SimulatedStream stream = pick(streams);
        if (random.nextBoolean()) {
          stream.lostAtAgent();
        } else {
          stream.lostAtNode();
        }
        if (!stream.atAgent() && random.nextBoolean()) {
          stream.lostAtNode();
          streams.remove(stream);
        }
      }
    }

    /** It comes back with nothing; the others find out when they do. */
    private void restart(int at) {
      SimulatedNode old = nodes.get(at);
      SimulatedNode node = new SimulatedNode(at + 1, NODES, longLived);
      nodes.set(at, node);
      configure(node);
      for (SimulatedPeering peering : mesh) {
        peering.ends().stream().filter(end -> end.node == old).forEach(end -> end.lost());
      }
      streams.stream()
          .filter(stream -> stream.node() == old)
          .forEach(stream -> {
            stream.lostAtNode();
            if (random.nextBoolean()) {
              stream.lostAtAgent();
            }
          });
    }

    private void askAgain() {
      if (!mesh.isEmpty()) {
        SimulatedPeering.End end = pick(pick(mesh).ends());
        if (end.isUp()) {
          end.requestRefresh(SimulatedPeering.family(random.nextInt(3)));
        }
      }
    }

    // ---- the end

    /** Everything comes up, and all that is on its way arrives. */
    void settle() {
      connectAll();
      Map<String, Object> before = Map.of();
      for (int i = 0; i < 60; i++) {
        flow();
        pass(Duration.ofSeconds(20));
        Map<String, Object> now = new TreeMap<>();
        nodes.forEach(node -> now.put(node.name, node.content()));
        agents.forEach(agent -> now.put(agent.name, agent.heard()));
        if (now.equals(before) && i > 10) {
          return;
        }
        before = now;
      }
      throw new AssertionError("no end of changes");
    }

    private void connectAll() {
      for (SimulatedPeering peering : List.copyOf(mesh)) {
        if (!peering.isUp()) {
          peering.ends().forEach(SimulatedPeering.End::lost);
          mesh.remove(peering);
        }
      }
      for (SimulatedStream stream : List.copyOf(streams)) {
        if (!stream.isUp()) {
          stream.lostAtAgent();
          stream.lostAtNode();
          streams.remove(stream);
        }
      }
      for (SimulatedNode node : nodes) {
        agents.forEach(agent -> connect(agent, node));
        nodes.forEach(other -> connect(node, other));
      }
    }

    private void flow() {
      boolean idle = false;
      while (!idle) {
        for (SimulatedNode node : nodes) {
          while (!node.configQueue.isEmpty()) {
            node.configure();
          }
          node.loop.run();
        }
        idle = true;
        for (SimulatedPeering peering : mesh) {
          idle &= peering.isIdle();
          while (!peering.isIdle()) {
            peering.ends().forEach(SimulatedPeering.End::deliver);
          }
        }
        for (SimulatedStream stream : streams) {
          idle &= stream.isIdle();
          while (!stream.isIdle()) {
            stream.deliver();
            stream.hear();
          }
        }
        nodes.forEach(SimulatedNode::noLeaks);
      }
    }

    /** All is withdrawn, and nothing is left. */
    void end() {
      for (SimulatedStream stream : streams) {
        assertThat(stream.endsOfRib).as("End-of-RIB for %s", stream.name()).isPositive();
      }
      for (Agent agent : agents) {
        agent.routes.clear();
        List.copyOf(agent.subscriptions).forEach(agent::unsubscribe);
        agent.subscriptions.clear();
      }
      settle();
      agents.forEach(agent -> agent.heard().values().forEach(of -> assertThat(of).isEmpty()));
      mesh.forEach(peering -> peering.ends().forEach(SimulatedPeering.End::lost));
      streams.forEach(SimulatedStream::lostAtAgent);
      streams.forEach(SimulatedStream::lostAtNode);
      pass(Duration.ofMinutes(10));
      for (SimulatedNode node : nodes) {
        for (String name : List.copyOf(node.applied.keySet())) {
          node.configQueue.add(new SimulatedNode.ConfigChange(name, null));
          node.configure();
        }
        node.loop.run();
        node.isEmpty(agents.stream().map(agent -> agent.name).toList());
      }
    }
  }
}
