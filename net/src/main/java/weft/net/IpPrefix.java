package weft.net;

import java.util.Comparator;

/** An IP prefix in canonical form: no host bit is set. Ordered by address, then shorter first. */
public record IpPrefix(IpAddress address, int length) implements Comparable<IpPrefix> {
  private static final Comparator<IpPrefix> ORDER =
      Comparator.comparing(IpPrefix::address).thenComparingInt(IpPrefix::length);

  /**
   * @param address any address of the prefix; its host bits are cleared
   * @throws IllegalArgumentException if `length` is outside the family's width
   */
  public IpPrefix {
    if (length < 0 || length > address.width()) {
      throw new IllegalArgumentException(
          "prefix length " + length + " of " + address + " is not in 0.." + address.width());
    }
    address = address.masked(length);
  }

  /** Parses `address/length`; host bits are cleared. */
  public static IpPrefix parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || slash + 1 == text.length() || text.length() - slash > 4) {
      throw new IllegalArgumentException("'" + text + "' is not a prefix: address/length expected");
    }
    int length = 0;
    for (int i = slash + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        throw new IllegalArgumentException(
            "'" + text + "' is not a prefix: the length is not a number");
      }
      length = length * 10 + (c - '0');
    }
    return new IpPrefix(IpAddress.parse(text.substring(0, slash)), length);
  }

  public boolean isV4() {
    return address.isV4();
  }

  public boolean isHost() {
    return length == address.width();
  }

  public boolean contains(IpAddress other) {
    return other.width() == address.width() && other.masked(length).equals(address);
  }

  public boolean contains(IpPrefix other) {
    return other.length >= length && contains(other.address);
  }

  public boolean overlaps(IpPrefix other) {
    return contains(other) || other.contains(this);
  }

  @Override
  public int compareTo(IpPrefix other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return address + "/" + length;
  }
}
