package weft.control;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import weft.bgp.BgpSession;
import weft.bgp.Family;
import weft.bgp.Negotiated;
import weft.routing.Peer;
import weft.routing.RoutingEvent;

/** A BGP peer with a session, and how far each has told the other what it knows. */
final class Neighbour {
  final Peer peer;
  final BgpSession session;

  /** Families of which it has not told all yet. */
  final Set<Family> awaited;

  /** Families whose end we have marked. */
  final Set<Family> greeted = new HashSet<>();

  /** Families that we tell again, as it asked. */
  final Set<Family> refreshing = new LinkedHashSet<>();

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
  RoutingEvent.Wishes wishes(weft.routing.Family table, int paths) {
    Negotiated negotiated = session.negotiated();
    return new RoutingEvent.Wishes(
        table.isVpn() && negotiated.families().contains(Family.ROUTE_TARGET),
        negotiated.peerLongLived() != null,
        negotiated.manyPaths().contains(BgpRoutes.family(table)) ? paths : 1);
  }
}
