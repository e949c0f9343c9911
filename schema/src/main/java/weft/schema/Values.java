package weft.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.Validation.Wrong;

/** Judges single values and brings them into the form in which they are stored. */
final class Values {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final BigInteger MAX_UNSIGNED =
      BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  /** No integer of the schema comes near; more would only cost time. */
  private static final double MAX_DOUBLE = 1e30;

  private static final int MAX_DIGITS = 40;

  private Values() {}

  static String className(ComplexType type) {
    return "<class 'vnc_api.gen.resource_xsd." + type.name() + "'>";
  }

  static ObjectNode complex(ComplexType type, JsonNode value) {
    if (!value.isObject()) {
      throw new Wrong("'" + pythonType(value) + "' object has no attribute 'items'");
    }
    ObjectNode kept = JSON.objectNode();
    for (var entry : value.properties()) {
      Property field = type.field(entry.getKey());
      if (field == null) {
        throw new Wrong("class " + className(type) + " does not have field " + entry.getKey());
      }
      kept.set(entry.getKey(), field(field, entry.getValue()));
    }
    return kept;
  }

  private static JsonNode field(Property field, JsonNode value) {
    if (value.isNull()) {
      return value;
    }
    if (field.collection() != Collection.LIST) {
      return element(field, value);
    }
    if (!value.isArray()) {
      throw new Wrong(
          "Field " + field.name() + " must be a list. Received value: " + PythonText.of(value));
    }
    ArrayNode kept = JSON.arrayNode(value.size());
    value.forEach(each -> kept.add(element(field, each)));
    return kept;
  }

  private static JsonNode element(Property field, JsonNode value) {
    return switch (field.type()) {
      case ValueType.Complex complex -> complex(complex.type(), value);
      default -> value.isNull() ? value : simple(field, value);
    };
  }

  static JsonNode simple(Property property, JsonNode value) {
    return switch (property.type()) {
      case ValueType.Text text -> text(property, text.values(), value);
      case ValueType.Time _ -> text(property, List.of(), value);
      case ValueType.Bool _ -> {
        if (!value.isBoolean()) {
          throw new Wrong(
              property.name() + ": true/false expected instead of " + PythonText.of(value));
        }
        yield value;
      }
      case ValueType.Int range ->
          integer(
              property, value, BigInteger.valueOf(range.min()), BigInteger.valueOf(range.max()));
      case ValueType.UnsignedLong _ -> integer(property, value, BigInteger.ZERO, MAX_UNSIGNED);
      case ValueType.Complex complex -> complex(complex.type(), value);
    };
  }

  private static JsonNode text(Property property, List<String> values, JsonNode value) {
    if (!value.isString()) {
      throw new Wrong(
          property.name() + ": string value expected instead of " + PythonText.of(value));
    }
    if (!values.isEmpty() && !values.contains(value.asString())) {
      throw new Wrong(property.name() + ": value must be one of " + PythonText.of(values));
    }
    return value;
  }

  private static JsonNode integer(
      Property property, JsonNode value, BigInteger min, BigInteger max) {
    BigInteger number = integer(value);
    if (number == null) {
      throw new Wrong(
          property.name() + ": integer value expected instead of " + PythonText.of(value));
    }
    if (number.compareTo(min) < 0 || number.compareTo(max) > 0) {
      throw new Wrong(property.name() + ": value must be between " + min + " and " + max);
    }
    // As a parser would make it, so that what is sent again equals what is stored.
    if (number.bitLength() < 32) {
      return JSON.numberNode(number.intValue());
    }
    return number.bitLength() < 64 ? JSON.numberNode(number.longValue()) : JSON.numberNode(number);
  }

  /** Cuts off a fraction; null if the value stands for no number. */
  private static @Nullable BigInteger integer(JsonNode value) {
    if (value.isIntegralNumber()) {
      return value.bigIntegerValue();
    }
    if (value.isNumber()) {
      double number = value.doubleValue();
      return Double.isFinite(number) && Math.abs(number) < MAX_DOUBLE
          ? new BigDecimal(number).toBigInteger()
          : null;
    }
    String text = value.isString() ? value.asString().strip() : "";
    try {
      return text.length() > MAX_DIGITS ? null : new BigInteger(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** What passes without look, as it always has: null, false, zero and what is empty. */
  static boolean blank(JsonNode value) {
    return value.isNull()
        || value.isBoolean() && !value.booleanValue()
        || value.isNumber() && value.doubleValue() == 0
        || value.isString() && value.asString().isEmpty()
        || value.isContainer() && value.isEmpty();
  }

  /** A blank value if it has the form of its type, else null. */
  static JsonNode keepBlank(ValueType type, JsonNode value) {
    boolean fits =
        switch (type) {
          case ValueType.Text _, ValueType.Time _ -> value.isString();
          case ValueType.Bool _ -> value.isBoolean();
          case ValueType.Int _, ValueType.UnsignedLong _ -> value.isIntegralNumber();
          case ValueType.Complex _ -> value.isObject();
        };
    return fits ? value : JSON.nullNode();
  }

  private static String pythonType(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> "str";
      case BOOLEAN -> "bool";
      case NULL, MISSING -> "NoneType";
      case ARRAY -> "list";
      case OBJECT -> "dict";
      case NUMBER -> value.isIntegralNumber() ? "int" : "float";
      case BINARY, POJO -> "object";
    };
  }
}
