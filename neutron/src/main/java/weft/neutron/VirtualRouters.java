package weft.neutron;

import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;

/** The vRouters of compute hosts, to be read only: Neutron asks whether a host runs on DPDK. */
final class VirtualRouters implements Resource {
  private static final String TYPE = "virtual-router";

  @Override
  public String name() {
    return "virtual_router";
  }

  private static @Nullable ConfigObject find(String id, View view) {
    UUID uuid = Ids.parse(id);
    return uuid == null
        ? view.image().object(TYPE, FqName.of(id.isEmpty() ? "-" : id))
        : view.object(TYPE, uuid);
  }

  /** By uuid, or by the name of the host below the system's configuration. */
  @Override
  public ObjectNode read(String id, View view) {
    ConfigObject router = find(id, view);
    if (router == null && !id.isEmpty()) {
      String host = id.startsWith("[") ? Json.parse(id).path(1).asString("-") : id;
      router = view.image().object(TYPE, FqName.of("default-global-system-config", host));
    }
    if (router == null) {
      throw NeutronException.of("VirtualRouterNotFound", "id", id);
    }
    return item(router);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    if (!view.context().admin()) {
      return Stream.of();
    }
    return view.image().objects(TYPE).stream().map(VirtualRouters::item);
  }

  private static ObjectNode item(ConfigObject router) {
    JsonNode body = router.body();
    ObjectNode item = Json.object();
    item.put("id", router.uuid().toString());
    item.put("name", router.name());
    item.set("fq_name", router.fqName().toJson());
    item.put("ip_address", body.path("virtual_router_ip_address").asString(""));
    item.put("type", body.path("virtual_router_type").asString("embedded"));
    item.put("dpdk_enabled", body.path("virtual_router_dpdk_enabled").asBoolean(false));
    return item;
  }
}
