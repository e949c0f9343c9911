package weft.cli;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ObjectType;

/**
 * Words such as `mtu=1500`, `virtual_network_properties.rpf=enable` or
 * `network_policy_refs=default-domain:p:web` as JSON.
 *
 * <p>A value that is JSON is taken as such, any other as text; names of references are separated by
 * commas.
 */
final class Assignments {
  private Assignments() {}

  /**
   * @param type of the object, whose fields the words have to name
   */
  static void apply(List<String> words, ObjectType type, ObjectNode body) {
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 1) {
        throw new Failure("'" + word + "' is not of the form key=value");
      }
      String path = word.substring(0, equals);
      checkField(type, path.contains(".") ? path.substring(0, path.indexOf('.')) : path);
      set(body, path, word.substring(equals + 1));
    }
  }

  private static void checkField(ObjectType type, String field) {
    List<String> known = new ArrayList<>(List.of("uuid", "parent_type", "parent_uuid"));
    type.properties().forEach(each -> known.add(each.name()));
    type.references().forEach(each -> known.add(each.name()));
    if (!known.contains(field)) {
      throw new Failure(type + " has no " + field + Near.hint(field, known));
    }
  }

  private static void set(ObjectNode body, String path, String text) {
    ObjectNode at = body;
    String rest = path;
    for (int dot = rest.indexOf('.'); dot > 0; dot = rest.indexOf('.')) {
      at = at.withObjectProperty(rest.substring(0, dot));
      rest = rest.substring(dot + 1);
    }
    at.set(rest, rest.endsWith("_refs") ? references(rest, text) : value(text));
  }

  /** JSON if it is some, else text. */
  static JsonNode value(String text) {
    try {
      JsonNode value = Rest.JSON.readTree(text);
      return value.isMissingNode() ? JsonNodeFactory.instance.stringNode(text) : value;
    } catch (JacksonException _) {
      return JsonNodeFactory.instance.stringNode(text);
    }
  }

  private static JsonNode references(String field, String text) {
    if (text.startsWith("[")) {
      return value(text);
    }
    String type = field.substring(0, field.length() - "_refs".length()).replace('_', '-');
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (String name : text.split(",")) {
      if (!name.isBlank()) {
        list.addObject().set("to", Types.fqName(Types.of(type), name.strip()).toJson());
      }
    }
    return list;
  }
}
