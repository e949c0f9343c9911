package weft.neutron;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;

/**
 * Neutron's RBAC policies: shares in the `perms2` of networks and security groups. A policy's id
 * follows from what it says.
 */
final class RbacPolicies implements Resource {
  private static final String SHARED = "access_as_shared";
  private static final String EVERYBODY = "*";
  private static final int READ_AND_LINK = 5;
  private static final Map<String, String> TYPES =
      Map.of("network", Lookup.NETWORK, "security_group", Lookup.GROUP);

  @Override
  public String name() {
    return "rbac_policy";
  }

  /** One policy: whom the object is shared with. */
  private record Policy(ConfigObject object, String target) {
    String id() {
      String text = object.uuid() + " " + SHARED + " " + target;
      return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    }

    String kind() {
      return object.type().name().equals(Lookup.NETWORK) ? "network" : "security_group";
    }
  }

  private static List<Policy> of(ConfigObject object) {
    List<Policy> policies = new ArrayList<>();
    if (Lookup.hidden(object)) {
      return policies;
    }
    if (object.type().name().equals(Lookup.NETWORK) && Networks.shared(object)) {
      policies.add(new Policy(object, EVERYBODY));
    }
    for (JsonNode share : object.body().path("perms2").path("share")) {
      UUID tenant = Sharing.tenant(share);
      if (tenant != null) {
        policies.add(new Policy(object, Ids.undashed(tenant)));
      }
    }
    return policies;
  }

  private static Stream<Policy> all(Lookup lookup) {
    return TYPES.values().stream()
        .flatMap(type -> lookup.image().objects(type).stream())
        .map(object -> lookup.object(object.uuid()))
        .flatMap(Stream::ofNullable)
        .flatMap(object -> of(object).stream());
  }

  private static Policy usable(String id, Lookup lookup) {
    return all(lookup)
        .filter(policy -> policy.id().equals(id))
        .filter(policy -> lookup.context().owns(policy.object().parentUuid()))
        .findFirst()
        .orElseThrow(
            () -> NeutronException.of("RbacPolicyNotFound", "object_type", "network", "id", id));
  }

  @Override
  public String create(Sent sent, Change change) {
    String kind = sent.string("object_type");
    String type = TYPES.get(kind);
    if (type == null) {
      throw NeutronException.badRequest(
          name(), "object_type is one of " + TYPES.keySet().stream().sorted().toList());
    }
    ConfigObject object =
        type.equals(Lookup.NETWORK)
            ? Networks.owned(sent.string("object_id"), change)
            : SecurityGroups.owned(sent.string("object_id"), change);
    String action = sent.string("action");
    if (!action.equals(SHARED)) {
      throw NeutronException.badRequest(name(), "action is " + SHARED + ", not " + action);
    }
    Policy policy = new Policy(object, target(sent, object));
    if (of(object).contains(policy)) {
      throw NeutronException.of("DuplicateRbacPolicy");
    }
    set(policy, true, change);
    return policy.id();
  }

  private String target(Sent sent, ConfigObject object) {
    String target =
        sent.set("target_tenant") ? sent.string("target_tenant") : sent.string("target_project");
    if (target.equals(EVERYBODY)) {
      if (!object.type().name().equals(Lookup.NETWORK)) {
        throw NeutronException.badRequest(name(), "a security group is shared with projects only");
      }
      return target;
    }
    UUID tenant = Ids.parse(target);
    if (tenant == null) {
      throw NeutronException.badRequest(name(), "target_tenant is no project: " + target);
    }
    return Ids.undashed(tenant);
  }

  private static void set(Policy policy, boolean present, Change change) {
    ConfigObject object = policy.object();
    ObjectNode request = Json.object();
    if (policy.target().equals(EVERYBODY)) {
      request.put("is_shared", present);
    } else {
      ObjectNode perms2 = (ObjectNode) object.body().path("perms2").deepCopy();
      ArrayNode shares = Json.array();
      for (JsonNode share : perms2.path("share")) {
        UUID tenant = Sharing.tenant(share);
        if (tenant == null || !Ids.undashed(tenant).equals(policy.target())) {
          shares.add(share);
        }
      }
      if (present) {
        shares
            .addObject()
            .put("tenant", "tenant:" + Ids.parse(policy.target()))
            .put("tenant_access", READ_AND_LINK);
      }
      perms2.set("share", shares);
      request.set("perms2", perms2);
    }
    change.update(object, request);
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

  private static ObjectNode item(Policy policy, View view) {
    ObjectNode item = Json.object();
    item.put("id", policy.id());
    Standard.owner(item, view.tenant(Networks.projectOf(policy.object())));
    item.put("object_type", policy.kind());
    item.put("object_id", policy.object().uuid().toString());
    item.put("action", SHARED);
    item.put("target_tenant", policy.target());
    item.put("target_project", policy.target());
    return item;
  }

  @Override
  public void update(String id, Sent sent, Change change) {
    Policy before = usable(id, change);
    Policy after = new Policy(before.object(), target(sent, before.object()));
    if (!after.equals(before)) {
      remove(before, change);
      ConfigObject now = change.object(before.object().uuid());
      set(new Policy(now == null ? before.object() : now, after.target()), true, change);
    }
  }

  @Override
  public void delete(String id, Change change) {
    remove(usable(id, change), change);
  }

  /** Takes a share back, unless somebody has come to use it. */
  private static void remove(Policy policy, Change change) {
    ConfigObject object = policy.object();
    change.edit().demandUndisturbed(object);
    @Nullable UUID target = Ids.parse(policy.target());
    for (ConfigObject port : change.referrers(object.uuid(), Lookup.PORT)) {
      UUID user = port.parentUuid();
      boolean owner = user == null || user.equals(object.parentUuid());
      boolean concerned = target == null ? !Sharing.with(object, user) : target.equals(user);
      if (!owner && concerned && !Routers.serves(port)) {
        throw NeutronException.of(
            "RbacPolicyInUse",
            "object_id",
            object.uuid().toString(),
            "details",
            "port " + port.uuid() + " uses it");
      }
    }
    set(policy, false, change);
  }
}
