package weft.neutron;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;

/** RBAC policies of networks and security groups. */
final class RbacPolicies implements Resource {
  private static final Map<String, String> TYPES =
      Map.of("network", Lookup.NETWORK, "security_group", Lookup.GROUP);
  private static final Map<String, Set<String>> ACTIONS =
      Map.of(
          "network",
          Set.of(RbacPolicy.SHARED, RbacPolicy.EXTERNAL),
          "security_group",
          Set.of(RbacPolicy.SHARED));

  @Override
  public String name() {
    return "rbac_policy";
  }

  private static Stream<RbacPolicy> all(Lookup lookup) {
    return TYPES.values().stream()
        .flatMap(type -> lookup.image().objects(type).stream())
        .map(object -> lookup.object(object.uuid()))
        .flatMap(Stream::ofNullable)
        .flatMap(object -> RbacPolicy.of(object).stream());
  }

  /** How many there are of what a project has. */
  static long count(ConfigObject project, Lookup lookup) {
    return TYPES.values().stream()
        .flatMap(type -> lookup.children(project.uuid(), type).stream())
        .mapToLong(object -> RbacPolicy.of(object).size())
        .sum();
  }

  private static RbacPolicy usable(String id, Lookup lookup) {
    return all(lookup)
        .filter(policy -> lookup.context().owns(policy.object().parentUuid()))
        .filter(policy -> policy.id().equals(id))
        .findFirst()
        .orElseThrow(
            () -> NeutronException.of("RbacPolicyNotFound", "object_type", "network", "id", id));
  }

  @Override
  public String create(Sent sent, Change change) {
    String kind = sent.string("object_type");
    if (!TYPES.containsKey(kind)) {
      throw NeutronException.badRequest(
          name(), "object_type is one of " + TYPES.keySet().stream().sorted().toList());
    }
    String action = sent.string("action");
    Set<String> actions = ACTIONS.getOrDefault(kind, Set.of());
    if (!actions.contains(action)) {
      throw NeutronException.badRequest(
          name(), "action is one of " + actions.stream().sorted().toList() + ", not " + action);
    }
    ConfigObject object = object(kind, sent.string("object_id"), change);
    RbacPolicy policy = new RbacPolicy(object, action, target(sent));
    if (RbacPolicy.of(object).contains(policy)) {
      throw NeutronException.of("DuplicateRbacPolicy");
    }
    ConfigObject project = change.object(Lookup.PROJECT, Networks.projectOf(object));
    if (project != null) {
      Quotas.demandRoom(name(), project, change);
    }
    return policy.add(change);
  }

  /** Who sees the object of another without owning it is told so. */
  private static ConfigObject object(String kind, String id, Change change) {
    ConfigObject object =
        kind.equals("network") ? Networks.usable(id, change) : SecurityGroups.usable(id, change);
    if (!change.context().owns(object.parentUuid())) {
      throw NeutronException.invalidInput(
          "Only admins can manipulate policies on objects they do not own");
    }
    return object;
  }

  private String target(Sent sent) {
    String target =
        sent.set("target_tenant") ? sent.string("target_tenant") : sent.string("target_project");
    if (target.equals(RbacPolicy.EVERYBODY)) {
      return target;
    }
    UUID tenant = Ids.parse(target);
    if (tenant == null) {
      throw NeutronException.badRequest(name(), "target_tenant is no project: " + target);
    }
    return Ids.undashed(tenant);
  }

  @Override
  public ObjectNode read(String id, View view) {
    return item(usable(id, view), view);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    return all(view)
        .filter(policy -> view.context().owns(policy.object().parentUuid()))
        .map(policy -> item(policy, view));
  }

  private static ObjectNode item(RbacPolicy policy, View view) {
    ObjectNode item = Json.object();
    item.put("id", policy.id());
    Standard.owner(item, view.tenant(Networks.projectOf(policy.object())));
    item.put("object_type", policy.kind());
    item.put("object_id", policy.object().uuid().toString());
    item.put("action", policy.action());
    item.put("target_tenant", policy.target());
    item.put("target_project", policy.target());
    return item;
  }

  @Override
  public void update(String id, Sent sent, Change change) {
    RbacPolicy before = usable(id, change);
    RbacPolicy after = new RbacPolicy(before.object(), before.action(), target(sent));
    if (after.equals(before)) {
      return;
    }
    if (RbacPolicy.of(before.object()).contains(after)) {
      throw NeutronException.of("DuplicateRbacPolicy");
    }
    checkUnused(before, after, change);
    before.replace(after, change);
  }

  @Override
  public void delete(String id, Change change) {
    RbacPolicy policy = usable(id, change);
    checkUnused(policy, null, change);
    policy.replace(null, change);
  }

  /** Refuses to take away what a project has come to use and no other policy lets it. */
  private static void checkUnused(RbacPolicy gone, @Nullable RbacPolicy instead, Change change) {
    ConfigObject object = gone.object();
    change.edit().demandUndisturbed(object);
    if (gone.action().equals(RbacPolicy.EXTERNAL)
        && gone.target().equals(RbacPolicy.EVERYBODY)
        && Networks.usual(object)) {
      throw NeutronException.of(
          "RbacPolicyInUse",
          "object_id",
          object.uuid().toString(),
          "details",
          "it is the default external network");
    }
    List<RbacPolicy> left = new ArrayList<>(RbacPolicy.of(object));
    left.remove(gone);
    if (instead != null) {
      left.add(instead);
    }
    for (ConfigObject user : users(gone, change)) {
      UUID project = user.parentUuid();
      if (project != null
          && !project.equals(object.parentUuid())
          && left.stream().noneMatch(policy -> policy.allows(gone.action(), project))) {
        throw NeutronException.of(
            "RbacPolicyInUse",
            "object_id",
            object.uuid().toString(),
            "details",
            user.type() + " " + user.uuid() + " uses it");
      }
    }
  }

  private static List<ConfigObject> users(RbacPolicy policy, Change change) {
    UUID object = policy.object().uuid();
    return policy.action().equals(RbacPolicy.EXTERNAL)
        ? change.referrers(object, Lookup.ROUTER)
        : change.referrers(object, Lookup.PORT).stream()
            .filter(port -> !Routers.serves(port))
            .toList();
  }
}
