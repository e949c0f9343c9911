package weft.xmpp;

import com.fasterxml.aalto.stax.InputFactoryImpl;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.codehaus.stax2.io.Stax2ByteArraySource;
import org.jspecify.annotations.Nullable;
import weft.net.XmlElement;

/**
 * Bytes of one element to an {@link XmlElement}. No document type, no entity but the five of XML, a
 * limit on depth.
 */
final class XmlReader {
  private static final int MAX_DEPTH = 64;
  private static final InputFactoryImpl FACTORY = factory();

  private XmlReader() {}

  private static InputFactoryImpl factory() {
    InputFactoryImpl factory = new InputFactoryImpl();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    return factory;
  }

  /** An element that is being read. */
  private static final class Open {
    final String name;
    final Map<String, String> attributes;
    List<XmlElement> children = List.of();
    private String text = "";
    private @Nullable StringBuilder more;

    Open(String name, Map<String, String> attributes) {
      this.name = name;
      this.attributes = attributes;
    }

    XmlElement close() {
      return new XmlElement(name, attributes, children, children.isEmpty() ? text() : "");
    }

    void add(XmlElement child) {
      if (children.isEmpty()) {
        children = new ArrayList<>();
      }
      children.add(child);
    }

    /** Most text comes in one piece; that between children is dropped. */
    void add(String piece) {
      if (text.isEmpty()) {
        text = piece;
      } else if (children.isEmpty()) {
        more = (more == null ? new StringBuilder(text) : more).append(piece);
      }
    }

    private String text() {
      return more == null ? text : more.toString();
    }
  }

  static Decoded<XmlElement> read(byte[] bytes, int offset, int length) {
    try {
      XMLStreamReader reader =
          FACTORY.createXMLStreamReader(new Stax2ByteArraySource(bytes, offset, length));
      try {
        return read(reader);
      } finally {
        reader.close();
      }
    } catch (XMLStreamException e) {
      return new Decoded.Malformed<>(firstLine(e.getMessage()));
    } catch (RuntimeException e) { // a parser's mistake over a peer's bytes is still a bad stanza
      return new Decoded.Malformed<>("parser: " + e);
    }
  }

  private static Decoded<XmlElement> read(XMLStreamReader reader) throws XMLStreamException {
    Deque<Open> open = new ArrayDeque<>();
    XmlElement root = null;
    while (reader.hasNext()) {
      switch (reader.next()) {
        case XMLStreamConstants.START_ELEMENT -> {
          if (open.size() == MAX_DEPTH) {
            return new Decoded.Malformed<>("deeper than " + MAX_DEPTH);
          }
          open.push(new Open(name(reader.getPrefix(), reader.getLocalName()), attributes(reader)));
        }
        case XMLStreamConstants.END_ELEMENT -> {
          XmlElement closed = open.pop().close();
          Open parent = open.peek();
          if (parent == null) {
            root = closed;
          } else {
            parent.add(closed);
          }
        }
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
          Open element = open.peek();
          if (element != null) {
            element.add(reader.getText());
          }
        }
        case XMLStreamConstants.ENTITY_REFERENCE -> {
          return new Decoded.Malformed<>("unknown entity " + reader.getLocalName());
        }
        default -> {}
      }
    }
    return root == null ? new Decoded.Malformed<>("no element") : new Decoded.Ok<>(root);
  }

  private static Map<String, String> attributes(XMLStreamReader reader) {
    int namespaces = reader.getNamespaceCount();
    int count = reader.getAttributeCount();
    if (namespaces + count == 0) {
      return Map.of();
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    for (int i = 0; i < namespaces; i++) {
      String prefix = reader.getNamespacePrefix(i);
      String uri = reader.getNamespaceURI(i);
      attributes.put(
          prefix == null || prefix.isEmpty() ? "xmlns" : "xmlns:" + prefix, uri == null ? "" : uri);
    }
    for (int i = 0; i < count; i++) {
      attributes.put(
          name(reader.getAttributePrefix(i), reader.getAttributeLocalName(i)),
          reader.getAttributeValue(i));
    }
    return attributes;
  }

  private static String name(@Nullable String prefix, String local) {
    return prefix == null || prefix.isEmpty() ? local : prefix + ":" + local;
  }

  private static String firstLine(@Nullable String message) {
    return message == null ? "not well-formed" : message.lines().findFirst().orElse("");
  }
}
