package weft.neutron;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * On whose behalf Neutron calls.
 *
 * @param admin sees and changes what belongs to any project
 * @param tenant the project of the user; null if none is named
 * @param tenantName for the case that the project is not known yet
 */
record Context(boolean admin, @Nullable UUID tenant, @Nullable String tenantName) {

  static Context read(JsonNode node) {
    String tenant = text(node, "tenant_id", "project_id", "tenant");
    UUID uuid = tenant == null ? null : Ids.parse(tenant);
    if (tenant != null && uuid == null) {
      throw NeutronException.badRequest("context", "tenant_id is no uuid: " + tenant);
    }
    JsonNode admin = node.path("is_admin");
    return new Context(
        admin.isBoolean() ? admin.booleanValue() : admin.asString("").equalsIgnoreCase("true"),
        uuid,
        text(node, "tenant_name", "project_name"));
  }

  private static @Nullable String text(JsonNode node, String... names) {
    for (String name : names) {
      String text = node.path(name).asString("");
      if (!text.isEmpty()) {
        return text;
      }
    }
    return null;
  }

  /** True if something of that project may be seen by whom calls. */
  boolean owns(@Nullable UUID project) {
    return admin || tenant != null && tenant.equals(project);
  }
}
