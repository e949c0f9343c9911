package weft.net;

/**
 * The number of a tag, as Tungsten Fabric gives it: the tag's type, then 32 bits of value. The
 * older, short form has 16 bits for each.
 */
public record Tag(long number) implements Comparable<Tag> {
  /** BGP has seven bytes for it. */
  public static final long MOST = (1L << 56) - 1;

  private static final long VALUE_OF_SHORT = 0xffff;
  private static final long TYPE_OF_SHORT = 0xffffL << 32;

  public Tag {
    if (number < 0 || number > MOST) {
      throw new IllegalArgumentException("no tag: " + number + " is over " + MOST);
    }
  }

  public static Tag ofShort(int form) {
    return new Tag((long) (form >>> 16) << 32 | form & VALUE_OF_SHORT);
  }

  public boolean isShort() {
    return (number & ~(TYPE_OF_SHORT | VALUE_OF_SHORT)) == 0;
  }

  /** The short form of a tag that {@linkplain #isShort has one}. */
  public int toShort() {
    return (int) (number >>> 16 | number & VALUE_OF_SHORT);
  }

  @Override
  public int compareTo(Tag other) {
    return Long.compare(number, other.number);
  }

  @Override
  public String toString() {
    return Long.toString(number);
  }
}
