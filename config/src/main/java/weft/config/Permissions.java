package weft.config;

import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What every stored object bears about its making and its owner: `id_perms` and `perms2`. */
public final class Permissions {
  /** The owner of what nobody in particular owns. */
  public static final String CLOUD_ADMIN = "cloud-admin";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);

  private Permissions() {}

  /** In UTC with six digits of fraction and no zone. */
  public static String time(Instant instant) {
    return TIME.format(instant);
  }

  /** The `id_perms` of an object made now; nobody is named as its creator. */
  public static ObjectNode idPerms(UUID uuid, Instant now) {
    ObjectNode idPerms = JsonNodeFactory.instance.objectNode();
    idPerms
        .putObject("permissions")
        .put("owner", CLOUD_ADMIN)
        .put("owner_access", 7)
        .put("group", "cloud-admin-group")
        .put("group_access", 7)
        .put("other_access", 7);
    idPerms
        .putObject("uuid")
        .put("uuid_mslong", unsigned(uuid.getMostSignificantBits()))
        .put("uuid_lslong", unsigned(uuid.getLeastSignificantBits()));
    idPerms.put("enable", true);
    idPerms.put("created", time(now));
    idPerms.put("last_modified", time(now));
    idPerms.putNull("description");
    idPerms.put("user_visible", true);
    idPerms.putNull("creator");
    return idPerms;
  }

  /** The `perms2` of an object that is its owner's alone. */
  public static ObjectNode perms2(String owner) {
    ObjectNode perms2 = JsonNodeFactory.instance.objectNode();
    perms2.put("owner", owner).put("owner_access", 7).put("global_access", 0).putArray("share");
    return perms2;
  }

  /** Notes in a body that it was written anew. */
  public static void touch(ObjectNode body, Instant now) {
    body.withObjectProperty("id_perms").put("last_modified", time(now));
  }

  private static BigInteger unsigned(long bits) {
    return new BigInteger(Long.toUnsignedString(bits));
  }
}
