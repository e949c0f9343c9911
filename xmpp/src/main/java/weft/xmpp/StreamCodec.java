package weft.xmpp;

import java.nio.charset.StandardCharsets;
import weft.net.XmlElement;

/** Writes what opens, keeps alive and closes a stream. {@link Framer} reads it. */
final class StreamCodec {
  private static final byte[] KEEP_ALIVE = {(byte) 0xc8, (byte) 0x80};
  private static final String STREAMS = "http://etherx.jabber.org/streams";

  private StreamCodec() {}

  static byte[] keepAlive() {
    return KEEP_ALIVE.clone();
  }

  static byte[] close() {
    return utf8("</stream:stream>");
  }

  /** The order of attributes matters: old receivers want `xmlns:stream` to be the last. */
  static byte[] open(Message.StreamOpen open) {
    StringBuilder out = new StringBuilder("<stream:stream");
    attribute(out, "from", open.from());
    attribute(out, "to", open.to());
    if (!open.id().isEmpty()) {
      attribute(out, "id", open.id());
    }
    attribute(out, "version", "1.0");
    attribute(out, "xml:lang", "en");
    attribute(out, "xmlns", open.namespace());
    attribute(out, "xmlns:stream", STREAMS);
    return utf8(out.append(" >").toString());
  }

  private static void attribute(StringBuilder out, String name, String value) {
    out.append(' ').append(name).append("=\"");
    XmlElement.escape(value, out);
    out.append('"');
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
