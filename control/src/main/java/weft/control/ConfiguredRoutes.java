package weft.control;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import weft.config.ConfigImage;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.RouteTarget;
import weft.routing.Aggregate;
import weft.routing.Communities;
import weft.routing.StaticRoute;
import weft.schema.ConfigObject;

/** Reads the static routes and aggregates of an instance out of the config; bad ones are none. */
final class ConfiguredRoutes {
  static final String AGGREGATE = "route-aggregate";

  private static final Logger LOG = LoggerFactory.getLogger(ConfiguredRoutes.class);

  private ConfiguredRoutes() {}

  static List<StaticRoute> statics(ConfigObject instance) {
    JsonNode entries = instance.property("static_route_entries");
    List<StaticRoute> found = new ArrayList<>();
    if (entries != null) {
      for (JsonNode route : entries.path("route")) {
        try {
          found.add(route(route));
        } catch (IllegalArgumentException e) {
          LOG.warn("static route of {} ignored: {}", instance.fqName(), e.getMessage());
        }
      }
    }
    return found;
  }

  private static StaticRoute route(JsonNode route) {
    IpPrefix prefix = RoutingPolicies.prefix(route.path("prefix").asString(""));
    IpAddress nextHop = IpAddress.parse(route.path("next_hop").asString(""));
    if (prefix.isV4() != nextHop.isV4()) {
      throw new IllegalArgumentException(prefix + " by way of " + nextHop);
    }
    SortedSet<RouteTarget> targets = new TreeSet<>();
    route.path("route_target").forEach(t -> targets.add(RouteTarget.parse(t.asString(""))));
    List<String> communities = new ArrayList<>();
    route.path("community").forEach(c -> communities.add(c.asString("")));
    return new StaticRoute(prefix, nextHop, targets, Communities.parse(communities));
  }

  /** Of several that name the same prefix, the first in the order of their names counts. */
  static List<Aggregate> aggregates(ConfigImage image, ConfigObject instance) {
    List<Aggregate> found = new ArrayList<>();
    List<ConfigObject> all = new ArrayList<>(image.referrers(instance.uuid(), AGGREGATE));
    all.sort(Comparator.comparing(ConfigObject::fqName));
    for (ConfigObject aggregate : all) {
      JsonNode entries = aggregate.property("aggregate_route_entries");
      JsonNode nextHop = aggregate.property("aggregate_route_nexthop");
      for (JsonNode route : entries == null ? List.<JsonNode>of() : entries.path("route")) {
        try {
          add(found, route.asString(""), nextHop == null ? "" : nextHop.asString(""));
        } catch (IllegalArgumentException e) {
          LOG.warn("entry of {} ignored: {}", aggregate.fqName(), e.getMessage());
        }
      }
    }
    return found;
  }

  /** Prefixes of the other family than the next hop are for another aggregate. */
  private static void add(List<Aggregate> into, String route, String hop) {
    IpPrefix prefix = RoutingPolicies.prefix(route);
    IpAddress nextHop = IpAddress.parse(hop);
    boolean isNew = into.stream().noneMatch(known -> known.prefix().equals(prefix));
    if (isNew && prefix.isV4() == nextHop.isV4()) {
      into.add(new Aggregate(prefix, nextHop));
    }
  }
}
