package weft.schema.gen;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.FqName;
import weft.schema.TypedRef;

/**
 * Reads and writes single fields for the generated records. What does not have the form of its type
 * reads as absent: whoever takes a body from outside validates it first.
 */
final class Fields {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private Fields() {}

  static ObjectNode object() {
    return JSON.objectNode();
  }

  static <T> @Nullable T value(JsonNode n, String key, Function<JsonNode, @Nullable T> reader) {
    JsonNode value = n.get(key);
    return value == null || value.isNull() ? null : reader.apply(value);
  }

  static <T> List<T> list(JsonNode n, String key, Function<JsonNode, @Nullable T> reader) {
    JsonNode array = n.get(key);
    if (array == null || array.isEmpty()) {
      return List.of();
    }
    List<T> values = new ArrayList<>(array.size());
    for (JsonNode element : array) {
      T value = element.isNull() ? null : reader.apply(element);
      if (value != null) {
        values.add(value);
      }
    }
    return values;
  }

  static <A> List<TypedRef<A>> refs(JsonNode n, String key, Function<JsonNode, A> reader) {
    return list(n, key, node -> TypedRef.of(node, reader));
  }

  static @Nullable String text(JsonNode value) {
    return value.isContainer() ? null : value.asString();
  }

  static @Nullable Boolean bool(JsonNode value) {
    return value.isBoolean() ? (Boolean) value.booleanValue() : null;
  }

  static @Nullable Long integer(JsonNode value) {
    return value.isIntegralNumber() ? (Long) value.longValue() : null;
  }

  /** The bits of a number up to 2^64 - 1. */
  static @Nullable Long unsigned(JsonNode value) {
    return value.isIntegralNumber() ? (Long) value.bigIntegerValue().longValue() : null;
  }

  static @Nullable UUID uuid(JsonNode n, String key) {
    return value(n, key, value -> UUID.fromString(value.asString()));
  }

  static @Nullable FqName fqName(JsonNode n) {
    JsonNode name = n.path("fq_name");
    return name.isEmpty() ? null : FqName.of(name);
  }

  static <T> void put(
      ObjectNode n, String key, @Nullable T value, Function<T, ? extends JsonNode> writer) {
    if (value != null) {
      n.set(key, writer.apply(value));
    }
  }

  static <T> void putList(
      ObjectNode n, String key, List<T> values, Function<T, ? extends JsonNode> writer) {
    if (!values.isEmpty()) {
      ArrayNode array = n.putArray(key);
      values.forEach(value -> array.add(writer.apply(value)));
    }
  }

  static <A> void putRefs(
      ObjectNode n, String key, List<TypedRef<A>> refs, Function<A, ? extends JsonNode> writer) {
    putList(n, key, refs, ref -> ref.toJson(writer));
  }

  static JsonNode node(String value) {
    return JSON.stringNode(value);
  }

  static JsonNode node(Boolean value) {
    return JSON.booleanNode(value);
  }

  static JsonNode node(Long value) {
    return JSON.numberNode(value);
  }

  static JsonNode node(UUID value) {
    return JSON.stringNode(value.toString());
  }

  static JsonNode unsignedNode(Long bits) {
    return JSON.numberNode(new BigInteger(Long.toUnsignedString(bits)));
  }
}
