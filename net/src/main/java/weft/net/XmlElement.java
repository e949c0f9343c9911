package weft.net;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An XML element as the XMPP channel carries it: no namespaces, no mixed content.
 *
 * @param name the element's name as written, with its prefix if it has one
 * @param attributes in the order written
 * @param children child elements, in order
 * @param text the character content if there are no children; blank text between children is
 *     dropped
 */
public record XmlElement(
    String name, Map<String, String> attributes, List<XmlElement> children, String text) {
  public XmlElement {
    attributes =
        attributes.isEmpty()
            ? Map.of()
            : Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    children = List.copyOf(children);
  }

  public static XmlElement text(String name, String text) {
    return new XmlElement(name, Map.of(), List.of(), text);
  }

  public static XmlElement of(String name, List<XmlElement> children) {
    return new XmlElement(name, Map.of(), children, "");
  }

  public static XmlElement of(String name, XmlElement... children) {
    return of(name, List.of(children));
  }

  public XmlElement with(String attribute, String value) {
    Map<String, String> all = new LinkedHashMap<>(attributes);
    all.put(attribute, value);
    return new XmlElement(name, all, children, text);
  }

  /** The first child of that name, or null. */
  public @Nullable XmlElement child(String childName) {
    for (XmlElement child : children) {
      if (child.name.equals(childName)) {
        return child;
      }
    }
    return null;
  }

  /** All children of that name. */
  public List<XmlElement> children(String childName) {
    List<XmlElement> found = new ArrayList<>();
    for (XmlElement child : children) {
      if (child.name.equals(childName)) {
        found.add(child);
      }
    }
    return found;
  }

  /** The text of the first child of that name, or null if there is none. */
  public @Nullable String childText(String childName) {
    XmlElement child = child(childName);
    return child == null ? null : child.text;
  }

  public @Nullable String attribute(String key) {
    return attributes.get(key);
  }

  /** Appends this element; one without content is written `<x></x>`, never self-closed. */
  public void write(StringBuilder out) {
    out.append('<').append(name);
    attributes.forEach((key, value) -> {
      out.append(' ').append(key).append("=\"");
      escape(value, out);
      out.append('"');
    });
    out.append('>');
    escape(text, out);
    for (XmlElement child : children) {
      child.write(out);
    }
    out.append("</").append(name).append('>');
  }

  /** Appends `value` with the five characters that XML reserves escaped. */
  public static void escape(String value, StringBuilder out) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '&' -> out.append("&amp;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&apos;");
        default -> out.append(c);
      }
    }
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    write(out);
    return out.toString();
  }
}
