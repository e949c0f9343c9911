package weft.api.model;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.ObjectType;
import weft.schema.PythonText;
import weft.schema.Ref;
import weft.schema.ReferenceType;

/** References as requests write them, turned into what is stored: both uuid and name, and data. */
final class References {
  private References() {}

  /**
   * Takes over the `…_refs` lists of a valid request; an empty one removes the list. References
   * that are there already and relaxed stay relaxed.
   */
  static void read(ObjectType type, ObjectNode request, ObjectNode body, Edit edit) {
    for (ReferenceType reference : type.references()) {
      JsonNode list = request.get(reference.name());
      if (list == null) {
        continue;
      }
      JsonNode known = body.path(reference.name());
      Set<String> relaxed = relaxed(known);
      ArrayNode resolved = Json.array();
      for (JsonNode element : list) {
        ObjectNode stored = resolve(reference, element, known, edit);
        if (relaxed.contains(stored.path("uuid").asString(""))) {
          stored.put(ObjectChanges.RELAXED, true);
        }
        resolved.add(stored);
      }
      if (resolved.isEmpty()) {
        body.remove(reference.name());
      } else {
        body.set(reference.name(), resolved);
      }
    }
  }

  private static Set<String> relaxed(JsonNode list) {
    Set<String> targets = new HashSet<>();
    for (JsonNode element : list) {
      if (element.path(ObjectChanges.RELAXED).asBoolean(false)) {
        targets.add(element.path("uuid").asString(""));
      }
    }
    return targets;
  }

  private static ObjectNode resolve(
      ReferenceType reference, JsonNode element, JsonNode known, Edit edit) {
    String field = reference.name();
    UUID uuid = Names.uuid(element.path("uuid"), field);
    JsonNode to = element.path("to");
    FqName name = to.isArray() && !to.isEmpty() ? Names.fqName(to, field) : null;
    ConfigObject target = target(reference, uuid, name, edit);
    if (!edit.access().unlimited() && !holds(known, target.uuid())) {
      edit.access().checkLink(target);
    }
    return stored(target, element.path("attr"));
  }

  private static boolean holds(JsonNode list, UUID target) {
    for (JsonNode element : list) {
      if (element.path("uuid").asString("").equals(target.toString())) {
        return true;
      }
    }
    return false;
  }

  /** The stored form of a reference to `target`. */
  static ObjectNode stored(ConfigObject target, JsonNode attr) {
    return new Ref(target.uuid(), target.fqName(), attr.isObject() ? attr : null).toJson();
  }

  static ConfigObject target(
      ReferenceType reference, @Nullable UUID uuid, @Nullable FqName to, Edit edit) {
    String type = reference.targetName();
    if (uuid != null) {
      ConfigObject target = edit.current(uuid);
      if (target == null || !target.type().name().equals(type)) {
        throw HttpError.notFound(
            "No " + type + " object found for id " + uuid + " in " + reference.name());
      }
      return target;
    }
    if (to == null) {
      throw HttpError.badRequest(
          "Bad Request, a reference of " + reference.name() + " has neither to nor uuid");
    }
    ConfigObject target = edit.current(type, to);
    if (target == null) {
      throw HttpError.notFound("Name " + PythonText.of(to) + " not found in " + reference.name());
    }
    return target;
  }
}
