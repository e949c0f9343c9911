package weft.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.routing.Samples.target;
import static weft.routing.Samples.via;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.testkit.Seeds;

/** Whatever happened before, the tables are those that the present inputs lead to from nothing. */
class RibPropertyTest {
  @Test
  void incrementalEqualsRecomputed() {
    Seeds.each(150, seed -> new Run(new Random(seed)).go(80));
  }

  private record PathKey(TableId table, RouteKey key, int number) {}

  private static final class PeerModel {
    boolean up;
    final Map<String, RoutingEvent.Subscribe> subscriptions = new TreeMap<>();
    final Set<String> staleSubscriptions = new HashSet<>();
    final Map<Family, RoutingEvent.Wishes> joined = new HashMap<>();
    final Map<PathKey, RoutingEvent.Announce> paths = new HashMap<>();
    final Set<PathKey> stalePaths = new HashSet<>();
  }

  private static final class Run {
    private final Random random;
    private final RandomRoutes routes;
    private final Rib rib = new Rib();
    private final List<RoutingEvent.Told> together = new ArrayList<>();
    private final Map<String, PeerModel> models = new TreeMap<>();
    private final Map<String, InstanceConfig> instances = new TreeMap<>();
    private Map<String, Map<String, Advert>> heard = new TreeMap<>();
    private RoutingEvent.Speaker speaker = speaker(false);
    private RoutingEvent.NextHopsChecked checked = new RoutingEvent.NextHopsChecked(false);
    private RoutingEvent.Ranked ranked = new RoutingEvent.Ranked(BestPathRules.USUAL);

    Run(Random random) {
      this.random = random;
      routes = new RandomRoutes(random);
      RandomRoutes.PEERS.forEach(peer -> models.put(peer.name(), new PeerModel()));
      rib.apply(speaker);
    }

    private static RoutingEvent.Speaker speaker(boolean reflecting) {
      return new RoutingEvent.Speaker(64512, IpAddress.parse("10.255.0.1"), reflecting);
    }

    void go(int steps) {
      for (int i = 0; i < steps; i++) {
        step();
        if (i % 10 == 9) {
          tell();
          check();
        }
      }
    }

    private void apply(RoutingEvent event) {
      if (event instanceof RoutingEvent.Told told && random.nextInt(3) == 0) {
        together.add(told);
        return;
      }
      tell();
      rib.apply(event);
      boolean repeatable =
          !(event instanceof RoutingEvent.PeerDown)
              && !(event instanceof RoutingEvent.PeerUp)
              && !(event instanceof RoutingEvent.Doubt)
              && !(event instanceof RoutingEvent.Sweep);
      if (repeatable && random.nextInt(8) == 0) {
        assertThat(rib.apply(event))
            .isIn(Verdict.REPEATED, Verdict.NOT_SUBSCRIBED, Verdict.NO_PEER);
      }
    }

    /** What has been put off is told at once. */
    private void tell() {
      rib.apply(List.copyOf(together));
      together.clear();
    }

    private void step() {
      Peer peer = routes.pick(RandomRoutes.PEERS);
      PeerModel model = models.get(peer.name());
      switch (random.nextInt(18)) {
        case 0, 1 -> configure();
        case 12 -> {
          speaker = speaker(random.nextBoolean());
          apply(speaker);
        }
        case 13 -> doubt(peer, model);
        case 16 -> {
          checked = new RoutingEvent.NextHopsChecked(random.nextBoolean());
          apply(checked);
        }
        case 17 -> fabric(peer, model);
        case 15 -> {
          ranked =
              new RoutingEvent.Ranked(
                  new BestPathRules(random.nextBoolean(), random.nextBoolean()));
          apply(ranked);
        }
        case 14 -> membership(peer, model);
        case 2 -> session(peer, model);
        case 3 -> sweep(peer, model);
        case 4, 5 -> wish(peer, model);
        case 6 -> unwish(peer, model);
        case 7 -> withdraw(peer, model);
        case 8 -> {
          tell();
          hear(rib, heard, peer.name(), 1 + random.nextInt(3));
        }
        default -> announce(peer, model);
      }
    }

    private void configure() {
      String name = routes.pick(RandomRoutes.INSTANCES);
      if (random.nextInt(4) == 0) {
        instances.remove(name);
        apply(new RoutingEvent.InstanceRemoved(name));
        return;
      }
      InstanceConfig config = routes.instance(name);
      instances.put(name, config);
      apply(new RoutingEvent.InstanceChanged(config));
    }

    private void session(Peer peer, PeerModel model) {
      if (!model.up) {
        model.up = true;
        heard.keySet().removeIf(key -> key.startsWith(peer.name() + " "));
        apply(new RoutingEvent.PeerUp(peer));
        return;
      }
      boolean retain = random.nextBoolean();
      model.up = false;
      model.joined.clear();
      if (retain) {
        model.staleSubscriptions.addAll(model.subscriptions.keySet());
        model.stalePaths.addAll(model.paths.keySet());
      } else {
        model.subscriptions.clear();
        model.staleSubscriptions.clear();
        model.paths.clear();
        model.stalePaths.clear();
      }
      heard.keySet().removeIf(key -> key.startsWith(peer.name() + " "));
      apply(new RoutingEvent.PeerDown(peer.name(), retain));
    }

    private void sweep(Peer peer, PeerModel model) {
      for (String instance : model.staleSubscriptions) {
        model.subscriptions.remove(instance);
        model.paths.keySet().removeIf(path -> path.table().instance().equals(instance));
      }
      model.staleSubscriptions.clear();
      model.paths.keySet().removeAll(model.stalePaths);
      model.stalePaths.clear();
      apply(new RoutingEvent.Sweep(peer.name()));
    }

    private void doubt(Peer peer, PeerModel model) {
      Family family = routes.pick(List.of(Family.VPN_INET, Family.VPN_EVPN, Family.ROUTE_TARGET));
      TableId table = TableId.backbone(family);
      model.paths.keySet().stream()
          .filter(key -> key.table().equals(table))
          .forEach(model.stalePaths::add);
      apply(new RoutingEvent.Doubt(peer.name(), family));
      if (random.nextBoolean()) {
        model.stalePaths.removeIf(
            key -> key.table().equals(table) && model.paths.remove(key) != null);
        apply(new RoutingEvent.Sweep(peer.name(), family));
      }
    }

    /** A BGP peer wants a target, all that begin alike, or everything. */
    private void membership(Peer peer, PeerModel model) {
      if (peer.kind() == Peer.Kind.AGENT) {
        return;
      }
      int length = routes.pick(List.of(96, 96, 96, 96, 95, 64, 0));
      long bits = length == 0 ? 0 : target(random.nextInt(4)).bits() & -1L << 96 - length;
      RoutingEvent.Announce event =
          new RoutingEvent.Announce(
              peer.name(),
              TableId.backbone(Family.ROUTE_TARGET),
              new RouteKey.Membership(length, length == 0 ? 0 : 64512 + random.nextInt(2), bits),
              0,
              via(peer, 0),
              null,
              true);
      if (model.up) {
        PathKey key = new PathKey(event.table(), event.key(), event.number());
        model.paths.put(key, event);
        model.stalePaths.remove(key);
      }
      apply(event);
    }

    private void wish(Peer peer, PeerModel model) {
      if (!model.up) {
        return;
      }
      if (peer.kind() == Peer.Kind.AGENT) {
        String instance = routes.pick(RandomRoutes.INSTANCES);
        RoutingEvent.Subscribe event =
            new RoutingEvent.Subscribe(peer.name(), instance, 1, random.nextInt(6) > 0);
        model.subscriptions.put(instance, event);
        model.staleSubscriptions.remove(instance);
        if (!event.feed()) {
          heard.keySet().removeIf(key -> key.startsWith(peer.name() + " " + instance + "."));
        }
        apply(event);
      } else {
        Family family =
            routes.pick(
                List.of(Family.VPN_INET, Family.VPN_EVPN, Family.VPN_ERMVPN, Family.ROUTE_TARGET));
        boolean filtered = family != Family.ROUTE_TARGET && random.nextBoolean();
        RoutingEvent.Wishes wishes =
            new RoutingEvent.Wishes(filtered, random.nextBoolean(), 1 + random.nextInt(3));
        RoutingEvent.Wishes before = model.joined.get(family);
        if (before == null || before.paths() != wishes.paths()) {
          model.joined.put(family, wishes);
          heard.remove(peer.name() + " " + TableId.backbone(family));
        }
        apply(new RoutingEvent.Join(peer.name(), family, wishes));
      }
    }

    private void unwish(Peer peer, PeerModel model) {
      String instance = routes.pick(RandomRoutes.INSTANCES);
      if (!model.up || peer.kind() != Peer.Kind.AGENT) {
        return;
      }
      model.subscriptions.remove(instance);
      model.staleSubscriptions.remove(instance);
      model.paths.keySet().removeIf(path -> path.table().instance().equals(instance));
      model.stalePaths.removeIf(path -> path.table().instance().equals(instance));
      heard.keySet().removeIf(key -> key.startsWith(peer.name() + " " + instance + "."));
      apply(new RoutingEvent.Unsubscribe(peer.name(), instance));
    }

    private void announce(Peer peer, PeerModel model) {
      RoutingEvent.Announce event =
          peer.kind() == Peer.Kind.AGENT
              ? routes.agentRoute(peer, speaker)
              : routes.backboneRoute(peer, speaker);
      boolean allowed =
          model.up
              && (peer.kind() != Peer.Kind.AGENT
                  || model.subscriptions.containsKey(event.table().instance()));
      if (allowed) {
        PathKey key = new PathKey(event.table(), event.key(), event.number());
        model.paths.put(key, event);
        model.stalePaths.remove(key);
      }
      apply(event);
    }

    /** A BGP peer tells a route to somebody's next hop, or to that and more. */
    private void fabric(Peer peer, PeerModel model) {
      if (!model.up || peer.kind() == Peer.Kind.AGENT) {
        return;
      }
      IpPrefix prefix =
          new IpPrefix(routes.pick(RandomRoutes.PEERS).address(), random.nextInt(4) == 0 ? 31 : 32);
      RoutingEvent.Announce event =
          new RoutingEvent.Announce(
              peer.name(),
              TableId.backbone(Family.INET),
              new RouteKey.Inet(prefix),
              0,
              via(peer, 0),
              null,
              random.nextInt(8) > 0);
      PathKey key = new PathKey(event.table(), event.key(), event.number());
      model.paths.put(key, event);
      model.stalePaths.remove(key);
      apply(event);
    }

    private void withdraw(Peer peer, PeerModel model) {
      if (model.up && !model.paths.isEmpty()) {
        PathKey key = routes.pick(List.copyOf(model.paths.keySet()));
        model.paths.remove(key);
        model.stalePaths.remove(key);
        apply(new RoutingEvent.Withdraw(peer.name(), key.table(), key.key(), key.number()));
      }
    }

    // ---- recomputation

    private Rib recomputed() {
      Rib fresh = new Rib();
      fresh.apply(speaker);
      if (random.nextBoolean()) {
        fresh.apply(ranked);
        fresh.apply(checked);
      }
      List<Runnable> work = new ArrayList<>();
      for (InstanceConfig config : instances.values()) {
        work.add(() -> fresh.apply(new RoutingEvent.InstanceChanged(config)));
      }
      for (Peer peer : RandomRoutes.PEERS) {
        work.add(() -> replay(fresh, peer, models.get(peer.name())));
      }
      Collections.shuffle(work, random);
      work.forEach(Runnable::run);
      fresh.apply(ranked);
      fresh.apply(checked);
      return fresh;
    }

    private void replay(Rib fresh, Peer peer, PeerModel model) {
      fresh.apply(new RoutingEvent.PeerUp(peer));
      for (boolean stale : new boolean[] {true, false}) {
        List<RoutingEvent> events = new ArrayList<>();
        model.subscriptions.forEach((instance, event) -> {
          if (stale || !model.staleSubscriptions.contains(instance)) {
            events.add(event);
          }
        });
        List<RoutingEvent> told = new ArrayList<>();
        model.paths.forEach((key, event) -> {
          if (stale || !model.stalePaths.contains(key)) {
            told.add(event);
          }
        });
        Collections.shuffle(told, random);
        events.addAll(told);
        if (!model.up && !stale) {
          break;
        }
        events.forEach(fresh::apply);
        if (stale) {
          fresh.apply(new RoutingEvent.PeerDown(peer.name(), true));
        }
        if (stale && model.up) {
          fresh.apply(new RoutingEvent.PeerUp(peer));
        }
      }
      model.joined.forEach(
          (family, wishes) -> fresh.apply(new RoutingEvent.Join(peer.name(), family, wishes)));
    }

    private static List<Rib.TargetGroup> groups(Rib rib) {
      return rib.targets().stream().sorted().map(rib::targetGroup).toList();
    }

    private void check() {
      Rib fresh = recomputed();
      Map<String, Object> present = content(rib);
      Map<String, Object> recomputed = content(fresh);
      Map<String, Object> expectedAlone = new TreeMap<>(recomputed);
      expectedAlone.entrySet().removeAll(present.entrySet());
      present.entrySet().removeAll(recomputed.entrySet());
      assertThat(present).isEqualTo(expectedAlone);
      assertThat(groups(rib)).isEqualTo(groups(fresh));
      Map<String, Map<String, Advert>> expected = new TreeMap<>();
      for (Peer peer : RandomRoutes.PEERS) {
        hear(rib, heard, peer.name(), Integer.MAX_VALUE);
        hear(fresh, expected, peer.name(), Integer.MAX_VALUE);
        rib.ribOuts(peer.name()).forEach(RibOut::trim);
      }
      heard.values().removeIf(Map::isEmpty);
      expected.values().removeIf(Map::isEmpty);
      assertThat(unnumbered(heard)).isEqualTo(unnumbered(expected));
      new RibInvariants(rib, instances, checked.wanted()).check();
    }

    /** Which path of a key has which number is a matter of history. */
    private static Map<String, Map<String, Set<Advert>>> unnumbered(
        Map<String, Map<String, Advert>> numbered) {
      Map<String, Map<String, Set<Advert>>> found = new TreeMap<>();
      numbered.forEach((table, adverts) -> {
        Map<String, Set<Advert>> byKey = new TreeMap<>();
        adverts
            .values()
            .forEach(advert ->
                byKey.computeIfAbsent(advert.key().toString(), _ -> new HashSet<>()).add(advert));
        assertThat(byKey.values().stream().mapToInt(Set::size).sum()).isEqualTo(adverts.size());
        found.put(table, byKey);
      });
      return found;
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

    private static void hear(
        Rib rib, Map<String, Map<String, Advert>> heard, String peer, int batches) {
      rib.takeChanged();
      for (RibOut ribOut : rib.ribOuts(peer)) {
        Map<String, Advert> mine =
            heard.computeIfAbsent(peer + " " + ribOut.table(), _ -> new TreeMap<>());
        for (int i = 0; i < batches && ribOut.isPending(peer); i++) {
          for (RibOut.Update update : ribOut.next(peer, 2).updates()) {
            switch (update) {
              case RibOut.Update.Tell tell -> mine.put(numbered(tell), tell.advert());
              case RibOut.Update.Retract retract -> mine.remove(numbered(retract));
            }
          }
        }
      }
    }

    private static String numbered(RibOut.Update update) {
      return update.number() + " " + update.key();
    }
  }
}
