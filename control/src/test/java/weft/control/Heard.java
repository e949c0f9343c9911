package weft.control;

import java.util.ArrayList;
import java.util.List;
import weft.bgp.Update;
import weft.routing.RoutingEvent;

/** What updates of a peer named `peer`, with the usual terms, mean for the tables. */
final class Heard {
  private Heard() {}

  static List<RoutingEvent> all(List<Update> updates) {
    return all(updates, 64512);
  }

  /** In a system of that AS. */
  static List<RoutingEvent> all(List<Update> updates, long asn) {
    List<RoutingEvent> events = new ArrayList<>();
    for (Update update : updates) {
      update
          .unreach()
          .forEach(gone -> BgpRoutes.withdrawn("peer", gone.family(), gone.routes(), events::add));
      update
          .reach()
          .forEach(come ->
              BgpRoutes.read(
                  "peer", update.attributes(), come, asn, Peering.Terms.USUAL, false, events::add));
    }
    return events;
  }

  /** The first route of an update. */
  static RoutingEvent.Announce first(Update update) {
    return first(update, 64512);
  }

  static RoutingEvent.Announce first(Update update, long asn) {
    return (RoutingEvent.Announce) all(List.of(update), asn).getFirst();
  }
}
