package weft.routing;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.ExtendedCommunity;
import weft.net.Ipv4Address;
import weft.net.RouteTarget;
import weft.routing.Sessions.Session;

/** What peers tell: how their paths come, become doubtful and go. */
final class Tellings {
  private final Sessions sessions;
  private final Tables tables;
  private RoutingEvent.@Nullable Speaker speaker;

  Tellings(Sessions sessions, Tables tables) {
    this.sessions = sessions;
    this.tables = tables;
  }

  /** Whom peers know us as. */
  void speaker(RoutingEvent.Speaker self) {
    speaker = self;
  }

  /**
   * @param known the route if it was there when what is told together began
   */
  Verdict announce(RoutingEvent.Announce e, @Nullable Route known) {
    Session session = sessions.up(e.peer());
    if (session == null) {
      return Verdict.NO_PEER;
    }
    if (!session.mayTell(e.table())) {
      return Verdict.NOT_SUBSCRIBED;
    }
    Path.Condition condition = condition(session.peer, e);
    Table table = known == null ? tables.locate(e.table()) : known.table();
    Route route = known == null ? table.locate(e.key()) : known;
    if (route.told(e.peer(), e.number()) == null) {
      session.told(route);
      if (e.key() instanceof RouteKey.Membership key && session.interest.add(key)) {
        reconsider(session, key);
      }
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
    return tables.put(route, path) ? Verdict.DONE : Verdict.REPEATED;
  }

  private Path.Condition condition(Peer peer, RoutingEvent.Announce e) {
    if (!e.feasible()) {
      return Path.Condition.INFEASIBLE;
    }
    RoutingEvent.Speaker self = speaker;
    Integer originator = e.attributes().preference().reflection().originatorId();
    boolean returned =
        originator != null
            && self != null
            && peer.kind() == Peer.Kind.INTERNAL_BGP
            && self.nextHop() instanceof Ipv4Address own
            && own.bits() == originator
            && e.attributes().membership().has(Communities.ACCEPT_OWN);
    return returned ? Path.Condition.RETURNED : Path.Condition.VALID;
  }

  Verdict withdraw(RoutingEvent.Withdraw e, @Nullable Route known) {
    Session session = sessions.up(e.peer());
    if (session == null) {
      return Verdict.NO_PEER;
    }
    Route route = known == null ? tables.route(e.table(), e.key()) : known;
    Path path = route == null ? null : route.told(e.peer(), e.number());
    if (route == null || path == null) {
      return Verdict.REPEATED;
    }
    remove(session, route, path);
    return Verdict.DONE;
  }

  void removeAll(Session session, Route route) {
    route.told(session.peer.name()).forEach(path -> remove(session, route, path));
  }

  private void remove(Session session, Route route, Path path) {
    if (tables.remove(route, path)) {
      session.forget(route);
      if (route.key() instanceof RouteKey.Membership key && session.interest.remove(key)) {
        reconsider(session, key);
      }
    }
  }

  // ---- of peers that are away

  Verdict doubt(String name, Family family) {
    Session session = sessions.get(name);
    if (session == null) {
      return Verdict.NO_PEER;
    }
    session.told(TableId.backbone(family)).forEach(route -> doubt(session, route));
    return Verdict.DONE;
  }

  void doubt(Session session, Route route) {
    for (Path path : route.told(session.peer.name())) {
      switch (path.condition()) {
        case VALID -> tables.put(route, path.with(Path.Condition.STALE));
        case RETURNED -> tables.put(route, path.with(Path.Condition.RETURNED_STALE));
        case INFEASIBLE -> remove(session, route, path);
        case STALE, RETURNED_STALE, LONG_STALE -> {}
      }
    }
  }

  Verdict lost(String name, @Nullable Family family) {
    Session session = sessions.get(name);
    if (session == null) {
      return Verdict.NO_PEER;
    }
    List<Route> told = family == null ? session.allTold() : session.told(TableId.backbone(family));
    for (Route route : told) {
      for (Path path : route.told(name)) {
        if (path.condition() != Path.Condition.STALE) {
          continue;
        }
        if (path.attributes().membership().communities().contains(RouteAttributes.NO_LLGR)) {
          remove(session, route, path);
        } else {
          tables.put(route, path.with(Path.Condition.LONG_STALE));
        }
      }
    }
    return Verdict.DONE;
  }

  /** Removes what the peer has not told again. */
  void sweep(Session session, @Nullable Family family) {
    String name = session.peer.name();
    List<Route> told = family == null ? session.allTold() : session.told(TableId.backbone(family));
    for (Route route : told) {
      for (Path path : route.told(name)) {
        if (isStale(path)) {
          remove(session, route, path);
        }
      }
    }
  }

  private static boolean isStale(Path path) {
    return switch (path.condition()) {
      case STALE, RETURNED_STALE, LONG_STALE -> true;
      case VALID, RETURNED, INFEASIBLE -> false;
    };
  }

  // ---- what peers want

  /** The peer wants a target that it did not want, or the other way round. */
  private void reconsider(Session session, RouteKey.Membership key) {
    boolean whole = Interest.isWhole(key);
    if (whole && !new ExtendedCommunity(key.target()).isRouteTarget()) {
      return; // no route can have it
    }
    RouteTarget target = whole ? new RouteTarget(key.target()) : null;
    session.joined.forEach(
        family -> tables.reconsider(session.peer, TableId.backbone(family), target));
  }
}
