package weft.neutron;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.api.access.Access;
import weft.api.access.Caller;
import weft.schema.ConfigObject;

/**
 * On whose behalf Neutron calls.
 *
 * @param admin sees and changes what belongs to any project
 * @param tenant the project of the user; null if none is named
 * @param tenantName for the case that the project is not known yet
 * @param revision which the resource has to have that is changed; empty if any will do
 * @param access what the caller itself may do, if it is no service that is believed; else null
 */
record Context(
    boolean admin,
    @Nullable UUID tenant,
    @Nullable String tenantName,
    String revision,
    @Nullable Access access) {

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
        text(node, "tenant_name", "project_name"),
        node.path("revision_number").asString(""),
        null);
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

  /** Whoever calls for itself alone, whatever it says. */
  static Context of(Access access) {
    Caller caller = access.caller();
    String project = caller.projectId();
    return new Context(
        false, project == null ? null : Ids.parse(project), caller.project(), "", access);
  }

  /** True if nothing is hidden from whom calls. */
  boolean seesAll() {
    return admin || access != null && access.seesAll();
  }

  /** True if an object below a project may be seen by whom calls. */
  boolean sees(ConfigObject object) {
    return access == null ? owns(object.parentUuid()) : access.reads(object);
  }

  /** True if something of that project may be changed by whom calls. */
  boolean owns(@Nullable UUID project) {
    return admin || tenant != null && tenant.equals(project);
  }
}
