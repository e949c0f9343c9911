package weft.net;

/** A 48-bit Ethernet address. */
public record MacAddress(long bits) implements Comparable<MacAddress> {
  public static final MacAddress ZERO = new MacAddress(0);
  public static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);

  /**
   * The address every vRouter answers with for gateways: the VRRP address of RFC 5798 with group 0.
   */
  public static final MacAddress GATEWAY = new MacAddress(0x0000_5e00_0100L);

  public MacAddress {
    if (bits >>> 48 != 0) {
      throw new IllegalArgumentException("a MAC address has 48 bits");
    }
  }

  public static MacAddress of(byte[] bytes) {
    if (bytes.length != 6) {
      throw new IllegalArgumentException("a MAC address has 6 bytes, not " + bytes.length);
    }
    long bits = 0;
    for (byte b : bytes) {
      bits = bits << 8 | (b & 0xff);
    }
    return new MacAddress(bits);
  }

  /** Parses six hexadecimal octets separated by `:` or `-`. */
  public static MacAddress parse(String text) {
    if (text.length() != 17) {
      throw malformed(text);
    }
    long bits = 0;
    for (int i = 0; i < 17; i++) {
      char c = text.charAt(i);
      if (i % 3 == 2) {
        if (c != ':' && c != '-') {
          throw malformed(text);
        }
      } else {
        int digit = Character.digit(c, 16);
        if (digit < 0 || c > 'f') {
          throw malformed(text);
        }
        bits = bits << 4 | digit;
      }
    }
    return new MacAddress(bits);
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException("'" + text + "' is not a MAC address");
  }

  /** True for broadcast and multicast: the group bit is set. */
  public boolean isGroup() {
    return (bits >>> 40 & 1) != 0;
  }

  public boolean isBroadcast() {
    return equals(BROADCAST);
  }

  public byte[] toBytes() {
    byte[] bytes = new byte[6];
    for (int i = 0; i < 6; i++) {
      bytes[i] = (byte) (bits >> (40 - 8 * i));
    }
    return bytes;
  }

  @Override
  public int compareTo(MacAddress other) {
    return Long.compare(bits, other.bits);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(17);
    for (int shift = 44; shift >= 0; shift -= 4) {
      text.append(Character.forDigit((int) (bits >>> shift & 0xf), 16));
      if (shift % 8 == 0 && shift > 0) {
        text.append(':');
      }
    }
    return text.toString();
  }
}
