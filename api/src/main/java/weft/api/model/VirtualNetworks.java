package weft.api.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.config.ConfigImage;
import weft.config.IntegerPool;
import weft.http.HttpError;
import weft.http.Json;
import weft.net.IpPrefix;
import weft.schema.ConfigObject;
import weft.schema.Schema;

/** Networks: id, default routing instance, subnets. */
final class VirtualNetworks implements Behaviour {
  static final IntegerPool IDS = new IntegerPool("virtual-network-id", 1, 1 << 24);
  private static final String ID = "virtual_network_network_id";
  private static final int SHARED = 7;
  private static final int EXTERNAL = 5;

  @Override
  public void onCreate(Draft draft) {
    if (draft.request().hasNonNull(ID)) {
      throw new HttpError(403, "Cannot set the virtual network ID");
    }
    OptionalLong id = draft.edit().allocateLowest(IDS, draft.owner());
    if (id.isEmpty()) {
      throw HttpError.badRequest("no virtual network id is free");
    }
    draft.body().put(ID, id.getAsLong());
    share(draft);
    completeSubnets(draft, Map.of());
    createRoutingInstance(draft);
  }

  private static void createRoutingInstance(Draft draft) {
    ObjectNode properties = Json.object();
    properties.put("routing_instance_is_default", true);
    ObjectChanges.createChild(
        Schema.required("routing-instance"), draft, draft.fqName().name(), properties);
  }

  @Override
  public void onUpdate(Draft draft) {
    ConfigObject before = draft.stored();
    if (draft.requested(ID) && !draft.body().path(ID).equals(before.body().path(ID))) {
      throw new HttpError(403, "Cannot update the virtual network ID");
    }
    if (draft.requested("is_shared") || draft.requested("perms2")) {
      share(draft);
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
  }

  @Override
  public void onDelete(ConfigObject network, Edit edit) {
    JsonNode id = network.property(ID);
    if (id != null) {
      edit.free(IDS.key(id.asLong()));
    }
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
    bearing.one(IDS.key(network.body().path(ID).asLong()));
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
    Subnets.checkOverlap(all);
    return all;
  }

  /** Keeps `is_shared` and the access of everybody in step: two ways to say the same. */
  private static void share(Draft draft) {
    ObjectNode perms2 = draft.body().withObjectProperty("perms2");
    boolean asked = draft.request().hasNonNull("is_shared");
    boolean access = draft.request().path("perms2").hasNonNull("global_access");
    boolean shared = draft.flag("is_shared");
    boolean open = perms2.path("global_access").asInt(0) == SHARED;
    if (asked && access && shared != open) {
      throw HttpError.badRequest(
          "is_shared (" + shared + ") and perms2 global_access do not agree");
    }
    if (asked) {
      if (shared != open) {
        perms2.put("global_access", shared ? SHARED : 0);
      }
    } else {
      shared = open;
    }
    draft.body().put("is_shared", shared);
    if (!shared && !access && draft.flag("router_external")) {
      perms2.put("global_access", EXTERNAL);
    }
  }
}
