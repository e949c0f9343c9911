package weft.control;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import weft.bgp.BgpSession;
import weft.bgp.Family;
import weft.bgp.Negotiated;
import weft.bgp.Update;
import weft.routing.Batch;
import weft.routing.Peer;
import weft.routing.Rib;
import weft.routing.RibOut;
import weft.routing.RoutingEvent;
import weft.routing.TableId;

/** A BGP peer with a session, and how far each has told the other what it knows. */
final class Neighbour {
  private static final int BATCH = 4096;

  final Peer peer;
  final BgpSession session;

  /** Families of which it has not told all yet. */
  final Set<Family> awaited;

  /** Families whose end we have marked. */
  private final Set<Family> greeted = new HashSet<>();

  /** Families that we tell again, as it asked. */
  private final Set<Family> refreshing = new LinkedHashSet<>();

  boolean membershipsKnown;

  /**
   * @param localAsn ours towards it
   */
  Neighbour(String name, BgpSession session, long localAsn) {
    this.session = session;
    Negotiated negotiated = session.negotiated();
    peer =
        new Peer(
            name,
            negotiated.asn() == localAsn ? Peer.Kind.INTERNAL_BGP : Peer.Kind.EXTERNAL_BGP,
            session.peer().address(),
            negotiated.identifier().bits());
    awaited = new HashSet<>(negotiated.families());
    awaited.retainAll(BgpRoutes.FAMILIES.keySet());
    membershipsKnown = !awaited.contains(Family.ROUTE_TARGET);
  }

  String name() {
    return peer.name();
  }

  boolean isInternal() {
    return peer.kind() == Peer.Kind.INTERNAL_BGP;
  }

  /** Marks of the end of a family are to be expected of it (RFC 4724 section 2). */
  boolean owesEndOfRib() {
    return session.negotiated().peerRestart() != null && !awaited.isEmpty();
  }

  /**
   * With a filter if the peer speaks of targets, which VPN routes alone have (RFC 4684).
   *
   * @param paths how many of a route it is told, if it takes several
   */
  private RoutingEvent.Wishes wishes(weft.routing.Family table, int paths) {
    Negotiated negotiated = session.negotiated();
    return new RoutingEvent.Wishes(
        table.isVpn() && negotiated.families().contains(Family.ROUTE_TARGET),
        negotiated.peerLongLived() != null,
        negotiated.manyPaths().contains(BgpRoutes.family(table)) ? paths : 1);
  }

  // ---- what it is told

  /** Has it told the tables of the families agreed on. */
  void join(RouteFeed feed, int paths) {
    for (Family family : awaited) {
      weft.routing.Family table = BgpRoutes.FAMILIES.get(family);
      if (table != null) {
        feed.apply(new RoutingEvent.Join(name(), table, wishes(table, paths)));
      }
    }
  }

  /** It is told another number of paths of a route, all anew between the marks of RFC 7313. */
  void changePaths(RouteFeed feed, int paths) {
    for (Family family : session.negotiated().manyPaths()) {
      weft.routing.Family table = BgpRoutes.FAMILIES.get(family);
      if (table != null) {
        beginRefresh(family);
        feed.apply(new RoutingEvent.Join(name(), table, wishes(table, paths)));
      }
    }
  }

  void beginRefresh(Family family) {
    session.markRefresh(family, true);
    refreshing.add(family);
  }

  /** Sends what is pending, as far as the session takes it. */
  void send(RibOut ribOut, BgpRoutes.Style style) {
    while (session.writable() && ribOut.isPending(name())) {
      Batch batch = ribOut.next(name(), BATCH);
      session.send(new Wording(session.context(), style).of(ribOut, batch));
    }
  }

  /**
   * Marks the end of what there was when it came (RFC 4724 section 2), and of what it wanted again
   * (RFC 7313).
   *
   * @param knowsAll false while others may still have to tell us what they know
   */
  void greet(Rib rib, boolean knowsAll) {
    for (Family family : session.negotiated().families()) {
      if (!isTold(rib, family)) {
        continue;
      }
      if (refreshing.remove(family)) {
        session.markRefresh(family, false);
      }
      boolean isFirst = family.equals(Family.ROUTE_TARGET);
      if ((isFirst || (knowsAll && membershipsKnown)) && greeted.add(family)) {
        session.send(Update.endOfRib(family));
      }
    }
  }

  private boolean isTold(Rib rib, Family family) {
    weft.routing.Family table = BgpRoutes.FAMILIES.get(family);
    return table == null
        || rib.ribOuts(name()).stream()
            .filter(r -> r.table().equals(TableId.backbone(table)))
            .noneMatch(r -> r.isPending(name()));
  }
}
