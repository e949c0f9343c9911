package weft.datapath;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.net.MacAddress;

/** Values as the maps hold them: numbers in the machine's order, addresses in network order. */
final class Bytes {
  static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
  static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
  static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfLong BIG64 = I64.withOrder(ByteOrder.BIG_ENDIAN);

  static final int FAMILY_NONE = 0;
  static final int FAMILY_IPV4 = 1;
  static final int FAMILY_IPV6 = 2;

  private Bytes() {}

  static void u8(MemorySegment to, long at, int value) {
    to.set(JAVA_BYTE, at, (byte) value);
  }

  static int u8(MemorySegment from, long at) {
    return from.get(JAVA_BYTE, at) & 0xff;
  }

  static void u16(MemorySegment to, long at, int value) {
    to.set(U16, at, (short) value);
  }

  static int u16(MemorySegment from, long at) {
    return from.get(U16, at) & 0xffff;
  }

  static void i32(MemorySegment to, long at, int value) {
    to.set(I32, at, value);
  }

  static int i32(MemorySegment from, long at) {
    return from.get(I32, at);
  }

  static void i64(MemorySegment to, long at, long value) {
    to.set(I64, at, value);
  }

  static long i64(MemorySegment from, long at) {
    return from.get(I64, at);
  }

  /** Two bytes in network order. */
  static void be16(MemorySegment to, long at, int value) {
    u8(to, at, value >> 8);
    u8(to, at + 1, value);
  }

  static int be16(MemorySegment from, long at) {
    return u8(from, at) << 8 | u8(from, at + 1);
  }

  static void bytes(MemorySegment to, long at, byte[] value) {
    MemorySegment.copy(value, 0, to, JAVA_BYTE, at, value.length);
  }

  static byte[] bytes(MemorySegment from, long at, int length) {
    return from.asSlice(at, length).toArray(JAVA_BYTE);
  }

  static int family(IpAddress address) {
    return address.isV4() ? FAMILY_IPV4 : FAMILY_IPV6;
  }

  static void ip(MemorySegment to, long at, IpAddress address) {
    bytes(to, at, address.toBytes());
  }

  static IpAddress ip(MemorySegment from, long at, int family) {
    return family == FAMILY_IPV4
        ? Ipv4Address.of(bytes(from, at, 4))
        : Ipv6Address.of(bytes(from, at, 16));
  }

  static Ipv4Address ipv4(MemorySegment from, long at) {
    return Ipv4Address.of(bytes(from, at, 4));
  }

  static void mac(MemorySegment to, long at, MacAddress mac) {
    bytes(to, at, mac.toBytes());
  }

  static MacAddress mac(MemorySegment from, long at) {
    return MacAddress.of(bytes(from, at, 6));
  }

  static void uuid(MemorySegment to, long at, UUID uuid) {
    to.set(BIG64, at, uuid.getMostSignificantBits());
    to.set(BIG64, at + 8, uuid.getLeastSignificantBits());
  }

  static UUID uuid(MemorySegment from, long at) {
    return new UUID(from.get(BIG64, at), from.get(BIG64, at + 8));
  }

  /** Text that ends at the first zero byte within `room` bytes. */
  static void text(MemorySegment to, long at, int room, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length >= room) {
      throw new DatapathException(
          "'" + text + "' has " + utf8.length + " bytes, over " + (room - 1));
    }
    bytes(to, at, utf8);
  }

  static String text(MemorySegment from, long at, int room) {
    byte[] bytes = bytes(from, at, room);
    int length = 0;
    while (length < room && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  /** The number under which the kernel knows a constant; a test compares them with abi*.h. */
  @SuppressWarnings("EnumOrdinal")
  static int code(Enum<?> constant) {
    return constant.ordinal();
  }

  /** The constant of that number. */
  static <E> E constant(E[] values, int code) {
    if (code < 0 || code >= values.length) {
      throw new DatapathException(
          code + " does not stand for a " + values.getClass().componentType().getSimpleName());
    }
    return values[code];
  }
}
