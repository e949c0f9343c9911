package weft.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import weft.http.HttpError;
import weft.http.Json;
import weft.schema.ConfigObject;

/**
 * Which objects a list is to hold, by their properties.
 *
 * @param accepted the values accepted of each property: any of them, for all properties
 */
record Filter(Map<String, List<JsonNode>> accepted) {
  static final Filter ALL = new Filter(Map.of());

  /** Reads `name=="x",count==3`: names, and values in JSON. */
  static Filter parse(String text) {
    Map<String, List<JsonNode>> accepted = new LinkedHashMap<>();
    for (String term : split(text)) {
      int equals = term.indexOf("==");
      if (equals <= 0) {
        throw invalid(text);
      }
      JsonNode value;
      try {
        value = Json.parse(term.substring(equals + 2));
      } catch (HttpError _) {
        throw invalid(text);
      }
      accepted.computeIfAbsent(term.substring(0, equals), _ -> new ArrayList<>()).add(value);
    }
    return new Filter(accepted);
  }

  /** As text, or as an object of values or lists of values. */
  static Filter of(JsonNode node) {
    if (node.isString()) {
      return parse(node.stringValue());
    }
    if (!node.isObject()) {
      throw invalid(node.toString());
    }
    Map<String, List<JsonNode>> accepted = new LinkedHashMap<>();
    for (var entry : node.properties()) {
      List<JsonNode> values = new ArrayList<>();
      if (entry.getValue().isArray()) {
        entry.getValue().forEach(values::add);
      } else {
        values.add(entry.getValue());
      }
      accepted.put(entry.getKey(), values);
    }
    return new Filter(accepted);
  }

  boolean accepts(ConfigObject object) {
    for (Map.Entry<String, List<JsonNode>> entry : accepted.entrySet()) {
      JsonNode value = object.property(entry.getKey());
      if (value == null || entry.getValue().stream().noneMatch(asked -> matches(asked, value))) {
        return false;
      }
    }
    return true;
  }

  /** An object matches if it has what is asked, and perhaps more. */
  private static boolean matches(JsonNode asked, JsonNode value) {
    if (asked.isObject() && value.isObject()) {
      return asked.properties().stream()
          .allMatch(field -> matches(field.getValue(), value.path(field.getKey())));
    }
    return asked.isNumber() && value.isNumber()
        ? asked.decimalValue().compareTo(value.decimalValue()) == 0
        : asked.equals(value);
  }

  /** At the commas that are not within a JSON value. */
  private static List<String> split(String text) {
    List<String> terms = new ArrayList<>();
    int depth = 0;
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted) {
        if (c == '\\') {
          i++;
        } else if (c == '"') {
          quoted = false;
        }
      } else if (c == '"') {
        quoted = true;
      } else if (c == '{' || c == '[') {
        depth++;
      } else if (c == '}' || c == ']') {
        depth--;
      } else if (c == ',' && depth == 0) {
        terms.add(text.substring(start, i));
        start = i + 1;
      }
    }
    terms.add(text.substring(start));
    return terms;
  }

  private static HttpError invalid(String text) {
    return HttpError.badRequest("Invalid filter " + text);
  }
}
