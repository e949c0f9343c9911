package weft.net;

/** An IPv6 address: 128 bits, most significant first. Text form as in RFC 5952. */
public record Ipv6Address(long high, long low) implements IpAddress {
  public static final Ipv6Address ANY = new Ipv6Address(0, 0);

  public static Ipv6Address of(byte[] bytes) {
    if (bytes.length != 16) {
      throw new IllegalArgumentException("an IPv6 address has 16 bytes, not " + bytes.length);
    }
    return new Ipv6Address(word(bytes, 0), word(bytes, 8));
  }

  private static long word(byte[] bytes, int at) {
    long value = 0;
    for (int i = at; i < at + 8; i++) {
      value = value << 8 | (bytes[i] & 0xff);
    }
    return value;
  }

  /** Parses the forms of RFC 4291 section 2.2; a zone id is refused. */
  public static Ipv6Address parse(String text) {
    int gap = text.indexOf("::");
    if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
      throw malformed(text);
    }
    int[] groups = new int[8];
    if (gap < 0) {
      if (fill(text, text, groups, 0) != 8) {
        throw malformed(text);
      }
    } else {
      String head = text.substring(0, gap);
      String tail = text.substring(gap + 2);
      int before = head.isEmpty() ? 0 : fill(text, head, groups, 0);
      int[] end = new int[8];
      int after = tail.isEmpty() ? 0 : fill(text, tail, end, 0);
      if (before + after > 7) {
        throw malformed(text);
      }
      System.arraycopy(end, 0, groups, 8 - after, after);
    }
    long high = 0;
    long low = 0;
    for (int i = 0; i < 4; i++) {
      high = high << 16 | groups[i];
      low = low << 16 | groups[i + 4];
    }
    return new Ipv6Address(high, low);
  }

  /** Writes the groups of `part` into `groups` and returns how many 16-bit groups they are. */
  private static int fill(String whole, String part, int[] groups, int at) {
    int count = at;
    int start = 0;
    while (true) {
      int end = part.indexOf(':', start);
      String group = part.substring(start, end < 0 ? part.length() : end);
      boolean embeddedV4 = end < 0 && group.indexOf('.') >= 0;
      if (count + (embeddedV4 ? 2 : 1) > 8) {
        throw malformed(whole);
      }
      if (embeddedV4) {
        int v4 = Ipv4Address.parse(group).bits();
        groups[count++] = v4 >>> 16;
        groups[count++] = v4 & 0xffff;
      } else {
        groups[count++] = group(whole, group);
      }
      if (end < 0) {
        return count;
      }
      start = end + 1;
    }
  }

  private static int group(String whole, String hex) {
    if (hex.isEmpty() || hex.length() > 4) {
      throw malformed(whole);
    }
    int value = 0;
    for (int i = 0; i < hex.length(); i++) {
      int digit = Character.digit(hex.charAt(i), 16);
      if (digit < 0 || hex.charAt(i) > 'f') {
        throw malformed(whole);
      }
      value = value << 4 | digit;
    }
    return value;
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException("'" + text + "' is not an IPv6 address");
  }

  @Override
  public int width() {
    return 128;
  }

  @Override
  public byte[] toBytes() {
    byte[] bytes = new byte[16];
    for (int i = 0; i < 8; i++) {
      bytes[i] = (byte) (high >> (56 - 8 * i));
      bytes[8 + i] = (byte) (low >> (56 - 8 * i));
    }
    return bytes;
  }

  @Override
  public Ipv6Address masked(int length) {
    if (length <= 64) {
      return new Ipv6Address(length == 0 ? 0 : high & -1L << (64 - length), 0);
    }
    return new Ipv6Address(high, length == 128 ? low : low & -1L << (128 - length));
  }

  @Override
  public Ipv6Address plus(long offset) {
    long sum = low + offset;
    boolean carry = offset >= 0 && Long.compareUnsigned(sum, low) < 0;
    boolean borrow = offset < 0 && Long.compareUnsigned(sum, low) > 0;
    return new Ipv6Address(high + (carry ? 1 : 0) - (borrow ? 1 : 0), sum);
  }

  @Override
  public boolean bit(int index) {
    return (index < 64 ? high >>> (63 - index) & 1 : low >>> (127 - index) & 1) != 0;
  }

  private int groupAt(int index) {
    return (int) ((index < 4 ? high >>> (48 - 16 * index) : low >>> (112 - 16 * index)) & 0xffff);
  }

  @Override
  public String toString() {
    int bestStart = -1;
    int bestLength = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && groupAt(end) == 0) {
        end++;
      }
      if (end - i > bestLength) {
        bestStart = i;
        bestLength = end - i;
      }
      i = Math.max(i, end - 1);
    }
    StringBuilder text = new StringBuilder(39);
    for (int i = 0; i < 8; i++) {
      if (i == bestStart) {
        text.append("::");
        i += bestLength - 1;
      } else {
        if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(groupAt(i)));
      }
    }
    return text.toString();
  }
}
