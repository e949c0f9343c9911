package weft.net;

/** An IPv4 address: 32 bits, most significant first. */
public record Ipv4Address(int bits) implements IpAddress {
  public static final Ipv4Address ANY = new Ipv4Address(0);
  public static final Ipv4Address BROADCAST = new Ipv4Address(-1);

  public static Ipv4Address of(byte[] bytes) {
    if (bytes.length != 4) {
      throw new IllegalArgumentException("an IPv4 address has 4 bytes, not " + bytes.length);
    }
    return new Ipv4Address(
        (bytes[0] & 0xff) << 24
            | (bytes[1] & 0xff) << 16
            | (bytes[2] & 0xff) << 8
            | (bytes[3] & 0xff));
  }

  /** Parses four decimal octets without leading zeros. */
  public static Ipv4Address parse(String text) {
    int bits = 0;
    int octets = 0;
    int value = -1;
    int digits = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i == text.length() ? '.' : text.charAt(i);
      if (c == '.') {
        if (value < 0 || octets == 4) {
          throw malformed(text);
        }
        bits = bits << 8 | value;
        octets++;
        value = -1;
        digits = 0;
      } else if (c >= '0' && c <= '9' && (digits == 0 || value > 0)) {
        value = Math.max(value, 0) * 10 + (c - '0');
        digits++;
        if (value > 255) {
          throw malformed(text);
        }
      } else {
        throw malformed(text);
      }
    }
    if (octets != 4) {
      throw malformed(text);
    }
    return new Ipv4Address(bits);
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException("'" + text + "' is not an IPv4 address");
  }

  @Override
  public int width() {
    return 32;
  }

  @Override
  public byte[] toBytes() {
    return new byte[] {(byte) (bits >> 24), (byte) (bits >> 16), (byte) (bits >> 8), (byte) bits};
  }

  @Override
  public Ipv4Address masked(int length) {
    int left = length == 0 ? 0 : bits & -1 << (32 - length);
    return left == bits ? this : new Ipv4Address(left);
  }

  @Override
  public Ipv4Address plus(long offset) {
    return new Ipv4Address((int) (bits + offset));
  }

  @Override
  public boolean bit(int index) {
    return (bits >>> (31 - index) & 1) != 0;
  }

  @Override
  public String toString() {
    return (bits >>> 24)
        + "."
        + (bits >>> 16 & 0xff)
        + "."
        + (bits >>> 8 & 0xff)
        + "."
        + (bits & 0xff);
  }
}
