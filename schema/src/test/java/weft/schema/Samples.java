package weft.schema;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes a value for every type with every field set, different from field to field. */
final class Samples {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private int next;

  ObjectNode object(ObjectType type) {
    ObjectNode body = JSON.objectNode();
    body.put("uuid", uuid());
    ArrayNode name = body.putArray("fq_name");
    name.add("a");
    if (!type.root()) {
      name.add("b");
      body.put("parent_type", type.parents().getFirst().typeName());
      body.put("parent_uuid", uuid());
    }
    type.properties().forEach(property -> body.set(property.name(), value(property.type())));
    for (ReferenceType reference : type.references()) {
      ObjectNode ref = JSON.objectNode();
      ref.putArray("to").add("t" + next);
      ref.put("uuid", uuid());
      ComplexType attr = reference.attr();
      ref.set("attr", attr == null ? JSON.nullNode() : complex(attr));
      body.putArray(reference.name()).add(ref);
    }
    return body;
  }

  ObjectNode complex(ComplexType type) {
    ObjectNode object = JSON.objectNode();
    for (Property field : type.fields()) {
      if (field.collection() == Collection.LIST) {
        object.putArray(field.name()).add(value(field.type())).add(value(field.type()));
      } else {
        object.set(field.name(), value(field.type()));
      }
    }
    return object;
  }

  private JsonNode value(ValueType type) {
    next++;
    return switch (type) {
      case ValueType.Text text ->
          JSON.stringNode(
              text.values().isEmpty()
                  ? "<text & " + next + ">"
                  : text.values().get(next % text.values().size()));
      case ValueType.Bool _ -> JSON.booleanNode(true);
      case ValueType.Int range ->
          JSON.numberNode(range.bounded() ? range.max() : Integer.toUnsignedLong(-next));
      case ValueType.UnsignedLong _ ->
          JSON.numberNode(new java.math.BigInteger(Long.toUnsignedString(-next)));
      case ValueType.Time time ->
          JSON.stringNode(time.dated() ? "2026-01-01T00:00:00." + next : "00:00:" + next);
      case ValueType.Complex complex -> complex(complex.type());
    };
  }

  private String uuid() {
    return new java.util.UUID(1, next++).toString();
  }
}
