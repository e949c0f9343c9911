package weft.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ComplexType;
import weft.schema.FqName;
import weft.schema.ObjectType;
import weft.schema.Presence;
import weft.schema.Property;
import weft.schema.ReferenceType;
import weft.schema.Schema;
import weft.schema.Validation;

/**
 * A config object as files have it: type, name, and the properties and references that are named.
 *
 * <p>Names are `a:b:c`, references are names, with `attr` beside `to` where they bear data.
 *
 * @param body the named properties and references as the API writes them; null where one is to go
 * @param pointer to the object within the document
 */
record Manifest(
    ObjectType type, FqName fqName, ObjectNode body, Yaml.Document document, String pointer) {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Pattern UNKNOWN_FIELD =
      Pattern.compile(".*\\.(\\w+)'> does not have field (\\w+)", Pattern.DOTALL);
  private static final Set<String> IDENTITY = Set.of("type", "fq_name", "parent_type", "uuid");

  /** What makes it the same object. */
  record Key(String type, FqName fqName) {
    @Override
    public String toString() {
      return type + " " + fqName;
    }
  }

  Key key() {
    return new Key(type.name(), fqName);
  }

  /** Where the object is written. */
  String at() {
    return document.at(pointer);
  }

  /** Where one of its fields is written. */
  String at(String field) {
    return document.at(pointer + "/" + field);
  }

  /** The parent; null for a root. */
  @Nullable Key parent() {
    JsonNode parentType = body.path("parent_type");
    return parentType.isString() ? new Key(parentType.stringValue(), fqName.parent()) : null;
  }

  // Reading.

  /** The objects of a document: one, or a list of them. */
  static List<Manifest> read(Yaml.Document document) {
    List<Manifest> all = new ArrayList<>();
    if (document.root().isArray()) {
      for (JsonNode each : document.root()) {
        all.add(read(document, each, "/" + all.size()));
      }
    } else {
      all.add(read(document, document.root(), ""));
    }
    return all;
  }

  private static Manifest read(Yaml.Document document, JsonNode node, String pointer) {
    if (!node.isObject()) {
      throw new Failure(document.at(pointer) + ": an object with type and fq_name is expected");
    }
    if (!node.path("type").isString()) {
      throw new Failure(document.at(pointer) + ": type: is missing");
    }
    ObjectType type;
    try {
      type = Types.of(node.path("type").stringValue());
    } catch (Failure e) {
      throw new Failure(document.at(pointer + "/type") + ": type: " + e.text());
    }
    FqName name = name(type, node.path("fq_name"));
    if (name == null) {
      throw new Failure(
          document.at(pointer + "/fq_name") + ": fq_name: expected a name such as a:b:c");
    }
    Manifest manifest = new Manifest(type, name, JSON.objectNode(), document, pointer);
    manifest.takeIdentity(node);
    node.forEachEntry((field, value) -> {
      if (!IDENTITY.contains(field)) {
        manifest.take(field, value);
      }
    });
    return manifest;
  }

  /** Null if it is none. */
  private static @Nullable FqName name(ObjectType type, JsonNode node) {
    if (node.isString() && !node.stringValue().isEmpty()) {
      return Types.fqName(type, node.stringValue());
    }
    boolean strings = node.isArray() && !node.isEmpty();
    return strings && node.valueStream().allMatch(JsonNode::isString) ? FqName.of(node) : null;
  }

  private void takeIdentity(JsonNode node) {
    JsonNode parentType = node.path("parent_type");
    String parent =
        parentType.isString()
            ? parentType.stringValue().replace('_', '-')
            : Types.parentType(type, fqName);
    if (parent == null && fqName.size() > 1) {
      throw refusal("fq_name", fqName + " does not tell the type of the parent: give parent_type");
    }
    if (parent != null) {
      if (type.parent(parent) == null) {
        throw refusal("parent_type", type + " cannot be below " + parent);
      }
      body.put("parent_type", parent);
    }
    if (node.path("uuid").isString()) {
      body.put("uuid", node.path("uuid").stringValue());
    }
  }

  private void take(String field, JsonNode value) {
    ReferenceType reference = type.reference(field);
    if (type.property(field) != null) {
      body.set(field, value.isNull() ? value : checked(field, value));
    } else if (reference != null) {
      body.set(field, value.isNull() ? JSON.arrayNode() : references(reference, value));
    } else {
      List<String> known = new ArrayList<>();
      type.properties().forEach(each -> known.add(each.name()));
      type.references().forEach(each -> known.add(each.name()));
      throw refusal(field, "unknown in " + type + Near.hint(field, known));
    }
  }

  private JsonNode checked(String field, JsonNode value) {
    ObjectNode one = JSON.objectNode();
    one.set(field, value);
    return switch (Validation.update(type, one)) {
      case Validation.Result.Valid(ObjectNode valid) ->
          valid.has(field) ? plain(valid.get(field)) : value;
      case Validation.Result.Invalid(String message) -> throw refusal(field, shortened(message));
    };
  }

  private ArrayNode references(ReferenceType reference, JsonNode list) {
    if (!list.isArray()) {
      throw refusal(reference.name(), "a list of names is expected");
    }
    ArrayNode refs = JSON.arrayNode();
    for (JsonNode element : list) {
      String field = reference.name() + "/" + refs.size();
      ObjectNode ref = refs.addObject();
      if (element.path("uuid").isString() && !element.has("to")) {
        ref.put("uuid", element.path("uuid").stringValue());
      } else {
        FqName to = name(reference.target(), element.isString() ? element : element.path("to"));
        if (to == null) {
          throw refusal(field, "expected the name of a " + reference.targetName());
        }
        ref.set("to", to.toJson());
      }
      JsonNode attr = element.path("attr");
      if (attr.isObject()) {
        ref.set("attr", attr(reference, attr, field));
      }
    }
    return refs;
  }

  private JsonNode attr(ReferenceType reference, JsonNode attr, String field) {
    if (reference.attr() == null && !attr.isEmpty()) {
      throw refusal(field, "a reference to " + reference.targetName() + " bears no data");
    }
    return switch (Validation.attr(reference, attr)) {
      case Validation.Result.Valid(ObjectNode valid) -> plain(valid);
      case Validation.Result.Invalid(String message) -> throw refusal(field, shortened(message));
    };
  }

  /** What the schema says, without what is only for programs that know the text. */
  private static String shortened(String message) {
    Matcher matcher = UNKNOWN_FIELD.matcher(message);
    if (matcher.matches()) {
      ComplexType type = Schema.complexType(matcher.group(1));
      List<String> known =
          type == null ? List.of() : type.fields().stream().map(Property::name).toList();
      return matcher.group(1) + " has no " + matcher.group(2) + Near.hint(matcher.group(2), known);
    }
    return message.replaceFirst("^Bad property in update: ", "");
  }

  /** With nodes of the kinds that come out of a server's answer, so that they can be compared. */
  private static JsonNode plain(JsonNode node) {
    return Rest.JSON.readTree(Rest.JSON.writeValueAsBytes(node));
  }

  private Failure refusal(String field, String reason) {
    return new Failure(at(field) + ": " + field.replace('/', ' ') + ": " + reason);
  }

  // Writing.

  /** An object of the API as files show it; without what the system sets. */
  static ObjectNode of(ObjectType type, JsonNode object) {
    ObjectNode out = JSON.objectNode();
    out.put("type", type.name());
    out.set("fq_name", name(object.path("fq_name"), type.name()));
    if (type.parents().size() > 1 && object.path("parent_type").isString()) {
      out.set("parent_type", object.get("parent_type"));
    }
    for (Property property : type.properties()) {
      JsonNode value = object.path(property.name());
      switch (property.name()) {
        case "id_perms" -> addIdPerms(value, out);
        case "perms2" -> addPerms2(value, out);
        default -> {
          boolean system = property.presence() == Presence.SYSTEM_ONLY;
          if (!system && !value.isMissingNode() && !value.isNull()) {
            out.set(property.name(), withoutNulls(value));
          }
        }
      }
    }
    for (ReferenceType reference : type.references()) {
      if (!reference.derived() && !object.path(reference.name()).isEmpty()) {
        ArrayNode list = out.putArray(reference.name());
        object.path(reference.name()).forEach(ref -> list.add(reference(ref, reference)));
      }
    }
    return out;
  }

  private static JsonNode reference(JsonNode ref, ReferenceType reference) {
    if (!ref.has("to")) {
      return ref;
    }
    JsonNode to = name(ref.path("to"), reference.targetName());
    JsonNode attr = ref.path("attr");
    if (!attr.isObject() || attr.isEmpty()) {
      return to;
    }
    ObjectNode out = JSON.objectNode();
    out.set("to", to);
    out.set("attr", withoutNulls(attr));
    return out;
  }

  private static JsonNode withoutNulls(JsonNode node) {
    if (node.isArray()) {
      ArrayNode list = JSON.arrayNode();
      node.forEach(each -> list.add(withoutNulls(each)));
      return list;
    }
    if (node.isObject()) {
      ObjectNode object = JSON.objectNode();
      node.forEachEntry((name, value) -> {
        if (!value.isNull()) {
          object.set(name, withoutNulls(value));
        }
      });
      return object;
    }
    return node;
  }

  /** As text, or as a list where the text would be read otherwise. */
  private static JsonNode name(JsonNode fqName, String typeName) {
    String text = Types.text(fqName);
    FqName read = Types.fqName(Schema.required(typeName), text);
    return read.equals(FqName.of(fqName)) ? JSON.stringNode(text) : fqName;
  }

  /** Only what users set, and where it differs from what everything has. */
  private static void addIdPerms(JsonNode idPerms, ObjectNode out) {
    ObjectNode said = JSON.objectNode();
    if (!idPerms.path("enable").asBoolean(true)) {
      said.put("enable", false);
    }
    if (!idPerms.path("description").asString("").isEmpty()) {
      said.set("description", idPerms.get("description"));
    }
    if (!said.isEmpty()) {
      out.set("id_perms", said);
    }
  }

  private static void addPerms2(JsonNode perms2, ObjectNode out) {
    boolean usual =
        perms2.path("share").isEmpty()
            && perms2.path("global_access").asInt(0) == 0
            && perms2.path("owner_access").asInt(7) == 7;
    if (!usual) {
      out.set("perms2", perms2);
    }
  }
}
