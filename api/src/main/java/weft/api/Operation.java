package weft.api;

import java.util.Map;
import java.util.UUID;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.model.Edit;
import weft.api.model.Names;
import weft.api.model.ObjectChanges;
import weft.http.HttpError;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.ObjectType;
import weft.schema.PythonText;

/**
 * One change within a transaction: `{"update":{"virtual-network":{…}}}`, or the body of one of the
 * calls on references, tags and collections under the call's name.
 */
final class Operation {
  private static final Map<String, BiFunction<JsonNode, Edit, ConfigObject>> KINDS =
      Map.of(
          "create", Operation::create,
          "update", Operation::update,
          "delete", Operation::delete,
          "ref-update",
              (body, edit) ->
                  calling(body, "type", "uuid", "fq_name", edit, ReferenceEndpoints::update),
          "ref-relax-for-delete",
              (body, edit) ->
                  calling(body, "type", "uuid", "fq_name", edit, ReferenceEndpoints::relax),
          "set-tag",
              (body, edit) ->
                  calling(body, "obj_type", "obj_uuid", "obj_fq_name", edit, TagEndpoint::set),
          "prop-collection-update",
              (body, edit) ->
                  calling(body, "type", "uuid", "fq_name", edit, CollectionEndpoints::update));

  private final int index;
  private final String kind;
  private final JsonNode body;
  private final BiFunction<JsonNode, Edit, ConfigObject> change;

  private Operation(
      int index, String kind, JsonNode body, BiFunction<JsonNode, Edit, ConfigObject> change) {
    this.index = index;
    this.kind = kind;
    this.body = body;
    this.change = change;
  }

  static Operation of(int index, JsonNode element) {
    String kind =
        element.isObject() && element.size() == 1 ? element.propertyNames().iterator().next() : "";
    BiFunction<JsonNode, Edit, ConfigObject> change = KINDS.get(kind);
    if (change == null || !element.path(kind).isObject()) {
      throw HttpError.badRequest(
          "Operation %d: expected an object with one of %s"
              .formatted(index, String.join(", ", KINDS.keySet().stream().sorted().toList())));
    }
    return new Operation(index, kind, element.path(kind), change);
  }

  /** Which one it is, for refusals: `Operation 3, create virtual-network a:b:c`. */
  String label() {
    boolean wrapped = body.size() == 1 && body.iterator().next().isObject();
    JsonNode object = wrapped ? body.iterator().next() : body;
    String type =
        wrapped
            ? body.propertyNames().iterator().next()
            : body.path(body.has("obj_type") ? "obj_type" : "type").asString("");
    StringBuilder label = new StringBuilder("Operation " + index + ", " + kind);
    for (String word : new String[] {type, name(object)}) {
      if (!word.isEmpty()) {
        label.append(' ').append(word);
      }
    }
    return label.toString();
  }

  private static String name(JsonNode object) {
    for (String field : new String[] {"fq_name", "obj_fq_name"}) {
      if (object.path(field).isArray()) {
        return String.join(
            ":", object.path(field).valueStream().map(part -> part.asString("")).toList());
      }
    }
    return object.path(object.has("obj_uuid") ? "obj_uuid" : "uuid").asString("");
  }

  /** Adds the change to the edit; the answer names the object. */
  ObjectNode apply(Edit edit) {
    ConfigObject object = change.apply(body, edit);
    ObjectNode result = Json.object();
    result.put("index", index);
    result.put("operation", kind);
    result.put("type", object.type().name());
    result.put("uuid", object.uuid().toString());
    result.set("fq_name", object.fqName().toJson());
    return result;
  }

  /** The object and its type, out of `{"virtual-network": {…}}`. */
  private record Wrapped(ObjectType type, ObjectNode object) {
    static Wrapped of(JsonNode body) {
      if (body.size() != 1 || !(body.iterator().next() instanceof ObjectNode object)) {
        throw HttpError.badRequest("Bad Request, expected one object under the name of its type");
      }
      return new Wrapped(
          NameEndpoints.type(body.propertyNames().iterator().next()), object.deepCopy());
    }
  }

  private static ConfigObject create(JsonNode body, Edit edit) {
    Wrapped wrapped = Wrapped.of(body);
    return ObjectChanges.create(wrapped.type(), wrapped.object(), edit);
  }

  private static ConfigObject update(JsonNode body, Edit edit) {
    Wrapped wrapped = Wrapped.of(body);
    ConfigObject object = required(wrapped.type(), wrapped.object(), edit);
    ObjectChanges.update(object, wrapped.object(), edit);
    return object;
  }

  private static ConfigObject delete(JsonNode body, Edit edit) {
    Wrapped wrapped = Wrapped.of(body);
    ConfigObject object = required(wrapped.type(), wrapped.object(), edit);
    ObjectChanges.delete(object, edit);
    return object;
  }

  /** A call whose object may also be named. */
  private static ConfigObject calling(
      JsonNode sent,
      String typeField,
      String uuidField,
      String nameField,
      Edit edit,
      BiFunction<JsonNode, Edit, ConfigObject> call) {
    ObjectNode body = (ObjectNode) sent.deepCopy();
    JsonNode name = body.remove(nameField);
    if (!body.hasNonNull(uuidField) && name != null) {
      ObjectType type = NameEndpoints.type(body.path(typeField).asString(""));
      ObjectNode named = Json.object();
      named.set("fq_name", name);
      body.put(uuidField, required(type, named, edit).uuid().toString());
    }
    return call.apply(body, edit);
  }

  private static ConfigObject required(ObjectType type, JsonNode named, Edit edit) {
    ConfigObject object = find(type, named, edit);
    if (object == null) {
      throw HttpError.notFound(
          named.hasNonNull("uuid")
              ? "No " + type + " object found for id " + named.path("uuid").asString("")
              : "Name " + PythonText.of(named.path("fq_name")) + " not found");
    }
    return object;
  }

  /** The object that `uuid`, else `fq_name` names, as the request leaves it so far. */
  static @Nullable ConfigObject find(ObjectType type, JsonNode named, Edit edit) {
    UUID uuid = Names.uuid(named.path("uuid"), "uuid");
    if (uuid == null) {
      FqName name = Names.fqName(named.path("fq_name"), "fq_name");
      return edit.current(type.name(), name);
    }
    ConfigObject object = edit.current(uuid);
    return object == null || object.type() != type ? null : object;
  }
}
