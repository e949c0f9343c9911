package weft.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.testkit.Seeds;

/** What the agents of several control nodes are told makes trees, whoever comes and goes. */
class TreeTest {
  private static final IpAddress ANY = Ipv4Address.ANY;
  private static final int FIRST_LABEL = 10_000;

  private static IpAddress group(int n) {
    return IpAddress.parse("239.0.0." + n);
  }

  /** An agent's place in a tree, as its control node tells it. */
  private record Place(String agent, int label) {}

  /** Control nodes that tell each other all, and agents that each belong to one of them. */
  private static final class Fabric {
    final List<Rib> nodes = new ArrayList<>();
    final Map<String, Integer> nodeOf = new HashMap<>();
    final Map<String, Peer> agents = new TreeMap<>();
    final Map<String, Map<RouteKey, Advert.Branching>> heard = new TreeMap<>();
    final Random random;

    Fabric(int size, Random random) {
      this.random = random;
      for (int n = 0; n < size; n++) {
        Rib rib = new Rib();
        rib.apply(new RoutingEvent.Speaker(64512, node(n).address(), false));
        rib.apply(new RoutingEvent.InstanceChanged(Samples.instance("red", 1)));
        rib.apply(new RoutingEvent.InstanceChanged(Samples.instance("blue", 2)));
        nodes.add(rib);
      }
      for (int n = 0; n < size; n++) {
        for (int m = 0; m < size; m++) {
          if (m != n) {
            nodes.get(n).apply(new RoutingEvent.PeerUp(node(m)));
            nodes.get(n).apply(new RoutingEvent.Join(node(m).name(), Family.VPN_ERMVPN));
          }
        }
      }
    }

    static Peer node(int n) {
      Ipv4Address address = new Ipv4Address(0xc000_0201 + (n * 7 % 5));
      return new Peer("node" + n, Peer.Kind.INTERNAL_BGP, address, address.bits());
    }

    void comes(Peer agent, int node) {
      agents.put(agent.name(), agent);
      nodeOf.put(agent.name(), node);
      nodes.get(node).apply(new RoutingEvent.PeerUp(agent));
      for (String instance : List.of("red", "blue")) {
        RoutingEvent subscribe =
            new RoutingEvent.Subscribe(agent.name(), instance, number(instance), true);
        nodes.get(node).apply(subscribe);
      }
    }

    private static int number(String instance) {
      return instance.equals("red") ? 1 : 2;
    }

    private RouteKey key(String agent, String instance, int group) {
      return new RouteKey.Group(group(group), ANY, Samples.rd(agents.get(agent), number(instance)));
    }

    void goes(String agent) {
      nodes.get(nodeOf.remove(agent)).apply(new RoutingEvent.PeerDown(agent, false));
      agents.remove(agent);
      heard.keySet().removeIf(table -> table.startsWith(agent + " "));
    }

    void wants(String agent, String instance, int group, int labels) {
      Peer peer = agents.get(agent);
      RouteKey key = key(agent, instance, group);
      RouteAttributes attributes =
          RouteAttributes.of(NextHop.of(peer.address(), 0, Encapsulation.MPLS_O_UDP))
              .with(new TreePart.Offer(FIRST_LABEL, FIRST_LABEL + labels - 1));
      TableId table = new TableId(instance, Family.ERMVPN);
      nodes
          .get(nodeOf.get(agent))
          .apply(new RoutingEvent.Announce(agent, table, key, 0, attributes, null, true));
    }

    void leaves(String agent, String instance, int group) {
      RouteKey key = key(agent, instance, group);
      TableId table = new TableId(instance, Family.ERMVPN);
      nodes.get(nodeOf.get(agent)).apply(new RoutingEvent.Withdraw(agent, table, key, 0));
    }

    /** Passes on what there is to tell, in any order, until nobody has anything to say. */
    void talk() {
      boolean told = true;
      while (told) {
        told = false;
        List<Runnable> all = new ArrayList<>();
        Set<Boolean> any = new HashSet<>();
        for (int n = 0; n < nodes.size(); n++) {
          int from = n;
          for (int m = 0; m < nodes.size(); m++) {
            int to = m;
            if (m != n) {
              all.add(() -> any.add(pass(from, to)));
            }
          }
        }
        agents.keySet().forEach(agent -> all.add(() -> any.add(hear(agent))));
        Collections.shuffle(all, random);
        all.forEach(Runnable::run);
        told = any.contains(true);
      }
    }

    private boolean pass(int from, int to) {
      Rib rib = nodes.get(from);
      rib.takeChanged();
      boolean told = false;
      for (RibOut out : rib.ribOuts(node(to).name())) {
        while (out.isPending(node(to).name())) {
          for (RibOut.Update update : out.next(node(to).name(), 3).updates()) {
            told = true;
            String peer = node(from).name();
            nodes
                .get(to)
                .apply(
                    switch (update) {
                      case RibOut.Update.Tell(Advert advert, int _) ->
                          new RoutingEvent.Announce(
                              peer, out.table(), advert.key(), 0, advert.attributes(), null, true);
                      case RibOut.Update.Retract(RouteKey key, int _) ->
                          new RoutingEvent.Withdraw(peer, out.table(), key, 0);
                    });
          }
        }
      }
      return told;
    }

    private boolean hear(String agent) {
      Rib rib = nodes.get(nodeOf.get(agent));
      rib.takeChanged();
      boolean told = false;
      for (RibOut out : rib.ribOuts(agent)) {
        while (out.isPending(agent)) {
          for (RibOut.Update update : out.next(agent, 3).updates()) {
            told = true;
            String table = agent + " " + out.table();
            switch (update) {
              case RibOut.Update.Tell(Advert.Branching advert, int _) ->
                  heard.computeIfAbsent(table, _ -> new HashMap<>()).put(advert.key(), advert);
              case RibOut.Update.Retract(RouteKey key, int _) ->
                  heard.computeIfAbsent(table, _ -> new HashMap<>()).remove(key);
              default -> {}
            }
          }
        }
      }
      return told;
    }

    /** The places in a tree by agent, as the agents were told. */
    Map<String, Advert.Branching> tree(String instance, int group) {
      Map<String, Advert.Branching> places = new TreeMap<>();
      for (String agent : agents.keySet()) {
        heard
            .getOrDefault(agent + " " + instance + ".ermvpn.0", Map.of())
            .forEach((key, advert) -> {
              if (((RouteKey.Group) key).group().equals(group(group))) {
                places.put(agent, advert);
              }
            });
      }
      return places;
    }
  }

  @Test
  void everyMemberGetsEachPacketOnceWhoeverComesAndGoes() {
    Seeds.each(30, seed -> new Run(new Random(seed)).go());
  }

  private static final class Run {
    private final Random random;
    private final Fabric fabric;
    private final Map<String, Set<String>> members = new TreeMap<>();

    Run(Random random) {
      this.random = random;
      fabric = new Fabric(1 + random.nextInt(4), random);
    }

    void go() {
      for (int i = 0; i < 60; i++) {
        step();
        if (i % 12 == 11) {
          fabric.talk();
          List.of("red", "blue")
              .forEach(instance -> List.of(1, 2).forEach(n -> check(instance, n)));
          labelsAreNobodyElses();
        }
      }
    }

    private void step() {
      Peer peer = Samples.agent(1 + random.nextInt(14));
      String agent = peer.name();
      String instance = random.nextBoolean() ? "red" : "blue";
      int group = 1 + random.nextInt(2);
      Set<String> tree = members.computeIfAbsent(instance + group, _ -> new HashSet<>());
      if (!fabric.agents.containsKey(agent)) {
        fabric.comes(peer, random.nextInt(fabric.nodes.size()));
      }
      switch (random.nextInt(8)) {
        case 0 -> {
          fabric.goes(agent);
          members.values().forEach(all -> all.remove(agent));
        }
        case 1, 2 -> {
          fabric.leaves(agent, instance, group);
          tree.remove(agent);
        }
        default -> {
          fabric.wants(agent, instance, group, 4 + random.nextInt(3));
          tree.add(agent);
        }
      }
      if (random.nextInt(3) == 0) {
        fabric.talk();
      }
    }

    private void check(String instance, int group) {
      Map<String, Advert.Branching> places = fabric.tree(instance, group);
      Set<String> wanted = members.getOrDefault(instance + group, Set.of());
      assertThat(places.keySet()).isEqualTo(wanted);
      Map<IpAddress, String> byAddress = new HashMap<>();
      places.keySet().forEach(a -> byAddress.put(fabric.agents.get(a).address(), a));
      for (String source : places.keySet()) {
        assertThat(reached(source, places, byAddress))
            .as("from %s in %s", source, places)
            .hasSize(places.size());
      }
    }

    /** Follows a packet: each agent passes it on to all its neighbours but that it came from. */
    private static Set<String> reached(
        String source, Map<String, Advert.Branching> places, Map<IpAddress, String> byAddress) {
      record Copy(String from, String at) {}
      Set<String> reached = new HashSet<>(Set.of(source));
      Deque<Copy> copies = new ArrayDeque<>(List.of(new Copy("", source)));
      for (Copy copy = copies.poll(); copy != null; copy = copies.poll()) {
        for (Advert.Via via : places.get(copy.at()).copies()) {
          String next = byAddress.get(via.nextHop().address());
          assertThat(next).as("%s is a member", via).isNotNull();
          assertThat(via.nextHop().label()).isEqualTo(places.get(next).label());
          assertThat(via.nextHop().encapsulations()).containsExactly(Encapsulation.MPLS_O_UDP);
          if (!next.equals(copy.from())) {
            assertThat(reached.add(next)).as("%s gets it once", next).isTrue();
            copies.add(new Copy(copy.at(), next));
          }
        }
      }
      return reached;
    }

    private void labelsAreNobodyElses() {
      Set<Place> taken = new HashSet<>();
      for (String instance : List.of("red", "blue")) {
        for (int group : List.of(1, 2)) {
          fabric
              .tree(instance, group)
              .forEach((agent, advert) -> {
                assertThat(advert.label()).isBetween(FIRST_LABEL, FIRST_LABEL + 5);
                assertThat(taken.add(new Place(agent, advert.label()))).isTrue();
              });
        }
      }
    }
  }

  @Test
  void aTreeIsTheSameHoweverItCameAbout() {
    Map<String, Advert.Branching> first = null;
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      Fabric fabric = new Fabric(3, random);
      List<Integer> order = new ArrayList<>();
      for (int n = 1; n <= 12; n++) {
        order.add(n);
      }
      Collections.shuffle(order, random);
      for (int n : order) {
        fabric.comes(Samples.agent(n), n % 3);
        fabric.wants(Samples.agent(n).name(), "red", 1, 1000);
      }
      fabric.comes(Samples.agent(20), 0);
      fabric.wants(Samples.agent(20).name(), "red", 1, 1000);
      fabric.talk();
      fabric.goes(Samples.agent(20).name());
      fabric.talk();
      first = first == null ? fabric.tree("red", 1) : first;
      assertThat(first).hasSize(12);
      assertThat(fabric.tree("red", 1)).isEqualTo(first);
    }
  }

  @Test
  void anAgentWithoutLabelsIsLeftOut() {
    Fabric fabric = new Fabric(1, new Random(1));
    for (int n = 1; n <= 3; n++) {
      fabric.comes(Samples.agent(n), 0);
      fabric.wants(Samples.agent(n).name(), "red", 1, 1);
      fabric.wants(Samples.agent(n).name(), "blue", 1, n);
    }
    fabric.talk();
    assertThat(fabric.tree("blue", 1)).hasSize(3);
    assertThat(fabric.tree("red", 1)).containsOnlyKeys("agent2", "agent3");
    fabric.leaves("agent1", "blue", 1);
    fabric.talk();
    assertThat(fabric.tree("red", 1)).hasSize(3);
  }

  @Test
  void aTreeWhoseLabelAnotherOneTakesIsLeft() {
    Fabric fabric = new Fabric(1, new Random(1));
    fabric.comes(Samples.agent(1), 0);
    fabric.wants("agent1", "red", 1, 1);
    fabric.talk();
    assertThat(fabric.tree("red", 1)).containsOnlyKeys("agent1");
    fabric.wants("agent1", "blue", 1, 1);
    fabric.talk();
    assertThat(fabric.tree("blue", 1)).containsOnlyKeys("agent1");
    assertThat(fabric.tree("red", 1)).isEmpty();
  }
}
