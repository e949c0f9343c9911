package weft.control;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import weft.bgp.Family;
import weft.routing.RoutingEvent;
import weft.state.Loop;

/**
 * What becomes of the routes of BGP peers that are away: they stay for as long as the peer asked
 * for (RFC 4724), then as the last choice (RFC 9494). Belongs to the node's loop.
 */
final class AwayNeighbours {
  private final Loop loop;
  private final RouteFeed feed;

  /** How often each peer came or went: what is planned for one time ends with the next. */
  private final Map<String, Integer> changes = new HashMap<>();

  AwayNeighbours(Loop loop, RouteFeed feed) {
    this.loop = loop;
    this.feed = feed;
  }

  /**
   * What a peer did not keep over its restart is not to be used any more (RFC 4724 section 4.2).
   */
  void back(Neighbour one) {
    changes.merge(one.name(), 1, Integer::sum);
    Set<Family> kept = Kept.byPeer(one.session.negotiated());
    BgpRoutes.FAMILIES.forEach((family, table) -> {
      if (!kept.contains(family)) {
        feed.apply(new RoutingEvent.Sweep(one.name(), table));
      }
    });
  }

  /**
   * @param mayComeBack false if nothing of it shall stay
   */
  void lost(Neighbour one, boolean mayComeBack) {
    String name = one.name();
    int change = changes.merge(name, 1, Integer::sum);
    Kept kept = mayComeBack ? Kept.of(one.session.negotiated()) : Kept.NOTHING;
    feed.apply(new RoutingEvent.PeerDown(name, !kept.isEmpty()));
    if (!kept.isEmpty()) {
      BgpRoutes.FAMILIES.forEach((family, table) -> {
        Integer seconds = kept.seconds().get(family);
        if (seconds == null) {
          feed.apply(new RoutingEvent.Sweep(name, table));
        } else {
          away(name, change, table, seconds, kept.longSeconds().getOrDefault(family, 0));
        }
      });
    }
  }

  /** What becomes of a family if the peer does not come back. */
  private void away(
      String name, int change, weft.routing.Family table, int seconds, int longSeconds) {
    loop.schedule(
        Duration.ofSeconds(seconds),
        () -> {
          if (changes.getOrDefault(name, 0) != change) {
            return;
          }
          if (longSeconds == 0) {
            feed.apply(new RoutingEvent.Sweep(name, table));
            return;
          }
          feed.apply(new RoutingEvent.PeerLost(name, table));
          loop.schedule(
              Duration.ofSeconds(longSeconds),
              () -> {
                if (changes.getOrDefault(name, 0) == change) {
                  feed.apply(new RoutingEvent.Sweep(name, table));
                }
              });
        });
  }
}
