package weft.api;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import tools.jackson.databind.node.JsonNodeFactory;
import weft.http.Json;
import weft.schema.FqName;

/** JSON being written as bytes; sets the commas between members itself. */
final class JsonOutput {
  private byte[] bytes;
  private int size;

  JsonOutput(int capacity) {
    bytes = new byte[capacity];
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  JsonOutput beginObject() {
    return one('{');
  }

  JsonOutput endObject() {
    return one('}');
  }

  JsonOutput beginArray() {
    return one('[');
  }

  JsonOutput endArray() {
    return one(']');
  }

  /** Goes on to the next member or element. */
  JsonOutput next() {
    byte last = bytes[size - 1];
    return last == '{' || last == '[' ? this : one(',');
  }

  /** Goes on to the next member, of that name. */
  JsonOutput name(String ascii) {
    return next().one('"').ascii(ascii).one('"').one(':');
  }

  /** Takes bytes over as they are. */
  JsonOutput raw(byte[] from, int start, int end) {
    int length = end - start;
    reserve(length);
    System.arraycopy(from, start, bytes, size, length);
    size += length;
    return this;
  }

  JsonOutput one(char ascii) {
    reserve(1);
    bytes[size++] = (byte) ascii;
    return this;
  }

  @SuppressWarnings("deprecation") // the one method that takes bytes out of a string without a copy
  JsonOutput ascii(String text) {
    int length = text.length();
    reserve(length);
    text.getBytes(0, length, bytes, size);
    size += length;
    return this;
  }

  JsonOutput string(String text) {
    return isPlain(text) ? one('"').ascii(text).one('"') : raw(escaped(text));
  }

  private JsonOutput raw(byte[] all) {
    return raw(all, 0, all.length);
  }

  JsonOutput uuid(UUID uuid) {
    return one('"').ascii(uuid.toString()).one('"');
  }

  JsonOutput fqName(FqName fqName) {
    beginArray();
    for (int i = 0; i < fqName.size(); i++) {
      next().string(fqName.parts().get(i));
    }
    return endArray();
  }

  /** What stands between the quotation marks of a string. */
  static byte[] inner(String text) {
    byte[] quoted = escaped(text);
    return Arrays.copyOfRange(quoted, 1, quoted.length - 1);
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c >= 0x7f || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  private static byte[] escaped(String text) {
    return isPlain(text)
        ? ('"' + text + '"').getBytes(StandardCharsets.US_ASCII)
        : Json.bytes(JsonNodeFactory.instance.stringNode(text));
  }

  private void reserve(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
    }
  }
}
