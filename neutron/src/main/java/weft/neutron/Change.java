package weft.neutron;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import weft.api.model.Edit;
import weft.api.model.ObjectChanges;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Schema;

/** What one call does to the config: several changes, committed as one. */
final class Change implements Lookup {
  private static final FqName DOMAIN = FqName.of("default-domain");

  private final Edit edit;
  private final Context context;
  private final Set<UUID> deleted = new HashSet<>();

  Change(Edit edit, Context context) {
    this.edit = edit;
    this.context = context;
  }

  Edit edit() {
    return edit;
  }

  @Override
  public Context context() {
    return context;
  }

  @Override
  public ConfigImage image() {
    return edit.image();
  }

  @Override
  public @Nullable ConfigObject object(UUID uuid) {
    return deleted.contains(uuid) ? null : edit.current(uuid);
  }

  ConfigObject create(String type, ObjectNode body) {
    return ObjectChanges.create(Schema.required(type), body, edit);
  }

  /** Changes the properties and references named. */
  void update(ConfigObject object, ObjectNode request) {
    if (!request.isEmpty()) {
      ObjectChanges.update(object, request, edit);
    }
  }

  /** Writes a body of which only this module knows the rules. */
  void rewrite(ConfigObject object, ObjectNode body) {
    ObjectChanges.rewrite(object, body, edit);
  }

  void delete(ConfigObject object) {
    if (deleted.add(object.uuid())) {
      ObjectChanges.delete(object, edit);
    }
  }

  /**
   * Begins the body of an object below a project.
   *
   * @param name what the user calls it; may be empty, taken or unfit for a full name
   */
  ObjectNode below(ConfigObject project, String type, String name, UUID uuid) {
    ObjectNode body = Json.object();
    FqName chosen = project.fqName().child(fullName(project, type, name, uuid));
    body.set("fq_name", chosen.toJson());
    body.put("parent_type", PROJECT);
    body.put("uuid", uuid.toString());
    body.put("display_name", name.isEmpty() ? uuid.toString() : name);
    body.putObject("perms2").put("owner", Ids.undashed(project.uuid())).put("owner_access", 7);
    return body;
  }

  private String fullName(ConfigObject project, String type, String name, UUID uuid) {
    if (!fit(name)) {
      return uuid.toString();
    }
    boolean taken = edit.current(type, project.fqName().child(name)) != null;
    return taken ? name + "-" + uuid : name;
  }

  /** Full names are joined by colons and go into XML. */
  static boolean fit(String name) {
    return !name.isEmpty()
        && name.chars().noneMatch(c -> c == ':' || c < ' ' || c >= 0xd800 && c <= 0xdfff)
        && name.chars().noneMatch(c -> "<>&\"'".indexOf(c) >= 0);
  }

  /** The uuid that was sent, or a new one. */
  UUID uuid(Sent sent) {
    UUID given = sent.uuid("id");
    if (given != null && edit.current(given) != null) {
      throw NeutronException.of("Conflict", "resource", sent.resource(), "msg", given + " exists");
    }
    return given == null ? edit.newUuid() : given;
  }

  /** The project for which something is made; it is made too if nobody knows it yet. */
  ConfigObject project(Sent sent) {
    UUID asked = sent.set("tenant_id") ? sent.uuid("tenant_id") : sent.uuid("project_id");
    UUID tenant = asked == null ? context.tenant() : asked;
    if (tenant == null) {
      throw NeutronException.badRequest(sent.resource(), "'tenant_id' must be specified");
    }
    if (!context.owns(tenant)) {
      throw NeutronException.of(
          "AdminRequired", "reason", "only an administrator acts for another project");
    }
    return project(tenant);
  }

  ConfigObject project(UUID tenant) {
    ConfigObject known = object(PROJECT, tenant);
    if (known != null) {
      return known;
    }
    if (edit.current(tenant) != null) {
      throw NeutronException.badRequest(PROJECT, tenant + " is not a project");
    }
    String given = tenant.equals(context.tenant()) ? context.tenantName() : null;
    String name = given == null || !fit(given) ? tenant.toString() : given;
    boolean taken = edit.current(PROJECT, DOMAIN.child(name)) != null;
    ObjectNode body = Json.object();
    body.put("parent_type", "domain").put("uuid", tenant.toString());
    body.set("fq_name", DOMAIN.child(taken ? name + "-" + tenant : name).toJson());
    return create(PROJECT, body);
  }

  /**
   * The refusal that stands for an error of the config, unless it is only that other calls hold
   * what is wanted: then the call is made again.
   */
  RuntimeException refusal(HttpError error, NeutronException stands) {
    return edit.contended() ? error : stands;
  }

  static ObjectNode ref(ConfigObject target) {
    ObjectNode ref = Json.object();
    ref.put("uuid", target.uuid().toString());
    return ref;
  }
}
