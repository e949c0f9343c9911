package weft.api.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.http.Json;
import weft.net.IpPrefix;
import weft.schema.ConfigObject;
import weft.schema.Schema;

/** Networks: numbers, default routing instance, subnets, and who may see them. */
final class VirtualNetworks implements Behaviour {
  private static final String SNAT = "routing_instance_fabric_snat";
  private static final int SHARED = 7;
  private static final int EXTERNAL = 5;

  @Override
  public void onCreate(Draft draft) {
    if (draft.request().hasNonNull(VxlanIds.ID)) {
      throw new HttpError(403, "Cannot set the virtual network ID");
    }
    NetworkChecks.check(draft, null);
    OptionalLong id = draft.edit().allocateLowest(VxlanIds.IDS, draft.owner());
    if (id.isEmpty()) {
      throw HttpError.badRequest("no virtual network id is free");
    }
    draft.body().put(VxlanIds.ID, id.getAsLong());
    VxlanIds.settle(draft, null);
    shareNew(draft);
    NetworkChecks.checkFlatSubnets(draft);
    completeSubnets(draft, Map.of());
    createRoutingInstance(draft);
  }

  private static void createRoutingInstance(Draft draft) {
    ObjectNode properties = Json.object();
    properties.put("routing_instance_is_default", true);
    if (draft.flag("fabric_snat")) {
      properties.put(SNAT, true);
    }
    ObjectChanges.createChild(
        Schema.required("routing-instance"), draft, draft.fqName().name(), properties);
  }

  @Override
  public void onUpdate(Draft draft) {
    ConfigObject before = draft.stored();
    if (draft.requested(VxlanIds.ID)
        && !draft.body().path(VxlanIds.ID).equals(before.body().path(VxlanIds.ID))) {
      throw new HttpError(403, "Cannot update the virtual network ID");
    }
    NetworkChecks.check(draft, before);
    VxlanIds.settle(draft, before.body());
    shareAgain(draft);
    if (draft.requested("network_ipam_refs") || draft.requested(VxlanIds.PROPERTIES)) {
      NetworkChecks.checkFlatSubnets(draft);
    }
    if (draft.requested("network_ipam_refs")) {
      Map<IpPrefix, Subnet> old = new HashMap<>();
      before
          .refs("network-ipam")
          .forEach(ref -> {
            JsonNode attr = ref.attr();
            if (attr != null) {
              Subnets.read(before.uuid(), attr.path("ipam_subnets"))
                  .forEach(subnet -> old.put(subnet.prefix(), subnet));
            }
          });
      List<Subnet> kept = completeSubnets(draft, old);
      Subnets.checkRemoved(before, old, kept, draft.edit());
    }
    if (draft.requested("fabric_snat")) {
      translate(draft);
    }
  }

  /** The default routing instance knows whether the fabric translates its addresses. */
  private static void translate(Draft draft) {
    for (ConfigObject each : draft.image().children(draft.uuid(), "routing-instance")) {
      ConfigObject instance = draft.edit().current(each.uuid());
      if (instance != null
          && instance.body().path("routing_instance_is_default").asBoolean(false)
          && instance.body().path(SNAT).asBoolean(false) != draft.flag("fabric_snat")) {
        ObjectNode body = instance.body().deepCopy().put(SNAT, draft.flag("fabric_snat"));
        draft
            .edit()
            .replace(
                new ConfigObject(
                    instance.type(),
                    instance.uuid(),
                    instance.fqName(),
                    body,
                    instance.revision()));
      }
    }
  }

  @Override
  public void onDelete(ConfigObject network, Edit edit) {
    VxlanIds.keys(network.body()).forEach(edit::free);
    for (Subnet subnet : Addresses.subnets(network, edit.image())) {
      if (subnet.holder().equals(network.uuid())) {
        edit.image()
            .allocations(subnet.pool())
            .keySet()
            .forEach(address -> edit.free(subnet.pool(), address));
      }
    }
    for (ConfigObject instance : edit.image().children(network.uuid(), "routing-instance")) {
      for (ConfigObject peer : edit.image().referrers(instance.uuid(), "routing-instance")) {
        ConfigObject current = edit.current(peer.uuid());
        if (current != null && !network.uuid().equals(current.parentUuid())) {
          ObjectChanges.dropReferences(current, instance.uuid(), false, edit);
        }
      }
    }
  }

  @Override
  public void bears(ConfigObject network, ConfigImage image, Audit.Bearing bearing) {
    VxlanIds.keys(network.body()).forEach(bearing::one);
  }

  private static List<Subnet> completeSubnets(Draft draft, Map<IpPrefix, Subnet> old) {
    List<Subnet> all = new ArrayList<>();
    for (JsonNode ref : draft.body().path("network_ipam_refs")) {
      Subnets.complete(
          draft.uuid(),
          ref.path("attr").path("ipam_subnets"),
          old,
          "network_ipam_refs",
          draft.edit(),
          all);
    }
    List<Subnet> seen = new ArrayList<>(all);
    draft
        .refs("network-ipam")
        .forEach(ref -> {
          ConfigObject ipam = draft.image().object(ref.uuid());
          if (ipam != null && NetworkIpams.isFlat(ipam)) {
            seen.addAll(Addresses.flatSubnets(ipam));
          }
        });
    Subnets.checkOverlap(seen);
    return all;
  }

  /** `is_shared` and the access of everybody say the same: whichever is given sets the other. */
  private static void shareNew(Draft draft) {
    ObjectNode perms2 = draft.body().withObjectProperty("perms2");
    boolean asked = draft.request().hasNonNull("is_shared");
    boolean access = draft.request().path("perms2").hasNonNull("global_access");
    boolean shared = draft.flag("is_shared");
    boolean open = perms2.path("global_access").asInt(0) == SHARED;
    if (asked && access && shared != open && !draft.flag("router_external")) {
      throw inconsistent("is_shared", shared, perms2.path("global_access").asInt(0));
    }
    if (shared) {
      perms2.put("global_access", SHARED);
    } else if (!access && draft.flag("router_external")) {
      perms2.put("global_access", EXTERNAL);
    }
    draft.body().put("is_shared", shared || open);
  }

  private static void shareAgain(Draft draft) {
    boolean shared = draft.request().hasNonNull("is_shared");
    boolean external = draft.request().hasNonNull("router_external");
    boolean access = draft.request().path("perms2").hasNonNull("global_access");
    if (!shared && !external && !access) {
      return;
    }
    ObjectNode perms2 = draft.body().withObjectProperty("perms2");
    int global = perms2.path("global_access").asInt(0);
    boolean isShared = draft.flag("is_shared");
    boolean isExternal = draft.flag("router_external");
    if (access) {
      if (shared && isShared != (global == SHARED) && !(external && isExternal)) {
        throw inconsistent("is_shared", isShared, global);
      }
      if (external && isExternal != (global == EXTERNAL) && !(shared && isShared)) {
        throw inconsistent("router_external", isExternal, global);
      }
      draft.body().put("is_shared", global == SHARED);
    } else {
      perms2.put("global_access", isShared ? SHARED : isExternal ? EXTERNAL : 0);
    }
  }

  private static HttpError inconsistent(String property, boolean value, int global) {
    return HttpError.badRequest(
        "Inconsistent "
            + property
            + " ("
            + (value ? "True" : "False")
            + ") and global_access ("
            + global
            + ")");
  }
}
