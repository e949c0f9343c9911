package weft.routing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.RouteTarget;

/**
 * The tables of a {@link Rib}, and what follows from a change in them: selection, copies into other
 * tables, what peers are told.
 */
final class Tables {
  private final Instances instances;
  private final Replicator replicator;
  private final Adverts adverts;
  private final Flooding flooding;
  private final Trees trees = new Trees(this);
  private final NextHopCheck nextHops = new NextHopCheck(this);
  private final AttributePool attributes = new AttributePool();
  private final Map<TableId, Table> byId = new HashMap<>();
  private final Deque<Route> touched = new ArrayDeque<>();
  private final Set<Table> broadcastTouched = new LinkedHashSet<>();
  private final Set<RibOut> changed = new LinkedHashSet<>();
  private boolean reflecting;
  private BestPathRules rules = BestPathRules.USUAL;

  Tables(Instances instances) {
    this.instances = instances;
    replicator = new Replicator(instances);
    adverts = new Adverts(instances);
    flooding = new Flooding(instances, adverts);
  }

  // ---- what may be read

  /** All, in the order of their names. */
  Collection<Table> sorted() {
    return byId.values().stream().sorted(Comparator.comparing(Table::id)).toList();
  }

  @Nullable Table get(TableId id) {
    return byId.get(id);
  }

  @Nullable Route route(TableId id, RouteKey key) {
    Table table = byId.get(id);
    return table == null ? null : table.route(key);
  }

  /** Those that they are about, as far as they are there. */
  @SuppressWarnings("ReferenceEquality") // spares a search
  @Nullable Route[] routes(List<RoutingEvent.Told> told) {
    @Nullable Route[] found = new @Nullable Route[told.size()];
    TableId id = null;
    Table table = null;
    for (int i = 0; i < found.length; i++) {
      RoutingEvent.Told one = told.get(i);
      if (one.table() != id) {
        id = one.table();
        table = byId.get(id);
      }
      found[i] = table == null ? null : table.route(one.key());
    }
    return found;
  }

  Replicator replicator() {
    return replicator;
  }

  Adverts adverts() {
    return adverts;
  }

  /** How many different attributes the paths of all tables have. */
  int differentAttributes() {
    return attributes.size();
  }

  // ---- paths

  Table locate(TableId id) {
    Table known = byId.get(id);
    if (known != null) {
      return known;
    }
    Table added = new Table(id, attributes);
    added.rules(rules);
    added.configure(instances.get(id.instance()));
    byId.put(id, added);
    return added;
  }

  /** Puts a path in the place of that with its identity. Returns whether that changed anything. */
  boolean put(Route route, Path path) {
    RoutingPolicy policy = route.table().policy();
    Path told = path.asTold();
    Path let = policy.isNone() ? told : policy.on(route.key(), told);
    boolean isNew = route.put(nextHops.on(route.tableId(), let));
    if (isNew) {
      touch(route);
    }
    return isNew;
  }

  /** Removes the path with the identity of this one. Returns whether it was there. */
  boolean remove(Route route, Path path) {
    boolean wasThere = route.remove(path);
    if (wasThere) {
      touch(route);
    }
    return wasThere;
  }

  private void touch(Route route) {
    if (route.touch()) {
      touched.add(route);
    }
  }

  // ---- configuration

  /** What configuration says of an instance was something else before. */
  void configured(String name, Collection<InstanceConfig> sides) {
    byId.values().forEach(Table::forgetExported);
    for (InstanceConfig side : sides) {
      side.imports().forEach(target -> replicator.dependents(target).forEach(this::touch));
      side.exports().forEach(target -> replicator.dependents(target).forEach(this::touch));
      OriginVn origin = side.originVn();
      if (origin != null) {
        replicator.bornIn(origin).forEach(this::touch);
      }
    }
    for (Family family : Family.of(name)) {
      TableId id = new TableId(name, family);
      Table table = byId.get(id);
      if (table != null) {
        configured(table);
      } else if (OwnRoutes.of(new Table(id, attributes), instances.get(name)) != null) {
        locate(id);
      }
    }
  }

  /** What this control node is called by others. */
  void speaker(IpAddress address) {
    trees.speaker(address);
  }

  /** How paths are chosen from now on. */
  void rules(BestPathRules next) {
    rules = next;
    for (Table table : byId.values()) {
      table.rules(next);
      for (Route route : table.unsorted()) {
        if (route.pathCount() > 1) {
          touch(route);
        }
      }
    }
  }

  /** Whether the fabric must have a route to the next hops of instances' paths. */
  void checkNextHops(boolean wanted) {
    if (!nextHops.want(wanted)) {
      return;
    }
    for (Table table : byId.values()) {
      if (NextHopCheck.concerns(table.id())) {
        for (Route route : table.unsorted()) {
          route.paths().forEach(path -> put(route, path));
          touch(route);
        }
      }
    }
  }

  /** Whether peers of our AS are told what other such peers told us. */
  void reflect(boolean wanted) {
    if (reflecting == wanted) {
      return;
    }
    reflecting = wanted;
    for (Table table : byId.values()) {
      for (RibOut ribOut : table.ribOuts()) {
        if (ribOut.policy() == ExportPolicy.INTERNAL_BGP) {
          table.unsorted().forEach(route -> tell(ribOut, route));
          changed.add(ribOut);
        }
      }
    }
  }

  private void configured(Table table) {
    OwnRoutes before = table.own();
    RoutingPolicy policyBefore = table.policy();
    table.configure(instances.get(table.id().instance()));
    OwnRoutes after = table.own();
    if (!table.policy().equals(policyBefore)) {
      for (Route route : table.unsorted()) {
        route.paths().forEach(path -> put(route, path));
      }
    }
    table.unsorted().forEach(this::touch);
    Set<RouteKey> keys = new LinkedHashSet<>(before == null ? Set.of() : before.keys());
    keys.addAll(after == null ? Set.of() : after.keys());
    keys.forEach(key -> derive(table, key));
    dropIfUnused(table);
  }

  /** Makes the paths that configuration gives to a route those that it should have now. */
  private void derive(Table table, RouteKey key) {
    OwnRoutes own = table.own();
    List<Path> wanted = own == null ? List.of() : own.paths(key);
    Route known = table.route(key);
    if (known != null) {
      for (Path path : known.derived()) {
        if (wanted.stream().noneMatch(path::isSame)) {
          remove(known, path);
        }
      }
    }
    if (!wanted.isEmpty()) {
      Route route = table.locate(key);
      wanted.forEach(path -> put(route, path));
    }
  }

  // ---- who is told

  /**
   * The peer's interest has changed.
   *
   * @param target the one that it concerns, or null for any
   */
  void reconsider(Peer peer, TableId id, @Nullable RouteTarget target) {
    Table table = byId.get(id);
    RibOut ribOut = table == null ? null : table.ribOut(peer);
    if (table == null || ribOut == null) {
      return;
    }
    if (target == null) {
      ribOut.reconsider(peer.name());
    } else {
      for (Route route : replicator.dependents(target)) {
        if (route.table() == table) {
          ribOut.reconsider(peer.name(), route);
        }
        for (Route.Copy copy : route.copies) {
          if (copy.at().table() == table) {
            ribOut.reconsider(peer.name(), copy.at());
          }
        }
      }
    }
    if (ribOut.isPending(peer.name())) {
      changed.add(ribOut);
    }
  }

  void enter(Peer peer, TableId id) {
    enter(peer, id, RoutingEvent.Wishes.NONE, new Interest());
  }

  void enter(Peer peer, TableId id, RoutingEvent.Wishes wishes, Interest interest) {
    Table table = locate(id);
    if (table.ribOut(peer) != null) {
      return;
    }
    ExportPolicy policy = ExportPolicy.of(peer.kind());
    RibOut known = table.ribOut(policy, wishes.paths());
    RibOut ribOut = known == null ? table.addRibOut(policy, wishes.paths()) : known;
    if (known == null) {
      table.unsorted().forEach(route -> tell(ribOut, route));
    }
    ribOut.join(peer, wishes, interest);
    changed.add(ribOut);
    broadcastTouched.add(table);
  }

  void leave(Peer peer, TableId id) {
    Table table = byId.get(id);
    RibOut ribOut = table == null ? null : table.ribOut(peer);
    if (table == null || ribOut == null) {
      return;
    }
    ribOut.leave(peer.name());
    if (ribOut.isDeserted()) {
      table.dropRibOut(ribOut);
      changed.remove(ribOut);
    }
    dropIfUnused(table);
  }

  /** Tells a peer everything of a table again. Returns whether it is told of it at all. */
  boolean restart(Peer peer, TableId id) {
    Table table = byId.get(id);
    RibOut ribOut = table == null ? null : table.ribOut(peer);
    if (ribOut == null) {
      return false;
    }
    ribOut.restart(peer.name());
    changed.add(ribOut);
    return true;
  }

  /** The RibOuts that have something new since the last call; what they tell is up to date now. */
  List<RibOut> takeChanged() {
    settleBroadcasts();
    List<RibOut> taken = List.copyOf(changed);
    taken.forEach(RibOut::forgetChanged);
    changed.clear();
    return taken;
  }

  // ---- consequences

  /** Trees are made of routes that are settled, and are routes themselves. */
  void settle() {
    settleRoutes();
    for (Set<TableId> concerned = trees.settle();
        !concerned.isEmpty();
        concerned = trees.settle()) {
      for (TableId id : concerned) {
        Table table = byId.get(id);
        if (table != null) {
          broadcastTouched.add(table);
        }
      }
      settleRoutes();
    }
  }

  private void settleRoutes() {
    for (Route route = touched.poll(); route != null; route = touched.poll()) {
      nextHops.settle(route);
      route.select();
      nextHops.dependents(route).forEach(this::touch);
      replicate(route);
      for (RibOut ribOut : route.table().ribOuts()) {
        if (tell(ribOut, route) && ribOut.noteChanged()) {
          changed.add(ribOut);
        }
      }
      if (route.key() instanceof RouteKey.Broadcast || route.key() instanceof RouteKey.Selective) {
        broadcastTouched.add(route.table());
      }
      if (route.tableId().family() == Family.ERMVPN) {
        broadcastTouched.add(route.table());
        trees.follow(route);
      }
      OwnRoutes own = route.table().own();
      if (own != null) {
        for (RouteKey key : own.follow(route)) {
          derive(route.table(), key);
        }
      }
      if (route.isEmpty() && !route.isTouched()) {
        route.table().drop(route);
        dropIfUnused(route.table());
      }
    }
  }

  private boolean tell(RibOut ribOut, Route route) {
    return switch (ribOut.policy()) {
      case AGENTS -> ribOut.set(route, adverts.forAgents(route));
      case INTERNAL_BGP, EXTERNAL_BGP -> {
        if (ribOut.paths() > 1) {
          yield ribOut.set(route, several(ribOut, route));
        }
        Path best = route.best();
        boolean isTold = best != null && ribOut.policy().permits(best, reflecting);
        yield ribOut.set(route, isTold ? best : null);
      }
    };
  }

  /** Those of the first paths in the ranking that may be told. */
  private List<Path> several(RibOut ribOut, Route route) {
    List<Path> found = new ArrayList<>(1);
    for (Path path : route.paths()) {
      if (found.size() < ribOut.paths()
          && path.isFeasible()
          && ribOut.policy().permits(path, reflecting)) {
        found.add(path);
      }
    }
    return found;
  }

  /** Apart from the rest, since each change of who wants broadcasts concerns all who do. */
  private void settleBroadcasts() {
    for (Table table : broadcastTouched) {
      RibOut ribOut = table.ribOut(ExportPolicy.AGENTS);
      if (ribOut != null && own(table, ribOut)) {
        changed.add(ribOut);
      }
    }
    broadcastTouched.clear();
  }

  private boolean own(Table table, RibOut ribOut) {
    return table.id().family() == Family.ERMVPN
        ? trees.tell(ribOut, instances.get(table.id().instance()) != null)
        : flooding.tell(table, ribOut);
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

  private void dropIfUnused(Table table) {
    if (table.isUnused()) {
      byId.remove(table.id(), table);
    }
  }
}
