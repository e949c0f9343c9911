package weft.controller;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.compiler.DerivedKey;
import weft.compiler.DerivedObject;
import weft.config.Permissions;
import weft.schema.ConfigObject;
import weft.schema.Schema;

/** The making of objects that no user asked for, with what every object bears. */
final class SystemObject {
  /** Marks what may be removed without asking anybody. */
  static final String CREATOR = "weft-compiler";

  private SystemObject() {}

  static boolean isOurs(ConfigObject object) {
    return object.body().at("/id_perms/creator").asString("").equals(CREATOR);
  }

  /** The same name under the same parent always gets the same uuid. */
  static UUID uuid(DerivedKey key, DerivedObject.@Nullable Parent parent) {
    String seed = key + " of " + (parent == null ? "" : parent.uuid());
    return UUID.nameUUIDFromBytes(seed.getBytes(StandardCharsets.UTF_8));
  }

  static ConfigObject create(
      DerivedObject derived, DerivedObject.@Nullable Parent parent, Instant now) {
    UUID uuid = uuid(derived.key(), parent);
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("uuid", uuid.toString());
    body.set("fq_name", derived.key().fqName().toJson());
    if (parent != null) {
      body.put("parent_type", parent.type());
      body.put("parent_uuid", String.valueOf(parent.uuid()));
    }
    body.put("display_name", derived.key().fqName().name());
    body.set("id_perms", Permissions.idPerms(uuid, now).put("creator", CREATOR));
    body.set("perms2", Permissions.perms2(Permissions.CLOUD_ADMIN));
    return ConfigObject.of(Schema.required(derived.key().type()), body, 0);
  }
}
