package weft.neutron;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;

/** Networks: virtual networks, and the pool of floating addresses of external ones. */
final class Networks implements Resource {
  /** Extra attribute: the projects that the network is external for, if not for all. */
  private static final String USUAL = "is_default";

  static final String EXTERNAL_TO = "external_to";

  private static final String POOL_NAME = "floating-ip-pool";
  private static final String EXTERNAL = "router:external";
  private static final int MIN_MTU = 68;
  private static final int MAX_MTU = 9216;

  private final SecurityGroups groups;

  Networks(SecurityGroups groups) {
    this.groups = groups;
  }

  @Override
  public String name() {
    return "network";
  }

  static NeutronException notFound(String id) {
    return NeutronException.of("NetworkNotFound", "net_id", id);
  }

  /** A network that whoever calls may use. */
  static ConfigObject usable(String id, Lookup lookup) {
    ConfigObject network = lookup.object(Lookup.NETWORK, id);
    if (network == null || Lookup.hidden(network) || !visible(network, lookup.context())) {
      throw notFound(id);
    }
    return network;
  }

  static boolean visible(ConfigObject network, Context context) {
    return open(network, context) || context.access() == null && externalFor(network, context);
  }

  /** Whether the network is used by whom calls as its own would be: its subnets are seen. */
  static boolean open(ConfigObject network, Context context) {
    if (context.access() != null) {
      return context.sees(network);
    }
    return context.owns(network.parentUuid())
        || shared(network)
        || Sharing.with(network, context.tenant());
  }

  static boolean shared(ConfigObject network) {
    return network.body().path("is_shared").asBoolean(false);
  }

  static boolean external(ConfigObject network) {
    return network.body().path("router_external").asBoolean(false);
  }

  /** The projects that an external network is for, `*` for all; none if it is no external one. */
  static Set<String> externalTo(ConfigObject network) {
    if (!external(network)) {
      return Set.of();
    }
    JsonNode named = Extras.of(network.body()).path(EXTERNAL_TO);
    if (!named.isArray()) {
      return Set.of(RbacPolicy.EVERYBODY);
    }
    Set<String> targets = new LinkedHashSet<>();
    named.forEach(target -> targets.add(target.asString("")));
    return targets;
  }

  private static boolean externalFor(ConfigObject network, Context context) {
    Set<String> targets = externalTo(network);
    UUID tenant = context.tenant();
    return targets.contains(RbacPolicy.EVERYBODY)
        || tenant != null && targets.contains(Ids.undashed(tenant));
  }

  /** Makes a network external, or no longer. */
  static void external(ConfigObject network, boolean external, ObjectNode request, Change change) {
    if (external == external(network)) {
      return;
    }
    request.put("router_external", external);
    if (external) {
      createPool(network, change.project(projectOf(network)), change);
    } else {
      deletePools(network, change);
    }
  }

  static boolean portSecurity(ConfigObject network) {
    return network.body().path("port_security_enabled").asBoolean(true);
  }

  @Override
  public String create(Sent sent, Change change) {
    UUID uuid = change.uuid(sent);
    ConfigObject project = change.project(sent);
    groups.ensureDefault(project, change);
    ObjectNode body = change.below(project, Lookup.NETWORK, sent.string("name"), uuid);
    Standard.read(sent, body, uuid);
    properties(sent, body, Json.object(), uuid, change);
    int mtu = Provider.mtu(sent);
    // Neutron sends 0 if nobody asked for one.
    if (mtu > 0 && sent.number("mtu").orElse(0) == 0) {
      body.put("mtu", mtu);
    }
    body.put("port_security_enabled", sent.flag("port_security_enabled", true));
    boolean external = sent.flag(EXTERNAL, false);
    body.put("router_external", external);
    if (external) {
      usual(sent, body, body, uuid, change);
    }
    body.put("is_shared", sent.flag("shared", false));
    ConfigObject network = change.create(Lookup.NETWORK, body);
    if (external) {
      createPool(network, project, change);
    }
    return uuid.toString();
  }

  /** What creation and change have in common. */
  private void properties(
      Sent sent, ObjectNode request, ObjectNode before, UUID network, Change change) {
    sent.number("mtu")
        .ifPresent(mtu -> {
          if (mtu != 0 && (mtu < MIN_MTU || mtu > MAX_MTU)) {
            throw NeutronException.badRequest(
                name(), "mtu is between " + MIN_MTU + " and " + MAX_MTU + ": " + mtu);
          }
          request.put("mtu", mtu);
        });
    Provider.read(sent, request, before, network, change);
    refs(sent, request, "policys", "network-policy", change);
    refs(sent, request, "route_table", "route-table", change);
  }

  /** References by full name, as lists of lists of names. */
  private void refs(Sent sent, ObjectNode request, String attribute, String type, Change change) {
    if (!sent.has(attribute)) {
      return;
    }
    ArrayNode refs = request.putArray(type.replace('-', '_') + "_refs");
    int major = 0;
    for (JsonNode name : sent.get(attribute)) {
      ObjectNode ref = refs.addObject();
      ref.set("to", name);
      if (type.equals("network-policy")) {
        ref.putObject("attr").putObject("sequence").put("major", major++).put("minor", 0);
      }
      if (!name.isArray() || change.edit().current(type, weft.schema.FqName.of(name)) == null) {
        throw NeutronException.badRequest(name(), attribute + ": " + name + " not found");
      }
    }
  }

  private static void createPool(ConfigObject network, ConfigObject project, Change change) {
    ObjectNode body = Json.object();
    body.set("fq_name", network.fqName().child(POOL_NAME).toJson());
    body.put("parent_type", Lookup.NETWORK);
    body.putObject("perms2")
        .put("owner", Ids.undashed(project.uuid()))
        .put("owner_access", 7)
        .put("global_access", 7);
    change.create(Lookup.POOL, body);
  }

  @Override
  public ObjectNode read(String id, View view) {
    return item(usable(id, view), view);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    Map<UUID, ConfigObject> found = new LinkedHashMap<>();
    for (ConfigObject own : view.below(Lookup.NETWORK, selection)) {
      if (!Lookup.hidden(own) && visible(own, view.context())) {
        found.put(own.uuid(), own);
      }
    }
    if (!view.context().admin() && selection.ids() == null) {
      for (ConfigObject other : view.image().objects(Lookup.NETWORK)) {
        if (!Lookup.hidden(other) && visible(other, view.context())) {
          found.put(other.uuid(), other);
        }
      }
    }
    return found.values().stream().map(network -> item(network, view));
  }

  private static ObjectNode item(ConfigObject network, View view) {
    ObjectNode body = network.body();
    ObjectNode item = Standard.begin(network, view);
    item.put("admin_state_up", Standard.enabled(network));
    item.put("shared", shared(network) || Sharing.with(network, view.context().tenant()));
    item.put("status", Standard.enabled(network) ? "ACTIVE" : "DOWN");
    item.put(EXTERNAL, external(network));
    item.put(USUAL, usual(network));
    JsonNode mtu = body.path("mtu");
    item.set("mtu", mtu.isNumber() ? mtu : null);
    List<SubnetEntry> subnets = SubnetEntry.of(network);
    ArrayNode ids = item.putArray("subnets");
    subnets.forEach(subnet -> ids.add(subnet.id()));
    if (!subnets.isEmpty()) {
      ArrayNode ipams = item.putArray("subnet_ipam");
      for (SubnetEntry subnet : subnets) {
        ipams
            .addObject()
            .put("subnet_cidr", subnet.prefix().toString())
            .set("ipam_fq_name", subnet.ipam());
      }
    }
    item.put("port_security_enabled", portSecurity(network));
    Provider.show(network, item);
    names(body.path("network_policy_refs"), "policys", item);
    names(body.path("route_table_refs"), "route_table", item);
    item.putArray("availability_zone_hints");
    item.putArray("availability_zones").add("nova");
    Standard.end(item, network);
    return item;
  }

  private static void names(JsonNode refs, String attribute, ObjectNode item) {
    if (!refs.isEmpty()) {
      ArrayNode names = item.putArray(attribute);
      refs.forEach(ref -> names.add(ref.path("to")));
    }
  }

  @Override
  public void update(String id, Sent sent, Change change) {
    ConfigObject network = owned(id, change);
    ObjectNode request = Json.object();
    Standard.read(sent, request, network.uuid());
    properties(sent, request, network.body(), network.uuid(), change);
    if (sent.has("port_security_enabled")) {
      request.put("port_security_enabled", sent.flag("port_security_enabled", true));
    }
    if (sent.has("shared")) {
      boolean shared = sent.flag("shared", false);
      checkSharing(network, shared, change);
      request.put("is_shared", shared);
    }
    boolean external = sent.flag(EXTERNAL, external(network));
    external(network, external, request, change);
    ObjectNode extras =
        Extras.of(request.has(Extras.ANNOTATIONS) ? request : network.body()).deepCopy();
    if (!external && extras.remove(EXTERNAL_TO) != null) {
      Extras.put(request, network.body(), extras);
    }
    if (external) {
      usual(sent, network.body(), request, network.uuid(), change);
    }
    change.update(network, request);
  }

  /** Whether an external network is the one to be taken where none is named. */
  static boolean usual(ConfigObject network) {
    return external(network) && Extras.of(network.body()).path(USUAL).asBoolean(false);
  }

  private static void usual(
      Sent sent, ObjectNode body, ObjectNode request, UUID network, Change change) {
    if (!sent.set(USUAL)) {
      return;
    }
    ObjectNode extras = Extras.of(request.has(Extras.ANNOTATIONS) ? request : body).deepCopy();
    extras.remove(USUAL);
    if (sent.flag(USUAL, false)) {
      for (ConfigObject other : change.image().objects(Lookup.NETWORK)) {
        if (usual(other) && !other.uuid().equals(network)) {
          throw NeutronException.of(
              "DefaultExternalNetworkExists", "net_id", other.uuid().toString());
        }
      }
      Provider.demandAlone(change);
      extras.put(USUAL, true);
    }
    Extras.put(request, body, extras);
  }

  /** Refuses to take back what others have come to use. */
  private static void checkSharing(ConfigObject network, boolean shared, Change change) {
    if (shared || !shared(network)) {
      return;
    }
    change.edit().demandUndisturbed(network);
    for (ConfigObject port : change.referrers(network.uuid(), Lookup.PORT)) {
      if (!projectOf(network).equals(port.parentUuid()) && !Routers.serves(port)) {
        throw NeutronException.of("InvalidSharedSetting", "network", network.name());
      }
    }
  }

  private static void deletePools(ConfigObject network, Change change) {
    for (ConfigObject pool : change.children(network.uuid(), Lookup.POOL)) {
      boolean used = !change.children(pool.uuid(), Lookup.FLOATING).isEmpty();
      if (used || !change.referrers(network.uuid(), Lookup.ROUTER).isEmpty()) {
        throw NeutronException.of("ExternalNetworkInUse", "net_id", network.uuid().toString());
      }
      change.delete(pool);
    }
  }

  @Override
  public void delete(String id, Change change) {
    ConfigObject network = owned(id, change);
    List<ConfigObject> users = new ArrayList<>();
    users.addAll(change.referrers(network.uuid(), Lookup.PORT));
    users.addAll(change.referrers(network.uuid(), Lookup.ADDRESS));
    users.addAll(change.referrers(network.uuid(), Lookup.ROUTER));
    List<ConfigObject> idle = new ArrayList<>();
    for (ConfigObject pool : change.children(network.uuid(), Lookup.POOL)) {
      for (ConfigObject floating : change.children(pool.uuid(), Lookup.FLOATING)) {
        (floating.refs(Lookup.PORT).isEmpty() ? idle : users).add(floating);
      }
    }
    if (!users.isEmpty()) {
      throw inUse(id, users.getFirst().uuid().toString());
    }
    Tags.drop(network, change);
    for (ConfigObject floating : idle) {
      change.edit().demandUndisturbed(floating);
      Tags.drop(floating, change);
      change.delete(floating);
    }
    change.children(network.uuid(), Lookup.POOL).forEach(change::delete);
    change.delete(network);
  }

  @Override
  public NeutronException inUse(String id, String reason) {
    return NeutronException.of("NetworkInUse", "net_id", id);
  }

  /** A network that whoever calls may change. */
  static ConfigObject owned(String id, Lookup lookup) {
    ConfigObject network = usable(id, lookup);
    if (!lookup.context().owns(network.parentUuid())) {
      throw notFound(id);
    }
    return network;
  }

  static UUID projectOf(ConfigObject object) {
    UUID parent = object.parentUuid();
    if (parent == null) {
      throw new IllegalStateException(object.fqName() + " is of no project");
    }
    return parent;
  }

  /** The pool of a network from which floating addresses are taken. */
  static @Nullable ConfigObject pool(ConfigObject network, Lookup lookup) {
    List<ConfigObject> pools = lookup.children(network.uuid(), Lookup.POOL);
    return pools.isEmpty() ? null : pools.getFirst();
  }
}
