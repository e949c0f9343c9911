package weft.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
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
  private final Instances instances = new Instances();
  private final Sessions sessions = new Sessions();
  private final Tables tables = new Tables(instances);
  private final Tellings tellings = new Tellings(sessions, tables);
  private final Wanted wanted = new Wanted(instances);
  private RoutingEvent.@Nullable Speaker speaker;
  private BestPathRules rules = BestPathRules.USUAL;
  private boolean nextHopsChecked;

  /** Takes in an event and settles everything that follows from it. */
  public Verdict apply(RoutingEvent event) {
    Verdict verdict =
        switch (event) {
          case RoutingEvent.PeerUp e -> up(e.peer());
          case RoutingEvent.PeerDown e -> down(e.peer(), e.retain());
          case RoutingEvent.Doubt e -> tellings.doubt(e.peer(), e.family());
          case RoutingEvent.PeerLost e -> tellings.lost(e.peer(), e.family());
          case RoutingEvent.Sweep e -> sweep(e.peer(), e.family());
          case RoutingEvent.Subscribe e -> subscribe(e);
          case RoutingEvent.Unsubscribe e -> unsubscribe(e.peer(), e.instance());
          case RoutingEvent.Join e -> join(e);
          case RoutingEvent.Refresh e -> refresh(e.peer(), e.family());
          case RoutingEvent.Announce e -> tellings.announce(e, tables.route(e.table(), e.key()));
          case RoutingEvent.Withdraw e -> tellings.withdraw(e, tables.route(e.table(), e.key()));
          case RoutingEvent.Speaker e -> speaker(e);
          case RoutingEvent.Ranked e -> ranked(e.rules());
          case RoutingEvent.NextHopsChecked e -> checkNextHops(e.wanted());
          case RoutingEvent.InstanceChanged e -> configure(e.config().name(), e.config());
          case RoutingEvent.InstanceRemoved e -> configure(e.name(), null);
        };
    settle();
    return verdict;
  }

  /**
   * Takes in all that an update tells and settles once.
   *
   * <p>The routes are looked up before anything else is done with any of them: so the waits for
   * memory, most of what a large table costs, pass at the same time.
   */
  public void apply(List<RoutingEvent.Told> told) {
    @Nullable Route[] known = tables.routes(told);
    for (int i = 0; i < known.length; i++) {
      switch (told.get(i)) {
        case RoutingEvent.Announce e -> tellings.announce(e, known[i]);
        case RoutingEvent.Withdraw e -> tellings.withdraw(e, known[i]);
      }
    }
    settle();
  }

  private void settle() {
    wanted.takeChanged().forEach(target -> want(target, wanted.contains(target)));
    tables.settle();
  }

  // ---- what may be read

  /** All tables, in the order of their names. */
  public Collection<Table> tables() {
    return tables.sorted();
  }

  public @Nullable Table table(TableId id) {
    return tables.get(id);
  }

  public Collection<InstanceConfig> instances() {
    return instances.all();
  }

  /** The name of the network that a path was born in, or null if it is not known. */
  public @Nullable String network(Route route, Path path) {
    return tables.adverts().network(route, path);
  }

  /**
   * Who imports and exports a route target, and how many routes carry it.
   *
   * @param wanting the BGP peers that asked for its routes (RFC 4684)
   */
  public record TargetGroup(
      RouteTarget target,
      List<String> importers,
      List<String> exporters,
      int routes,
      List<String> wanting) {}

  /** The route targets that instances or routes have, in no order. */
  public Set<RouteTarget> targets() {
    Set<RouteTarget> all = new HashSet<>(instances.targets());
    all.addAll(tables.replicator().targets());
    return all;
  }

  public TargetGroup targetGroup(RouteTarget target) {
    return new TargetGroup(
        target,
        List.copyOf(instances.importers(target)),
        List.copyOf(instances.exporters(target)),
        tables.replicator().dependentCount(target),
        sessions.wanting(target));
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

  /** How many routes of a table the peer has told. */
  public int routeCount(String peer, TableId table) {
    Session session = sessions.get(peer);
    return session == null ? 0 : session.toldCount(table);
  }

  /** The ways in which tables are told to that peer. */
  public List<RibOut> ribOuts(String peer) {
    Session session = sessions.up(peer);
    if (session == null) {
      return List.of();
    }
    List<RibOut> found = new ArrayList<>();
    for (TableId id : feeds(session)) {
      Table table = tables.get(id);
      RibOut ribOut = table == null ? null : table.ribOut(session.peer);
      if (ribOut != null) {
        found.add(ribOut);
      }
    }
    return found;
  }

  /** The RibOuts that have something new since the last call; what they tell is up to date now. */
  public List<RibOut> takeChanged() {
    return tables.takeChanged();
  }

  /** How many different attributes the paths of all tables have. */
  int differentAttributes() {
    return tables.differentAttributes();
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
    session.allTold().forEach(route -> tellings.doubt(session, route));
    return Verdict.DONE;
  }

  private Verdict sweep(String name, @Nullable Family family) {
    Session session = sessions.get(name);
    if (session == null) {
      return Verdict.NO_PEER;
    }
    if (family == null) {
      sweepSubscriptions(session);
    }
    tellings.sweep(session, family);
    if (!session.up && session.isEmpty()) {
      sessions.remove(name);
    }
    return Verdict.DONE;
  }

  private void sweepSubscriptions(Session session) {
    List<String> stale = new ArrayList<>();
    session.subscriptions.forEach((instance, s) -> {
      if (s.stale()) {
        stale.add(instance);
      }
    });
    stale.forEach(instance -> endSubscription(session, instance));
  }

  private void forget(Session session) {
    leaveAll(session);
    session.joined.clear();
    session.allTold().forEach(route -> tellings.removeAll(session, route));
    session.subscriptions.keySet().forEach(wanted::unsubscribed);
    sessions.remove(session.peer.name());
  }

  // ---- what peers want

  private List<TableId> feeds(Session session) {
    List<TableId> found = new ArrayList<>();
    session.subscriptions.forEach((instance, s) -> {
      if (s.feed()) {
        Family.of(instance).forEach(family -> found.add(new TableId(instance, family)));
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
    if (before == null) {
      wanted.subscribed(e.instance());
    }
    for (Family family : Family.of(e.instance())) {
      TableId id = new TableId(e.instance(), family);
      if (e.feed()) {
        tables.enter(session.peer, id);
      } else {
        tables.leave(session.peer, id);
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
    wanted.unsubscribed(instance);
    for (Family family : Family.of(instance)) {
      TableId id = new TableId(instance, family);
      tables.leave(session.peer, id);
      session.told(id).forEach(route -> tellings.removeAll(session, route));
    }
    return true;
  }

  private Verdict join(RoutingEvent.Join e) {
    Session session = sessions.up(e.peer());
    if (session == null) {
      return Verdict.NO_PEER;
    }
    if (!session.joined.add(e.family())) {
      Table table = tables.get(TableId.backbone(e.family()));
      RibOut present = table == null ? null : table.ribOut(session.peer);
      if (present == null || present.paths() == e.wishes().paths()) {
        return Verdict.REPEATED;
      }
      tables.leave(session.peer, TableId.backbone(e.family()));
    }
    tables.enter(session.peer, TableId.backbone(e.family()), e.wishes(), session.interest);
    return Verdict.DONE;
  }

  // ---- what we want

  private Verdict speaker(RoutingEvent.Speaker next) {
    if (next.equals(speaker)) {
      return Verdict.REPEATED;
    }
    List<RouteTarget> all = List.copyOf(wanted.all());
    all.forEach(target -> want(target, false));
    speaker = next;
    tellings.speaker(next);
    all.forEach(target -> want(target, true));
    tables.reflect(next.reflecting());
    tables.speaker(next.nextHop());
    return Verdict.DONE;
  }

  /** Has BGP peers told that we want the routes of a target, or no longer (RFC 4684). */
  private void want(RouteTarget target, boolean isWanted) {
    RoutingEvent.Speaker self = speaker;
    if (self == null) {
      return;
    }
    TableId id = TableId.backbone(Family.ROUTE_TARGET);
    RouteKey key = RouteKey.Membership.of(self.asn(), target);
    Path path =
        new Path(
            id,
            key,
            new Peer("local", Peer.Kind.LOCAL, self.nextHop(), 0),
            0,
            RouteAttributes.of(NextHop.of(self.nextHop(), 0)),
            null,
            Path.Condition.VALID,
            false);
    if (isWanted) {
      tables.put(tables.locate(id).locate(key), path);
      return;
    }
    Route route = tables.route(id, key);
    if (route != null) {
      tables.remove(route, path);
    }
  }

  private Verdict refresh(String name, Family family) {
    Session session = sessions.up(name);
    boolean isTold = session != null && tables.restart(session.peer, TableId.backbone(family));
    return isTold ? Verdict.DONE : Verdict.NOT_SUBSCRIBED;
  }

  private void leaveAll(Session session) {
    feeds(session).forEach(id -> tables.leave(session.peer, id));
  }

  // ---- configuration

  private Verdict ranked(BestPathRules next) {
    if (next.equals(rules)) {
      return Verdict.REPEATED;
    }
    rules = next;
    tables.rules(next);
    return Verdict.DONE;
  }

  private Verdict checkNextHops(boolean wanted) {
    if (wanted == nextHopsChecked) {
      return Verdict.REPEATED;
    }
    nextHopsChecked = wanted;
    tables.checkNextHops(wanted);
    return Verdict.DONE;
  }

  private Verdict configure(String name, @Nullable InstanceConfig config) {
    InstanceConfig before = instances.set(name, config);
    if (Objects.equals(before, config)) {
      return Verdict.REPEATED;
    }
    wanted.configured(name);
    tables.configured(name, Stream.of(before, config).filter(Objects::nonNull).toList());
    return Verdict.DONE;
  }
}
