package weft.neutron;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.schema.ConfigObject;

/** Extra routes of a router: a route table of its own that the router refers to. */
final class RouterRoutes {
  private static final String TABLE = "route-table";
  private static final int MOST = 30;

  private RouterRoutes() {}

  private static String tableName(ConfigObject router) {
    return "routes-" + router.uuid();
  }

  /** Null if the router has no extra routes. */
  private static @Nullable ConfigObject table(ConfigObject router, Lookup lookup) {
    for (JsonNode ref : router.body().path("route_table_refs")) {
      JsonNode to = ref.path("to");
      if (to.path(to.size() - 1).asString("").equals(tableName(router))) {
        return lookup.object(TABLE, ref.path("uuid").asString(""));
      }
    }
    return null;
  }

  static ArrayNode shown(ConfigObject router, Lookup lookup) {
    ArrayNode shown = Json.array();
    ConfigObject table = table(router, lookup);
    if (table != null) {
      for (JsonNode route : table.body().path("routes").path("route")) {
        shown
            .addObject()
            .put("destination", route.path("prefix").asString(""))
            .put("nexthop", route.path("next_hop").asString(""));
      }
    }
    return shown;
  }

  /** Makes the routes of a router those that are sent. */
  static void set(ConfigObject router, Sent sent, Change change) {
    List<Sent> routes = sent.objects("routes");
    if (routes.size() > MOST) {
      throw NeutronException.of(
          "RoutesExhausted", "router_id", router.uuid().toString(), "quota", String.valueOf(MOST));
    }
    if (routes.isEmpty()) {
      drop(router, change);
      return;
    }
    ArrayNode list = Json.array();
    Set<String> seen = new HashSet<>();
    for (Sent route : routes) {
      IpPrefix destination = Routes.destination(route);
      IpAddress next = route.address("nexthop");
      check(router, route, next, change);
      if (!seen.add(destination + " " + next)) {
        throw NeutronException.invalidInput("Duplicate route: " + route.node());
      }
      list.addObject()
          .put("prefix", destination.toString())
          .put("next_hop", String.valueOf(next))
          .put("next_hop_type", "ip-address");
    }
    write(router, list, change);
  }

  /** Adds routes to those that are there; one that is there stays. */
  static void add(ConfigObject router, Sent sent, Change change) {
    ArrayNode routes = shown(router, change);
    for (Sent route : sent.objects("routes")) {
      routes.removeIf(there -> same(there, route));
      routes.add(route.node());
    }
    set(router, together(routes), change);
  }

  /** Takes routes away; one that is not there is none that stays. */
  static void remove(ConfigObject router, Sent sent, Change change) {
    ArrayNode routes = shown(router, change);
    for (Sent route : sent.objects("routes")) {
      routes.removeIf(there -> same(there, route));
    }
    set(router, together(routes), change);
  }

  private static Sent together(ArrayNode routes) {
    ObjectNode all = Json.object();
    all.set("routes", routes);
    return new Sent("router", all);
  }

  private static boolean same(JsonNode shown, Sent route) {
    return shown.path("destination").asString("").equals(Routes.destination(route).toString())
        && shown.path("nexthop").asString("").equals(String.valueOf(route.address("nexthop")));
  }

  private static void write(ConfigObject router, ArrayNode list, Change change) {
    ObjectNode request = Json.object();
    request.putObject("routes").set("route", list);
    ConfigObject table = table(router, change);
    if (table != null) {
      change.update(table, request);
      return;
    }
    ConfigObject project = change.project(Networks.projectOf(router));
    UUID uuid = change.edit().newUuid();
    ObjectNode body = change.below(project, TABLE, tableName(router), uuid);
    body.setAll(request);
    change.create(TABLE, body);
    refer(router, uuid, change);
  }

  /** The next hop is a host beside the router, and not the router itself. */
  private static void check(
      ConfigObject router, Sent route, @Nullable IpAddress next, Change change) {
    String reason = "the nexthop is not connected with router";
    for (ConfigObject port : Routers.interfaces(router, change)) {
      reason = reach(port, next, change, reason);
    }
    ConfigObject gateway = RouterGateways.port(router, change);
    if (gateway != null) {
      reason = reach(gateway, next, change, reason);
    }
    if (!reason.isEmpty()) {
      throw NeutronException.of(
          "InvalidRoutes", "routes", route.node().toString(), "reason", reason);
    }
  }

  private static String reach(
      ConfigObject port, @Nullable IpAddress next, Change change, String reason) {
    ConfigObject network = change.object(Lookup.NETWORK, Ports.network(port));
    if (network == null || next == null) {
      return reason;
    }
    for (ConfigObject address : change.referrers(port.uuid(), Lookup.ADDRESS)) {
      if (address.body().path("instance_ip_address").asString("").equals(next.toString())) {
        return "the nexthop is used by router";
      }
      SubnetEntry subnet = SubnetEntry.of(network, address.body().path("subnet_uuid").asString(""));
      if (subnet != null && subnet.prefix().contains(next)) {
        return "";
      }
    }
    return reason;
  }

  /** Leaves a router without extra routes. */
  static void drop(ConfigObject router, Change change) {
    ConfigObject table = table(router, change);
    if (table != null) {
      refer(router, null, change);
      change.delete(table);
    }
  }

  /** Refers to the route tables of others, and to this one of the router's own. */
  private static void refer(ConfigObject router, @Nullable UUID own, Change change) {
    ArrayNode refs = Json.array();
    for (JsonNode ref : router.body().path("route_table_refs")) {
      JsonNode to = ref.path("to");
      if (!to.path(to.size() - 1).asString("").equals(tableName(router))) {
        refs.addObject().put("uuid", ref.path("uuid").asString(""));
      }
    }
    if (own != null) {
      refs.addObject().put("uuid", own.toString());
    }
    ObjectNode request = Json.object();
    request.set("route_table_refs", refs);
    ConfigObject now = change.object(router.uuid());
    change.update(now == null ? router : now, request);
  }
}
