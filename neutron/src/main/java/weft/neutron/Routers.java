package weft.neutron;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.Ref;

/** Routers: logical routers. */
final class Routers implements Resource {
  static final String OWNED = "network:router";
  static final String INTERFACE = "network:router_interface";
  static final String GATEWAY = "network:router_gateway";

  private static final String DISTRIBUTED = "distributed";
  private static final String AVAILABLE = "ha";

  private final RouterInterfaces interfaces;
  private final RouterGateways gateways;

  Routers(RouterInterfaces interfaces, RouterGateways gateways) {
    this.interfaces = interfaces;
    this.gateways = gateways;
  }

  @Override
  public String name() {
    return "router";
  }

  static NeutronException notFound(String id) {
    return NeutronException.of("RouterNotFound", "router_id", id);
  }

  static ConfigObject usable(String id, Lookup lookup) {
    ConfigObject router = lookup.object(Lookup.ROUTER, id);
    if (router == null || Lookup.hidden(router) || !lookup.context().sees(router)) {
      throw notFound(id);
    }
    return router;
  }

  /** True if the port is a router's. */
  static boolean serves(ConfigObject port) {
    return port.body().path(Ports.OWNER).asString("").startsWith(OWNED);
  }

  /** The id of the router that a port belongs to; empty if it is gone. */
  static String of(ConfigObject port, Lookup lookup) {
    List<ConfigObject> routers = lookup.referrers(port.uuid(), Lookup.ROUTER);
    return routers.isEmpty() ? Devices.id(port.body()) : routers.getFirst().uuid().toString();
  }

  /** The ports of a router: interfaces and gateway. */
  static Collection<ConfigObject> ports(String id, Lookup lookup) {
    ConfigObject router = lookup.object(Lookup.ROUTER, id);
    return router == null ? List.of() : ports(router, lookup);
  }

  private static List<ConfigObject> ports(ConfigObject router, Lookup lookup) {
    List<ConfigObject> ports = interfaces(router, lookup);
    ConfigObject gateway = RouterGateways.port(router, lookup);
    if (gateway != null) {
      ports.add(gateway);
    }
    return ports;
  }

  static List<ConfigObject> interfaces(ConfigObject router, Lookup lookup) {
    List<ConfigObject> ports = new ArrayList<>();
    for (Ref ref : router.refs(Lookup.PORT)) {
      ConfigObject port = lookup.object(Lookup.PORT, ref.uuid());
      if (port != null) {
        ports.add(port);
      }
    }
    return ports;
  }

  @Override
  public String create(Sent sent, Change change) {
    ConfigObject project = change.project(sent);
    UUID uuid = change.uuid(sent);
    ObjectNode body = change.below(project, Lookup.ROUTER, sent.string("name"), uuid);
    Standard.read(sent, body, uuid);
    body.put("logical_router_type", "snat-routing");
    if (RouterGateways.named(sent)) {
      gateways.set(uuid, project, sent, body, Json.object(), change);
    }
    distribute(sent, body, body);
    ConfigObject router = change.create(Lookup.ROUTER, body);
    if (available(router)) {
      HaNetworks.settle(project, uuid, true, change);
    }
    if (!sent.objects("routes").isEmpty()) {
      RouterRoutes.set(router, sent, change);
    }
    return uuid.toString();
  }

  static boolean available(ConfigObject router) {
    return Extras.of(router.body()).path(AVAILABLE).asBoolean(false);
  }

  /** What is asked for is kept and shown; every vRouter routes all the same. */
  private static void distribute(Sent sent, ObjectNode body, ObjectNode request) {
    for (String kind : List.of(DISTRIBUTED, AVAILABLE)) {
      if (sent.set(kind)) {
        ObjectNode extras = Extras.of(request.has(Extras.ANNOTATIONS) ? request : body).deepCopy();
        extras.remove(kind);
        if (sent.flag(kind, false)) {
          extras.put(kind, true);
        }
        Extras.put(request, body, extras);
      }
    }
  }

  @Override
  public ObjectNode read(String id, View view) {
    return item(usable(id, view), view);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    return view.below(Lookup.ROUTER, selection).stream()
        .filter(router -> !Lookup.hidden(router) && view.context().sees(router))
        .map(router -> item(router, view));
  }

  private static ObjectNode item(ConfigObject router, View view) {
    ObjectNode item = Standard.begin(router, view);
    item.put("admin_state_up", Standard.enabled(router));
    item.put("shared", false);
    item.put("status", "ACTIVE");
    ConfigObject port = RouterGateways.port(router, view);
    item.put("gw_port_id", port == null ? null : port.uuid().toString());
    item.set("external_gateway_info", RouterGateways.info(router, port, view));
    item.set("routes", RouterRoutes.shown(router, view));
    item.put(AVAILABLE, available(router));
    item.put(DISTRIBUTED, Extras.of(router.body()).path(DISTRIBUTED).asBoolean(false));
    item.putNull("flavor_id");
    item.putArray("availability_zone_hints");
    item.putArray("availability_zones").add("nova");
    Standard.end(item, router);
    return item;
  }

  @Override
  public void update(String id, Sent sent, Change change) {
    ConfigObject router = usable(id, change);
    ObjectNode request = Json.object();
    Standard.read(sent, request, router.uuid());
    if (sent.has("external_gateway_info")) {
      ConfigObject project = change.project(Networks.projectOf(router));
      gateways.change(router, project, sent, request, change);
    }
    distribute(sent, router.body(), request);
    change.update(router, request);
    boolean available = sent.flag(AVAILABLE, available(router));
    if (available != available(router)) {
      HaNetworks.settle(
          change.project(Networks.projectOf(router)), router.uuid(), available, change);
    }
    if (sent.has("routes")) {
      RouterRoutes.set(usable(id, change), sent, change);
    }
  }

  @Override
  public void delete(String id, Change change) {
    ConfigObject router = usable(id, change);
    if (!router.refs(Lookup.PORT).isEmpty()) {
      throw inUse(id, "");
    }
    gateways.release(router, change);
    RouterRoutes.drop(router, change);
    Tags.drop(router, change);
    change.delete(router);
    if (available(router)) {
      HaNetworks.settle(change.project(Networks.projectOf(router)), router.uuid(), false, change);
    }
  }

  @Override
  public NeutronException inUse(String id, String reason) {
    return NeutronException.of(
        "RouterInUse", "router_id", id, "reason", reason.isEmpty() ? "still has ports" : reason);
  }

  @Override
  public @Nullable JsonNode act(Operation operation, String id, Sent sent, Change change) {
    ConfigObject router = usable(id, change);
    return switch (operation) {
      case ADDINTERFACE -> interfaces.add(router, sent, change);
      case DELINTERFACE -> interfaces.remove(router, sent, change);
      case ADD_EXTRAROUTES -> {
        RouterRoutes.add(router, sent, change);
        yield null;
      }
      case REMOVE_EXTRAROUTES -> {
        RouterRoutes.remove(router, sent, change);
        yield null;
      }
      case CREATE,
          READ,
          UPDATE,
          DELETE,
          READALL,
          READCOUNT,
          ADD_SUBPORTS,
          REMOVE_SUBPORTS,
          INSERT_RULE,
          REMOVE_RULE ->
          throw NeutronException.badRequest(name(), operation + " is not supported");
    };
  }

  /**
   * The router through which a port's network reaches an external one.
   *
   * @return null if there is none
   */
  static @Nullable ConfigObject between(
      ConfigObject port, String subnet, UUID external, Lookup lookup) {
    UUID network = Ids.parse(Ports.network(port));
    if (network == null) {
      return null;
    }
    ConfigObject onNetwork = null;
    for (ConfigObject other : lookup.routerInterfaces(network)) {
      for (ConfigObject router : lookup.referrers(other.uuid(), Lookup.ROUTER)) {
        boolean leads =
            router.refs(Lookup.NETWORK).stream().anyMatch(ref -> ref.uuid().equals(external));
        if (leads && subnets(other, lookup).contains(subnet)) {
          return router;
        }
        onNetwork = leads && subnet.isEmpty() ? router : onNetwork;
      }
    }
    return onNetwork;
  }

  /** The ids of the subnets of which a port has an address. */
  static Set<String> subnets(ConfigObject port, Lookup lookup) {
    Set<String> subnets = new java.util.HashSet<>();
    for (ConfigObject address : lookup.referrers(port.uuid(), Lookup.ADDRESS)) {
      subnets.add(address.body().path("subnet_uuid").asString(""));
    }
    return subnets;
  }

  /** The references of a router to its interfaces, as a request writes them. */
  static ArrayNode interfaceRefs(ConfigObject router) {
    ArrayNode refs = Json.array();
    router.refs(Lookup.PORT).forEach(ref -> refs.addObject().put("uuid", ref.uuid().toString()));
    return refs;
  }
}
