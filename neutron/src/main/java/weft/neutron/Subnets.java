package weft.neutron;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.http.Json;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.schema.ConfigObject;
import weft.schema.FqName;

/** Subnets: entries in a network's reference to an IPAM. */
final class Subnets implements Resource {
  private static final String IPAM = "network-ipam";
  private static final FqName DEFAULT_IPAM =
      FqName.of("default-domain", "default-project", "default-network-ipam");

  private final Hints hints;

  Subnets(Hints hints) {
    this.hints = hints;
  }

  @Override
  public String name() {
    return "subnet";
  }

  static NeutronException notFound(String id) {
    return NeutronException.of("SubnetNotFound", "subnet_id", id);
  }

  /** A subnet of a network that whoever calls may use. */
  SubnetEntry usable(String id, Lookup lookup) {
    SubnetEntry found = hints.find(id, lookup, network -> SubnetEntry.of(network, id));
    if (found == null
        || Lookup.hidden(found.network())
        || !Networks.visible(found.network(), lookup.context())) {
      throw notFound(id);
    }
    return found;
  }

  private SubnetEntry owned(String id, Lookup lookup) {
    SubnetEntry entry = usable(id, lookup);
    if (!lookup.context().owns(entry.network().parentUuid())) {
      throw notFound(id);
    }
    return entry;
  }

  @Override
  public String create(Sent sent, Change change) {
    ConfigObject network = Networks.usable(sent.string("network_id"), change);
    if (!change.context().owns(network.parentUuid())) {
      throw Networks.notFound(sent.string("network_id"));
    }
    UUID uuid = change.uuid(sent);
    String pool = SubnetPools.asked(sent);
    ConfigObject source = pool == null ? null : SubnetPools.usable(pool, change);
    if (source != null) {
      SubnetPools.take(source, network, sent, change);
    }
    SubnetShape shape = SubnetShape.create(sent);
    SubnetPools.checkAffinity(pool, network, shape.prefix());
    for (SubnetEntry other : SubnetEntry.of(network)) {
      if (other.prefix().overlaps(shape.prefix())) {
        throw NeutronException.invalidInput(
            "Requested subnet with cidr: "
                + shape.prefix()
                + " for network: "
                + network.uuid()
                + " overlaps with another subnet");
      }
    }
    ObjectNode node = shape.node();
    node.put("subnet_uuid", uuid.toString());
    node.put("subnet_name", sent.string("name"));
    String now = Times.text(change.edit().now());
    node.put("created", now).put("last_modified", now);
    ObjectNode request = Json.object();
    ConfigObject ipam = source == null ? ipam(sent, network, change) : source;
    request.set("network_ipam_refs", with(network, node, ipam));
    ObjectNode extra = shape.extras(sent, Json.object());
    if (pool != null) {
      extra.put(SubnetPools.ID, pool);
    }
    extras(network, uuid.toString(), extra, request);
    try {
      change.update(network, request);
    } catch (HttpError e) {
      throw e.status() == 400 ? change.refusal(e, NeutronException.invalidInput(e.text())) : e;
    }
    return uuid.toString();
  }

  /** The one that is named, else that of the project, else that of everybody. */
  private ConfigObject ipam(Sent sent, ConfigObject network, Change change) {
    JsonNode named = sent.get("ipam_fq_name");
    if (named.isArray() && !named.isEmpty()) {
      ConfigObject ipam = change.edit().current(IPAM, FqName.of(named));
      if (ipam == null) {
        throw NeutronException.badRequest(name(), "ipam_fq_name " + named + " not found");
      }
      return ipam;
    }
    FqName own = network.fqName().parent().child("default-network-ipam");
    ConfigObject ipam = change.edit().current(IPAM, own);
    ipam = ipam == null ? change.edit().current(IPAM, DEFAULT_IPAM) : ipam;
    if (ipam == null) {
      throw NeutronException.badRequest(name(), "there is no default IPAM");
    }
    return ipam;
  }

  /** The references to IPAMs with one more subnet. */
  private static ArrayNode with(ConfigObject network, ObjectNode node, ConfigObject ipam) {
    ArrayNode refs = Json.array();
    boolean placed = false;
    for (JsonNode each : network.body().path("network_ipam_refs")) {
      ObjectNode ref = (ObjectNode) each.deepCopy();
      if (ref.path("uuid").asString("").equals(ipam.uuid().toString())) {
        ref.withObjectProperty("attr").withArrayProperty("ipam_subnets").add(node);
        placed = true;
      }
      refs.add(ref);
    }
    if (!placed) {
      ObjectNode ref = refs.addObject();
      ref.put("uuid", ipam.uuid().toString());
      ref.putObject("attr").putArray("ipam_subnets").add(node);
    }
    return refs;
  }

  private static void extras(
      ConfigObject network, String id, ObjectNode subnet, ObjectNode request) {
    ObjectNode body = network.body();
    ObjectNode extras = Extras.of(body).deepCopy();
    ObjectNode subnets = extras.withObjectProperty(SubnetEntry.EXTRAS);
    if (subnet.isEmpty()) {
      subnets.remove(id);
    } else {
      subnets.set(id, subnet);
    }
    if (subnets.isEmpty()) {
      extras.remove(SubnetEntry.EXTRAS);
    }
    Extras.put(request, body, extras);
  }

  @Override
  public ObjectNode read(String id, View view) {
    return item(usable(id, view), view);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    Set<String> ids = selection.ids();
    if (ids != null) {
      return ids.stream()
          .map(id -> hints.find(id, view, network -> SubnetEntry.of(network, id)))
          .flatMap(Stream::ofNullable)
          .filter(entry -> seen(entry.network(), view))
          .map(entry -> item(entry, view));
    }
    Set<String> networks = selection.only("network_id");
    Stream<ConfigObject> holders =
        networks != null
            ? view.byId(Lookup.NETWORK, networks).stream()
            : view.image().objects(Lookup.NETWORK).stream();
    return holders
        .filter(network -> seen(network, view))
        .flatMap(network -> SubnetEntry.of(network).stream())
        .map(entry -> item(entry, view));
  }

  private static boolean seen(ConfigObject network, View view) {
    return !Lookup.hidden(network) && Networks.open(network, view.context());
  }

  private static ObjectNode item(SubnetEntry entry, View view) {
    ConfigObject network = entry.network();
    JsonNode node = entry.node();
    IpPrefix prefix = entry.prefix();
    ObjectNode item = Json.object();
    item.put("id", entry.id());
    item.put("name", node.path("subnet_name").asString(""));
    Standard.owner(item, view.tenant(Networks.projectOf(network)));
    item.put("network_id", network.uuid().toString());
    item.put("ip_version", prefix.isV4() ? 4 : 6);
    item.put("cidr", prefix.toString());
    item.set("allocation_pools", SubnetShape.shownPools(entry));
    IpAddress gateway = entry.gateway();
    item.put("gateway_ip", gateway == null ? null : gateway.toString());
    item.put("enable_dhcp", node.path("enable_dhcp").asBoolean(true));
    item.put("ipv6_ra_mode", Standard.text(entry.extra().path("ipv6_ra_mode")));
    item.put("ipv6_address_mode", Standard.text(entry.extra().path("ipv6_address_mode")));
    ArrayNode servers = item.putArray("dns_nameservers");
    SubnetShape.nameservers(node).forEach(servers::add);
    ArrayNode routes = item.putArray("host_routes");
    for (JsonNode route : node.path("host_routes").path("route")) {
      routes
          .addObject()
          .put("destination", route.path("prefix").asString(""))
          .put("nexthop", route.path("next_hop").asString(""));
    }
    item.put("shared", Networks.shared(network) || Sharing.with(network, view.context().tenant()));
    item.put("created_at", node.path("created").asString(""));
    item.put("updated_at", node.path("last_modified").asString(""));
    if (servers.isEmpty()) {
      item.put("dns_server_address", node.path("dns_server_address").asString(""));
    }
    item.set(
        "tags", entry.extra().path("tags").isArray() ? entry.extra().path("tags") : Json.array());
    item.put("description", entry.extra().path("description").asString(""));
    item.put("revision_number", network.revision());
    item.put(SubnetPools.ID, Standard.text(entry.extra().path(SubnetPools.ID)));
    item.putNull("segment_id").putArray("service_types");
    return item;
  }

  @Override
  public void update(String id, Sent sent, Change change) {
    SubnetEntry entry = owned(id, change);
    SubnetShape shape = SubnetShape.update(entry, sent);
    checkGateway(entry, shape, change);
    ObjectNode node = shape.node();
    sent.ifSent("name", text -> node.put("subnet_name", text));
    node.put("last_modified", Times.text(change.edit().now()));
    ObjectNode old = Json.object();
    if (entry.extra() instanceof ObjectNode extra) {
      old.setAll(extra);
    }
    replace(entry, node, shape.extras(sent, old), change);
  }

  /** Puts a changed subnet, or none, in its place; its rules are this module's. */
  void replace(SubnetEntry entry, @Nullable ObjectNode changed, ObjectNode extra, Change change) {
    ConfigObject network = entry.network();
    ObjectNode body = network.body().deepCopy();
    ArrayNode refs = body.withArrayProperty("network_ipam_refs");
    for (int at = refs.size() - 1; at >= 0; at--) {
      ArrayNode list =
          ((ObjectNode) refs.get(at)).withObjectProperty("attr").withArrayProperty("ipam_subnets");
      for (int i = 0; i < list.size(); i++) {
        if (list.get(i).path("subnet_uuid").asString("").equals(entry.id())) {
          list.remove(i);
          if (changed != null) {
            list.insert(i, changed);
          }
        }
      }
      if (list.isEmpty()) {
        refs.remove(at);
      }
    }
    if (refs.isEmpty()) {
      body.remove("network_ipam_refs");
    }
    ObjectNode request = Json.object();
    extras(network, entry.id(), extra, request);
    if (request.has("annotations")) {
      body.set("annotations", request.get("annotations"));
      if (body.path("annotations").isNull()) {
        body.remove("annotations");
      }
    }
    change.rewrite(network, body);
  }

  /** The address of a router's interface stays the gateway. */
  private static void checkGateway(SubnetEntry entry, SubnetShape shape, Change change) {
    IpAddress before = entry.gateway();
    if (before == null || before.equals(shape.gateway())) {
      return;
    }
    change.edit().demandUndisturbed(entry.network());
    for (ConfigObject router : users(entry, change)) {
      JsonNode owner = router.body().path("virtual_machine_interface_device_owner");
      for (ConfigObject address : change.referrers(router.uuid(), Lookup.ADDRESS)) {
        if (owner.asString("").equals(Routers.INTERFACE)
            && address.body().path("instance_ip_address").asString("").equals(before.toString())) {
          throw NeutronException.of(
              "GatewayIpInUse",
              "ip_address",
              before.toString(),
              "port_id",
              router.uuid().toString());
        }
      }
    }
  }

  /** The ports with an address of the subnet. */
  private static List<ConfigObject> users(SubnetEntry entry, Change change) {
    List<ConfigObject> ports = new ArrayList<>();
    for (ConfigObject port : change.referrers(entry.network().uuid(), Lookup.PORT)) {
      for (ConfigObject address : change.referrers(port.uuid(), Lookup.ADDRESS)) {
        if (address.body().path("subnet_uuid").asString("").equals(entry.id())) {
          ports.add(port);
        }
      }
    }
    return ports;
  }

  /** Addresses that ports made themselves go with the subnet; any other keeps it. */
  @Override
  public void delete(String id, Change change) {
    SubnetEntry entry = owned(id, change);
    change.edit().demandUndisturbed(entry.network());
    for (Map.Entry<String, String> taken : change.image().allocations(entry.pool()).entrySet()) {
      UUID owner = Ids.parse(taken.getValue());
      ConfigObject address = change.object(Lookup.ADDRESS, owner);
      if (!entry.automatic() || address == null || heldByRouter(address, change)) {
        throw inUse(id, "");
      }
      change.delete(address);
    }
    for (ConfigObject port : users(entry, change)) {
      if (!entry.automatic() || Routers.serves(port)) {
        throw inUse(id, "");
      }
    }
    replace(entry, null, Json.object(), change);
  }

  private static boolean heldByRouter(ConfigObject address, Change change) {
    return address.refs(Lookup.PORT).stream()
        .map(ref -> change.object(Lookup.PORT, ref.uuid()))
        .anyMatch(port -> port != null && Routers.serves(port));
  }

  @Override
  public NeutronException inUse(String id, String reason) {
    return NeutronException.of("SubnetInUse", "subnet_id", id);
  }
}
