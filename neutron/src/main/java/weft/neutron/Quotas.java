package weft.neutron;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.config.ConfigImage;
import weft.http.Json;
import weft.schema.ConfigObject;

/** Quotas of projects, by Neutron's names of resources; -1 for no limit. */
final class Quotas implements Resource {
  private static final String QUOTA = "quota";
  private static final String OTHERWISE = "defaults";

  /** Neutron's names to those of the project's quota. */
  private static final Map<String, String> NAMES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("network", "virtual_network"),
              Map.entry("subnet", "subnet"),
              Map.entry("port", "virtual_machine_interface"),
              Map.entry("router", "logical_router"),
              Map.entry("floatingip", "floating_ip"),
              Map.entry("security_group", "security_group"),
              Map.entry("security_group_rule", "security_group_rule"),
              Map.entry("ipam", "network_ipam"),
              Map.entry("policy", "network_policy"),
              Map.entry("route_table", "route_table"),
              Map.entry("nat_instance", "service_instance"),
              Map.entry("firewall_group", "firewall_group"),
              Map.entry("firewall_policy", "firewall_policy"),
              Map.entry("firewall_rule", "firewall_rule")));

  /** Resources without a limit of their own. */
  private static final List<String> UNLIMITED = List.of("rbac_policy", "subnetpool", "trunk");

  @Override
  public String name() {
    return QUOTA;
  }

  /** Neutron's name of a resource that the project's quota has limited. */
  static String resource(String limited) {
    return NAMES.entrySet().stream()
        .filter(entry -> entry.getValue().equals(limited))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(limited);
  }

  private static @Nullable ConfigObject project(String id, Lookup lookup) {
    UUID uuid = Ids.parse(id);
    if (uuid != null && !lookup.context().owns(uuid)) {
      throw NeutronException.of("AdminRequired", "reason", "quota of another project");
    }
    return lookup.object(Lookup.PROJECT, uuid);
  }

  @Override
  public ObjectNode read(String id, View view) {
    return item(id, project(id, view), view.image());
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    return view.image().objects(Lookup.PROJECT).stream()
        .filter(project -> project.body().hasNonNull(QUOTA))
        .filter(project -> view.context().owns(project.uuid()))
        .map(project -> item(Ids.undashed(project.uuid()), project, view.image()));
  }

  private static ObjectNode item(String id, @Nullable ConfigObject project, ConfigImage image) {
    ObjectNode item = Json.object();
    item.put("id", Ids.undashed(id));
    Standard.owner(item, Ids.undashed(id));
    ObjectNode details = Json.object();
    NAMES.forEach((resource, limited) -> {
      long limit = limit(project, limited);
      item.put(resource, limit);
      int used =
          project == null ? 0 : image.allocations("quota/" + project.uuid() + "/" + limited).size();
      details.putObject(resource).put("limit", limit).put("used", used).put("reserved", 0);
    });
    for (String resource : UNLIMITED) {
      item.put(resource, -1);
      details.putObject(resource).put("limit", -1).put("used", 0).put("reserved", 0);
    }
    item.set("details", details);
    return item;
  }

  private static long limit(@Nullable ConfigObject project, String limited) {
    if (project == null) {
      return -1;
    }
    JsonNode quota = project.body().path(QUOTA);
    JsonNode own = quota.path(limited);
    return own.isNumber() ? own.asLong() : quota.path(OTHERWISE).asLong(-1);
  }

  @Override
  public void update(String id, Sent sent, Change change) {
    requireAdmin(change);
    ConfigObject project = change.project(tenant(id));
    ObjectNode quota = Json.object();
    if (project.body().path(QUOTA) instanceof ObjectNode before) {
      quota.setAll(before);
    }
    NAMES.forEach((resource, limited) -> {
      if (sent.set(resource)) {
        int limit = sent.number(resource).orElseThrow();
        if (limit < -1) {
          throw NeutronException.of("InvalidQuotaValue", "unders", resource);
        }
        quota.put(limited, limit);
      }
    });
    ObjectNode request = Json.object();
    request.set(QUOTA, quota);
    change.update(project, request);
  }

  private static void requireAdmin(Change change) {
    if (!change.context().admin()) {
      throw NeutronException.of("AdminRequired", "reason", "change of a quota");
    }
  }

  private static UUID tenant(String id) {
    UUID uuid = Ids.parse(id);
    if (uuid == null) {
      throw NeutronException.of("TenantQuotaNotFound", "tenant_id", id);
    }
    return uuid;
  }

  /** Back to no limits of its own. */
  @Override
  public void delete(String id, Change change) {
    requireAdmin(change);
    ConfigObject project = project(id, change);
    if (project == null || !project.body().hasNonNull(QUOTA)) {
      throw NeutronException.of("TenantQuotaNotFound", "tenant_id", id);
    }
    change.update(project, Json.object().putNull(QUOTA));
  }
}
