package weft.cli;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A JSON tree as indented lines for people: `name: value`, a dash before each element of a list.
 */
final class Outline {
  private final List<String> lines = new ArrayList<>();

  private Outline() {}

  static List<String> of(JsonNode object) {
    Outline outline = new Outline();
    outline.entries(object, "");
    return outline.lines;
  }

  private void entries(JsonNode object, String indent) {
    object.forEachEntry((name, value) -> {
      if (!value.isNull()) {
        value(indent + name + ":", value, indent + "  ");
      }
    });
  }

  private void value(String heading, JsonNode value, String indent) {
    if (value.isArray() && value.valueStream().noneMatch(JsonNode::isContainer)) {
      lines.add(heading + " " + Table.text(value));
    } else if (value.isArray()) {
      lines.add(heading);
      value.forEach(each -> element(each, indent));
    } else if (value.isObject()) {
      lines.add(heading);
      entries(value, indent);
    } else {
      lines.add(heading + " " + Table.text(value));
    }
  }

  private void element(JsonNode element, String indent) {
    int start = lines.size();
    if (element.isObject()) {
      entries(element, indent + "  ");
    } else {
      lines.add(indent + "  " + Table.text(element));
    }
    if (lines.size() > start) {
      lines.set(start, indent + "- " + lines.get(start).substring(indent.length() + 2));
    }
  }
}
