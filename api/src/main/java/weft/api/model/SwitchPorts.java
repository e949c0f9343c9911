package weft.api.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Ref;

/**
 * Ports of bare machines: their binding `profile` names the switch ports that they are cabled to
 * (`local_link_information`), which make up a virtual-port-group.
 */
final class SwitchPorts {
  private static final String LINKS = "physical_interface_refs";
  private static final FqName SYSTEM = FqName.of("default-global-system-config");

  private SwitchPorts() {}

  /**
   * What a port asks for.
   *
   * @param links empty if it is not that of a bare machine
   * @param group by name; null for one of its own
   */
  private record Wish(JsonNode links, @Nullable String group) {
    static Wish of(Map<String, String> bindings) {
      String profile = bindings.getOrDefault("profile", "");
      JsonNode links = Json.array();
      if ("baremetal".equals(bindings.get("vnic_type")) && !profile.isEmpty()) {
        try {
          links = Json.parse(profile).path("local_link_information");
        } catch (HttpError | JacksonException e) {
          throw HttpError.badRequest("the binding profile is not JSON: " + e.getMessage());
        }
      }
      String group = bindings.getOrDefault("vpg", "");
      return new Wish(links, group.isEmpty() ? null : group);
    }
  }

  /** Lets a new port join the group of its switch ports. */
  static void create(Draft draft) {
    Wish wish = Wish.of(PortBindings.pairs(draft.body()));
    if (!wish.links().isEmpty()) {
      join(draft, wish, null);
    }
  }

  /** Lets a port join, change or leave a group, if its bindings change. */
  static void change(Draft draft) {
    Wish wish = Wish.of(PortBindings.pairs(draft.body()));
    Wish before = Wish.of(PortBindings.pairs(draft.stored().body()));
    ConfigObject group = group(draft.stored(), draft.edit());
    if (!wish.links().isEmpty()) {
      join(draft, wish, group);
    } else if (group != null && !before.links().isEmpty()) {
      leave(draft.uuid(), group, draft.edit());
    }
  }

  /** Takes a port that is deleted out of the groups of fabrics. */
  static void delete(ConfigObject port, Edit edit) {
    ConfigObject group = group(port, edit);
    if (group != null) {
      leave(port.uuid(), group, edit);
    }
  }

  /** The group of a fabric that a port is in. */
  private static @Nullable ConfigObject group(ConfigObject port, Edit edit) {
    for (ConfigObject each : edit.image().referrers(port.uuid(), VirtualPortGroups.TYPE)) {
      ConfigObject group = edit.current(each.uuid());
      if (group != null && "fabric".equals(group.parentType())) {
        return group;
      }
    }
    return null;
  }

  private static void join(Draft draft, Wish wish, @Nullable ConfigObject present) {
    Edit edit = draft.edit();
    ConfigObject fabric = fabric(wish, edit);
    String named = wish.group();
    ConfigObject group = named == null ? present : named(fabric, named, edit);
    Map<UUID, ConfigObject> links = links(wish, group, edit);
    ConfigObject joined = group == null ? VirtualPortGroups.make(fabric, edit) : group;
    if (present != null && !present.uuid().equals(joined.uuid())) {
      leave(draft.uuid(), present, edit);
    }
    FabricStyle.check(draft, joined, fabric, edit);
    ObjectNode body = joined.body().deepCopy();
    relink(body, links);
    ArrayNode machines = body.withArrayProperty(VirtualPortGroups.MACHINES);
    if (machines.valueStream().noneMatch(ref -> Ref.of(ref).uuid().equals(draft.uuid()))) {
      machines.add(relaxed(draft.object()));
    }
    if (!body.equals(joined.body())) {
      Identity.touch(body, null, edit.now());
      edit.replace(
          new ConfigObject(joined.type(), joined.uuid(), joined.fqName(), body, joined.revision()));
    }
  }

  private static ConfigObject fabric(Wish wish, Edit edit) {
    String name = null;
    for (JsonNode link : wish.links()) {
      String each = link.path("fabric").asString("");
      each = each.isEmpty() ? "default-fabric" : each;
      if (name != null && !name.equals(each)) {
        throw HttpError.badRequest(
            "Physical interfaces in the same vpg should belong to the same fabric");
      }
      name = each;
    }
    ConfigObject fabric = edit.current("fabric", SYSTEM.child(String.valueOf(name)));
    if (fabric == null) {
      throw HttpError.notFound("No such fabric (" + name + ")");
    }
    return fabric;
  }

  private static ConfigObject named(ConfigObject fabric, String name, Edit edit) {
    ConfigObject group = edit.current(VirtualPortGroups.TYPE, fabric.fqName().child(name));
    if (group == null) {
      throw HttpError.notFound("Vpg object " + name + " is not found");
    }
    return group;
  }

  /** The switch ports wished for, which no other group may have. */
  private static Map<UUID, ConfigObject> links(Wish wish, @Nullable ConfigObject group, Edit edit) {
    Map<UUID, ConfigObject> links = new LinkedHashMap<>();
    for (JsonNode link : wish.links()) {
      String port = link.path("port_id").asString("");
      FqName name = SYSTEM.child(link.path("switch_info").asString("")).child(port);
      ConfigObject found = edit.current("physical-interface", name);
      if (found == null) {
        throw HttpError.notFound(
            "Unable to attach Physical interface to Virtual Port Group ("
                + (group == null ? "vpg-internal-missing" : group.name())
                + "). No such Physical Interface object ("
                + port
                + ") exists");
      }
      links.put(found.uuid(), found);
    }
    for (ConfigObject link : links.values()) {
      edit.demandUndisturbed(link);
      for (ConfigObject other : edit.image().referrers(link.uuid(), VirtualPortGroups.TYPE)) {
        if (group == null || !other.uuid().equals(group.uuid())) {
          throw HttpError.badRequest(
              "Physical interface " + link.name() + " already belong to the vpg " + other.name());
        }
      }
    }
    return links;
  }

  /** Makes the switch ports of a group those given; what is known of one that stays, stays. */
  private static void relink(ObjectNode group, Map<UUID, ConfigObject> links) {
    Map<UUID, ConfigObject> missing = new LinkedHashMap<>(links);
    ArrayNode list = group.withArrayProperty(LINKS);
    list.removeIf(ref -> !links.containsKey(Ref.of(ref).uuid()));
    list.forEach(ref -> missing.remove(Ref.of(ref).uuid()));
    missing.values().forEach(link -> list.add(relaxed(link)));
  }

  private static ObjectNode relaxed(ConfigObject target) {
    return References.stored(target, NullNode.instance).put(ObjectChanges.RELAXED, true);
  }

  /** The last one to leave a group of the server's own takes it along. */
  private static void leave(UUID port, ConfigObject group, Edit edit) {
    ObjectChanges.dropReferences(group, port, false, edit);
    ConfigObject left = edit.current(group.uuid());
    if (left != null
        && VirtualPortGroups.internal(left)
        && left.body().path(VirtualPortGroups.MACHINES).isEmpty()) {
      edit.asServer(() -> {
        ObjectChanges.delete(left, edit);
        return left;
      });
    }
  }

  /** Which VLANs of which networks may meet in a group. */
  private static final class FabricStyle {
    /** How a port is on its switch ports. */
    private record Place(String network, long vlan, boolean untagged) {
      static Place of(ObjectNode port) {
        long untagged = number(PortBindings.pairs(port).getOrDefault("tor_port_vlan_id", "0"));
        long tagged =
            port.path("virtual_machine_interface_properties")
                .path("sub_interface_vlan_tag")
                .asLong(0);
        return new Place(
            port.path("virtual_network_refs").path(0).path("uuid").asString(""),
            untagged == 0 ? tagged : untagged,
            untagged != 0);
      }

      private static long number(String text) {
        return text.matches("\\d{1,9}") ? Long.parseLong(text) : 0;
      }
    }

    private FabricStyle() {}

    static void check(Draft draft, ConfigObject group, ConfigObject fabric, Edit edit) {
      Place own = Place.of(draft.body());
      if (own.vlan() == 0) {
        return;
      }
      boolean enterprise = fabric.body().path("fabric_enterprise_style").asBoolean(false);
      String style = enterprise ? "enterprise" : "serviceprovider";
      for (Place other : places(group, draft.uuid(), edit)) {
        if (own.network().equals(other.network()) && own.vlan() == other.vlan()) {
          throw HttpError.badRequest(
              "VN(%s):VLAN(%d) already exists at VPG(%s). No more than one Allowed in Fabric %s"
                  .formatted(own.network(), own.vlan(), group.uuid(), style));
        }
        if (own.untagged() && other.untagged()) {
          throw HttpError.badRequest(
              ("Untagged VLAN(%d) already exists in VPG(%s), This Untagged VLAN(%d) can not be"
                      + " allowed in (%s) Fabric")
                  .formatted(
                      other.vlan(),
                      group.uuid(),
                      own.vlan(),
                      enterprise ? "Enterprise" : "Serviceprovider"));
        }
      }
      if (enterprise) {
        boolean apart = fabric.body().path("disable_vlan_vn_uniqueness_check").asBoolean(false);
        List<ConfigObject> groups =
            apart ? List.of(group) : edit.image().children(fabric.uuid(), VirtualPortGroups.TYPE);
        groups.forEach(each -> checkPairs(own, each, draft.uuid(), edit));
      }
    }

    /** In an enterprise, a network has one VLAN, and a VLAN one network. */
    private static void checkPairs(Place own, ConfigObject group, UUID port, Edit edit) {
      for (Place other : places(group, port, edit)) {
        boolean network = own.network().equals(other.network());
        if (other.vlan() != 0 && network != (own.vlan() == other.vlan())) {
          throw HttpError.badRequest(
              ("VN(%s):VLAN(%d) of this VPG(%s) matches with this VN(%s):VLAN(%d) Not Allowed in"
                      + " fabric enterprise style")
                  .formatted(
                      other.network(), other.vlan(), group.uuid(), own.network(), own.vlan()));
        }
      }
    }

    private static List<Place> places(ConfigObject group, UUID except, Edit edit) {
      return group.refs("virtual-machine-interface").stream()
          .filter(ref -> !ref.uuid().equals(except))
          .map(ref -> edit.current(ref.uuid()))
          .filter(port -> port != null)
          .map(port -> Place.of(port.body()))
          .toList();
    }
  }
}
