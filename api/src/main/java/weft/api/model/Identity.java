package weft.api.model;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Access;
import weft.api.access.Perms2;
import weft.config.Permissions;
import weft.http.HttpError;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.ObjectType;

/** The properties that say what an object is and whose: `id_perms` and `perms2`. */
final class Identity {
  /** The owner of what nobody in particular owns. */
  static final String CLOUD_ADMIN = Permissions.CLOUD_ADMIN;

  private static final List<String> SETTABLE = List.of("enable", "description");
  private static final List<String> SETTABLE_AT_CREATE = List.of("user_visible", "creator");

  private Identity() {}

  /** In UTC with six digits of fraction and no zone. */
  static String time(Instant instant) {
    return Permissions.time(instant);
  }

  /** What every new object bears. */
  static void begin(ObjectNode body, UUID uuid, FqName fqName, ObjectNode request, Instant now) {
    body.put("uuid", uuid.toString());
    body.set("fq_name", fqName.toJson());
    body.set("id_perms", idPerms(uuid, request.get("id_perms"), now));
    body.put("display_name", fqName.name());
  }

  /** Puts a new object under its parent. */
  static void place(ObjectNode body, ObjectType parentType, UUID parentUuid) {
    body.put("parent_type", parentType.name());
    body.put("parent_uuid", parentUuid.toString());
  }

  static ObjectNode idPerms(UUID uuid, @Nullable JsonNode requested, Instant now) {
    ObjectNode idPerms = Permissions.idPerms(uuid, now);
    copy(SETTABLE, requested, idPerms);
    copy(SETTABLE_AT_CREATE, requested, idPerms);
    return idPerms;
  }

  /** What an update makes of the stored `id_perms`. */
  static void touch(ObjectNode body, @Nullable JsonNode requested, Instant now) {
    copy(SETTABLE, requested, body.withObjectProperty("id_perms"));
    Permissions.touch(body, now);
  }

  private static void copy(List<String> fields, @Nullable JsonNode from, ObjectNode to) {
    if (from != null) {
      fields.stream().filter(from::hasNonNull).forEach(field -> to.set(field, from.get(field)));
    }
  }

  /** Whom a new object belongs to: a project to itself. */
  static String owner(ObjectType type, UUID uuid, @Nullable ConfigObject parent, Edit edit) {
    if (type.name().equals("project")) {
      return Perms2.undashed(uuid);
    }
    String owner = edit.access().owner(parent);
    return owner == null ? CLOUD_ADMIN : owner;
  }

  /** Gives a new object its `perms2`; only who is denied nothing may name another owner. */
  static void own(ObjectNode body, @Nullable JsonNode requested, String owner, Access access) {
    ObjectNode perms2 = Permissions.perms2(owner);
    if (requested instanceof ObjectNode given) {
      given
          .properties()
          .forEach(entry -> {
            boolean fixed = entry.getKey().equals("owner") && !access.unlimited();
            if (!fixed && !entry.getValue().isNull()) {
              perms2.set(entry.getKey(), entry.getValue());
            }
          });
    }
    body.set("perms2", perms2);
  }

  static ObjectNode changedPerms2(ObjectNode before, JsonNode requested) {
    if (!(requested instanceof ObjectNode given) || !given.path("owner").isString()) {
      throw HttpError.badRequest("Bad property in update: perms2 must hold an owner");
    }
    ObjectNode perms2 = before.deepCopy();
    given.properties().forEach(entry -> perms2.set(entry.getKey(), entry.getValue()));
    return perms2;
  }
}
