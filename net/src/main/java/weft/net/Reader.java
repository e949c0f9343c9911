package weft.net;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A bounds-checked cursor over bytes in network order.
 *
 * <p>Reading past the end moves nothing and throws {@link Underflow}, which has no stack trace: a
 * codec catches it once, in its public method, and turns it into its own malformed-message value.
 */
public final class Reader {
  /** Thrown when fewer bytes are left than asked for. */
  public static final class Underflow extends RuntimeException {
    private static final long serialVersionUID = 1;

    private Underflow(int wanted, int left) {
      super("wanted " + wanted + " bytes, " + left + " left", null, false, false);
    }
  }

  private final byte[] bytes;
  private final int end;
  private int position;

  public Reader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  public Reader(byte[] bytes, int offset, int length) {
    this.bytes = bytes;
    this.position = offset;
    this.end = java.util.Objects.checkFromIndexSize(offset, length, bytes.length) + length;
  }

  private int take(int count) {
    if (count < 0 || count > end - position) {
      throw new Underflow(count, end - position);
    }
    int at = position;
    position += count;
    return at;
  }

  public int remaining() {
    return end - position;
  }

  public boolean hasRemaining() {
    return position < end;
  }

  /** The absolute index in the underlying array. */
  public int position() {
    return position;
  }

  public int u8() {
    return bytes[take(1)] & 0xff;
  }

  public int u16() {
    int at = take(2);
    return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
  }

  public int u24() {
    int at = take(3);
    return (bytes[at] & 0xff) << 16 | (bytes[at + 1] & 0xff) << 8 | bytes[at + 2] & 0xff;
  }

  /** Four bytes as they are; the sign bit is the top bit. */
  public int i32() {
    int at = take(4);
    return (bytes[at] & 0xff) << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | bytes[at + 3] & 0xff;
  }

  public long u32() {
    return i32() & 0xffff_ffffL;
  }

  public long i64() {
    int at = take(8);
    long value = 0;
    for (int i = at; i < at + 8; i++) {
      value = value << 8 | bytes[i] & 0xff;
    }
    return value;
  }

  public byte[] bytes(int count) {
    int at = take(count);
    return Arrays.copyOfRange(bytes, at, at + count);
  }

  /** All that is left. */
  public byte[] rest() {
    return bytes(remaining());
  }

  public void skip(int count) {
    take(count);
  }

  /** A reader over the next `count` bytes, which this one passes over. */
  public Reader slice(int count) {
    return new Reader(bytes, take(count), count);
  }

  public Ipv4Address ipv4() {
    return new Ipv4Address(i32());
  }

  public Ipv6Address ipv6() {
    Reader words = slice(16);
    return new Ipv6Address(words.i64(), words.i64());
  }

  public MacAddress mac() {
    Reader words = slice(6);
    return new MacAddress((long) words.u16() << 32 | words.u32());
  }

  public String utf8(int count) {
    int at = take(count);
    return new String(bytes, at, count, StandardCharsets.UTF_8);
  }
}
