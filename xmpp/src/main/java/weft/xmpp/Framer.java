package weft.xmpp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.XmlElement;
import weft.state.io.Connection;

/**
 * Cuts the bytes of a stream into messages.
 *
 * <p>A stanza ends at the end tag of its own name, as old peers cut it too: element content and
 * attribute values cannot hold a `<`, so this finds the end of a broken stanza as well, and what
 * follows is read again.
 */
final class Framer implements Connection.Decoder<Message> {
  private static final int MAX_HEADER = 4096;
  private static final int MAX_NAME = 64;
  private static final byte[] NONE = {};

  private enum Phase {
    HEADER,
    STANZAS,
    OVER
  }

  private final int maxStanza;
  private byte[] buffer = NONE;
  private int start;
  private int end;
  private int scanned; // before this index of an unfinished stanza there is no end tag
  private Phase phase = Phase.HEADER;

  Framer(int maxStanza) {
    this.maxStanza = maxStanza;
  }

  static Framer afterHeader(int maxStanza) {
    Framer framer = new Framer(maxStanza);
    framer.phase = Phase.STANZAS;
    return framer;
  }

  /**
   * Takes what was received and returns what became complete. Where nothing is left of earlier
   * bytes these are read where they are; only what is not complete is kept.
   */
  @Override
  public List<Message> decode(byte[] bytes, int length) {
    boolean borrowed = start == end;
    if (borrowed) {
      buffer = bytes;
      start = 0;
      end = length;
      scanned = 0;
    } else {
      append(bytes, length);
    }
    List<Message> messages = messages();
    if (start == end) {
      buffer = NONE;
      consume(0);
      end = 0;
    } else if (borrowed) {
      buffer = Arrays.copyOfRange(bytes, start, end);
      scanned = Math.max(0, scanned - start);
      end -= start;
      start = 0;
    }
    return messages;
  }

  private List<Message> messages() {
    List<Message> messages = new ArrayList<>();
    while (phase != Phase.OVER) {
      int before = start;
      Message message = phase == Phase.HEADER ? header() : content();
      if (message != null) {
        messages.add(message);
        if (isLast(message)) {
          phase = Phase.OVER;
        }
      } else if (start == before) {
        break;
      }
    }
    return messages;
  }

  @Override
  public boolean isLast(Message message) {
    return message instanceof Message.Unusable || message instanceof Message.StreamClose;
  }

  private void append(byte[] bytes, int length) {
    if (end + length > buffer.length) {
      int waiting = end - start;
      byte[] target =
          waiting + length > buffer.length
              ? new byte[Math.max(buffer.length * 2, waiting + length)]
              : buffer;
      System.arraycopy(buffer, start, target, 0, waiting);
      buffer = target;
      scanned = Math.max(0, scanned - start);
      start = 0;
      end = waiting;
    }
    System.arraycopy(bytes, 0, buffer, end, length);
    end += length;
  }

  // ---- before the stream header ----

  private @Nullable Message header() {
    skipBlanks();
    if (start == end) {
      return null;
    }
    if (startsWith("<?")) {
      int close = indexOf("?>", start);
      if (close >= 0) {
        consume(close + 2);
        return null;
      }
      return end - start > MAX_HEADER ? notXmpp("endless declaration") : null;
    }
    String tag = "<stream:stream";
    int compare = Math.min(tag.length(), end - start);
    if (!startsWith(tag.substring(0, compare))) {
      return notXmpp("stream header expected, not " + excerpt());
    }
    int close = tagEnd(start);
    if (close < 0) {
      return end - start > MAX_HEADER ? notXmpp("endless stream header") : null;
    }
    return open(close);
  }

  private Message open(int close) {
    String tag = new String(buffer, start, close + 1 - start, StandardCharsets.UTF_8);
    String whole = tag.endsWith("/>") ? tag : tag + "</stream:stream>";
    byte[] bytes = StreamCodec.utf8(whole);
    consume(close + 1);
    return switch (XmlReader.read(bytes, 0, bytes.length)) {
      case Decoded.Malformed<XmlElement> m -> notXmpp("stream header: " + m.reason());
      case Decoded.Ok<XmlElement>(XmlElement element) -> {
        if (!element.name().equals("stream:stream")) {
          yield notXmpp("stream header expected, not " + element.name());
        }
        phase = Phase.STANZAS;
        yield new Message.StreamOpen(
            value(element, "from"),
            value(element, "to"),
            value(element, "id"),
            value(element, "xmlns"));
      }
    };
  }

  private static String value(XmlElement element, String name) {
    String value = element.attribute(name);
    return value == null ? "" : value;
  }

  // ---- after it ----

  private @Nullable Message content() {
    if (skipBlanks()) {
      return new Message.KeepAlive();
    }
    if (start == end || end - start == 1 && (buffer[start] == '<' || buffer[start] == KEEP_1)) {
      return null;
    }
    if (buffer[start] != '<') {
      return text();
    }
    return switch (buffer[start + 1]) {
      case '?' -> skipTo("?>");
      case '!' -> comment();
      case '/' -> endTag();
      default -> stanza();
    };
  }

  /** Drops what stands between stanzas. */
  private Message text() {
    int next = start;
    while (next < end && buffer[next] != '<') {
      next++;
    }
    String excerpt = excerpt();
    consume(next);
    return new Message.Malformed("text between stanzas: " + excerpt);
  }

  private @Nullable Message comment() {
    if (startsWith("<!--")) {
      return skipTo("-->");
    }
    if (end - start < 4 && "<!--".startsWith(ascii(start, end))) {
      return null;
    }
    return notXmpp("declaration within the stream");
  }

  private @Nullable Message skipTo(String mark) {
    int close = indexOf(mark, start);
    if (close >= 0) {
      consume(close + mark.length());
      return null;
    }
    return end - start > MAX_HEADER ? notXmpp("endless comment or declaration") : null;
  }

  private @Nullable Message endTag() {
    int close = start;
    while (close < end && buffer[close] != '>') {
      close++;
    }
    if (close == end) {
      return end - start > MAX_HEADER ? notXmpp("endless end tag") : null;
    }
    boolean stream = startsWith("</stream:stream");
    String excerpt = excerpt();
    consume(close + 1);
    return stream
        ? new Message.StreamClose()
        : new Message.Malformed("end tag of nothing: " + excerpt);
  }

  private @Nullable Message stanza() {
    int nameEnd = start + 1;
    while (nameEnd < end && isNameByte(buffer[nameEnd])) {
      nameEnd++;
    }
    if (nameEnd == end) {
      return nameEnd - start > MAX_NAME ? notXmpp("endless name") : null;
    }
    String name = ascii(start + 1, nameEnd);
    if (name.isEmpty() || name.length() > MAX_NAME || name.equals("stream:stream")) {
      return notXmpp("stanza expected, not " + excerpt());
    }
    int open = tagEnd(start);
    if (open >= 0 && buffer[open - 1] == '/') {
      return parse(open + 1);
    }
    int close = closing(name);
    if (close < 0) {
      return end - start > maxStanza ? tooLong() : null;
    }
    return parse(close);
  }

  private Message parse(int close) {
    int from = start;
    int length = close - start;
    consume(close);
    if (length > maxStanza) {
      return tooLong();
    }
    return switch (XmlReader.read(buffer, from, length)) {
      case Decoded.Ok<XmlElement>(XmlElement element) -> new Message.Stanza(element);
      case Decoded.Malformed<XmlElement> m -> new Message.Malformed(m.reason());
    };
  }

  /** The index after the end tag of `name`, or -1. */
  private int closing(String name) {
    byte[] bytes = buffer;
    int limit = end;
    int at = Math.max(scanned, start);
    while (at < limit) {
      if (bytes[at] == '<') {
        int close = endTagAt(at, name);
        if (close > 0) {
          return close;
        }
        if (close == 0) { // not all here yet
          scanned = at;
          return -1;
        }
      }
      at++;
    }
    scanned = at;
    return -1;
  }

  /** The index after an end tag of `name` that begins at `at`; 0 if more is needed, -1 if none. */
  private int endTagAt(int at, String name) {
    int i = at + 1;
    if (i == end) {
      return 0;
    }
    if (buffer[i++] != '/') {
      return -1;
    }
    for (int n = 0; n < name.length(); n++, i++) {
      if (i == end) {
        return 0;
      }
      if (buffer[i] != name.charAt(n)) {
        return -1;
      }
    }
    while (i < end && isSpace(buffer[i])) {
      i++;
    }
    if (i == end) {
      return 0;
    }
    return buffer[i] == '>' ? i + 1 : -1;
  }

  // ---- bytes ----

  private static final byte KEEP_1 = (byte) 0xc8;
  private static final byte KEEP_2 = (byte) 0x80;

  /** Consumes white space and U+0200; true if there was any of the latter, which is no filling. */
  private boolean skipBlanks() {
    int at = start;
    boolean kept = false;
    while (at < end) {
      if (isSpace(buffer[at])) {
        at++;
      } else if (buffer[at] == KEEP_1 && at + 1 < end && buffer[at + 1] == KEEP_2) {
        at += 2;
        kept = true;
      } else {
        break;
      }
    }
    consume(at);
    return kept;
  }

  private void consume(int upTo) {
    start = upTo;
    scanned = upTo;
  }

  /** The index of the `>` of the tag that begins at `at`, not within quotes, or -1 if not near. */
  private int tagEnd(int at) {
    byte quote = 0;
    int limit = Math.min(end, at + MAX_HEADER);
    for (int i = at; i < limit; i++) {
      byte b = buffer[i];
      if (quote != 0) {
        quote = b == quote ? 0 : quote;
      } else if (b == '"' || b == '\'') {
        quote = b;
      } else if (b == '>') {
        return i;
      }
    }
    return -1;
  }

  private boolean startsWith(String text) {
    if (end - start < text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (buffer[start + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private int indexOf(String text, int from) {
    byte[] wanted = StreamCodec.utf8(text);
    for (int i = from; i + wanted.length <= end; i++) {
      if (Arrays.equals(buffer, i, i + wanted.length, wanted, 0, wanted.length)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }

  private static boolean isNameByte(byte b) {
    return b >= 'a' && b <= 'z'
        || b >= 'A' && b <= 'Z'
        || b >= '0' && b <= '9'
        || b == ':'
        || b == '-'
        || b == '_'
        || b == '.';
  }

  private String ascii(int from, int to) {
    return new String(buffer, from, to - from, StandardCharsets.US_ASCII);
  }

  /** The next few bytes, made printable. */
  private String excerpt() {
    StringBuilder text = new StringBuilder("'");
    for (int i = start; i < Math.min(end, start + 24); i++) {
      text.append(buffer[i] >= 32 && buffer[i] < 127 ? (char) buffer[i] : '.');
    }
    return text.append('\'').toString();
  }

  private static Message notXmpp(String detail) {
    return new Message.Unusable(new CloseReason(CloseReason.Kind.NOT_XMPP, detail));
  }

  private Message tooLong() {
    return new Message.Unusable(
        new CloseReason(CloseReason.Kind.STANZA_TOO_LONG, "over " + maxStanza + " bytes"));
  }
}
