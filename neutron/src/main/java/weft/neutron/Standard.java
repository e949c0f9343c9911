package weft.neutron;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;

/** The attributes that resources of all kinds have. */
final class Standard {
  private static final String TAG = "neutron_tag=";

  private Standard() {}

  /** What a new resource shows first: id, name and project. */
  static ObjectNode begin(ConfigObject object, View view) {
    ObjectNode item = Json.object();
    item.put("id", object.uuid().toString());
    item.put("name", name(object));
    UUID project = object.parentUuid();
    owner(item, project == null ? "" : view.tenant(project));
    return item;
  }

  static void owner(ObjectNode item, String tenant) {
    item.put("tenant_id", tenant).put("project_id", tenant);
  }

  /** What every resource shows last: description, times, revision, tags and full name. */
  static void end(ObjectNode item, ConfigObject object) {
    JsonNode perms = object.body().path("id_perms");
    item.put("description", description(object));
    item.set("fq_name", object.body().path("fq_name"));
    item.put("created_at", perms.path("created").asString(""));
    item.put("updated_at", perms.path("last_modified").asString(""));
    item.put("revision_number", object.revision());
    item.set("tags", tags(object));
  }

  static String description(ConfigObject object) {
    return object.body().path("id_perms").path("description").asString("");
  }

  /** The name that was given; an object without has its uuid as its name. */
  static String name(ConfigObject object) {
    String name = object.body().path("display_name").asString("");
    return name.equals(object.uuid().toString()) ? "" : name;
  }

  static boolean enabled(ConfigObject object) {
    return object.body().path("id_perms").path("enable").asBoolean(true);
  }

  /** Tags are objects of their own, named after their value. */
  static ArrayNode tags(ConfigObject object) {
    ArrayNode tags = Json.array();
    List<String> sorted = new ArrayList<>();
    for (JsonNode ref : object.body().path("tag_refs")) {
      JsonNode to = ref.path("to");
      String name = to.path(to.size() - 1).asString("");
      if (name.startsWith(TAG)) {
        sorted.add(Tags.decode(name.substring(TAG.length())));
      }
    }
    sorted.stream().sorted().forEach(tags::add);
    return tags;
  }

  /** Name, description and state of what is sent, as properties of an object. */
  static void read(Sent sent, ObjectNode request, UUID uuid) {
    if (sent.has("name")) {
      String name = sent.string("name");
      request.put("display_name", name.isEmpty() ? uuid.toString() : name);
    }
    ObjectNode perms = Json.object();
    if (sent.set("description")) {
      perms.put("description", sent.string("description"));
    }
    if (sent.has("admin_state_up")) {
      perms.put("enable", sent.flag("admin_state_up", true));
    }
    if (!perms.isEmpty()) {
      request.set("id_perms", perms);
    }
  }

  /** The text of a JSON value, or null. */
  static @Nullable String text(JsonNode node) {
    return node.isString() ? node.stringValue() : null;
  }
}
