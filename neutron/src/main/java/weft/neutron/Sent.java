package weft.neutron;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.net.IpAddress;

/**
 * What was sent for a resource, read with refusals that name the attribute.
 *
 * @param resource its name
 */
record Sent(String resource, ObjectNode node) {

  boolean has(String name) {
    return node.has(name);
  }

  /** True if the attribute is there and is not null. */
  boolean set(String name) {
    return node.hasNonNull(name);
  }

  JsonNode get(String name) {
    return node.path(name);
  }

  /** Null if it is not there or null. */
  @Nullable String text(String name) {
    JsonNode value = node.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    if (!value.isString() && !value.isNumber()) {
      throw bad(name, value, "is not a string");
    }
    return value.asString();
  }

  /** The text; empty if it is not there or null. */
  String string(String name) {
    String text = text(name);
    return text == null ? "" : text;
  }

  boolean flag(String name, boolean otherwise) {
    JsonNode value = node.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    return switch (value.asString("").toLowerCase(java.util.Locale.ROOT)) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw bad(name, value, "is not a boolean");
    };
  }

  OptionalInt number(String name) {
    JsonNode value = node.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseInt(value.asString("")));
    } catch (NumberFormatException _) {
      throw bad(name, value, "is not an integer");
    }
  }

  @Nullable UUID uuid(String name) {
    String text = text(name);
    if (text == null || text.isEmpty()) {
      return null;
    }
    UUID uuid = Ids.parse(text);
    if (uuid == null) {
      throw bad(name, node.path(name), "is not a uuid");
    }
    return uuid;
  }

  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    for (JsonNode each : list(name)) {
      if (!each.isString()) {
        throw bad(name, each, "is not a list of strings");
      }
      texts.add(each.stringValue());
    }
    return texts;
  }

  /** The elements of a list of objects; none if it is not there or null. */
  List<Sent> objects(String name) {
    List<Sent> objects = new ArrayList<>();
    for (JsonNode each : list(name)) {
      if (!(each instanceof ObjectNode object)) {
        throw bad(name, each, "is not a list of objects");
      }
      objects.add(new Sent(resource, object));
    }
    return objects;
  }

  private JsonNode list(String name) {
    JsonNode value = node.path(name);
    if (!value.isMissingNode() && !value.isNull() && !value.isArray()) {
      throw bad(name, value, "is not a list");
    }
    return value;
  }

  @Nullable IpAddress address(String name) {
    String text = text(name);
    return text == null || text.isEmpty() ? null : address(name, text);
  }

  IpAddress address(String name, String text) {
    try {
      return IpAddress.parse(text);
    } catch (IllegalArgumentException _) {
      throw NeutronException.invalidInput(name + ": '" + text + "' is not an IP address");
    }
  }

  /** Calls `then` with the text if the attribute was sent; null counts as empty. */
  void ifSent(String name, Consumer<String> then) {
    if (has(name)) {
      then.accept(string(name));
    }
  }

  private NeutronException bad(String name, JsonNode value, String why) {
    return NeutronException.badRequest(resource, name + " " + why + ": " + value);
  }
}
