package weft.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.routing.Samples.agent;
import static weft.routing.Samples.target;
import static weft.routing.Samples.via;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.MacAddress;
import weft.net.RouteTarget;
import weft.testkit.Seeds;

/**
 * Control nodes, agents and config as a cluster in one thread: sessions that break on one side
 * first, nodes that restart empty, config that comes late and in another order to each.
 *
 * <p>After every step no instance has a route that none of its targets lets in. Whatever happened,
 * all nodes and agents end with what a cluster without that history has, and with nothing once all
 * is withdrawn.
 */
class ClusterTest {
  private static final List<String> INSTANCES = List.of("red", "blue", "green");
  private static final List<Family> TOLD =
      List.of(Family.ROUTE_TARGET, Family.VPN_INET, Family.VPN_EVPN);

  @Test
  void everyHistoryEndsInTheSameState() {
    Seeds.each(
        40,
        seed -> {
          Random random = new Random(seed);
          Cluster lived = new Cluster(random);
          for (int i = 0; i < 300; i++) {
            lived.step();
          }
          lived.settle();
          Cluster fresh = new Cluster(random);
          fresh.config.putAll(lived.config);
          for (int i = 0; i < lived.agents.size(); i++) {
            fresh.agents.get(i).routes.putAll(lived.agents.get(i).routes);
            fresh.agents.get(i).subscriptions.addAll(lived.agents.get(i).subscriptions);
          }
          fresh.nodes.forEach(fresh::restart);
          fresh.settle();
          for (int i = 0; i < fresh.nodes.size(); i++) {
            assertThat(content(lived.nodes.get(i).rib)).isEqualTo(content(fresh.nodes.get(i).rib));
          }
          for (int i = 0; i < fresh.agents.size(); i++) {
            assertThat(lived.agents.get(i).heard()).isEqualTo(fresh.agents.get(i).heard());
          }
          lived.end();
        });
  }

  private static Map<String, Object> content(Rib rib) {
    Map<String, Object> content = new TreeMap<>();
    for (Table table : rib.tables()) {
      for (Route route : table.routes()) {
        content.put(table.id() + " " + route.key(), route.selection());
      }
    }
    return content;
  }

  /** A control node; it loses everything when it restarts. */
  private static final class Node {
    final Peer peer;
    Rib rib = new Rib();
    final Deque<RoutingEvent> configQueue = new ArrayDeque<>();
    final Map<String, InstanceConfig> applied = new TreeMap<>();

    Node(int n) {
      peer = Samples.bgp(n, Peer.Kind.INTERNAL_BGP);
    }

    void configure() {
      RoutingEvent event = configQueue.poll();
      if (event == null) {
        return;
      }
      rib.apply(event);
      switch (event) {
        case RoutingEvent.InstanceChanged changed ->
            applied.put(changed.config().name(), changed.config());
        case RoutingEvent.InstanceRemoved removed -> applied.remove(removed.name());
        default -> {}
      }
    }

    void noLeaks() {
      for (Table table : rib.tables()) {
        InstanceConfig config = applied.get(table.id().instance());
        for (Route route : table.unsorted()) {
          for (Path path : route.selection().ranked()) {
            if (path.imported() && !table.id().family().isVpn()) {
              assertThat(config).as("%s in %s", path, table.id()).isNotNull();
              assertThat(path.attributes().membership().targets())
                  .as("%s in %s", path, table.id())
                  .containsAnyElementsOf(config.imports());
            }
          }
        }
      }
    }
  }

  private record At(TableId table, RouteKey key) {}

  /** What one side tells a node, in order, while both sides think that they have a session. */
  private static final class Pipe {
    final Node to;
    final Peer from;
    final Deque<RoutingEvent> inbox = new ArrayDeque<>();
    Consumer<RoutingEvent> delivered = _ -> {};
    boolean up;
    boolean stale;

    Pipe(Node to, Peer from) {
      this.to = to;
      this.from = from;
    }

    void open() {
      inbox.clear();
      up = true;
      to.rib.apply(new RoutingEvent.PeerUp(from));
    }

    void lose(boolean retain) {
      inbox.clear();
      if (up) {
        up = false;
        stale = retain;
        to.rib.apply(new RoutingEvent.PeerDown(from.name(), retain));
      }
    }

    /** The time for it to come back is over. */
    void expire() {
      if (!up && stale) {
        stale = false;
        to.rib.apply(new RoutingEvent.Sweep(from.name()));
      }
    }

    void deliver() {
      RoutingEvent event = inbox.poll();
      if (event != null) {
        to.rib.apply(event);
        delivered.accept(event);
      }
    }
  }

  /** An agent with sessions to all nodes, of which some are up. */
  private static final class Agent {
    final Peer peer;
    final Set<String> subscriptions = new TreeSet<>();
    final Map<String, RoutingEvent.Announce> routes = new TreeMap<>();
    final List<Pipe> pipes = new ArrayList<>();
    final Map<String, Map<String, Object>> heardBy = new TreeMap<>();

    Agent(int n, List<Node> nodes) {
      peer = agent(n);
      for (Node node : nodes) {
        Pipe pipe = new Pipe(node, peer);
        pipe.delivered = event -> delivered(node, event);
        pipes.add(pipe);
      }
    }

    /** What it was told before the node heard that it does not want it, it does not keep. */
    private void delivered(Node node, RoutingEvent event) {
      Map<String, Object> heard = heardBy.get(node.peer.name());
      if (heard != null && event instanceof RoutingEvent.Unsubscribe gone) {
        heard.keySet().removeIf(key -> key.startsWith(gone.instance() + "."));
      }
    }

    void connect(Pipe pipe) {
      if (pipe.up) {
        return;
      }
      pipe.open();
      heardBy.put(pipe.to.peer.name(), new TreeMap<>());
      subscriptions.forEach(name -> pipe.inbox.add(subscribe(name)));
      pipe.inbox.addAll(routes.values());
      pipe.inbox.add(new RoutingEvent.Sweep(peer.name()));
    }

    private RoutingEvent subscribe(String instance) {
      return new RoutingEvent.Subscribe(
          peer.name(), instance, INSTANCES.indexOf(instance) + 1, true);
    }

    void tell(RoutingEvent event) {
      pipes.stream().filter(pipe -> pipe.up).forEach(pipe -> pipe.inbox.add(event));
    }

    void hear(Pipe pipe, int most) {
      if (!pipe.up) {
        return;
      }
      Map<String, Object> mine = heardBy.computeIfAbsent(pipe.to.peer.name(), _ -> new TreeMap<>());
      for (RibOut ribOut : pipe.to.rib.ribOuts(peer.name())) {
        for (int i = 0; i < most && ribOut.isPending(peer.name()); i++) {
          for (RibOut.Update update : ribOut.next(peer.name(), 2).updates()) {
            switch (update) {
              case RibOut.Update.Tell tell ->
                  mine.put(ribOut.table() + " " + tell.key(), tell.advert());
              case RibOut.Update.Retract retract ->
                  mine.remove(ribOut.table() + " " + retract.key());
            }
          }
        }
      }
    }

    Map<String, Map<String, Object>> heard() {
      return heardBy;
    }
  }

  private static final class Cluster {
    final Random random;
    final Map<String, InstanceConfig> config = new TreeMap<>();
    final List<Node> nodes = List.of(new Node(1), new Node(2), new Node(3));
    final List<Agent> agents = new ArrayList<>();
    final List<Pipe> mesh = new ArrayList<>();

    Cluster(Random random) {
      this.random = random;
      for (int i = 1; i <= 4; i++) {
        agents.add(new Agent(i, nodes));
      }
      for (Node to : nodes) {
        nodes.stream()
            .filter(from -> from != to)
            .forEach(from -> mesh.add(new Pipe(to, from.peer)));
      }
      nodes.forEach(this::restart);
    }

    private <T> T pick(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }

    private Node node(Peer peer) {
      return nodes.stream().filter(node -> node.peer.equals(peer)).findFirst().orElseThrow();
    }

    /** The pipe in the other direction of a BGP session. */
    private Pipe other(Pipe pipe) {
      return mesh.stream()
          .filter(p -> p.from.equals(pipe.to.peer) && p.to.peer.equals(pipe.from))
          .findFirst()
          .orElseThrow();
    }

    void step() {
      switch (random.nextInt(16)) {
        case 0 -> configure();
        case 1 -> pick(nodes).configure();
        case 2 -> subscribe(pick(agents));
        case 3, 4, 5 -> announce(pick(agents));
        case 6 -> {
          Agent agent = pick(agents);
          agent.connect(pick(agent.pipes));
        }
        case 7 -> connect(pick(mesh));
        case 8 -> lose();
        case 9 -> expire();
        case 10 -> {
          if (random.nextInt(6) == 0) {
            restart(pick(nodes));
          }
        }
        case 11 -> tellPeer(pick(mesh), 1 + random.nextInt(3));
        case 12 -> {
          Agent agent = pick(agents);
          agent.hear(pick(agent.pipes), 1 + random.nextInt(3));
        }
        default -> {
          Pipe pipe = random.nextBoolean() ? pick(mesh) : pick(pick(agents).pipes);
          for (int i = random.nextInt(6); i >= 0; i--) {
            pipe.deliver();
            pipe.to.noLeaks();
          }
        }
      }
      nodes.forEach(Node::noLeaks);
      nodes.forEach(node -> node.rib.takeChanged());
    }

    private Set<RouteTarget> targets() {
      Set<RouteTarget> found = new HashSet<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        found.add(target(random.nextInt(4)));
      }
      return found;
    }

    private void configure() {
      String name = pick(INSTANCES);
      InstanceConfig next =
          Samples.instance(name, INSTANCES.indexOf(name) + 1, targets(), targets());
      RoutingEvent event =
          random.nextInt(5) == 0
              ? new RoutingEvent.InstanceRemoved(name)
              : new RoutingEvent.InstanceChanged(next);
      if (event instanceof RoutingEvent.InstanceRemoved) {
        config.remove(name);
      } else {
        config.put(name, next);
      }
      nodes.forEach(node -> node.configQueue.add(event));
    }

    private void subscribe(Agent agent) {
      String name = pick(INSTANCES);
      if (agent.subscriptions.add(name)) {
        agent.tell(agent.subscribe(name));
      } else if (random.nextInt(3) == 0) {
        agent.subscriptions.remove(name);
        agent.routes.values().removeIf(route -> route.table().instance().equals(name));
        agent.tell(new RoutingEvent.Unsubscribe(agent.peer.name(), name));
      }
    }

    private void announce(Agent agent) {
      if (agent.subscriptions.isEmpty()) {
        return;
      }
      String instance = pick(List.copyOf(agent.subscriptions));
      IpPrefix host = IpPrefix.parse("10.0.0." + random.nextInt(4) + "/32");
      RouteKey key =
          switch (random.nextInt(4)) {
            case 0 -> new RouteKey.Mac(0, new MacAddress(0x0200_0000_0001L), host);
            case 1 -> new RouteKey.Broadcast(0, agent.peer.address());
            default -> new RouteKey.Inet(host);
          };
      int label = 20 + random.nextInt(3);
      RoutingEvent.Announce route =
          Samples.announce(
              agent.peer, instance, key, via(agent.peer, label), INSTANCES.indexOf(instance) + 1);
      String at = new At(route.table(), key).toString();
      if (random.nextInt(3) == 0) {
        if (agent.routes.remove(at) != null) {
          agent.tell(new RoutingEvent.Withdraw(agent.peer.name(), route.table(), key, 0));
        }
      } else {
        agent.routes.put(at, route);
        agent.tell(route);
      }
    }

    /** Both sides of a session come up together. */
    private void connect(Pipe pipe) {
      Pipe back = other(pipe);
      if (pipe.up || back.up) {
        return;
      }
      for (Pipe each : List.of(pipe, back)) {
        each.open();
        for (Family family : TOLD) {
          boolean filtered = family != Family.ROUTE_TARGET;
          each.to.rib.apply(
              new RoutingEvent.Join(
                  each.from.name(), family, new RoutingEvent.Wishes(filtered, false)));
        }
        each.stale = true; // until all of it is told
      }
    }

    /** A side notices that a session is over; the other does so at once, or some time later. */
    private void lose() {
      boolean retain = random.nextBoolean();
      if (random.nextBoolean()) {
        pick(pick(agents).pipes).lose(retain);
        return;
      }
      Pipe pipe = pick(mesh);
      pipe.lose(retain);
      other(pipe).inbox.clear();
      if (random.nextBoolean()) {
        other(pipe).lose(retain);
      }
    }

    private void expire() {
      (random.nextBoolean() ? pick(mesh) : pick(pick(agents).pipes)).expire();
    }

    void restart(Node node) {
      node.rib = new Rib();
      node.rib.apply(
          new RoutingEvent.Speaker(64512, IpAddress.parse(node.peer.address().toString()), false));
      node.applied.clear();
      node.configQueue.clear();
      List<InstanceConfig> all = new ArrayList<>(config.values());
      Collections.shuffle(all, random);
      all.forEach(each -> node.configQueue.add(new RoutingEvent.InstanceChanged(each)));
      for (Pipe pipe : mesh) {
        if (pipe.from.equals(node.peer)) {
          pipe.lose(random.nextBoolean());
        }
      }
      List<Pipe> into = new ArrayList<>(mesh);
      agents.forEach(agent -> into.addAll(agent.pipes));
      for (Pipe pipe : into) {
        if (pipe.to == node) {
          pipe.inbox.clear();
          pipe.up = false;
          pipe.stale = false;
        }
      }
    }

    /** The node at the far end of a pipe tells through it some of what it has to tell. */
    private void tellPeer(Pipe pipe, int most) {
      String to = pipe.to.peer.name();
      String from = pipe.from.name();
      if (!pipe.up || !other(pipe).up) {
        return;
      }
      boolean pending = false;
      for (RibOut ribOut : node(pipe.from).rib.ribOuts(to)) {
        for (int i = 0; i < most && ribOut.isPending(to); i++) {
          for (RibOut.Update update : ribOut.next(to, 2).updates()) {
            pipe.inbox.add(
                switch (update) {
                  case RibOut.Update.Tell tell ->
                      new RoutingEvent.Announce(
                          from,
                          ribOut.table(),
                          tell.key(),
                          0,
                          tell.advert().attributes(),
                          null,
                          true);
                  case RibOut.Update.Retract retract ->
                      new RoutingEvent.Withdraw(from, ribOut.table(), retract.key(), 0);
                });
          }
        }
        pending |= ribOut.isPending(to);
      }
      if (!pending && pipe.stale) {
        pipe.stale = false;
        pipe.inbox.add(new RoutingEvent.Sweep(from));
      }
    }

    /** Everything comes up, and all that is on its way arrives. */
    void settle() {
      for (Pipe pipe : mesh) {
        if (pipe.up != other(pipe).up) {
          pipe.lose(true);
          other(pipe).lose(true);
        }
      }
      mesh.forEach(this::connect);
      agents.forEach(agent -> agent.pipes.forEach(agent::connect));
      Map<String, Object> before = Map.of();
      for (int i = 0; i < 50; i++) {
        for (Node node : nodes) {
          while (!node.configQueue.isEmpty()) {
            node.configure();
          }
        }
        mesh.forEach(pipe -> tellPeer(pipe, Integer.MAX_VALUE));
        List<Pipe> all = new ArrayList<>(mesh);
        agents.forEach(agent -> all.addAll(agent.pipes));
        for (Pipe pipe : all) {
          while (!pipe.inbox.isEmpty()) {
            pipe.deliver();
          }
        }
        agents.forEach(agent -> agent.pipes.forEach(pipe -> agent.hear(pipe, Integer.MAX_VALUE)));
        nodes.forEach(Node::noLeaks);
        nodes.forEach(node -> node.rib.takeChanged());
        Map<String, Object> now = new TreeMap<>();
        nodes.forEach(node -> now.put(node.peer.name(), content(node.rib)));
        if (now.equals(before)) {
          return;
        }
        before = now;
      }
      throw new AssertionError("no end of changes");
    }

    /** All is withdrawn, and nothing is left. */
    void end() {
      for (Agent agent : agents) {
        for (String name : List.copyOf(agent.subscriptions)) {
          agent.subscriptions.remove(name);
          agent.routes.clear();
          agent.tell(new RoutingEvent.Unsubscribe(agent.peer.name(), name));
        }
      }
      settle();
      agents.forEach(agent -> agent.heard().values().forEach(heard -> assertThat(heard).isEmpty()));
      mesh.forEach(pipe -> pipe.lose(false));
      agents.forEach(agent -> agent.pipes.forEach(pipe -> pipe.lose(false)));
      for (Node node : nodes) {
        List.copyOf(node.applied.keySet())
            .forEach(name -> node.rib.apply(new RoutingEvent.InstanceRemoved(name)));
        node.rib.takeChanged();
        assertThat(content(node.rib)).isEmpty();
        assertThat(node.rib.targets()).isEmpty();
        assertThat(node.rib.tables()).allMatch(table -> table.ribOuts().isEmpty());
        assertThat(node.rib.differentAttributes()).isZero();
      }
    }
  }
}
