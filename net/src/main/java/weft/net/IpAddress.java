package weft.net;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** An IP address of either family. Ordered: all IPv4 before all IPv6, then by unsigned value. */
public sealed interface IpAddress extends Comparable<IpAddress> permits Ipv4Address, Ipv6Address {

  /** The width of an address of this family in bits: 32 or 128. */
  int width();

  /** The address in network order: 4 or 16 bytes. */
  byte[] toBytes();

  /** This address with all but the first `length` bits cleared. */
  IpAddress masked(int length);

  /** The address `offset` after this one, modulo the address space. */
  IpAddress plus(long offset);

  /** Bit `index` counted from the most significant, which is 0. */
  boolean bit(int index);

  default boolean isV4() {
    return this instanceof Ipv4Address;
  }

  /** This address as a prefix of full length. */
  default IpPrefix toHostPrefix() {
    return new IpPrefix(this, width());
  }

  /** This address for the JDK's own socket calls. */
  default InetAddress toInetAddress() {
    try {
      return InetAddress.getByAddress(toBytes());
    } catch (UnknownHostException e) {
      throw new AssertionError("an address of 4 or 16 bytes is always accepted", e);
    }
  }

  static IpAddress of(byte[] bytes) {
    return switch (bytes.length) {
      case 4 -> Ipv4Address.of(bytes);
      case 16 -> Ipv6Address.of(bytes);
      default ->
          throw new IllegalArgumentException(
              "an IP address has 4 or 16 bytes, not " + bytes.length);
    };
  }

  static IpAddress of(InetAddress address) {
    return of(address.getAddress());
  }

  /**
   * The inverse of `toString`.
   *
   * @throws IllegalArgumentException if `text` is not an address literal; names are never resolved
   */
  static IpAddress parse(String text) {
    return text.indexOf(':') >= 0 ? Ipv6Address.parse(text) : Ipv4Address.parse(text);
  }

  @Override
  default int compareTo(IpAddress other) {
    return switch (this) {
      case Ipv4Address a ->
          switch (other) {
            case Ipv4Address b -> Integer.compareUnsigned(a.bits(), b.bits());
            case Ipv6Address _ -> -1;
          };
      case Ipv6Address a ->
          switch (other) {
            case Ipv4Address _ -> 1;
            case Ipv6Address b -> {
              int high = Long.compareUnsigned(a.high(), b.high());
              yield high != 0 ? high : Long.compareUnsigned(a.low(), b.low());
            }
          };
    };
  }
}
