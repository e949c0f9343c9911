package weft.schema;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.net.XmlElement;

/**
 * Turns values into the elements of the config channel to agents, and back. Names have dashes for
 * underscores; the fields of a structure stand in the order of its type, a list is its element
 * repeated, and what is unset is left out.
 */
public final class PropertyXml {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private PropertyXml() {}

  /** The element of a property of an object. */
  public static XmlElement toXml(Property property, JsonNode value) {
    return element(property.xmlName(), property.type(), value);
  }

  /** The set properties of an object, in order of name, as elements of its node. */
  public static List<XmlElement> properties(ObjectType type, JsonNode body) {
    List<XmlElement> elements = new ArrayList<>();
    for (Property property : type.properties()) {
      JsonNode value = body.get(property.name());
      if (value != null && !value.isNull()) {
        elements.add(toXml(property, value));
      }
    }
    return elements;
  }

  /** The data of a reference, as the element of the node in the middle of the link. */
  public static XmlElement attr(ComplexType type, JsonNode attr) {
    return XmlElement.of("value", fields(type, attr));
  }

  /** The data of a reference from its `value` element. */
  public static ObjectNode attr(ComplexType type, XmlElement value) {
    return object(type, value);
  }

  /** The properties of an object from the elements of its node; what is not known is left out. */
  public static ObjectNode properties(ObjectType type, List<XmlElement> elements) {
    ObjectNode body = JSON.objectNode();
    for (XmlElement element : elements) {
      for (Property property : type.properties()) {
        if (property.xmlName().equals(element.name())) {
          JsonNode value = value(property.type(), element);
          if (value != null) {
            body.set(property.name(), value);
          }
        }
      }
    }
    return body;
  }

  /** The value of a property from its element, or null if it holds none of its type. */
  public static @Nullable JsonNode toJson(Property property, XmlElement element) {
    return value(property.type(), element);
  }

  private static XmlElement element(String name, ValueType type, JsonNode value) {
    return switch (type) {
      case ValueType.Complex complex -> XmlElement.of(name, fields(complex.type(), value));
      case ValueType.Text _,
          ValueType.Bool _,
          ValueType.Int _,
          ValueType.UnsignedLong _,
          ValueType.Time _ ->
          XmlElement.text(name, legalText(value.asString()));
    };
  }

  /** Whether the text can stand in an XML document. */
  static boolean legal(String text) {
    return text.codePoints().allMatch(PropertyXml::legal);
  }

  private static boolean legal(int c) {
    return c >= 0x20 && c < 0xd800
        || c >= 0xe000 && c <= 0xfffd
        || c > 0xffff
        || c == '\t'
        || c == '\n'
        || c == '\r';
  }

  /** What XML cannot hold would end the agent's stream: each such character becomes a mark. */
  private static String legalText(String text) {
    if (legal(text)) {
      return text;
    }
    return text.codePoints()
        .map(c -> legal(c) ? c : 0xfffd)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static List<XmlElement> fields(ComplexType type, JsonNode value) {
    List<XmlElement> elements = new ArrayList<>();
    for (Property field : type.fields()) {
      JsonNode content = value.get(field.name());
      if (content == null || content.isNull()) {
        continue;
      }
      if (field.collection() == Collection.LIST) {
        content.forEach(each -> elements.add(element(field.xmlName(), field.type(), each)));
      } else {
        elements.add(element(field.xmlName(), field.type(), content));
      }
    }
    return elements;
  }

  private static ObjectNode object(ComplexType type, XmlElement element) {
    ObjectNode object = JSON.objectNode();
    for (Property field : type.fields()) {
      List<XmlElement> found = element.children(field.xmlName());
      if (found.isEmpty()) {
        continue;
      }
      if (field.collection() == Collection.LIST) {
        ArrayNode array = object.putArray(field.name());
        for (XmlElement each : found) {
          JsonNode value = value(field.type(), each);
          if (value != null) {
            array.add(value);
          }
        }
      } else {
        JsonNode value = value(field.type(), found.getFirst());
        if (value != null) {
          object.set(field.name(), value);
        }
      }
    }
    return object;
  }

  private static @Nullable JsonNode value(ValueType type, XmlElement element) {
    String text = element.text();
    return switch (type) {
      case ValueType.Complex complex -> object(complex.type(), element);
      case ValueType.Text _, ValueType.Time _ -> JSON.stringNode(text);
      case ValueType.Bool _ ->
          switch (text) {
            case "true", "1" -> JSON.booleanNode(true);
            case "false", "0" -> JSON.booleanNode(false);
            default -> null;
          };
      case ValueType.Int _ -> number(text);
      case ValueType.UnsignedLong _ -> number(text);
    };
  }

  private static @Nullable JsonNode number(String text) {
    try {
      BigInteger number = new BigInteger(text);
      return number.bitLength() < 64
          ? JSON.numberNode(number.longValue())
          : JSON.numberNode(number);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
