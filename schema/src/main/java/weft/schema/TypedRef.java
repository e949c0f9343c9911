package weft.schema;

import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A reference in a typed record. One of uuid and to may be absent in what a client sends; a stored
 * object has both.
 */
public record TypedRef<A>(@Nullable UUID uuid, @Nullable FqName to, @Nullable A attr) {

  /** The data of a reference that bears none. */
  public record None() {
    public static None of(JsonNode node) {
      return new None();
    }

    public ObjectNode toJson() {
      return JsonNodeFactory.instance.objectNode();
    }
  }

  public static <A> TypedRef<A> of(JsonNode node, Function<JsonNode, A> attrReader) {
    JsonNode uuid = node.path("uuid");
    JsonNode to = node.path("to");
    JsonNode attr = node.path("attr");
    return new TypedRef<>(
        uuid.isString() ? UUID.fromString(uuid.asString()) : null,
        to.isArray() && !to.isEmpty() ? FqName.of(to) : null,
        attr.isObject() ? attrReader.apply(attr) : null);
  }

  public ObjectNode toJson(Function<A, ? extends JsonNode> attrWriter) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    if (to != null) {
      node.set("to", to.toJson());
    }
    if (uuid != null) {
      node.put("uuid", uuid.toString());
    }
    node.set("attr", attr == null ? JsonNodeFactory.instance.nullNode() : attrWriter.apply(attr));
    return node;
  }
}
