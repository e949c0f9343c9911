package weft.controller;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.compiler.DerivedKey;
import weft.compiler.DerivedObject;
import weft.schema.ConfigObject;
import weft.schema.Schema;

/** The making of objects that no user asked for, with what every object bears. */
final class SystemObject {
  /** Marks what may be removed without asking anybody. */
  static final String CREATOR = "weft-compiler";

  private static final String OWNER = "cloud-admin";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);

  private SystemObject() {}

  static boolean isOurs(ConfigObject object) {
    return object.body().at("/id_perms/creator").asString("").equals(CREATOR);
  }

  /** The same name under the same parent always gets the same uuid. */
  static UUID uuid(DerivedKey key, DerivedObject.@Nullable Parent parent) {
    String seed = key + " of " + (parent == null ? "" : parent.uuid());
    return UUID.nameUUIDFromBytes(seed.getBytes(StandardCharsets.UTF_8));
  }

  static ConfigObject create(DerivedObject derived, Instant now) {
    DerivedObject.Parent parent = derived.parent();
    UUID uuid = uuid(derived.key(), parent);
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("uuid", uuid.toString());
    body.set("fq_name", derived.key().fqName().toJson());
    if (parent != null) {
      body.put("parent_type", parent.type());
      body.put("parent_uuid", parent.uuid().toString());
    }
    body.put("display_name", derived.key().fqName().name());
    body.set("id_perms", idPerms(uuid, now));
    body.putObject("perms2")
        .put("owner", OWNER)
        .put("owner_access", 7)
        .put("global_access", 0)
        .putArray("share");
    return ConfigObject.of(Schema.required(derived.key().type()), body, 0);
  }

  /** Notes in a body that it was written anew. */
  static void touch(ObjectNode body, Instant now) {
    body.withObjectProperty("id_perms").put("last_modified", TIME.format(now));
  }

  private static ObjectNode idPerms(UUID uuid, Instant now) {
    ObjectNode idPerms = JsonNodeFactory.instance.objectNode();
    idPerms
        .putObject("permissions")
        .put("owner", OWNER)
        .put("owner_access", 7)
        .put("group", "cloud-admin-group")
        .put("group_access", 7)
        .put("other_access", 7);
    idPerms
        .putObject("uuid")
        .put("uuid_mslong", unsigned(uuid.getMostSignificantBits()))
        .put("uuid_lslong", unsigned(uuid.getLeastSignificantBits()));
    idPerms.put("enable", true);
    idPerms.put("created", TIME.format(now));
    idPerms.put("last_modified", TIME.format(now));
    idPerms.putNull("description");
    idPerms.put("user_visible", true);
    idPerms.put("creator", CREATOR);
    return idPerms;
  }

  private static BigInteger unsigned(long bits) {
    return new BigInteger(Long.toUnsignedString(bits));
  }
}
