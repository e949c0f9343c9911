package weft.neutron;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.api.access.Perms2;
import weft.schema.ConfigObject;

/** With whom an object is shared, by its `perms2`. */
final class Sharing {
  private static final String PREFIX = "tenant:";

  private Sharing() {}

  static boolean with(ConfigObject object, @Nullable UUID tenant) {
    if (tenant == null) {
      return false;
    }
    for (JsonNode share : object.body().path("perms2").path("share")) {
      boolean readable = (share.path("tenant_access").asInt(0) & Perms2.READ) != 0;
      if (readable && tenant.equals(tenant(share))) {
        return true;
      }
    }
    return false;
  }

  /** With everybody, as no network is: these have `is_shared`. */
  static boolean withAll(ConfigObject object) {
    return (object.body().path("perms2").path("global_access").asInt(0) & Perms2.READ) != 0;
  }

  /** The project of one share; null if it is a domain's. */
  static @Nullable UUID tenant(JsonNode share) {
    String text = share.path("tenant").asString("");
    return Ids.parse(text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text);
  }
}
