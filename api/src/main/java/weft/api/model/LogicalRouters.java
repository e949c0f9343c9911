package weft.api.model;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Ref;
import weft.schema.Schema;

/**
 * Logical routers: what their interfaces and their gateway may be, and the network that carries the
 * routes of a router between VXLANs.
 */
final class LogicalRouters implements Behaviour {
  private static final String TYPE = "logical_router_type";
  private static final String TARGETS = "configured_route_target_list";
  private static final String NETWORKS = "virtual_network_refs";
  private static final String ROLE = "logical_router_virtual_network_type";
  private static final String INTERNAL = "InternalVirtualNetwork";
  private static final String VXLAN_ROUTING = "vxlan-routing";

  @Override
  public void onCreate(Draft draft) {
    check(draft);
    if (draft.property(TYPE) == null) {
      draft.body().put(TYPE, "snat-routing");
    }
    if (VXLAN_ROUTING.equals(draft.text(TYPE))) {
      createInternal(draft);
    }
  }

  @Override
  public void onUpdate(Draft draft) {
    JsonNode before = draft.stored().body().path(TYPE);
    if (draft.requested(TYPE) && !before.isMissingNode() && !before.equals(draft.property(TYPE))) {
      throw HttpError.badRequest("Cannot update logical_router_type for a Logical Router");
    }
    if (draft.requested(NETWORKS)) {
      keepInternal(draft);
    }
    check(draft);
    if (draft.requested(TARGETS) || draft.requested(VxlanIds.VXLAN)) {
      changeInternal(draft);
    }
  }

  @Override
  public void onDelete(ConfigObject router, Edit edit) {
    Ref internal = internal(router.body());
    ConfigObject network = internal == null ? null : edit.current(internal.uuid());
    if (network != null) {
      edit.asServer(() -> {
        ObjectChanges.delete(network, edit);
        return network;
      });
    }
  }

  private static void check(Draft draft) {
    RouteTargets.checkConfigured(draft, TARGETS);
    Set<UUID> networks = new HashSet<>();
    for (Ref ref : draft.refs("virtual-machine-interface")) {
      ConfigObject port = draft.image().object(ref.uuid());
      if (port == null) {
        continue;
      }
      String machine = machine(port);
      if (machine != null) {
        throw HttpError.conflict(
            "Port(" + port.uuid() + ") already in use by virtual-machine(" + machine + ")");
      }
      port.refs("virtual-network").forEach(network -> networks.add(network.uuid()));
    }
    for (Ref gateway : draft.refs("virtual-network")) {
      if (networks.contains(gateway.uuid())) {
        throw HttpError.badRequest(
            "Logical router interface and gateway cannot be in VN(" + gateway.uuid() + ")");
      }
    }
  }

  private static @Nullable String machine(ConfigObject port) {
    List<Ref> machines = port.refs("virtual-machine");
    if (!machines.isEmpty()) {
      return machines.getFirst().uuid().toString();
    }
    return "virtual-machine".equals(port.parentType()) ? "" + port.parentUuid() : null;
  }

  private static void createInternal(Draft draft) {
    ObjectNode body = Json.object();
    FqName name = draft.fqName().parent().child("__contrail_lr_internal_vn_" + draft.uuid() + "__");
    body.set("fq_name", name.toJson());
    body.put("parent_type", "project");
    body.put("display_name", "LR::" + draft.fqName().name());
    body.putObject("id_perms").put("enable", true).put("user_visible", false);
    body.putObject(VxlanIds.PROPERTIES).put("forwarding_mode", "l3");
    describe(draft, body);
    Edit edit = draft.edit();
    ConfigObject network =
        edit.asServer(() -> ObjectChanges.create(Schema.required("virtual-network"), body, edit));
    ObjectNode attr = Json.object().put(ROLE, INTERNAL);
    draft.body().withArrayProperty(NETWORKS).add(References.stored(network, attr));
  }

  /** What the network has of the router: its VXLAN id and route targets. */
  private static void describe(Draft draft, ObjectNode network) {
    String vxlan = draft.text(VxlanIds.VXLAN);
    ObjectNode properties = network.withObjectProperty(VxlanIds.PROPERTIES);
    if (vxlan == null || vxlan.isEmpty() || vxlan.equals("None")) {
      properties.putNull(VxlanIds.VXLAN);
    } else if (vxlan.matches("\\d{1,9}")) {
      properties.put(VxlanIds.VXLAN, Long.parseLong(vxlan));
    } else {
      throw HttpError.badRequest("Invalid vxlan_network_identifier " + vxlan);
    }
    JsonNode targets = draft.body().path(TARGETS).path("route_target");
    network.putObject("route_target_list").set("route_target", Json.array());
    targets.forEach(network.withObjectProperty("route_target_list").withArray("route_target")::add);
  }

  private static void changeInternal(Draft draft) {
    Ref internal = internal(draft.body());
    ConfigObject network = internal == null ? null : draft.edit().current(internal.uuid());
    if (network != null) {
      ObjectNode change = Json.object();
      change.set(VxlanIds.PROPERTIES, network.body().path(VxlanIds.PROPERTIES).deepCopy());
      describe(draft, change);
      Edit edit = draft.edit();
      edit.asServer(() -> {
        ObjectChanges.update(network, change, edit);
        return network;
      });
    }
  }

  /** A list of networks that leaves the internal one out does not mean it. */
  private static void keepInternal(Draft draft) {
    Ref internal = internal(draft.stored().body());
    if (internal != null
        && draft.refs("virtual-network").stream()
            .noneMatch(ref -> ref.uuid().equals(internal.uuid()))) {
      ArrayNode list = draft.body().withArrayProperty(NETWORKS);
      draft
          .stored()
          .body()
          .path(NETWORKS)
          .forEach(node -> {
            if (Ref.of(node).uuid().equals(internal.uuid())) {
              list.add(node);
            }
          });
    }
  }

  private static @Nullable Ref internal(ObjectNode router) {
    for (JsonNode node : router.path(NETWORKS)) {
      if (node.path("attr").path(ROLE).asString("").equals(INTERNAL)) {
        return Ref.of(node);
      }
    }
    return null;
  }
}
