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
import weft.net.MacAddress;
import weft.schema.ConfigObject;
import weft.schema.FqName;

/** Ports: virtual machine interfaces with their instance-ips. */
final class Ports implements Resource {
  static final String OWNER = "virtual_machine_interface_device_owner";
  private static final String MACS = "virtual_machine_interface_mac_addresses";

  private final SecurityGroups groups;

  Ports(SecurityGroups groups) {
    this.groups = groups;
  }

  @Override
  public String name() {
    return "port";
  }

  static NeutronException notFound(String id) {
    return NeutronException.of("PortNotFound", "port_id", id);
  }

  /** A port that whoever calls may use: its own, or one on a network of its own. */
  static ConfigObject usable(String id, Lookup lookup) {
    ConfigObject port = lookup.object(Lookup.PORT, id);
    if (port == null || Lookup.hidden(port) || !visible(port, lookup)) {
      throw notFound(id);
    }
    return port;
  }

  private static boolean visible(ConfigObject port, Lookup lookup) {
    if (lookup.context().sees(port)) {
      return true;
    }
    ConfigObject network = lookup.object(Lookup.NETWORK, network(port));
    return network != null && lookup.context().owns(network.parentUuid());
  }

  static String network(ConfigObject port) {
    return port.body().path("virtual_network_refs").path(0).path("uuid").asString("");
  }

  static MacAddress mac(ConfigObject port) {
    return MacAddress.parse(port.body().path(MACS).path("mac_address").path(0).asString(""));
  }

  @Override
  public String create(Sent sent, Change change) {
    ConfigObject network = Networks.usable(sent.string("network_id"), change);
    ConfigObject project = change.project(sent);
    return create(sent, network, project, change).toString();
  }

  UUID create(Sent sent, ConfigObject network, ConfigObject project, Change change) {
    UUID uuid = change.uuid(sent);
    ObjectNode body = change.below(project, Lookup.PORT, sent.string("name"), uuid);
    Standard.read(sent, body, uuid);
    body.putArray("virtual_network_refs").add(Change.ref(network));
    MacAddress mac = newMac(sent, network, uuid, change);
    body.putObject(MACS).putArray("mac_address").add(mac.toString());
    String owner = sent.string("device_owner");
    if (sent.has("device_owner")) {
      body.put(OWNER, owner);
    }
    Devices.put(body, Json.object(), sent.string("device_id"), owner, project, change);
    boolean secured = sent.flag("port_security_enabled", Networks.portSecurity(network));
    body.put("port_security_enabled", secured);
    security(sent, body, secured, owner, project, change);
    new PortOptions(sent).create(body, secured, mac);
    change.create(Lookup.PORT, body);
    new PortAddresses(network, change)
        .create(
            sent,
            new PortAddresses.Bearer(
                uuid, Ids.undashed(project.uuid()), mac, owner.startsWith(Routers.OWNED)));
    return uuid;
  }

  private static MacAddress newMac(Sent sent, ConfigObject network, UUID uuid, Change change) {
    if (sent.set("mac_address")) {
      return givenMac(sent, network, uuid, change);
    }
    return new MacAddress(0x02L << 40 | uuid.getMostSignificantBits() >>> 24);
  }

  /** No other port of the network has it. */
  private static MacAddress givenMac(Sent sent, ConfigObject network, UUID uuid, Change change) {
    String text = sent.string("mac_address");
    MacAddress mac;
    try {
      mac = MacAddress.parse(text.replace('-', ':'));
    } catch (IllegalArgumentException _) {
      throw NeutronException.invalidInput("'" + text + "' is not a valid MAC address");
    }
    change.edit().demandUndisturbed(network);
    for (ConfigObject other : change.referrers(network.uuid(), Lookup.PORT)) {
      boolean same =
          other.body().path(MACS).path("mac_address").path(0).asString("").equals(mac.toString());
      if (same && !other.uuid().equals(uuid)) {
        throw NeutronException.of(
            "MacAddressInUse", "net_id", network.uuid().toString(), "mac", mac.toString());
      }
    }
    return mac;
  }

  private void security(
      Sent sent,
      ObjectNode body,
      boolean secured,
      String owner,
      ConfigObject project,
      Change change) {
    ArrayNode refs = Json.array();
    if (sent.set("security_groups")) {
      List<String> wanted = sent.texts("security_groups");
      if (!secured && !wanted.isEmpty()) {
        throw NeutronException.of("PortSecurityAndIPRequiredForSecurityGroups");
      }
      wanted.forEach(id -> refs.add(Change.ref(SecurityGroups.usable(id, change))));
      if (wanted.isEmpty() && secured) {
        refs.add(Change.ref(noRule(change)));
      }
    } else if (secured && !owner.startsWith("network:")) {
      refs.add(Change.ref(groups.ensureDefault(project, change)));
    }
    if (!refs.isEmpty()) {
      body.set("security_group_refs", refs);
    }
  }

  private static ConfigObject noRule(Change change) {
    ConfigObject group =
        change
            .edit()
            .current(
                Lookup.GROUP,
                FqName.of("default-domain", "default-project", SecurityGroups.NO_RULE));
    if (group == null) {
      throw SecurityGroups.notFound(SecurityGroups.NO_RULE);
    }
    return group;
  }

  @Override
  public ObjectNode read(String id, View view) {
    return PortView.item(usable(id, view), view);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    return candidates(selection, view).stream()
        .filter(port -> !Lookup.hidden(port) && visible(port, view))
        .map(port -> PortView.item(port, view));
  }

  /** The ports that may be wanted, by the filter that leaves the fewest. */
  private static Collection<ConfigObject> candidates(Selection selection, View view) {
    if (selection.ids() != null) {
      return view.below(Lookup.PORT, selection);
    }
    Set<String> devices = selection.only("device_id");
    if (devices != null && !devices.contains("")) {
      List<ConfigObject> found = new ArrayList<>();
      for (String device : devices) {
        ConfigObject machine = machine(device, view);
        if (machine != null) {
          found.addAll(view.referrers(machine.uuid(), Lookup.PORT));
        }
        found.addAll(Routers.ports(device, view));
      }
      if (!found.isEmpty()) {
        return found;
      }
    }
    Set<String> networks = selection.only("network_id");
    if (networks != null) {
      List<ConfigObject> found = new ArrayList<>();
      for (ConfigObject network : view.byId(Lookup.NETWORK, networks)) {
        found.addAll(view.referrers(network.uuid(), Lookup.PORT));
      }
      return found;
    }
    return view.context().seesAll() ? view.below(Lookup.PORT, selection) : ownAndHosted(view);
  }

  private static @Nullable ConfigObject machine(String device, View view) {
    UUID uuid = Ids.parse(device);
    return uuid == null
        ? Change.fit(device) ? view.image().object(Lookup.MACHINE, FqName.of(device)) : null
        : view.object(Lookup.MACHINE, uuid);
  }

  /** A project's ports, and those of others on its networks. */
  private static Collection<ConfigObject> ownAndHosted(View view) {
    UUID tenant = view.context().tenant();
    if (tenant == null) {
      return List.of();
    }
    List<ConfigObject> found = new ArrayList<>(view.image().children(tenant, Lookup.PORT));
    for (ConfigObject network : view.image().children(tenant, Lookup.NETWORK)) {
      if (Networks.shared(network)
          || Networks.external(network)
          || !network.body().path("perms2").path("share").isEmpty()) {
        for (ConfigObject port : view.referrers(network.uuid(), Lookup.PORT)) {
          if (!tenant.equals(port.parentUuid())) {
            found.add(port);
          }
        }
      }
    }
    return found;
  }

  @Override
  public void update(String id, Sent sent, Change change) {
    ConfigObject port = usable(id, change);
    ConfigObject network = change.object(Lookup.NETWORK, network(port));
    ConfigObject project = change.object(Lookup.PROJECT, port.parentUuid());
    if (network == null || project == null) {
      throw notFound(id);
    }
    ObjectNode body = port.body();
    ObjectNode request = Json.object();
    Standard.read(sent, request, port.uuid());
    MacAddress mac = mac(port);
    if (sent.set("mac_address") && !sent.string("mac_address").equals(mac.toString())) {
      mac = changedMac(port, sent, network, change);
      request.putObject(MACS).putArray("mac_address").add(mac.toString());
    }
    sent.ifSent("device_owner", owner -> request.put(OWNER, owner));
    device(port, sent, request, project, change);
    boolean secured =
        sent.flag("port_security_enabled", body.path("port_security_enabled").asBoolean(true));
    if (sent.has("port_security_enabled")) {
      request.put("port_security_enabled", secured);
    }
    checkSecurity(port, sent, secured);
    if (sent.has("security_groups")) {
      security(sent, request, secured, "network:", project, change);
      if (!request.has("security_group_refs")) {
        request.putArray("security_group_refs");
      }
    }
    new PortOptions(sent).update(request, body, secured, mac);
    change.update(port, request);
    if (sent.set("fixed_ips")) {
      boolean router = Routers.serves(port);
      String owner = Ids.undashed(project.uuid());
      new PortAddresses(network, change)
          .update(port, sent, new PortAddresses.Bearer(port.uuid(), owner, mac, router));
    }
  }

  private static MacAddress changedMac(
      ConfigObject port, Sent sent, ConfigObject network, Change change) {
    if (!change.context().admin()) {
      throw NeutronException.of("AdminRequired", "reason", "change of a MAC address");
    }
    if (!PortView.host(port.body()).isEmpty() && !Devices.id(port.body()).isEmpty()) {
      throw NeutronException.of(
          "PortBound",
          "port_id",
          port.uuid().toString(),
          "vif_type",
          "vrouter",
          "old_mac",
          mac(port).toString(),
          "new_mac",
          sent.string("mac_address"));
    }
    return givenMac(sent, network, port.uuid(), change);
  }

  private static void device(
      ConfigObject port, Sent sent, ObjectNode request, ConfigObject project, Change change) {
    if (!sent.has("device_id") && !sent.has("device_owner")) {
      return;
    }
    ObjectNode body = port.body();
    String before = Devices.id(body);
    String device = sent.has("device_id") ? sent.string("device_id") : before;
    String owner =
        sent.has("device_owner") ? sent.string("device_owner") : body.path(OWNER).asString("");
    if (Routers.serves(port) && !device.equals(before)) {
      throw NeutronException.of(
          "ServicePortInUse", "port_id", port.uuid().toString(), "reason", "a router uses it");
    }
    if (!Routers.serves(port)) {
      Devices.put(request, body, device, owner, project, change);
    }
    if (!device.equals(before) || request.path("virtual_machine_refs").isEmpty()) {
      if (body.hasNonNull("virtual_machine_refs") && request.has("virtual_machine_refs")) {
        Devices.left(port, change);
      }
    }
  }

  private static void checkSecurity(ConfigObject port, Sent sent, boolean secured) {
    if (secured) {
      return;
    }
    boolean groups =
        sent.has("security_groups")
            ? !sent.texts("security_groups").isEmpty()
            : !PortView.groups(port.body()).isEmpty();
    if (groups) {
      throw NeutronException.of(
          sent.has("security_groups")
              ? "PortSecurityAndIPRequiredForSecurityGroups"
              : "PortSecurityPortHasSecurityGroup");
    }
  }

  @Override
  public void delete(String id, Change change) {
    ConfigObject port = usable(id, change);
    if (Routers.serves(port)) {
      throw NeutronException.of(
          "ServicePortInUse",
          "port_id",
          id,
          "reason",
          "has device owner " + port.body().path(OWNER).asString(""));
    }
    Trunks.checkUnused(port, change);
    remove(port, change);
  }

  /** Deletes a port, its addresses, and its machine if it was the last one there. */
  static void remove(ConfigObject port, Change change) {
    for (ConfigObject floating : change.referrers(port.uuid(), Lookup.FLOATING)) {
      FloatingIps.release(floating, change);
    }
    for (ConfigObject address : change.referrers(port.uuid(), Lookup.ADDRESS)) {
      JsonNode bearers = address.body().path("virtual_machine_interface_refs");
      if (bearers.size() > 1) {
        ArrayNode others = Json.array();
        bearers.forEach(bearer -> {
          if (!bearer.path("uuid").asString("").equals(port.uuid().toString())) {
            others.add(bearer);
          }
        });
        ObjectNode request = Json.object();
        request.set("virtual_machine_interface_refs", others);
        change.update(address, request);
      } else {
        change.delete(address);
      }
    }
    Devices.left(port, change);
    Tags.drop(port, change);
    change.delete(port);
  }

  @Override
  public NeutronException inUse(String id, String reason) {
    return NeutronException.of("ServicePortInUse", "port_id", id, "reason", reason);
  }
}
