package weft.neutron;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;

/**
 * One of Neutron's RBAC policies: whom an object is shared with, or to whom a network is external.
 *
 * <p>It is what the object says: `is_shared`, `router_external`, `perms2`. The id follows from
 * that, unless the object keeps another one.
 *
 * @param target an undashed project, or `*`
 */
record RbacPolicy(ConfigObject object, String action, String target) {
  static final String SHARED = "access_as_shared";
  static final String EXTERNAL = "access_as_external";
  static final String EVERYBODY = "*";

  private static final int READ_AND_LINK = 5;
  private static final String IDS = "rbac_ids";

  static List<RbacPolicy> of(ConfigObject object) {
    List<RbacPolicy> policies = new ArrayList<>();
    if (Lookup.hidden(object)) {
      return policies;
    }
    if (isNetwork(object)) {
      Networks.externalTo(object)
          .forEach(target -> policies.add(new RbacPolicy(object, EXTERNAL, target)));
    }
    if (isNetwork(object) ? Networks.shared(object) : Sharing.withAll(object)) {
      policies.add(new RbacPolicy(object, SHARED, EVERYBODY));
    }
    for (JsonNode share : object.body().path("perms2").path("share")) {
      UUID tenant = Sharing.tenant(share);
      if (tenant != null) {
        policies.add(new RbacPolicy(object, SHARED, Ids.undashed(tenant)));
      }
    }
    return policies;
  }

  private static boolean isNetwork(ConfigObject object) {
    return object.type().name().equals(Lookup.NETWORK);
  }

  String kind() {
    return isNetwork(object) ? "network" : "security_group";
  }

  private String says() {
    return action + " " + target;
  }

  String id() {
    String kept = Extras.of(object.body()).path(IDS).path(says()).asString("");
    return kept.isEmpty() ? derivedId() : kept;
  }

  private String derivedId() {
    String text = object.uuid() + " " + says();
    return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** Whether it lets a project use the object. */
  boolean allows(String sought, UUID tenant) {
    return action.equals(sought)
        && (target.equals(EVERYBODY) || target.equals(Ids.undashed(tenant)));
  }

  /** Adds it to what its object says; its id. */
  String add(Change change) {
    boolean taken = of(object).stream().anyMatch(other -> other.id().equals(derivedId()));
    String id = taken ? change.edit().newUuid().toString() : derivedId();
    write(null, this, id, change);
    return id;
  }

  /**
   * Puts another in its place that has its id.
   *
   * @param other null if there is none
   */
  void replace(@Nullable RbacPolicy other, Change change) {
    write(this, other, id(), change);
  }

  private void write(
      @Nullable RbacPolicy before, @Nullable RbacPolicy after, String id, Change change) {
    ObjectNode request = Json.object();
    ObjectNode extras = Extras.of(object.body()).deepCopy();
    ObjectNode ids = extras.withObjectProperty(IDS);
    if (before != null) {
      ids.remove(before.says());
    }
    if (after != null && !after.derivedId().equals(id)) {
      ids.put(after.says(), id);
    }
    if (ids.isEmpty()) {
      extras.remove(IDS);
    }
    if (action.equals(EXTERNAL)) {
      external(before, after, request, extras, change);
    } else {
      share(before, after, request);
    }
    if (!extras.equals(Extras.of(object.body()))) {
      Extras.put(request, object.body(), extras);
    }
    change.update(object, request);
  }

  private void external(
      @Nullable RbacPolicy before,
      @Nullable RbacPolicy after,
      ObjectNode request,
      ObjectNode extras,
      Change change) {
    Set<String> targets = new LinkedHashSet<>(Networks.externalTo(object));
    if (before != null) {
      targets.remove(before.target);
    }
    if (after != null) {
      targets.add(after.target);
    }
    Networks.external(object, !targets.isEmpty(), request, change);
    extras.remove(Networks.EXTERNAL_TO);
    if (!targets.isEmpty() && !targets.equals(Set.of(EVERYBODY))) {
      targets.forEach(extras.putArray(Networks.EXTERNAL_TO)::add);
    }
  }

  private void share(@Nullable RbacPolicy before, @Nullable RbacPolicy after, ObjectNode request) {
    ObjectNode perms2 = (ObjectNode) object.body().path("perms2").deepCopy();
    if (before != null) {
      before.share(false, perms2, request);
    }
    if (after != null) {
      after.share(true, perms2, request);
    }
    if (!perms2.equals(object.body().path("perms2"))) {
      request.set("perms2", perms2);
    }
  }

  private void share(boolean present, ObjectNode perms2, ObjectNode request) {
    if (target.equals(EVERYBODY)) {
      if (isNetwork(object)) {
        request.put("is_shared", present);
      } else {
        perms2.put("global_access", present ? READ_AND_LINK : 0);
      }
      return;
    }
    ArrayNode shares = Json.array();
    for (JsonNode share : perms2.path("share")) {
      UUID tenant = Sharing.tenant(share);
      if (tenant == null || !Ids.undashed(tenant).equals(target)) {
        shares.add(share);
      }
    }
    if (present) {
      shares
          .addObject()
          .put("tenant", "tenant:" + Ids.parse(target))
          .put("tenant_access", READ_AND_LINK);
    }
    perms2.set("share", shares);
  }
}
