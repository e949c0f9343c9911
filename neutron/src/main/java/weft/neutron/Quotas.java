package weft.neutron;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;

/**
 * Quotas of projects, by Neutron's names of resources; -1 for no limit.
 *
 * <p>What a project has no limit of its own for has that of the project `default-project`.
 */
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

  /** What the schema's quota does not have: kept beside it, and counted when one is made. */
  private static final Map<String, Counted> COUNTED =
      new TreeMap<>(
          Map.of(
              "rbac_policy", RbacPolicies::count,
              "subnetpool", SubnetPools::count,
              "trunk", Trunks::count));

  private static final String USUAL = "default";
  private static final FqName USUAL_PROJECT = FqName.of("default-domain", "default-project");

  /** Tells how many a project has. */
  private interface Counted {
    long of(ConfigObject project, Lookup lookup);
  }

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

  /** Refuses one more of what is counted if the project's quota is used up. */
  static void demandRoom(String resource, ConfigObject project, Change change) {
    long limit = limit(project, resource, change);
    if (limit < 0) {
      return;
    }
    Counted counted = COUNTED.get(resource);
    if (counted != null && counted.of(project, change) >= limit) {
      throw NeutronException.overQuota(
          resource, "quota limit (" + limit + ") exceeded for resource " + resource);
    }
    // Of those who do so at the same time all but one decide again.
    ConfigObject stored = change.image().object(project.uuid());
    if (stored != null) {
      change.edit().rely(stored);
      change.edit().demandUndisturbed(stored);
    }
  }

  private static @Nullable ConfigObject usual(Lookup lookup) {
    ConfigObject usual = lookup.image().object(Lookup.PROJECT, USUAL_PROJECT);
    return usual == null ? null : lookup.object(usual.uuid());
  }

  private static @Nullable ConfigObject project(String id, Lookup lookup) {
    if (id.equals(USUAL)) {
      return usual(lookup);
    }
    UUID uuid = Ids.parse(id);
    if (uuid != null && !lookup.context().owns(uuid)) {
      throw NeutronException.of("AdminRequired", "reason", "quota of another project");
    }
    return lookup.object(Lookup.PROJECT, uuid);
  }

  @Override
  public ObjectNode read(String id, View view) {
    return item(id, project(id, view), view);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    return view.image().objects(Lookup.PROJECT).stream()
        .filter(project -> limited(project) && !project.fqName().equals(USUAL_PROJECT))
        .filter(project -> !HaNetworks.isOwner(project))
        .filter(project -> view.context().owns(project.uuid()))
        .map(project -> item(Ids.undashed(project.uuid()), project, view));
  }

  private static boolean limited(ConfigObject project) {
    return project.body().hasNonNull(QUOTA) || Extras.of(project.body()).has(QUOTA);
  }

  private static ObjectNode item(String id, @Nullable ConfigObject project, Lookup lookup) {
    ObjectNode item = Json.object();
    item.put("id", Ids.undashed(id));
    Standard.owner(item, Ids.undashed(id));
    ObjectNode details = Json.object();
    NAMES.forEach((resource, limited) -> {
      long used =
          project == null
              ? 0
              : lookup.image().allocations("quota/" + project.uuid() + "/" + limited).size();
      put(resource, limit(project, limited, lookup), used, item, details);
    });
    COUNTED.forEach((resource, counted) ->
        put(
            resource,
            limit(project, resource, lookup),
            project == null ? 0 : counted.of(project, lookup),
            item,
            details));
    item.set("details", details);
    return item;
  }

  private static void put(
      String resource, long limit, long used, ObjectNode item, ObjectNode details) {
    item.put(resource, limit);
    details.putObject(resource).put("limit", limit).put("used", used).put("reserved", 0);
  }

  /**
   * @param limited by the name that the project's quota has
   */
  private static long limit(@Nullable ConfigObject project, String limited, Lookup lookup) {
    return Stream.of(Optional.ofNullable(project), Optional.ofNullable(usual(lookup)))
        .flatMap(Optional::stream)
        .map(each -> limit(each, limited))
        .filter(JsonNode::isNumber)
        .findFirst()
        .map(JsonNode::asLong)
        .orElse(-1L);
  }

  private static JsonNode limit(ConfigObject project, String limited) {
    if (COUNTED.containsKey(limited)) {
      return Extras.of(project.body()).path(QUOTA).path(limited);
    }
    JsonNode quota = project.body().path(QUOTA);
    JsonNode own = quota.path(limited);
    return own.isNumber() ? own : quota.path(OTHERWISE);
  }

  @Override
  public void update(String id, Sent sent, Change change) {
    requireAdmin(change);
    ConfigObject usual = id.equals(USUAL) ? usual(change) : null;
    ConfigObject project = usual == null ? change.project(tenant(id)) : usual;
    ObjectNode quota = Json.object();
    if (project.body().path(QUOTA) instanceof ObjectNode before) {
      quota.setAll(before);
    }
    ObjectNode extras = Extras.of(project.body()).deepCopy();
    NAMES.forEach((resource, limited) -> limit(sent, resource, limited, quota));
    COUNTED.forEach((resource, _) -> {
      if (sent.set(resource)) {
        limit(sent, resource, resource, extras.withObjectProperty(QUOTA));
      }
    });
    ObjectNode request = Json.object();
    request.set(QUOTA, quota);
    Extras.put(request, project.body(), extras);
    change.update(project, request);
  }

  private static void limit(Sent sent, String resource, String limited, ObjectNode quota) {
    if (sent.set(resource)) {
      int limit = sent.number(resource).orElseThrow();
      if (limit < -1) {
        throw NeutronException.of("InvalidQuotaValue", "unders", resource);
      }
      quota.put(limited, limit);
    }
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
    if (project == null || !limited(project)) {
      throw NeutronException.of("TenantQuotaNotFound", "tenant_id", id);
    }
    ObjectNode extras = Extras.of(project.body()).deepCopy();
    extras.remove(QUOTA);
    ObjectNode request = Json.object().putNull(QUOTA);
    Extras.put(request, project.body(), extras);
    change.update(project, request);
  }
}
