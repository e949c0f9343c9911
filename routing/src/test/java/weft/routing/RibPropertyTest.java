package weft.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.routing.Samples.agent;
import static weft.routing.Samples.bgp;
import static weft.routing.Samples.born;
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
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;
import weft.routing.RouteAttributes.Preference;
import weft.testkit.Seeds;

/** Whatever happened before, the tables are those that the present inputs lead to from nothing. */
class RibPropertyTest {
  private static final List<Peer> PEERS =
      List.of(
          agent(1),
          agent(2),
          agent(3),
          bgp(1, Peer.Kind.INTERNAL_BGP),
          bgp(2, Peer.Kind.EXTERNAL_BGP),
          bgp(3, Peer.Kind.INTERNAL_BGP));
  private static final List<String> INSTANCES = List.of("red", "blue", "green");

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
      PEERS.forEach(peer -> models.put(peer.name(), new PeerModel()));
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

    private <T> T pick(List<T> list) {
      return list.get(random.nextInt(list.size()));
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
      Peer peer = pick(PEERS);
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
      String name = pick(INSTANCES);
      if (random.nextInt(4) == 0) {
        instances.remove(name);
        apply(new RoutingEvent.InstanceRemoved(name));
        return;
      }
      int id = INSTANCES.indexOf(name) + 1 + (random.nextInt(5) == 0 ? 10 : 0);
      InstanceConfig config =
          Samples.instance(name, id, targets(), targets())
              .withRoutes(some(this::staticRoute), some(this::aggregate))
              .with(random.nextInt(3) == 0 ? policy() : RoutingPolicy.NONE);
      instances.put(name, config);
      apply(new RoutingEvent.InstanceChanged(config));
    }

    private <T> List<T> some(Supplier<T> one) {
      return Stream.generate(one).limit(Math.max(0, random.nextInt(5) - 2)).toList();
    }

    private StaticRoute staticRoute() {
      String prefix = pick(List.of("10.0.0.1/32", "10.0.0.2/32", "10.0.0.0/31", "192.168.0.0/24"));
      return new StaticRoute(
          IpPrefix.parse(prefix),
          IpAddress.parse("10.0.0." + random.nextInt(3)),
          random.nextBoolean() ? new TreeSet<>() : new TreeSet<>(targets()),
          new TreeSet<>(Set.of(random.nextInt(2))));
    }

    private Aggregate aggregate() {
      String prefix = pick(List.of("10.0.0.0/31", "10.0.0.0/24", "10.0.0.0/8", "192.0.0.0/8"));
      return new Aggregate(IpPrefix.parse(prefix), IpAddress.parse("10.0.0." + random.nextInt(3)));
    }

    private RoutingPolicy policy() {
      List<List<RoutingPolicy.Term>> policies = new ArrayList<>();
      for (int i = random.nextInt(2); i >= 0; i--) {
        policies.add(Stream.generate(this::term).limit(1 + random.nextInt(2)).toList());
      }
      return new RoutingPolicy(policies);
    }

    private RoutingPolicy.Term term() {
      RoutingPolicy.PrefixMatch prefix =
          new RoutingPolicy.PrefixMatch(
              IpPrefix.parse(pick(List.of("10.0.0.1/32", "10.0.0.0/24", "10.0.0.0/31"))),
              pick(List.of(RoutingPolicy.PrefixMatch.Reach.values())));
      RoutingPolicy.Match match =
          new RoutingPolicy.Match(
              random.nextBoolean() ? List.of() : List.of(prefix),
              random.nextBoolean()
                  ? CommunityMatch.ANY
                  : new CommunityMatch(List.of("0:" + random.nextInt(2)), false),
              random.nextBoolean()
                  ? CommunityMatch.ANY
                  : new CommunityMatch(List.of("target:.*:8000001"), true),
              random.nextBoolean()
                  ? Set.of()
                  : Set.of(pick(List.of(RoutingPolicy.Protocol.values()))));
      return new RoutingPolicy.Term(match, update(), pick(List.of(RoutingPolicy.Action.values())));
    }

    private RoutingPolicy.Update update() {
      return new RoutingPolicy.Update(
          random.nextBoolean() ? null : 99L + random.nextInt(4),
          random.nextBoolean() ? null : (Long) (long) random.nextInt(2),
          new RoutingPolicy.Change<>(
              random.nextBoolean() ? null : List.of(1), List.of(), List.of(random.nextInt(2))),
          random.nextInt(3) > 0
              ? RoutingPolicy.Change.none()
              : new RoutingPolicy.Change<>(
                  null, List.of(target(random.nextInt(4)).toCommunity()), List.of()),
          random.nextBoolean() ? List.of() : List.of(64700L));
    }

    private Set<RouteTarget> targets() {
      Set<RouteTarget> found = new HashSet<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        found.add(target(random.nextInt(4)));
      }
      return found;
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
      Family family = pick(List.of(Family.VPN_INET, Family.VPN_EVPN, Family.ROUTE_TARGET));
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
      int length = pick(List.of(96, 96, 96, 96, 95, 64, 0));
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
        String instance = pick(INSTANCES);
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
            pick(List.of(Family.VPN_INET, Family.VPN_EVPN, Family.VPN_ERMVPN, Family.ROUTE_TARGET));
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
      String instance = pick(INSTANCES);
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
          peer.kind() == Peer.Kind.AGENT ? agentRoute(peer) : backboneRoute(peer);
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
      IpPrefix prefix = new IpPrefix(pick(PEERS).address(), random.nextInt(4) == 0 ? 31 : 32);
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
        PathKey key = pick(List.copyOf(model.paths.keySet()));
        model.paths.remove(key);
        model.stalePaths.remove(key);
        apply(new RoutingEvent.Withdraw(peer.name(), key.table(), key.key(), key.number()));
      }
    }

    private RouteKey key(Peer peer) {
      IpPrefix host = IpPrefix.parse("10.0.0." + random.nextInt(3) + "/32");
      return switch (random.nextInt(7)) {
        case 4 -> tree(peer);
        case 6 ->
            new RouteKey.Selective(
                0, IpAddress.parse("239.0.0.1"), IpAddress.parse("0.0.0.0"), peer.address());
        case 5 -> new RouteKey.Prefix(0, host);
        case 0 -> new RouteKey.Mac(0, new MacAddress(0x0200_0000_0001L), host);
        case 1 -> new RouteKey.Broadcast(0, peer.address());
        default -> new RouteKey.Inet(host);
      };
    }

    /** That an agent wants a group, or what another control node says of its tree. */
    private RouteKey tree(Peer peer) {
      IpAddress group = IpAddress.parse("239.0.0." + random.nextInt(2));
      IpAddress any = IpAddress.parse("0.0.0.0");
      return peer.kind() == Peer.Kind.AGENT
          ? new RouteKey.Group(group, any, Samples.rd(peer, 1))
          : new RouteKey.Tree(
              pick(List.of(RouteKey.Tree.Kind.values())),
              pick(List.of(peer.routerId(), ((Ipv4Address) speaker.nextHop()).bits())),
              group,
              any);
    }

    private TreePart part(Peer peer, RouteKey key) {
      TreePart.Branch branch = new TreePart.Branch(peer.address(), 1 + random.nextInt(2));
      TreePart.Branch other = new TreePart.Branch(pick(PEERS).address(), 7);
      return switch (key) {
        case RouteKey.Tree(RouteKey.Tree.Kind kind, int _, IpAddress _, IpAddress _) ->
            kind == RouteKey.Tree.Kind.LOCAL
                ? new TreePart.Edges(List.of(branch))
                : new TreePart.Joints(List.of(new TreePart.Joint(other, branch)));
        default -> new TreePart.Offer(100, 100 + random.nextInt(3));
      };
    }

    private RouteAttributes attributes(Peer peer, RouteKey key) {
      RouteAttributes some = attributes(peer);
      return switch (key) {
        case RouteKey.Group _, RouteKey.Tree _ -> some.with(part(peer, key));
        case RouteKey.Broadcast _ -> some.with(pmsi());
        default -> some;
      };
    }

    /** A host of the tree, one beside it, one that copies for others, or a leaf of any. */
    private RouteAttributes.Pmsi pmsi() {
      int flags =
          pick(
              List.of(
                  RouteAttributes.Pmsi.EDGE_REPLICATION,
                  0,
                  RouteAttributes.Pmsi.REPLICATOR,
                  RouteAttributes.Pmsi.LEAF));
      IpAddress replicator = flags == RouteAttributes.Pmsi.LEAF ? pick(PEERS).address() : null;
      return new RouteAttributes.Pmsi(
          flags, RouteAttributes.Pmsi.INGRESS_REPLICATION, 0, replicator);
    }

    private RouteAttributes attributes(Peer peer) {
      RouteAttributes some = via(peer, 20 + random.nextInt(3));
      some = some.with(Preference.of(100 + random.nextInt(2), (long) random.nextInt(2)));
      return random.nextInt(4) == 0 ? born(some, targets(), null) : some;
    }

    private RoutingEvent.Announce agentRoute(Peer peer) {
      RouteKey key = key(peer);
      RoutingEvent.Announce event =
          Samples.announce(peer, pick(INSTANCES), key, attributes(peer, key), 1);
      return new RoutingEvent.Announce(
          event.peer(),
          event.table(),
          event.key(),
          0,
          event.attributes(),
          key instanceof RouteKey.Group ? null : event.rd(),
          random.nextInt(10) > 0);
    }

    private RoutingEvent.Announce backboneRoute(Peer peer) {
      RouteKey inner = key(peer);
      OriginVn origin = random.nextBoolean() ? new OriginVn(64512, 1 + random.nextInt(3)) : null;
      RouteAttributes some = born(attributes(peer, inner), targets(), origin);
      if (random.nextInt(4) == 0) {
        some = some.with(some.membership().with(passed()));
      }
      boolean returned = random.nextInt(4) == 0;
      if (returned) {
        some = some.with(Communities.ACCEPT_OWN).with(fromUs(some.preference()));
      }
      List<Long> asPath =
          Stream.generate(() -> 64600L + random.nextInt(2)).limit(random.nextInt(4)).toList();
      if (random.nextInt(4) == 0) {
        some = some.with(some.preference().with(RouteAttributes.Origin.INCOMPLETE));
      }
      Family family = Samples.family(inner).backbone();
      return new RoutingEvent.Announce(
          peer.name(),
          TableId.backbone(family),
          RouteKey.Vpn.of(
              returned
                  ? Samples.rd(pick(PEERS.subList(0, 2)), 1)
                  : RouteDistinguisher.ofAs2(64512, random.nextInt(2)),
              inner),
          random.nextInt(2),
          some.with(some.preference().withAsPath(asPath)),
          null,
          true);
    }

    private OriginVnPath passed() {
      return new OriginVnPath(new OriginVn(64512, 1 + random.nextInt(3)).toCommunities());
    }

    private Preference fromUs(Preference usual) {
      return new Preference(
          usual.local(),
          usual.med(),
          usual.origin(),
          usual.asPath(),
          usual.mobility(),
          new RouteAttributes.Reflection(((Ipv4Address) speaker.nextHop()).bits(), List.of(1)));
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
      for (Peer peer : PEERS) {
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
      for (Peer peer : PEERS) {
        hear(rib, heard, peer.name(), Integer.MAX_VALUE);
        hear(fresh, expected, peer.name(), Integer.MAX_VALUE);
        rib.ribOuts(peer.name()).forEach(RibOut::trim);
      }
      heard.values().removeIf(Map::isEmpty);
      expected.values().removeIf(Map::isEmpty);
      assertThat(unnumbered(heard)).isEqualTo(unnumbered(expected));
      noLeaks();
      derivedRoutesHaveTheirCause();
      nextHopsAreReached();
      attributesAreShared();
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

    private void noLeaks() {
      for (Table table : rib.tables()) {
        InstanceConfig config = instances.get(table.id().instance());
        for (Route route : table.routes()) {
          for (Path path : route.selection().ranked()) {
            if (table.id().family() == Family.ROUTE_TARGET) {
              continue;
            }
            boolean own = path.id().table().equals(table.id());
            boolean welcome =
                config != null
                    && !Collections.disjoint(
                        path.asTold().attributes().membership().targets(), config.imports());
            assertThat(own || table.id().family().isVpn() || welcome)
                .as("%s in %s", path, table.id())
                .isTrue();
            boolean cameBack =
                config != null
                    && path.imported()
                    && path.attributes().membership().passed().contains(config.originVn());
            assertThat(cameBack).as("%s in %s", path, table.id()).isFalse();
          }
        }
      }
    }

    /** What configuration gives to a table has its cause there, and is told nobody without it. */
    private void derivedRoutesHaveTheirCause() {
      for (Table table : rib.tables()) {
        InstanceConfig config = instances.get(table.id().instance());
        for (Route route : table.routes()) {
          for (Path path : route.selection().ranked()) {
            if (path.imported() || !path.peer().kind().isDerived()) {
              continue;
            }
            assertThat(config).isNotNull();
            IpPrefix prefix = ((RouteKey.Inet) route.key()).prefix();
            IpAddress via = path.attributes().nextHop().address();
            boolean wanted =
                config.staticRoutes().stream()
                        .anyMatch(s -> s.prefix().equals(prefix) && leads(table, s.nextHop(), via))
                    || config.aggregates().stream()
                        .anyMatch(a ->
                            a.prefix().equals(prefix)
                                && leads(table, a.nextHop(), via)
                                && table.routes().stream().anyMatch(r -> stands(a, r)));
            assertThat(wanted).as("%s in %s", path, table.id()).isTrue();
          }
        }
      }
    }

    private void nextHopsAreReached() {
      for (Table table : rib.tables()) {
        for (Route route : table.routes()) {
          for (Path path : route.selection().ranked()) {
            IpAddress nextHop = path.attributes().nextHop().address();
            Table fabric = rib.table(TableId.backbone(Family.INET));
            Route host =
                fabric == null ? null : fabric.route(new RouteKey.Inet(nextHop.toHostPrefix()));
            boolean isReached = host != null && host.best() != null;
            boolean isExempt =
                !checked.wanted()
                    || table.id().instance().equals(TableId.MASTER)
                    || table.id().family() == Family.ERMVPN;
            assertThat(path.unreached()).isEqualTo(!isExempt && !isReached);
          }
        }
      }
    }

    private static boolean stands(Aggregate aggregate, Route route) {
      return route.best() != null && aggregate.covers(((RouteKey.Inet) route.key()).prefix());
    }

    private static boolean leads(Table table, IpAddress nextHop, IpAddress via) {
      Route route = table.route(new RouteKey.Inet(nextHop.toHostPrefix()));
      return route != null
          && route.paths().stream()
              .anyMatch(p ->
                  p.isFeasible()
                      && !p.peer().kind().isDerived()
                      && p.attributes().nextHop().address().equals(via));
    }

    /** What equal attributes have in common is one object, and only what some path has is kept. */
    private void attributesAreShared() {
      Map<RouteAttributes.AllButLabels, RouteAttributes.AllButLabels> shared = new HashMap<>();
      for (Table table : rib.tables()) {
        for (Route route : table.routes()) {
          for (Path path : route.selection().ranked()) {
            RouteAttributes.AllButLabels common = path.attributes().common();
            assertThat(shared.computeIfAbsent(common, a -> a)).isSameAs(common);
          }
        }
      }
      assertThat(rib.differentAttributes()).isEqualTo(shared.size());
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
