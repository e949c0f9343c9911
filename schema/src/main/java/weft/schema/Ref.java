package weft.schema;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A reference held by a stored object, its data as JSON. */
public record Ref(UUID uuid, FqName to, @Nullable JsonNode attr) {

  /** Reads an element of a stored `…_refs` list. */
  public static Ref of(JsonNode node) {
    JsonNode attr = node.get("attr");
    return new Ref(
        UUID.fromString(node.path("uuid").asString()),
        FqName.of(node.path("to")),
        attr == null || attr.isNull() ? null : attr);
  }

  /** With `attr: null` if there is no data. */
  public ObjectNode toJson() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.set("to", to.toJson());
    node.put("uuid", uuid.toString());
    node.set("attr", attr == null ? JsonNodeFactory.instance.nullNode() : attr);
    return node;
  }
}
