package weft.neutron;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import weft.api.model.NetworkAddresses;
import weft.http.HttpError;
import weft.http.Json;
import weft.net.IpAddress;
import weft.schema.ConfigObject;

/** Floating addresses, out of the pool of an external network. */
final class FloatingIps implements Resource {
  private static final String ADDRESS = "floating_ip_address";
  private static final String FIXED = "floating_ip_fixed_ip_address";
  private static final String PORTS = "virtual_machine_interface_refs";

  @Override
  public String name() {
    return "floatingip";
  }

  static NeutronException notFound(String id) {
    return NeutronException.of("FloatingIPNotFound", "floatingip_id", id);
  }

  private static ConfigObject usable(String id, Lookup lookup) {
    ConfigObject floating = lookup.object(Lookup.FLOATING, id);
    if (floating == null || !visible(floating, lookup)) {
      throw notFound(id);
    }
    return floating;
  }

  private static boolean visible(ConfigObject floating, Lookup lookup) {
    return Lookup.POOL.equals(floating.parentType())
        && (lookup.context().owns(project(floating)) || own(floating, lookup.context()));
  }

  private static boolean own(ConfigObject floating, Context context) {
    return context.access() != null && context.sees(floating);
  }

  private static @Nullable UUID project(ConfigObject floating) {
    return Ids.parse(floating.body().path("project_refs").path(0).path("uuid").asString(""));
  }

  @Override
  public String create(Sent sent, Change change) {
    String id = sent.string("floating_network_id");
    ConfigObject network = Networks.usable(id, change);
    ConfigObject pool = Networks.pool(network, change);
    if (pool == null || !Networks.external(network)) {
      throw NeutronException.badRequest(
          name(), "Network " + id + " doesn't provide a floatingip pool");
    }
    ConfigObject project = change.project(sent);
    UUID uuid = change.uuid(sent);
    ObjectNode body = Json.object();
    body.put("uuid", uuid.toString());
    body.set("fq_name", pool.fqName().child(uuid.toString()).toJson());
    body.put("parent_type", Lookup.POOL);
    Standard.read(sent, body, uuid);
    body.putObject("perms2").put("owner", Ids.undashed(project.uuid())).put("owner_access", 7);
    body.putArray("project_refs").add(Change.ref(project));
    address(sent, network, body, change);
    String port = sent.string("port_id");
    if (!port.isEmpty()) {
      associate(sent, uuid, body.path(ADDRESS).asString(""), network, body, change);
    }
    try {
      change.create(Lookup.FLOATING, body);
    } catch (HttpError e) {
      throw refused(e, network, body, change);
    }
    return uuid.toString();
  }

  /** The address asked for, or the next free one of the subnet asked for. */
  private static void address(Sent sent, ConfigObject network, ObjectNode body, Change change) {
    IpAddress asked = sent.address(ADDRESS);
    String subnet = sent.string("subnet_id");
    if (!subnet.isEmpty() && SubnetEntry.of(network, subnet) == null) {
      throw NeutronException.badRequest(
          "floatingip", "Subnet " + subnet + " is not on network " + network.uuid());
    }
    if (asked == null && !subnet.isEmpty()) {
      String next = NetworkAddresses.nextFree(network, subnet, change.edit());
      if (next == null) {
        throw exhausted(network);
      }
      asked = IpAddress.parse(next);
    }
    if (asked != null) {
      body.put(ADDRESS, asked.toString());
      return;
    }
    boolean v4 = SubnetEntry.of(network).stream().anyMatch(entry -> entry.prefix().isV4());
    if (!v4) {
      throw NeutronException.badRequest(
          "floatingip", "Network " + network.uuid() + " does not contain any IPv4 subnet");
    }
  }

  private static NeutronException exhausted(ConfigObject network) {
    return NeutronException.of("IpAddressGenerationFailure", "net_id", network.uuid().toString());
  }

  private static RuntimeException refused(
      HttpError error, ConfigObject network, ObjectNode body, Change change) {
    if (error.status() == 412) {
      return error;
    }
    String asked = body.path(ADDRESS).asString("");
    if (asked.isEmpty()) {
      return change.refusal(error, exhausted(network));
    }
    return change.refusal(
        error,
        error.status() == 409
            ? NeutronException.of(
                "IpAddressInUse", "net_id", network.uuid().toString(), "ip_address", asked)
            : NeutronException.of("InvalidIpForNetwork", "ip_address", asked));
  }

  /** Lets the address lead to a port. */
  private void associate(
      Sent sent,
      UUID floating,
      String address,
      ConfigObject network,
      ObjectNode request,
      Change change) {
    ConfigObject port = Ports.usable(sent.string("port_id"), change);
    String fixed = fixed(sent, port, change);
    String subnet = subnet(port, fixed, change);
    if (Routers.between(port, subnet, network.uuid(), change) == null) {
      throw NeutronException.of(
          "ExternalGatewayForFloatingIPNotFound",
          "subnet_id",
          subnet,
          "external_network_id",
          network.uuid().toString(),
          "port_id",
          port.uuid().toString());
    }
    for (ConfigObject other : change.referrers(port.uuid(), Lookup.FLOATING)) {
      ConfigObject otherNetwork = network(other, change);
      if (!other.uuid().equals(floating)
          && other.body().path(FIXED).asString("").equals(fixed)
          && otherNetwork != null
          && otherNetwork.uuid().equals(network.uuid())) {
        throw NeutronException.of(
            "FloatingIPPortAlreadyAssociated",
            "port_id",
            port.uuid().toString(),
            "fip_id",
            floating.toString(),
            ADDRESS,
            address,
            "fixed_ip",
            fixed,
            "net_id",
            network.uuid().toString());
      }
    }
    // Two addresses for one port at once: only one of the calls finds it undisturbed.
    change.edit().demandUndisturbed(port);
    request.putArray(PORTS).add(Change.ref(port));
    request.put(FIXED, fixed);
  }

  private void checkOwner(ConfigObject floating, Sent sent, Change change) {
    ConfigObject port = Ports.usable(sent.string("port_id"), change);
    if (!change.context().admin() && !Networks.projectOf(port).equals(project(floating))) {
      throw NeutronException.badRequest(
          name(),
          "Cannot process floating IP association with Port "
              + port.uuid()
              + " because that port is owned by a different tenant");
    }
  }

  private String fixed(Sent sent, ConfigObject port, Change change) {
    List<String> addresses = new ArrayList<>();
    for (ConfigObject each : change.referrers(port.uuid(), Lookup.ADDRESS)) {
      String text = each.body().path("instance_ip_address").asString("");
      if (text.indexOf(':') < 0) {
        addresses.add(text);
      }
    }
    IpAddress asked = sent.address("fixed_ip_address");
    if (asked != null) {
      if (!addresses.contains(asked.toString())) {
        throw NeutronException.badRequest(
            name(), "Port " + port.uuid() + " does not have fixed ip " + asked);
      }
      return asked.toString();
    }
    if (addresses.isEmpty()) {
      throw NeutronException.badRequest(
          name(),
          "Cannot add floating IP to port " + port.uuid() + " that has no fixed IPv4 addresses");
    }
    if (addresses.size() > 1) {
      throw NeutronException.badRequest(
          name(),
          "Port "
              + port.uuid()
              + " has multiple fixed IPv4 addresses. Must provide a specific IPv4 address when"
              + " assigning a floating IP");
    }
    return addresses.getFirst();
  }

  /** The subnet of one of a port's addresses; empty if it has it no longer. */
  static String subnet(ConfigObject port, String fixed, Lookup lookup) {
    for (ConfigObject address : lookup.referrers(port.uuid(), Lookup.ADDRESS)) {
      if (address.body().path("instance_ip_address").asString("").equals(fixed)) {
        return address.body().path("subnet_uuid").asString("");
      }
    }
    return "";
  }

  private static @Nullable ConfigObject network(ConfigObject floating, Lookup lookup) {
    ConfigObject pool = lookup.object(Lookup.POOL, floating.parentUuid());
    return pool == null ? null : lookup.object(Lookup.NETWORK, pool.parentUuid());
  }

  private static @Nullable ConfigObject port(ConfigObject floating, Lookup lookup) {
    return lookup.object(
        Lookup.PORT, floating.body().path(PORTS).path(0).path("uuid").asString(""));
  }

  /** The id of the router that translates; null if the address leads nowhere. */
  static @Nullable String router(ConfigObject floating, Lookup lookup) {
    ConfigObject port = port(floating, lookup);
    ConfigObject network = network(floating, lookup);
    if (port == null || network == null) {
      return null;
    }
    String subnet = subnet(port, floating.body().path(FIXED).asString(""), lookup);
    ConfigObject router = Routers.between(port, subnet, network.uuid(), lookup);
    return router == null ? null : router.uuid().toString();
  }

  @Override
  public ObjectNode read(String id, View view) {
    return item(usable(id, view), view);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    return candidates(selection, view).stream()
        .filter(floating -> visible(floating, view))
        .map(floating -> item(floating, view));
  }

  private static Collection<ConfigObject> candidates(Selection selection, View view) {
    if (selection.ids() != null) {
      return view.byId(Lookup.FLOATING, selection.ids());
    }
    Set<String> ports = selection.only("port_id");
    if (ports != null && !ports.contains("None")) {
      List<ConfigObject> found = new ArrayList<>();
      for (ConfigObject port : view.byId(Lookup.PORT, ports)) {
        found.addAll(view.referrers(port.uuid(), Lookup.FLOATING));
      }
      return found;
    }
    UUID tenant = view.context().tenant();
    if (!view.context().admin() && view.context().access() == null && tenant != null) {
      return view.referrers(tenant, Lookup.FLOATING);
    }
    return view.image().objects(Lookup.FLOATING);
  }

  private static ObjectNode item(ConfigObject floating, View view) {
    ObjectNode item = Json.object();
    ConfigObject port = port(floating, view);
    ConfigObject network = network(floating, view);
    UUID project = project(floating);
    item.put("id", floating.uuid().toString());
    Standard.owner(item, project == null ? "" : view.tenant(project));
    item.put(ADDRESS, floating.body().path(ADDRESS).asString(""));
    item.put("floating_network_id", network == null ? null : network.uuid().toString());
    item.put("router_id", router(floating, view));
    item.put("port_id", port == null ? null : port.uuid().toString());
    String fixed = floating.body().path(FIXED).asString("");
    item.put("fixed_ip_address", port == null || fixed.isEmpty() ? null : fixed);
    item.put("status", port == null ? "DOWN" : "ACTIVE");
    details(port, item, view);
    Standard.end(item, floating);
    item.remove("fq_name");
    return item;
  }

  private static void details(@Nullable ConfigObject port, ObjectNode item, View view) {
    if (port == null) {
      item.putNull("port_details");
      return;
    }
    ObjectNode shown = PortView.item(port, view);
    ObjectNode details = item.putObject("port_details");
    for (String name :
        List.of(
            "name",
            "network_id",
            "mac_address",
            "admin_state_up",
            "status",
            "device_id",
            "device_owner")) {
      details.set(name, shown.get(name));
    }
  }

  @Override
  public void update(String id, Sent sent, Change change) {
    ConfigObject floating = usable(id, change);
    ObjectNode request = Json.object();
    Standard.read(sent, request, floating.uuid());
    if (sent.node().isEmpty()) {
      // Neutron's oldest way to say that the address is to lead nowhere.
      request.putArray(PORTS);
      request.putNull(FIXED);
    } else if (sent.has("port_id") || sent.set("fixed_ip_address")) {
      ConfigObject network = network(floating, change);
      if (network == null) {
        throw notFound(id);
      }
      if (sent.string("port_id").isEmpty() && sent.has("port_id")) {
        request.putArray(PORTS);
        request.putNull(FIXED);
      } else {
        Sent complete = sent;
        ConfigObject port = port(floating, change);
        if (!sent.has("port_id") && port != null) {
          complete =
              new Sent(name(), sent.node().deepCopy().put("port_id", port.uuid().toString()));
        }
        String address = floating.body().path(ADDRESS).asString("");
        checkOwner(floating, complete, change);
        associate(complete, floating.uuid(), address, network, request, change);
      }
    }
    change.update(floating, request);
  }

  /** Lets a floating address lead nowhere. */
  static void release(ConfigObject floating, Change change) {
    ObjectNode request = Json.object();
    request.putArray(PORTS);
    request.putNull(FIXED);
    change.update(floating, request);
  }

  @Override
  public void delete(String id, Change change) {
    ConfigObject floating = usable(id, change);
    Tags.drop(floating, change);
    change.delete(floating);
  }
}
