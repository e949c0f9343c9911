package weft.xmpp;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.MacAddress;
import weft.net.XmlElement;

/**
 * Strict reading of one element's children: what is absent or blank has its default, what is there
 * must be right. {@link Bad} is caught in the codec's public methods.
 */
record ElementReader(XmlElement element) {

  /** Thrown where content is wrong; the codec turns it into {@link Decoded.Malformed}. */
  static final class Bad extends RuntimeException {
    private static final long serialVersionUID = 1;

    Bad(String reason) {
      super(reason, null, false, false);
    }

    String reason() {
      return String.valueOf(getMessage());
    }
  }

  /** Reads a value, with the content's own complaint as the reason if it is wrong. */
  private interface Parser<T> {
    T parse(String text);
  }

  String name() {
    return element.name();
  }

  ElementReader required(String name) {
    XmlElement child = element.child(name);
    if (child == null) {
      throw new Bad(element.name() + " has no " + name);
    }
    return new ElementReader(child);
  }

  @Nullable ElementReader child(String name) {
    XmlElement child = element.child(name);
    return child == null ? null : new ElementReader(child);
  }

  /** The children called `name` of the child `list`; none if there is no such child. */
  List<ElementReader> list(String list, String name) {
    XmlElement child = element.child(list);
    return child == null
        ? List.of()
        : child.children(name).stream().map(ElementReader::new).toList();
  }

  String requiredAttribute(String name) {
    String value = element.attribute(name);
    if (value == null || value.isEmpty()) {
      throw new Bad(element.name() + " has no attribute " + name);
    }
    return value;
  }

  /** The text of this element, trimmed. */
  String text() {
    return element.text().strip();
  }

  /** The text of a child, trimmed; empty if there is none. */
  String text(String name) {
    String text = element.childText(name);
    return text == null ? "" : text.strip();
  }

  String textOr(String name, String absent) {
    String text = text(name);
    return text.isEmpty() ? absent : text;
  }

  /** An unsigned decimal number of a child. */
  long number(String name, long absent, long most) {
    String text = text(name);
    return text.isEmpty() ? absent : number(name, text, most);
  }

  int small(String name, int absent, int most) {
    return (int) number(name, absent, most);
  }

  static long number(String name, String text, long most) {
    if (text.isEmpty() || text.length() > 19) {
      throw new Bad(name + ": '" + text + "' is not a number");
    }
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        throw new Bad(name + ": '" + text + "' is not a number");
      }
      value = value * 10 + (c - '0');
    }
    if (value < 0 || value > most) {
      throw new Bad(name + ": " + text + " is over " + most);
    }
    return value;
  }

  boolean bool(String name) {
    String text = text(name);
    return !text.isEmpty() && bool(name, text);
  }

  static boolean bool(String name, String text) {
    return switch (text) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw new Bad(name + ": '" + text + "' is neither true nor false");
    };
  }

  IpAddress address(String name) {
    return parse(name, text(name), IpAddress::parse);
  }

  @Nullable IpAddress optionalAddress(String name) {
    String text = text(name);
    return text.isEmpty() ? null : parse(name, text, IpAddress::parse);
  }

  IpPrefix prefix(String name) {
    return parse(name, text(name), IpPrefix::parse);
  }

  MacAddress mac(String name) {
    return parse(name, text(name), MacAddress::parse);
  }

  @Nullable MacAddress optionalMac(String name) {
    String text = text(name);
    return text.isEmpty() ? null : parse(name, text, MacAddress::parse);
  }

  private static <T> T parse(String name, String text, Parser<T> parser) {
    try {
      return parser.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Bad(name + ": " + e.getMessage());
    }
  }
}
