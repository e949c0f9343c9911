package weft.neutron;

import java.util.ArrayList;
import java.util.HashSet;
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

/**
 * Trunks: virtual port groups; a sub-port is an interface with a VLAN that refers to its parent.
 */
final class Trunks implements Resource {
  private static final String PARENT = "virtual_port_group_trunk_port_id";
  private static final String PROPERTIES = "virtual_machine_interface_properties";
  private static final String VLAN = "sub_interface_vlan_tag";
  private static final String PORTS = "virtual_machine_interface_refs";
  private static final int LAST_VLAN = 4094;

  @Override
  public String name() {
    return "trunk";
  }

  private static NeutronException notFound(String id) {
    return NeutronException.of("TrunkNotFound", "trunk_id", id);
  }

  private static ConfigObject usable(String id, Lookup lookup) {
    ConfigObject trunk = lookup.object(Lookup.TRUNK, id);
    if (trunk == null || !isTrunk(trunk) || !lookup.context().sees(trunk)) {
      throw notFound(id);
    }
    return trunk;
  }

  private static boolean isTrunk(ConfigObject group) {
    return !parent(group).isEmpty() && Lookup.PROJECT.equals(group.parentType());
  }

  /** How many a project has. */
  static long count(ConfigObject project, Lookup lookup) {
    return lookup.children(project.uuid(), Lookup.TRUNK).stream().filter(Trunks::isTrunk).count();
  }

  private static String parent(ConfigObject trunk) {
    return trunk.body().path(PARENT).asString("");
  }

  /** The trunk that a port belongs to; null if to none. */
  private static @Nullable ConfigObject of(ConfigObject port, Lookup lookup) {
    for (ConfigObject group : lookup.referrers(port.uuid(), Lookup.TRUNK)) {
      if (isTrunk(group)) {
        return group;
      }
    }
    return null;
  }

  /** Refuses that a port goes which a trunk needs. */
  static void checkUnused(ConfigObject port, Lookup lookup) {
    ConfigObject trunk = of(port, lookup);
    if (trunk != null) {
      boolean parent = parent(trunk).equals(port.uuid().toString());
      throw NeutronException.of(
          parent ? "PortInUseAsTrunkParent" : "PortInUseAsSubPort",
          "port_id",
          port.uuid().toString(),
          "trunk_id",
          trunk.uuid().toString());
    }
  }

  /** A port may come to a trunk that neither another trunk nor a router has. */
  private static void checkFree(ConfigObject port, Change change) {
    checkUnused(port, change);
    if (Routers.serves(port)) {
      throw NeutronException.of("ParentPortInUse", "port_id", port.uuid().toString());
    }
    change.edit().demandUndisturbed(port);
  }

  @Override
  public String create(Sent sent, Change change) {
    ConfigObject project = change.project(sent);
    ConfigObject parent = Ports.usable(sent.string("port_id"), change);
    checkFree(parent, change);
    Quotas.demandRoom(name(), project, change);
    UUID uuid = change.uuid(sent);
    ObjectNode body = change.below(project, Lookup.TRUNK, sent.string("name"), uuid);
    Standard.read(sent, body, uuid);
    body.put(PARENT, parent.uuid().toString());
    ArrayNode refs = body.putArray(PORTS);
    refs.add(Change.ref(parent));
    ConfigObject trunk = change.create(Lookup.TRUNK, body);
    if (!sent.objects("sub_ports").isEmpty()) {
      add(trunk, parent, sent, change);
    }
    return uuid.toString();
  }

  @Override
  public ObjectNode read(String id, View view) {
    return item(usable(id, view), view);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    return view.below(Lookup.TRUNK, selection).stream()
        .filter(trunk -> isTrunk(trunk) && view.context().sees(trunk))
        .map(trunk -> item(trunk, view));
  }

  private static ObjectNode item(ConfigObject trunk, View view) {
    ObjectNode item = Standard.begin(trunk, view);
    item.put("admin_state_up", Standard.enabled(trunk));
    item.put("port_id", parent(trunk));
    item.set("sub_ports", subPorts(trunk, view));
    ConfigObject parent = view.object(Lookup.PORT, parent(trunk));
    item.set(
        "status", parent == null ? Json.tree("DOWN") : PortView.item(parent, view).path("status"));
    Standard.end(item, trunk);
    item.remove("fq_name");
    JsonNode description = trunk.body().path("id_perms").path("description");
    item.put("description", Standard.text(description));
    return item;
  }

  /** The trunk whose parent a port is, as the port shows it; null if there is none. */
  static @Nullable ObjectNode details(ConfigObject port, Lookup lookup) {
    ConfigObject trunk = of(port, lookup);
    if (trunk == null || !parent(trunk).equals(port.uuid().toString())) {
      return null;
    }
    ObjectNode details = Json.object().put("trunk_id", trunk.uuid().toString());
    ArrayNode list = details.putArray("sub_ports");
    for (JsonNode each : subPorts(trunk, lookup)) {
      ConfigObject sub = lookup.object(Lookup.PORT, each.path("port_id").asString(""));
      list.add(((ObjectNode) each).put("mac_address", sub == null ? "" : PortView.mac(sub.body())));
    }
    return details;
  }

  private static ArrayNode subPorts(ConfigObject trunk, Lookup lookup) {
    ArrayNode list = Json.array();
    for (ConfigObject port : ports(trunk, lookup)) {
      list.addObject()
          .put("port_id", port.uuid().toString())
          .put("segmentation_type", "vlan")
          .put("segmentation_id", vlan(port));
    }
    return list;
  }

  /** The sub-ports, without the parent. */
  private static List<ConfigObject> ports(ConfigObject trunk, Lookup lookup) {
    List<ConfigObject> ports = new ArrayList<>();
    for (Ref ref : trunk.refs(Lookup.PORT)) {
      ConfigObject port = lookup.object(Lookup.PORT, ref.uuid());
      if (port != null && !port.uuid().toString().equals(parent(trunk))) {
        ports.add(port);
      }
    }
    return ports;
  }

  private static int vlan(ConfigObject port) {
    return port.body().path(PROPERTIES).path(VLAN).asInt(0);
  }

  @Override
  public void update(String id, Sent sent, Change change) {
    ConfigObject trunk = usable(id, change);
    ObjectNode request = Json.object();
    Standard.read(sent, request, trunk.uuid());
    change.update(trunk, request);
  }

  @Override
  public void delete(String id, Change change) {
    ConfigObject trunk = usable(id, change);
    checkEnabled(trunk);
    ConfigObject parent = change.object(Lookup.PORT, parent(trunk));
    for (ConfigObject port : ports(trunk, change)) {
      detach(port, parent, change);
    }
    Tags.drop(trunk, change);
    change.delete(trunk);
  }

  @Override
  public @Nullable JsonNode act(Operation operation, String id, Sent sent, Change change) {
    ConfigObject trunk = usable(id, change);
    checkEnabled(trunk);
    ConfigObject parent = change.object(Lookup.PORT, parent(trunk));
    if (parent == null) {
      throw Ports.notFound(parent(trunk));
    }
    switch (operation) {
      case ADD_SUBPORTS -> add(trunk, parent, sent, change);
      case REMOVE_SUBPORTS -> remove(trunk, parent, sent, change);
      case CREATE,
          READ,
          UPDATE,
          DELETE,
          READALL,
          READCOUNT,
          ADDINTERFACE,
          DELINTERFACE,
          INSERT_RULE,
          REMOVE_RULE,
          ADD_EXTRAROUTES,
          REMOVE_EXTRAROUTES ->
          throw NeutronException.badRequest(name(), operation + " is not supported");
    }
    return null;
  }

  private static void checkEnabled(ConfigObject trunk) {
    if (!Standard.enabled(trunk)) {
      throw NeutronException.of("TrunkDisabled", "trunk_id", trunk.uuid().toString());
    }
  }

  private void add(ConfigObject trunk, ConfigObject parent, Sent sent, Change change) {
    Set<Integer> taken = new HashSet<>();
    ports(trunk, change).forEach(port -> taken.add(vlan(port)));
    ArrayNode refs = refs(trunk, Set.of());
    for (Sent each : sent.objects("sub_ports")) {
      ConfigObject port = Ports.usable(each.string("port_id"), change);
      if (port.uuid().equals(parent.uuid())) {
        throw NeutronException.of("ParentPortInUse", "port_id", port.uuid().toString());
      }
      checkFree(port, change);
      checkMtu(port, parent, trunk, change);
      int vlan = segment(each, port, trunk, change);
      if (!taken.add(vlan)) {
        throw NeutronException.of(
            "DuplicateSubPort",
            "segmentation_type",
            "vlan",
            "segmentation_id",
            String.valueOf(vlan),
            "trunk_id",
            trunk.uuid().toString());
      }
      attach(port, parent, vlan, change);
      refs.add(Change.ref(port));
    }
    ObjectNode request = Json.object();
    request.set(PORTS, refs);
    change.update(trunk, request);
  }

  /** What comes from a sub-port has to fit through its parent. */
  private static void checkMtu(
      ConfigObject port, ConfigObject parent, ConfigObject trunk, Change change) {
    int mtu = mtu(port, change);
    int most = mtu(parent, change);
    if (mtu > most && most > 0) {
      throw NeutronException.of(
          "SubPortMtuGreaterThanTrunkPortMtu",
          "port_id",
          port.uuid().toString(),
          "port_mtu",
          String.valueOf(mtu),
          "trunk_id",
          trunk.uuid().toString(),
          "trunk_mtu",
          String.valueOf(most));
    }
  }

  private static int vlanOf(@Nullable ConfigObject network) {
    return network == null
        ? 0
        : network.body().path("provider_properties").path("segmentation_id").asInt(0);
  }

  private static int mtu(ConfigObject port, Change change) {
    ConfigObject network = change.object(Lookup.NETWORK, Ports.network(port));
    return network == null ? 0 : network.body().path("mtu").asInt(0);
  }

  private int segment(Sent sub, ConfigObject port, ConfigObject trunk, Change change) {
    String kind = sub.string("segmentation_type");
    if (kind.equals("inherit")) {
      int own = vlanOf(change.object(Lookup.NETWORK, Ports.network(port)));
      if (own > 0) {
        return own;
      }
      throw NeutronException.invalidInput(
          "The network of sub-port " + port.uuid() + " has no VLAN to inherit");
    }
    if (!kind.isEmpty() && !kind.equals("vlan")) {
      throw NeutronException.invalidInput(
          "Invalid segmentation type " + kind + " of sub-port " + port.uuid());
    }
    int vlan = sub.number("segmentation_id").orElse(0);
    if (vlan < 1 || vlan > LAST_VLAN) {
      throw NeutronException.invalidInput(
          "Invalid segmentation id " + vlan + " on trunk " + trunk.uuid());
    }
    return vlan;
  }

  /** The VLAN of an interface is fixed for everybody else. */
  private static void attach(ConfigObject port, ConfigObject parent, int vlan, Change change) {
    ObjectNode body = port.body().deepCopy();
    body.withObjectProperty(PROPERTIES).put(VLAN, vlan);
    change.rewrite(port, body);
    ConfigObject written = change.object(Lookup.PORT, port.uuid());
    ObjectNode request = Json.object();
    request.putArray(PORTS).add(Change.ref(parent));
    change.update(written == null ? port : written, request);
  }

  private static void detach(ConfigObject port, @Nullable ConfigObject parent, Change change) {
    ObjectNode body = port.body().deepCopy();
    ObjectNode properties = body.withObjectProperty(PROPERTIES);
    properties.remove(VLAN);
    if (properties.isEmpty()) {
      body.remove(PROPERTIES);
    }
    ArrayNode refs = body.withArrayProperty(PORTS);
    if (parent != null) {
      refs.removeIf(ref -> ref.path("uuid").asString("").equals(parent.uuid().toString()));
    }
    if (refs.isEmpty()) {
      body.remove(PORTS);
    }
    change.rewrite(port, body);
  }

  private void remove(ConfigObject trunk, ConfigObject parent, Sent sent, Change change) {
    Set<String> gone = new HashSet<>();
    List<ConfigObject> there = ports(trunk, change);
    for (Sent each : sent.objects("sub_ports")) {
      String id = each.string("port_id");
      ConfigObject port =
          there.stream()
              .filter(candidate -> candidate.uuid().toString().equals(id))
              .findFirst()
              .orElseThrow(() ->
                  NeutronException.of(
                      "SubPortNotFound", "trunk_id", trunk.uuid().toString(), "port_id", id));
      if (gone.add(id)) {
        detach(port, parent, change);
      }
    }
    ObjectNode request = Json.object();
    request.set(PORTS, refs(trunk, gone));
    change.update(trunk, request);
  }

  private static ArrayNode refs(ConfigObject trunk, Set<String> without) {
    ArrayNode refs = Json.array();
    for (Ref ref : trunk.refs(Lookup.PORT)) {
      if (!without.contains(ref.uuid().toString())) {
        refs.addObject().put("uuid", ref.uuid().toString());
      }
    }
    return refs;
  }

  @Override
  public NeutronException inUse(String id, String reason) {
    return NeutronException.of("TrunkInUse", "trunk_id", id);
  }
}
