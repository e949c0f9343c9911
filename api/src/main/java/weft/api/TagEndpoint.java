package weft.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Caller;
import weft.api.model.Edit;
import weft.api.model.Names;
import weft.api.model.ObjectChanges;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.ObjectType;
import weft.schema.PythonText;
import weft.schema.Ref;

/** Attaches tags to an object, by type and value. */
final class TagEndpoint {
  private static final Set<String> OBJECT = Set.of("obj_type", "obj_uuid");

  private final Writer writer;

  TagEndpoint(Writer writer) {
    this.writer = writer;
  }

  Response set(Request request, Caller caller) throws InterruptedException {
    JsonNode body = request.json();
    ConfigObject _ = writer.write(caller, Hrefs.of(request), edit -> set(body, edit));
    return Response.json(Json.object());
  }

  /** Changes the tags of the object that the body of a `set-tag` names. */
  static ConfigObject set(JsonNode body, Edit edit) {
    ObjectType type = NameEndpoints.type(body.path("obj_type").asString(""));
    UUID uuid = Names.uuid(body.path("obj_uuid").asString(""), "obj_uuid");
    ConfigObject object = edit.image().object(uuid);
    if (object == null || object.type() != type) {
      throw HttpError.notFound("No " + type + " object found for id " + uuid);
    }
    apply(object, body, edit);
    return object;
  }

  private static void apply(ConfigObject object, JsonNode body, Edit edit) {
    Map<UUID, Ref> tags = new LinkedHashMap<>();
    object.refs("tag").forEach(ref -> tags.put(ref.uuid(), ref));
    for (var entry : body.properties()) {
      if (!OBJECT.contains(entry.getKey())) {
        change(object, entry.getKey(), entry.getValue(), tags, edit);
      }
    }
    ObjectNode update = Json.object();
    var list = update.putArray("tag_refs");
    tags.values().forEach(ref -> list.add(ref.toJson()));
    ObjectChanges.update(object, update, edit);
  }

  /** A value replaces the tags of its type, unless it is added; null takes them all away. */
  private static void change(
      ConfigObject object, String type, JsonNode wish, Map<UUID, Ref> tags, Edit edit) {
    String prefix = type.replace('-', '_') + "=";
    boolean global = wish.path("is_global").asBoolean(false);
    if (wish.isNull() || wish.has("value")) {
      tags.values().removeIf(ref -> ref.to().name().startsWith(prefix));
    }
    for (String value : values(wish.path("delete_values"))) {
      tags.values().removeIf(ref -> ref.to().name().equals(prefix + value));
    }
    List<String> added = new ArrayList<>(values(wish.path("add_values")));
    added.addAll(values(wish.path("value")));
    for (String value : added) {
      FqName name = name(object, prefix + value, global);
      ConfigObject tag = edit.image().object("tag", name);
      if (tag == null) {
        throw HttpError.notFound("Tag with FQName " + PythonText.of(name) + " not found");
      }
      tags.put(tag.uuid(), new Ref(tag.uuid(), tag.fqName(), null));
    }
  }

  private static List<String> values(JsonNode node) {
    List<String> values = new ArrayList<>();
    if (node.isString()) {
      values.add(node.stringValue());
    }
    node.forEach(value -> values.add(value.asString("")));
    return values;
  }

  private static FqName name(ConfigObject object, String tag, boolean global) {
    FqName project = global ? null : project(object);
    return project == null ? FqName.of(tag) : project.child(tag);
  }

  private static @Nullable FqName project(ConfigObject object) {
    if (object.type().name().equals("project")) {
      return object.fqName();
    }
    List<String> parts = object.fqName().parts();
    return parts.size() > 2 ? new FqName(parts.subList(0, 2)) : null;
  }
}
