package weft.neutron;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.Collection;
import weft.schema.ComplexType;
import weft.schema.ObjectType;
import weft.schema.Property;
import weft.schema.ValueType;

/** Structured values with every field there: unset ones null, empty or false. */
final class Complete {
  private Complete() {}

  static JsonNode of(ObjectType type, String property, JsonNode value) {
    Property known = type.property(property);
    return known != null && known.type() instanceof ValueType.Complex(ComplexType complex)
        ? object(complex, value)
        : value;
  }

  private static ObjectNode object(ComplexType type, JsonNode value) {
    ObjectNode complete = Json.object();
    for (Property field : type.fields()) {
      complete.set(field.name(), field(field, value.get(field.name())));
    }
    return complete;
  }

  private static JsonNode field(Property field, @org.jspecify.annotations.Nullable JsonNode value) {
    boolean single = field.collection() == Collection.SINGLE;
    if (value == null || value.isNull()) {
      return single ? unset(field) : Json.array();
    }
    if (!(field.type() instanceof ValueType.Complex(ComplexType complex))) {
      return value;
    }
    if (!value.isArray()) {
      return object(complex, value);
    }
    ArrayNode list = Json.array();
    value.forEach(each -> list.add(object(complex, each)));
    return list;
  }

  private static JsonNode unset(Property field) {
    return field.defaultValue() != null && field.defaultValue().equals("false")
        ? Json.tree(false)
        : NullNode.instance;
  }
}
