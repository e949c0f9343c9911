package weft.cli;

import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Words such as `mtu=1500`, `virtual_network_properties.rpf=enable` or
 * `network_policy_refs=default-domain:p:web` as JSON.
 *
 * <p>A value that is JSON is taken as such, any other as text; names of references are separated by
 * commas.
 */
final class Assignments {
  private Assignments() {}

  static void apply(List<String> words, ObjectNode body) {
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 1) {
        throw new Failure("'" + word + "' is not of the form key=value");
      }
      set(body, word.substring(0, equals), word.substring(equals + 1));
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

  private static JsonNode value(String text) {
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
        list.addObject().set("to", ConfigClient.fqName(type, name.strip()));
      }
    }
    return list;
  }
}
