package weft.net;

import java.util.Arrays;

/**
 * A growing buffer of bytes in network order, with lengths that can be patched once they are known.
 */
public final class Writer {
  private byte[] bytes;
  private int size;

  public Writer() {
    this(256);
  }

  public Writer(int capacity) {
    this.bytes = new byte[Math.max(capacity, 16)];
  }

  private int grow(int count) {
    int at = size;
    size = Math.addExact(size, count);
    if (size > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(size, bytes.length * 2));
    }
    return at;
  }

  public int size() {
    return size;
  }

  /** Forgets all that was written; the buffer stays. */
  public void clear() {
    size = 0;
  }

  /** Cuts the content back to its first `length` bytes. */
  public void truncate(int length) {
    size = java.util.Objects.checkIndex(length, size + 1);
  }

  public Writer u8(int value) {
    int at = grow(1);
    bytes[at] = (byte) value;
    return this;
  }

  public Writer u16(int value) {
    int at = grow(2);
    bytes[at] = (byte) (value >> 8);
    bytes[at + 1] = (byte) value;
    return this;
  }

  public Writer u24(int value) {
    return u8(value >> 16).u16(value);
  }

  public Writer i32(int value) {
    return u16(value >> 16).u16(value);
  }

  public Writer u32(long value) {
    return i32((int) value);
  }

  public Writer i64(long value) {
    return i32((int) (value >> 32)).i32((int) value);
  }

  public Writer bytes(byte[] source) {
    return bytes(source, 0, source.length);
  }

  public Writer bytes(byte[] source, int offset, int length) {
    int at = grow(length);
    System.arraycopy(source, offset, bytes, at, length);
    return this;
  }

  public Writer ip(IpAddress address) {
    return switch (address) {
      case Ipv4Address v4 -> i32(v4.bits());
      case Ipv6Address v6 -> i64(v6.high()).i64(v6.low());
    };
  }

  public Writer mac(MacAddress mac) {
    return u16((int) (mac.bits() >> 32)).i32((int) mac.bits());
  }

  /** Overwrites one byte written before. */
  public Writer patchU8(int at, int value) {
    bytes[java.util.Objects.checkIndex(at, size)] = (byte) value;
    return this;
  }

  /** Overwrites two bytes written before. */
  public Writer patchU16(int at, int value) {
    java.util.Objects.checkFromIndexSize(at, 2, size);
    bytes[at] = (byte) (value >> 8);
    bytes[at + 1] = (byte) value;
    return this;
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }
}
