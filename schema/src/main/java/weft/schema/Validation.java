package weft.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Judges what a client sends by the schema alone, without looking at other objects. The texts are
 * those that existing clients know.
 */
public final class Validation {
  /** What is kept of a body besides properties and references. */
  private static final Set<String> IDENTITY =
      Set.of("uuid", "fq_name", "parent_type", "parent_uuid");

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final Pattern UUID_FORM =
      Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

  private Validation() {}

  /** The outcome. */
  public sealed interface Result {
    /**
     * All is well.
     *
     * @param body a copy with numbers as numbers and without keys that the schema does not know
     */
    record Valid(ObjectNode body) implements Result {}

    /** The first thing found wrong, to be answered with status 400. */
    record Invalid(String message) implements Result {}
  }

  /** The body of a create request, within its type's key. */
  public static Result create(ObjectType type, JsonNode body) {
    return result(() -> {
      checkName(type, body);
      ObjectNode kept = checkContent(type, body, "create");
      checkPlace(type, kept);
      return kept;
    });
  }

  /** The body of an update request, within its type's key: null stands for unset. */
  public static Result update(ObjectType type, JsonNode body) {
    return result(() -> checkContent(type, body, "update"));
  }

  /** The data of one reference, as in a reference update. */
  public static Result attr(ReferenceType reference, JsonNode attr) {
    return result(() -> {
      ComplexType type = reference.attr();
      if (type == null) {
        return JSON.objectNode();
      }
      try {
        return Values.complex(type, attr);
      } catch (Wrong e) {
        throw new Wrong(
            "Error validating reference "
                + reference.name()
                + " value "
                + PythonText.of(attr)
                + " "
                + e.text);
      }
    });
  }

  /**
   * One element of a list or map property, as in an update of a collection; the body of the result
   * is the wrapping object with this one element.
   */
  public static Result element(Property property, JsonNode value) {
    return result(() -> {
      if (property.collection() != Collection.SINGLE
          && property.type() instanceof ValueType.Complex wrapper) {
        ObjectNode wrapped = JSON.objectNode();
        wrapped.putArray(property.elements().name()).add(value);
        return inProperty(property, value, () -> Values.complex(wrapper.type(), wrapped));
      }
      throw new Wrong(property.name() + " neither \"ListProperty\" nor \"MapProperty\"");
    });
  }

  private static void checkName(ObjectType type, JsonNode body) {
    JsonNode fqName = body.path("fq_name");
    if (fqName.isMissingNode() || fqName.isNull() || fqName.isEmpty()) {
      throw new Wrong("Bad Request, no fq_name in POST body");
    }
    if (!isName(fqName)) {
      throw new Wrong("Bad Request, fq_name is not a list of strings");
    }
    String name = fqName.get(fqName.size() - 1).asString();
    if (!PropertyXml.legal(name)) {
      throw new Wrong("Bad Request, name has illegal xml characters");
    }
    if (name.contains(":") && !type.name().equals("route-target")) {
      throw new Wrong("Bad Request, name has one of invalid chars {':'}");
    }
    checkUuid(body.path("uuid"));
    checkUuid(body.path("parent_uuid"));
  }

  private static void checkUuid(JsonNode uuid) {
    if (!uuid.isMissingNode() && !uuid.isNull() && !isUuid(uuid)) {
      throw new Wrong("Bad Request, invalid resource UUID");
    }
  }

  private static boolean isName(JsonNode name) {
    return name.isArray() && !name.isEmpty() && name.valueStream().allMatch(JsonNode::isString);
  }

  private static boolean isUuid(JsonNode uuid) {
    return uuid.isString() && UUID_FORM.matcher(uuid.asString()).matches();
  }

  private static ObjectNode checkContent(ObjectType type, JsonNode body, String operation) {
    if (!body.isObject()) {
      throw new Wrong("Bad Request, no " + type.name() + " in the body");
    }
    ObjectNode kept = JSON.objectNode();
    for (var entry : body.properties()) {
      String key = entry.getKey();
      Property property = type.property(key);
      ReferenceType reference = type.reference(key);
      if (property != null) {
        kept.set(key, property(property, entry.getValue(), operation));
      } else if (reference != null) {
        kept.set(key, references(reference, entry.getValue(), operation));
      } else if (IDENTITY.contains(key)) {
        kept.set(key, entry.getValue());
      } else if (key.endsWith("_refs") && type.backReference(key) == null) {
        throw new Wrong(
            "Unknown reference in resource " + operation + " " + PythonText.of(body) + ".");
      }
    }
    if (operation.equals("create") && type.name().equals("loadbalancer-healthmonitor")) {
      String needed = "loadbalancer_healthmonitor_properties";
      if (kept.path(needed).isEmpty()) {
        throw new Wrong(needed + " property is missing");
      }
    }
    return kept;
  }

  private static JsonNode property(Property property, JsonNode value, String operation) {
    if (Values.blank(value)) {
      return Values.keepBlank(property.type(), value);
    }
    try {
      return switch (property.type()) {
        case ValueType.Complex complex -> {
          if (!value.isObject()) {
            throw new Wrong(
                "Error in property "
                    + property.name()
                    + " type "
                    + Values.className(complex.type())
                    + " value of "
                    + PythonText.of(value)
                    + " ");
          }
          yield inProperty(property, value, () -> Values.complex(complex.type(), value));
        }
        default -> inProperty(property, null, () -> Values.simple(property, value));
      };
    } catch (Wrong e) {
      throw new Wrong("Bad property in " + operation + ": " + e.text);
    }
  }

  private static <T> T inProperty(Property property, @Nullable JsonNode value, Step<T> step) {
    try {
      return step.run();
    } catch (Wrong e) {
      String where = value == null ? "" : property.name() + " value " + PythonText.of(value) + " ";
      throw new Wrong("Error validating property " + where + e.text);
    }
  }

  private static JsonNode references(ReferenceType reference, JsonNode list, String operation) {
    String where =
        "Bad reference in " + operation + ": Error validating reference " + reference.name();
    if (list.isNull()) {
      return JSON.arrayNode();
    }
    if (!list.isArray()) {
      throw new Wrong(where + " value " + PythonText.of(list) + " is not a list");
    }
    List<JsonNode> kept = new ArrayList<>(list.size());
    for (JsonNode ref : list) {
      if (!ref.isObject() || !isName(ref.path("to")) && !isUuid(ref.path("uuid"))) {
        throw new Wrong(where + " value " + PythonText.of(ref) + " names neither to nor uuid");
      }
      ObjectNode copy = ((ObjectNode) ref).deepCopy();
      copy.remove("href");
      if (!isName(copy.path("to"))) {
        copy.remove("to");
      }
      if (!isUuid(copy.path("uuid"))) {
        copy.remove("uuid");
      }
      JsonNode attr = copy.get("attr");
      ComplexType type = reference.attr();
      if (attr == null || attr.isNull() || type == null) {
        copy.putNull("attr");
      } else {
        try {
          copy.set("attr", Values.complex(type, attr));
        } catch (Wrong e) {
          throw new Wrong(where + " value " + PythonText.of(ref) + " " + e.text);
        }
      }
      kept.add(copy);
    }
    return JSON.arrayNode().addAll(kept);
  }

  /** Parent type and length of the name; fills in the parent type if only one is possible. */
  private static void checkPlace(ObjectType type, ObjectNode body) {
    List<String> allowed = new ArrayList<>();
    type.parents().forEach(parent -> allowed.add(parent.typeName()));
    if (type.root()) {
      allowed.add("config-root");
    }
    int depth = body.path("fq_name").size();
    String parent = parentType(type, body, allowed, depth);
    if (!allowed.contains(parent)) {
      throw new Wrong(
          "Invalid parent type: " + parent + ". Allowed types: " + PythonText.of(allowed));
    }
    boolean atRoot = parent.equals("config-root");
    if (atRoot != (depth == 1)) {
      throw new Wrong(
          "Invalid fq-name for object with parent_type "
              + parent
              + ": "
              + PythonText.of(body.path("fq_name")));
    }
    if (atRoot) {
      body.remove("parent_type");
      body.remove("parent_uuid");
    } else {
      body.put("parent_type", parent);
    }
  }

  private static String parentType(
      ObjectType type, ObjectNode body, List<String> allowed, int depth) {
    JsonNode given = body.path("parent_type");
    if (given.isString()) {
      return given.asString().replace('_', '-').equals(given.asString())
          ? given.asString()
          : dashed(type, given.asString());
    }
    if (type.root() && depth == 1) {
      return "config-root";
    }
    if (type.parents().size() == 1) {
      return type.parents().getFirst().typeName();
    }
    if (allowed.size() == 1) {
      return allowed.getFirst();
    }
    throw new Wrong("Missing parent type: None. Allowed types: " + PythonText.of(allowed));
  }

  /** `global_system_config` is taken for `global-system-config`. */
  private static String dashed(ObjectType type, String given) {
    String dashed = given.replace('_', '-');
    return type.parent(dashed) == null ? given : dashed;
  }

  private static Result result(Step<ObjectNode> step) {
    try {
      return new Result.Valid(step.run());
    } catch (Wrong e) {
      return new Result.Invalid(e.text);
    }
  }

  private interface Step<T> {
    T run();
  }

  /** Leaves the checks at the first thing wrong; never crosses the class's public methods. */
  static final class Wrong extends RuntimeException {
    private static final long serialVersionUID = 1;
    final String text;

    Wrong(String text) {
      super(text, null, false, false);
      this.text = text;
    }
  }
}
