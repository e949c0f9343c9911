package weft.routing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.net.RouteTarget;
import weft.routing.Sessions.Session;
import weft.routing.Sessions.Subscription;

/**
 * All routing tables of a control node, as a fold over routing events.
 *
 * <p>What it holds depends on the events' outcome alone: which instances there are and what each
 * peer tells now. It belongs to one loop. An instance that is subscribed before it is configured
 * has its tables, which nothing leaves until it is.
 */
public final class Rib {
  private static final Set<Family> IN_INSTANCE =
      EnumSet.of(Family.INET, Family.INET6, Family.EVPN, Family.ERMVPN);

  private final Instances instances = new Instances();
  private final Sessions sessions = new Sessions();
  private final Replicator replicator = new Replicator(instances);
  private final Adverts adverts = new Adverts(instances);
  private final AttributePool attributes = new AttributePool();
  private final Map<TableId, Table> tables = new HashMap<>();
  private final Deque<Route> touched = new ArrayDeque<>();
  private final Set<Table> broadcastTouched = new LinkedHashSet<>();
  private final Set<RibOut> changed = new LinkedHashSet<>();

  /** Takes in an event and settles everything that follows from it. */
  public Verdict apply(RoutingEvent event) {
    Verdict verdict =
        switch (event) {
          case RoutingEvent.PeerUp e -> up(e.peer());
          case RoutingEvent.PeerDown e -> down(e.peer(), e.retain());
          case RoutingEvent.PeerLost e -> restate(e.peer(), Path.Condition.LONG_STALE);
          case RoutingEvent.Sweep e -> sweep(e.peer());
          case RoutingEvent.Subscribe e -> subscribe(e);
          case RoutingEvent.Unsubscribe e -> unsubscribe(e.peer(), e.instance());
          case RoutingEvent.Join e -> join(e.peer(), e.family());
          case RoutingEvent.Refresh e -> refresh(e.peer(), e.family());
          case RoutingEvent.Announce e -> announce(e);
          case RoutingEvent.Withdraw e -> withdraw(e);
          case RoutingEvent.InstanceChanged e -> configure(e.config().name(), e.config());
          case RoutingEvent.InstanceRemoved e -> configure(e.name(), null);
        };
    settle();
    return verdict;
  }

  // ---- what may be read

  /** All tables, in the order of their names. */
  public Collection<Table> tables() {
    return tables.values().stream().sorted(Comparator.comparing(Table::id)).toList();
  }

  public @Nullable Table table(TableId id) {
    return tables.get(id);
  }

  public Collection<InstanceConfig> instances() {
    return instances.all();
  }

  /** The name of the network that a path was born in, or null if it is not known. */
  public @Nullable String network(Route route, Path path) {
    return adverts.network(route, path);
  }

  /** Who imports and exports a route target, and how many routes carry it. */
  public record TargetGroup(
      RouteTarget target, List<String> importers, List<String> exporters, int routes) {}

  public List<TargetGroup> targetGroups() {
    Set<RouteTarget> all = new LinkedHashSet<>(instances.targets());
    all.addAll(replicator.targets());
    return all.stream()
        .sorted()
        .map(target ->
            new TargetGroup(
                target,
                List.copyOf(instances.importers(target)),
                List.copyOf(instances.exporters(target)),
                replicator.dependentCount(target)))
        .toList();
  }

  /** The instances a peer is subscribed to, with its number for each; stale ones included. */
  public Map<String, Integer> subscriptions(String peer) {
    Map<String, Integer> found = new TreeMap<>();
    Session session = sessions.get(peer);
    if (session != null) {
      session.subscriptions.forEach((name, s) -> found.put(name, s.instanceId()));
    }
    return found;
  }

  /** The peer's number for an instance; 0 if it is not subscribed. */
  public int instanceId(String peer, String instance) {
    Session session = sessions.get(peer);
    Subscription subscription = session == null ? null : session.subscriptions.get(instance);
    return subscription == null ? 0 : subscription.instanceId();
  }

  /** How many paths the peer has told. */
  public int pathCount(String peer) {
    Session session = sessions.get(peer);
    return session == null ? 0 : session.paths();
  }

  /** The ways in which tables are told to that peer. */
  public List<RibOut> ribOuts(String peer) {
    Session session = sessions.up(peer);
    if (session == null) {
      return List.of();
    }
    List<RibOut> found = new ArrayList<>();
    ExportPolicy policy = ExportPolicy.of(session.peer.kind());
    for (TableId id : feeds(session)) {
      Table table = tables.get(id);
      RibOut ribOut = table == null ? null : table.ribOut(policy);
      if (ribOut != null && ribOut.hasMember(peer)) {
        found.add(ribOut);
      }
    }
    return found;
  }

  /** The RibOuts that have something new since the last call; what they tell is up to date now. */
  public List<RibOut> takeChanged() {
    settleBroadcasts();
    List<RibOut> taken = List.copyOf(changed);
    taken.forEach(RibOut::forgetChanged);
    changed.clear();
    return taken;
  }

  /** How many different attributes the paths of all tables have. */
  int differentAttributes() {
    return attributes.size();
  }

  // ---- peers

  private Verdict up(Peer peer) {
    Session session = sessions.locate(peer);
    if (session.up && session.peer.equals(peer)) {
      return Verdict.REPEATED;
    }
    if (!session.peer.equals(peer)) {
      // Another machine under the same name: nothing of the old one is true any more.
      forget(session);
      session = sessions.locate(peer);
    }
    session.up = true;
    return Verdict.DONE;
  }

  private Verdict down(String name, boolean retain) {
    Session session = sessions.up(name);
    if (session == null) {
      return Verdict.NO_PEER;
    }
    leaveAll(session);
    session.up = false;
    if (!retain) {
      forget(session);
      return Verdict.DONE;
    }
    session.subscriptions.replaceAll((_, s) -> new Subscription(s.instanceId(), s.feed(), true));
    session.joined.clear();
    return restate(name, Path.Condition.STALE);
  }

  private Verdict restate(String name, Path.Condition condition) {
    Session session = sessions.get(name);
    if (session == null) {
      return Verdict.NO_PEER;
    }
    boolean onlyStale = condition == Path.Condition.LONG_STALE;
    for (Route route : session.allTold()) {
      for (Path path : route.told(name)) {
        if (path.isFeasible() && (!onlyStale || path.condition() == Path.Condition.STALE)) {
          put(route, path.with(condition));
        }
      }
    }
    return Verdict.DONE;
  }

  private Verdict sweep(String name) {
    Session session = sessions.get(name);
    if (session == null) {
      return Verdict.NO_PEER;
    }
    List<String> stale = new ArrayList<>();
    session.subscriptions.forEach((instance, s) -> {
      if (s.stale()) {
        stale.add(instance);
      }
    });
    stale.forEach(instance -> endSubscription(session, instance));
    for (Route route : session.allTold()) {
      for (Path path : route.told(name)) {
        if (isStale(path)) {
          remove(session, route, path);
        }
      }
    }
    if (!session.up && session.isEmpty()) {
      sessions.remove(name);
    }
    return Verdict.DONE;
  }

  private static boolean isStale(Path path) {
    return path.condition() == Path.Condition.STALE
        || path.condition() == Path.Condition.LONG_STALE;
  }

  private void forget(Session session) {
    leaveAll(session);
    session.allTold().forEach(route -> removeAll(session, route));
    sessions.remove(session.peer.name());
  }

  // ---- what peers want

  private List<TableId> feeds(Session session) {
    List<TableId> found = new ArrayList<>();
    session.subscriptions.forEach((instance, s) -> {
      if (s.feed()) {
        IN_INSTANCE.forEach(family -> found.add(new TableId(instance, family)));
      }
    });
    session.joined.forEach(family -> found.add(TableId.backbone(family)));
    return found;
  }

  private Verdict subscribe(RoutingEvent.Subscribe e) {
    Session session = sessions.up(e.peer());
    if (session == null) {
      return Verdict.NO_PEER;
    }
    Subscription next = new Subscription(e.instanceId(), e.feed(), false);
    Subscription before = session.subscriptions.put(e.instance(), next);
    if (next.equals(before)) {
      return Verdict.REPEATED;
    }
    for (Family family : IN_INSTANCE) {
      TableId id = new TableId(e.instance(), family);
      if (e.feed()) {
        enter(session, id);
      } else {
        leave(session, id);
      }
    }
    return Verdict.DONE;
  }

  private Verdict unsubscribe(String name, String instance) {
    Session session = sessions.up(name);
    if (session == null) {
      return Verdict.NO_PEER;
    }
    return endSubscription(session, instance) ? Verdict.DONE : Verdict.NOT_SUBSCRIBED;
  }

  private boolean endSubscription(Session session, String instance) {
    if (session.subscriptions.remove(instance) == null) {
      return false;
    }
    for (Family family : IN_INSTANCE) {
      TableId id = new TableId(instance, family);
      leave(session, id);
      session.told(id).forEach(route -> removeAll(session, route));
    }
    return true;
  }

  private Verdict join(String name, Family family) {
    Session session = sessions.up(name);
    if (session == null) {
      return Verdict.NO_PEER;
    }
    if (!session.joined.add(family)) {
      return Verdict.REPEATED;
    }
    enter(session, TableId.backbone(family));
    return Verdict.DONE;
  }

  private Verdict refresh(String name, Family family) {
    Session session = sessions.up(name);
    Table table = tables.get(TableId.backbone(family));
    RibOut ribOut =
        session == null || table == null
            ? null
            : table.ribOut(ExportPolicy.of(session.peer.kind()));
    if (ribOut == null || !ribOut.hasMember(name)) {
      return Verdict.NOT_SUBSCRIBED;
    }
    ribOut.restart(name);
    changed.add(ribOut);
    return Verdict.DONE;
  }

  private void enter(Session session, TableId id) {
    Table table = locate(id);
    ExportPolicy policy = ExportPolicy.of(session.peer.kind());
    boolean first = table.ribOut(policy) == null;
    RibOut ribOut = table.locateRibOut(policy);
    if (ribOut.hasMember(session.peer.name())) {
      return;
    }
    if (first) {
      table.unsorted().forEach(route -> tell(ribOut, route));
    }
    ribOut.join(session.peer);
    changed.add(ribOut);
    broadcastTouched.add(table);
  }

  private void leave(Session session, TableId id) {
    Table table = tables.get(id);
    RibOut ribOut = table == null ? null : table.ribOut(ExportPolicy.of(session.peer.kind()));
    if (table == null || ribOut == null) {
      return;
    }
    ribOut.leave(session.peer.name());
    if (ribOut.isDeserted()) {
      table.dropRibOut(ribOut);
      changed.remove(ribOut);
    }
    dropIfUnused(table);
  }

  private void leaveAll(Session session) {
    feeds(session).forEach(id -> leave(session, id));
  }

  // ---- what peers tell

  private Verdict announce(RoutingEvent.Announce e) {
    Session session = sessions.up(e.peer());
    if (session == null) {
      return Verdict.NO_PEER;
    }
    if (!session.mayTell(e.table())) {
      return Verdict.NOT_SUBSCRIBED;
    }
    Path.Condition condition = e.feasible() ? Path.Condition.VALID : Path.Condition.INFEASIBLE;
    Table table = locate(e.table());
    Route route = table.locate(e.key());
    if (route.told(e.peer(), e.number()) == null) {
      session.told(route);
    }
    Path path =
        new Path(
            table.id(),
            route.key(),
            session.peer,
            e.number(),
            e.attributes(),
            e.rd(),
            condition,
            false);
    return put(route, path) ? Verdict.DONE : Verdict.REPEATED;
  }

  private Verdict withdraw(RoutingEvent.Withdraw e) {
    Session session = sessions.up(e.peer());
    if (session == null) {
      return Verdict.NO_PEER;
    }
    Route route = route(e.table(), e.key());
    Path path = route == null ? null : route.told(e.peer(), e.number());
    if (route == null || path == null) {
      return Verdict.REPEATED;
    }
    remove(session, route, path);
    return Verdict.DONE;
  }

  private void removeAll(Session session, Route route) {
    route.told(session.peer.name()).forEach(path -> remove(session, route, path));
  }

  private void remove(Session session, Route route, Path path) {
    if (route.remove(path)) {
      session.forget(route);
      touch(route);
    }
  }

  private boolean put(Route route, Path path) {
    boolean isNew = route.put(path);
    if (isNew) {
      touch(route);
    }
    return isNew;
  }

  private void touch(Route route) {
    if (route.touch()) {
      touched.add(route);
    }
  }

  // ---- configuration

  private Verdict configure(String name, @Nullable InstanceConfig config) {
    InstanceConfig before = instances.set(name, config);
    if (Objects.equals(before, config)) {
      return Verdict.REPEATED;
    }
    tables.values().forEach(Table::forgetExported);
    for (InstanceConfig side : new InstanceConfig[] {before, config}) {
      if (side != null) {
        side.imports().forEach(target -> replicator.dependents(target).forEach(this::touch));
        side.exports().forEach(target -> replicator.dependents(target).forEach(this::touch));
        OriginVn origin = side.originVn();
        if (origin != null) {
          replicator.bornIn(origin).forEach(this::touch);
        }
      }
    }
    for (Family family : IN_INSTANCE) {
      Table table = tables.get(new TableId(name, family));
      if (table != null) {
        table.unsorted().forEach(this::touch);
        dropIfUnused(table);
      }
    }
    return Verdict.DONE;
  }

  // ---- consequences

  private void settle() {
    for (Route route = touched.poll(); route != null; route = touched.poll()) {
      route.select();
      replicate(route);
      for (RibOut ribOut : route.table().ribOuts()) {
        if (tell(ribOut, route) && ribOut.noteChanged()) {
          changed.add(ribOut);
        }
      }
      if (route.key() instanceof RouteKey.Broadcast) {
        broadcastTouched.add(route.table());
      }
      if (route.isEmpty()) {
        route.table().drop(route);
        dropIfUnused(route.table());
      }
    }
  }

  private boolean tell(RibOut ribOut, Route route) {
    return switch (ribOut.policy()) {
      case AGENTS -> ribOut.set(route.key(), adverts.forAgents(route));
      case INTERNAL_BGP, EXTERNAL_BGP -> {
        Path best = route.best();
        boolean isTold = best != null && ribOut.policy().permits(best);
        yield ribOut.set(route.key(), isTold ? best : null);
      }
    };
  }

  /** Apart from the rest, since each change of who wants broadcasts concerns all who do. */
  private void settleBroadcasts() {
    for (Table table : broadcastTouched) {
      RibOut ribOut = table.ribOut(ExportPolicy.AGENTS);
      if (ribOut != null && adverts.replicate(table, ribOut)) {
        changed.add(ribOut);
      }
    }
    broadcastTouched.clear();
  }

  private void replicate(Route route) {
    List<Route.Copy> before = route.copies;
    List<Replicator.Place> after = replicator.copies(route);
    if (before.isEmpty() && after.isEmpty()) {
      return;
    }
    List<Route.Copy> copies = new ArrayList<>(after.size());
    for (Replicator.Place place : after) {
      Route at = locate(place.table()).locate(place.key());
      put(at, place.path());
      copies.add(new Route.Copy(at, place.primary()));
    }
    route.copies = List.copyOf(copies);
    for (Route.Copy old : before) {
      boolean stays =
          copies.stream().anyMatch(c -> c.at() == old.at() && c.path().isSame(old.path()));
      if (!stays && old.at().remove(old.path())) {
        touch(old.at());
      }
    }
  }

  private @Nullable Route route(TableId id, RouteKey key) {
    Table table = tables.get(id);
    return table == null ? null : table.route(key);
  }

  private Table locate(TableId id) {
    return tables.computeIfAbsent(id, _ -> new Table(id, attributes));
  }

  private void dropIfUnused(Table table) {
    if (table.size() == 0 && table.ribOuts().isEmpty()) {
      tables.remove(table.id(), table);
    }
  }
}
