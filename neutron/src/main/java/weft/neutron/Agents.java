package weft.neutron;

import java.util.UUID;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;

/** The vRouters of compute hosts as Neutron's agents, for administrators to look at. */
final class Agents implements Resource {
  private static final String TYPE = "virtual-router";

  @Override
  public String name() {
    return "agent";
  }

  private static ConfigObject usable(String id, Lookup lookup) {
    UUID uuid = Ids.parse(id);
    ConfigObject router = uuid == null ? null : lookup.object(TYPE, uuid);
    if (router == null || !lookup.context().admin()) {
      throw NeutronException.of("AgentNotFound", "id", id);
    }
    return router;
  }

  @Override
  public ObjectNode read(String id, View view) {
    return item(usable(id, view), view.plugging());
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    return view.context().admin()
        ? view.image().objects(TYPE).stream().map(router -> item(router, view.plugging()))
        : Stream.of();
  }

  private static ObjectNode item(ConfigObject router, Plugging plugging) {
    String created = Standard.text(router.body().path("id_perms").path("created"));
    ObjectNode item = Json.object();
    item.put("id", router.uuid().toString());
    item.put("agent_type", "Weft vRouter").put("binary", "weft-vrouter");
    item.put("host", router.name()).put("topic", "N/A").put("availability_zone", "nova");
    item.put("admin_state_up", Standard.enabled(router));
    item.put("alive", plugging.connected(router));
    item.put("description", Standard.description(router));
    item.put("created_at", created).put("started_at", created);
    item.set("heartbeat_timestamp", router.body().path("id_perms").path("last_modified"));
    item.putObject("configurations")
        .put("ip_address", router.body().path("virtual_router_ip_address").asString(""));
    item.putNull("resources_synced");
    return item;
  }

  /** Its description and state. */
  @Override
  public void update(String id, Sent sent, Change change) {
    ConfigObject router = usable(id, change);
    ObjectNode request = Json.object();
    Standard.read(sent, request, router.uuid());
    request.remove("display_name");
    change.update(router, request);
  }

  @Override
  public void delete(String id, Change change) {
    change.delete(usable(id, change));
  }
}
