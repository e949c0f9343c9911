package weft.schema;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Walks the members of one JSON object or array in its bytes, without a tree.
 *
 * <p>It finds where names and values begin and end, and takes for granted that values are valid.
 * Where the bytes are not those of an object or array it throws {@link IllegalArgumentException}.
 */
public final class JsonCursor {
  private static final JsonMapper JSON = new JsonMapper();
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long QUOTES = '"' * ONES;
  private static final long ESCAPES = '\\' * ONES;

  private final byte[] bytes;
  private final boolean object;
  private int at;
  private int nameFrom;
  private int nameTo;
  private int from;

  /** Where the value ends; 0 as long as nobody needed to know. */
  private int to;

  /**
   * @param start at or before the opening bracket, with nothing but white space between
   */
  public JsonCursor(byte[] bytes, int start) {
    this.bytes = bytes;
    int open = blank(start);
    this.object = byteAt(open) == '{';
    if (!object && byteAt(open) != '[') {
      throw damaged(open);
    }
    this.at = open + 1;
  }

  /** Goes to the next member; false behind the last. */
  public boolean next() {
    at = blank(from == 0 ? at : valueTo());
    if (byteAt(at) == ',') {
      at = blank(at + 1);
    }
    if (byteAt(at) == (object ? '}' : ']')) {
      return false;
    }
    if (object) {
      nameFrom = at + 1;
      at = behindString(at);
      nameTo = at - 1;
      at = blank(at);
      if (byteAt(at) != ':') {
        throw damaged(at);
      }
      at = blank(at + 1);
    }
    from = at;
    to = 0;
    return true;
  }

  /** Goes to the member of that name; false if there is none behind the present one. */
  public boolean find(String name) {
    while (next()) {
      if (nameIs(name)) {
        return true;
      }
    }
    return false;
  }

  /** The name of the member, which bears no escapes. */
  public String name() {
    return new String(bytes, nameFrom, nameTo - nameFrom, StandardCharsets.ISO_8859_1);
  }

  public boolean nameIs(String name) {
    return name.length() == nameTo - nameFrom && nameEndsWith(name);
  }

  public boolean nameEndsWith(String end) {
    int start = nameTo - end.length();
    if (start < nameFrom) {
      return false;
    }
    for (int i = 0; i < end.length(); i++) {
      if (bytes[start + i] != end.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** What is walked over; not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /** Where the member begins: its name, with the quotation mark, if it has one. */
  public int memberFrom() {
    return object ? nameFrom - 1 : from;
  }

  public int valueFrom() {
    return from;
  }

  /** Walks to the end of the value, which is not done before. */
  public int valueTo() {
    if (to == 0) {
      to = behindValue(from);
    }
    return to;
  }

  public boolean isNull() {
    return bytes[from] == 'n';
  }

  public boolean isString() {
    return bytes[from] == '"';
  }

  public boolean isArray() {
    return bytes[from] == '[';
  }

  public boolean isObject() {
    return bytes[from] == '{';
  }

  /** Over the members of the value. */
  public JsonCursor within() {
    return new JsonCursor(bytes, from);
  }

  /** The value of a string, or the text of another value. */
  public String text() {
    if (!isString()) {
      return new String(bytes, from, valueTo() - from, StandardCharsets.UTF_8);
    }
    int end = valueTo() - 1;
    for (int i = from + 1; i < end; i++) {
      if (bytes[i] == '\\') {
        return tree().asString();
      }
    }
    return new String(bytes, from + 1, end - from - 1, StandardCharsets.UTF_8);
  }

  /** The value of a string that holds a uuid in its canonical form. */
  public UUID uuid() {
    if (valueTo() - from != 38) {
      throw damaged(from);
    }
    long high = hex(from + 1, 8) << 32 | hex(from + 10, 4) << 16 | hex(from + 15, 4);
    long low = hex(from + 20, 4) << 48 | hex(from + 25, 12);
    return new UUID(high, low);
  }

  private long hex(int start, int digits) {
    long value = 0;
    for (int i = start; i < start + digits; i++) {
      int digit = Character.digit(bytes[i], 16);
      if (digit < 0) {
        throw damaged(i);
      }
      value = value << 4 | digit;
    }
    return value;
  }

  /** The value as a tree. */
  public JsonNode tree() {
    return JSON.readTree(bytes, from, valueTo() - from);
  }

  private int byteAt(int index) {
    if (index >= bytes.length) {
      throw damaged(index);
    }
    return bytes[index];
  }

  private int blank(int start) {
    int i = start;
    for (int c = byteAt(i); c == ' ' || c == '\n' || c == '\r' || c == '\t'; c = byteAt(i)) {
      i++;
    }
    return i;
  }

  private int behindString(int start) {
    if (byteAt(start) != '"') {
      throw damaged(start);
    }
    int i = plainUntil(start + 1);
    for (int c = byteAt(i); c != '"'; c = byteAt(i)) {
      i = plainUntil(c == '\\' ? i + 2 : i + 1);
    }
    return i + 1;
  }

  /** Passes over bytes that neither end a string nor escape, eight at a time. */
  private int plainUntil(int start) {
    int i = start;
    while (i + Long.BYTES <= bytes.length) {
      long word = (long) WORD.get(bytes, i);
      long special = zeros(word ^ QUOTES) | zeros(word ^ ESCAPES);
      if (special != 0) {
        return i + (Long.numberOfTrailingZeros(special) >>> 3);
      }
      i += Long.BYTES;
    }
    return i;
  }

  /** The lowest bit that is set is the highest one of the first byte that is zero. */
  private static long zeros(long word) {
    return (word - ONES) & ~word & ONES << 7;
  }

  private int behindValue(int start) {
    int first = byteAt(start);
    if (first == '"') {
      return behindString(start);
    }
    if (first != '{' && first != '[') {
      int i = start;
      for (int c = first; c != ',' && c != '}' && c != ']' && c > ' '; c = byteAt(i)) {
        i++;
      }
      return i;
    }
    int depth = 0;
    int i = start;
    do {
      switch (byteAt(i)) {
        case '{', '[' -> depth++;
        case '}', ']' -> depth--;
        case '"' -> i = behindString(i) - 1;
        default -> {}
      }
      i++;
    } while (depth > 0);
    return i;
  }

  private static IllegalArgumentException damaged(int index) {
    return new IllegalArgumentException("not JSON from byte " + index + " on");
  }
}
