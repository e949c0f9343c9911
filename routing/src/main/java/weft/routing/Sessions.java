package weft.routing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.net.RouteTarget;

/** What each peer has told us and asked for. */
final class Sessions {

  /** An agent's interest in an instance. */
  record Subscription(int instanceId, boolean feed, boolean stale) {}

  static final class Session {
    final Peer peer;
    boolean up;
    final Map<String, Subscription> subscriptions = new TreeMap<>();
    final Set<Family> joined = new LinkedHashSet<>();

    /** What it said it wants of the families that it has joined with a filter. */
    final Interest interest = new Interest();

    private final Map<TableId, RouteSet> told = new LinkedHashMap<>();
    private int paths;

    Session(Peer peer) {
      this.peer = peer;
    }

    /** Agents tell in their instances; BGP peers on the backbone and in the fabric. */
    boolean mayTell(TableId table) {
      return switch (peer.kind()) {
        case LOCAL, AGGREGATE, STATIC -> true;
        case AGENT -> !table.family().isVpn() && subscriptions.containsKey(table.instance());
        case INTERNAL_BGP, EXTERNAL_BGP ->
            table.family().isVpn()
                || (table.family().isOfFabric() && table.instance().equals(TableId.MASTER));
      };
    }

    boolean isEmpty() {
      return told.isEmpty() && subscriptions.isEmpty();
    }

    /** Notes that the peer told a path of the route that it had not told. */
    void told(Route route) {
      told.computeIfAbsent(route.tableId(), _ -> new RouteSet()).add(route);
      paths++;
    }

    /** Notes that a path of the route which the peer told is gone. */
    void forget(Route route) {
      paths--;
      RouteSet routes = told.get(route.tableId());
      if (routes != null && route.told(peer.name()).isEmpty() && routes.remove(route)) {
        if (routes.isEmpty()) {
          told.remove(route.tableId());
        }
      }
    }

    /** How many paths the peer tells. */
    int paths() {
      return paths;
    }

    int toldCount(TableId table) {
      RouteSet routes = told.get(table);
      return routes == null ? 0 : routes.size();
    }

    /** The routes of a table that the peer tells paths of, for a walk that may change it. */
    List<Route> told(TableId table) {
      RouteSet routes = told.get(table);
      return routes == null ? List.of() : routes.toList();
    }

    /** All routes that the peer tells paths of, for a walk that may change it. */
    List<Route> allTold() {
      List<Route> all = new ArrayList<>();
      told.values().forEach(routes -> all.addAll(routes.toList()));
      return all;
    }
  }

  private final Map<String, Session> byName = new HashMap<>();

  @Nullable Session get(String name) {
    return byName.get(name);
  }

  /** The peer's session if it is up. */
  @Nullable Session up(String name) {
    Session session = byName.get(name);
    return session != null && session.up ? session : null;
  }

  Session locate(Peer peer) {
    return byName.computeIfAbsent(peer.name(), _ -> new Session(peer));
  }

  void remove(String name) {
    byName.remove(name);
  }

  /** The names of the peers that said they want the routes of a target, in their order. */
  List<String> wanting(RouteTarget target) {
    List<String> names = new ArrayList<>();
    byName.forEach((name, session) -> {
      if (session.interest.takes(List.of(target))) {
        names.add(name);
      }
    });
    Collections.sort(names);
    return names;
  }

  Iterable<Session> all() {
    return byName.values();
  }
}
