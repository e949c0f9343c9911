package weft.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
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

  /** Types of which an object may have several tags. */
  private static final Set<String> SEVERAL = Set.of("label", "neutron_fwaas", "neutron_tag");

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

  /**
   * Null takes all tags of a type away; of most types an object has one, of some it has several.
   */
  private static void change(
      ConfigObject object, String name, JsonNode wish, Map<UUID, Ref> tags, Edit edit) {
    String type = name.toLowerCase(Locale.ROOT);
    String prefix = type + "=";
    if (wish.isNull()) {
      tags.values().removeIf(ref -> ref.to().name().startsWith(prefix));
      return;
    }
    boolean global = wish.path("is_global").asBoolean(false);
    List<String> deleted = values(wish.path("delete_values"));
    List<String> added = values(wish.path("add_values"));
    if (object.type().name().equals("address-group") && !type.equals("label")) {
      throw HttpError.badRequest("Invalid tag type " + type + " for object type address_group");
    }
    if (SEVERAL.contains(type)) {
      if (wish.path("value").isString()) {
        added.add(wish.path("value").stringValue());
      }
    } else {
      if (!added.isEmpty() || !deleted.isEmpty()) {
        throw HttpError.badRequest(
            "Tag type " + type + " cannot be set multiple times on a same object.");
      }
      if (!wish.path("value").isString()) {
        throw HttpError.badRequest("No valid value provided for tag type " + type);
      }
      added = List.of(wish.path("value").stringValue());
      tags.values().removeIf(ref -> ref.to().name().startsWith(prefix));
    }
    for (String value : added) {
      FqName fqName = name(object, prefix + value, global, edit);
      ConfigObject tag = edit.current("tag", fqName);
      if (tag == null) {
        throw HttpError.notFound("Tag with FQName " + PythonText.of(fqName) + " not found");
      }
      tags.put(tag.uuid(), new Ref(tag.uuid(), tag.fqName(), null));
    }
    for (String value : deleted) {
      tags.values().removeIf(ref -> ref.to().name().equals(prefix + value));
    }
  }

  private static List<String> values(JsonNode node) {
    List<String> values = new ArrayList<>();
    node.forEach(value -> values.add(value.asString("")));
    return values;
  }

  /** A tag of the object's project, or that of its owner, unless it is meant to be a global one. */
  private static FqName name(ConfigObject object, String tag, boolean global, Edit edit) {
    if (global) {
      return FqName.of(tag);
    }
    if (object.type().name().equals("project")) {
      return object.fqName().child(tag);
    }
    if ("project".equals(object.parentType())) {
      return object.fqName().parent().child(tag);
    }
    String owner = object.body().path("perms2").path("owner").asString("");
    ConfigObject project =
        owner.matches("[0-9a-fA-F-]{32,36}")
            ? edit.image().object(Names.uuid(owner, "owner"))
            : null;
    if (project != null) {
      return project.fqName().child(tag);
    }
    List<String> parts = object.fqName().parts();
    if (parts.size() > 2) {
      return new FqName(parts.subList(0, 2)).child(tag);
    }
    throw HttpError.notFound("Not able to determine the scope of the tag '" + tag + "'");
  }
}
