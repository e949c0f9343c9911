package weft.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
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
  private final Map<TableId, Table> tables = new TreeMap<>();
  private final Set<Route> touched = new LinkedHashSet<>();
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
    return List.copyOf(tables.values());
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
                replicator.dependents(target).size()))
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
    return session == null ? 0 : session.told.values().stream().mapToInt(Set::size).sum();
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
    for (Path.Id told : session.allTold()) {
      Route route = route(told.table(), told.key());
      Path path = route == null ? null : route.path(told);
      if (route != null
          && path != null
          && path.isFeasible()
          && (!onlyStale || path.condition() == Path.Condition.STALE)) {
        put(route, path.with(condition));
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
    for (Path.Id told : session.allTold()) {
      Route route = route(told.table(), told.key());
      Path path = route == null ? null : route.path(told);
      if (path == null || isStale(path)) {
        remove(session, told);
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
    session.allTold().forEach(told -> remove(session, told));
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
      session.told(id).forEach(told -> remove(session, told));
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
      table.unsorted().forEach(route -> ribOut.set(route.key(), adverts.shared(route, policy)));
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
    Path.Id id = new Path.Id(e.table(), e.key(), e.peer(), e.number());
    Path path = new Path(id, session.peer, e.attributes(), e.rd(), condition, false);
    session.told(id);
    return put(locate(e.table()).locate(e.key()), path) ? Verdict.DONE : Verdict.REPEATED;
  }

  private Verdict withdraw(RoutingEvent.Withdraw e) {
    Session session = sessions.up(e.peer());
    if (session == null) {
      return Verdict.NO_PEER;
    }
    Path.Id id = new Path.Id(e.table(), e.key(), e.peer(), e.number());
    return remove(session, id) ? Verdict.DONE : Verdict.REPEATED;
  }

  private boolean remove(Session session, Path.Id told) {
    session.forget(told);
    Route route = route(told.table(), told.key());
    if (route == null || !route.remove(told)) {
      return false;
    }
    touched.add(route);
    return true;
  }

  private boolean put(Route route, Path path) {
    boolean isNew = route.put(path);
    if (isNew) {
      touched.add(route);
    }
    return isNew;
  }

  // ---- configuration

  private Verdict configure(String name, @Nullable InstanceConfig config) {
    InstanceConfig before = instances.set(name, config);
    if (Objects.equals(before, config)) {
      return Verdict.REPEATED;
    }
    for (InstanceConfig side : new InstanceConfig[] {before, config}) {
      if (side != null) {
        side.imports().forEach(target -> touched.addAll(replicator.dependents(target)));
        side.exports().forEach(target -> touched.addAll(replicator.dependents(target)));
        OriginVn origin = side.originVn();
        if (origin != null) {
          touched.addAll(replicator.bornIn(origin));
        }
      }
    }
    for (Family family : IN_INSTANCE) {
      Table table = tables.get(new TableId(name, family));
      if (table != null) {
        touched.addAll(table.unsorted());
        dropIfUnused(table);
      }
    }
    return Verdict.DONE;
  }

  // ---- consequences

  private void settle() {
    while (!touched.isEmpty()) {
      Route route = touched.iterator().next();
      touched.remove(route);
      route.select();
      replicate(route);
      for (RibOut ribOut : route.table().ribOuts()) {
        if (ribOut.set(route.key(), adverts.shared(route, ribOut.policy()))) {
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
    List<Route.Place> before = route.copies;
    Map<Route.Place, Path> after = replicator.copies(route);
    route.copies = List.copyOf(after.keySet());
    for (Route.Place place : before) {
      Route copy = after.containsKey(place) ? null : route(place.table(), place.key());
      if (copy != null && copy.remove(place.id())) {
        touched.add(copy);
      }
    }
    after.forEach((place, path) -> put(locate(place.table()).locate(place.key()), path));
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
