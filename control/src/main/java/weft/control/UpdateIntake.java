package weft.control;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.bgp.Attribute;
import weft.bgp.Family;
import weft.bgp.PathAttributes;
import weft.bgp.Update;
import weft.net.Ipv4Address;
import weft.routing.Communities;
import weft.routing.RoutingEvent;

/**
 * What an update of a BGP peer means for the tables; what has passed through us is not for us.
 *
 * @param peering the terms; null if it is not configured any more
 * @param asn ours
 * @param localAsn ours towards it
 * @param routerId ours
 * @param clusterId ours as a route reflector; 0 if we are none
 */
record UpdateIntake(
    Neighbour from,
    @Nullable Peering peering,
    long asn,
    long localAsn,
    Ipv4Address routerId,
    int clusterId,
    Counters counters) {

  List<RoutingEvent.Told> read(Update update) {
    String name = from.name();
    List<RoutingEvent.Told> told = new ArrayList<>();
    for (Update.Unreach gone : update.unreach()) {
      BgpRoutes.withdrawn(name, gone.family(), gone.routes(), told::add);
    }
    for (Update.Reach come : update.reach()) {
      Peering.Terms terms = peering == null ? Peering.Terms.USUAL : peering.terms(come.family());
      if (isLoop(update.attributes(), come.family(), terms)) {
        counters.count("bgp_update_looped");
        BgpRoutes.withdrawn(name, come.family(), come.routes(), told::add);
      } else {
        boolean maps = peering != null && peering.mapsPreference();
        BgpRoutes.read(name, update.attributes(), come, asn, terms, maps, told::add);
      }
    }
    return told;
  }

  /**
   * RFC 4271 section 9, RFC 4456 section 8. A reflector may say that a route of ours is for us all
   * the same (RFC 7611).
   */
  private boolean isLoop(PathAttributes attributes, Family family, Peering.Terms terms) {
    Attribute.OriginatorId originator = attributes.get(Attribute.OriginatorId.class);
    Attribute.ClusterList clusters = attributes.get(Attribute.ClusterList.class);
    long times =
        attributes.asPath().segments().stream()
            .flatMap(segment -> segment.asns().stream())
            .filter(each -> each == asn || each == localAsn)
            .count();
    return times > terms.loopCount()
        || (originator != null
            && originator.id().equals(routerId)
            && !isAcceptedOwn(attributes, family))
        || (clusters != null
            && clusterId != 0
            && clusters.ids().contains(new Ipv4Address(clusterId)));
  }

  private boolean isAcceptedOwn(PathAttributes attributes, Family family) {
    Attribute.Communities communities = attributes.get(Attribute.Communities.class);
    weft.routing.Family table = BgpRoutes.FAMILIES.get(family);
    return table != null
        && table.isVpn()
        && from.isInternal()
        && communities != null
        && communities.values().contains(Communities.ACCEPT_OWN);
  }
}
