package weft.config;

import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;

/**
 * The values of one pool that have an owner; never changes.
 *
 * @param owners by value
 * @param taken of those values that are numbers, see {@link #number}: which, in chunks of 4096 bits
 */
record Pool(TreePMap<String, String> owners, TreePMap<Pool.Chunk, long[]> taken) {
  static final Pool EMPTY = new Pool(TreePMap.empty(), TreePMap.empty());

  private static final int CHUNK_SHIFT = 12;
  private static final int CHUNK_SIZE = 1 << CHUNK_SHIFT;
  private static final int CHUNK_MASK = CHUNK_SIZE - 1;

  /** The 4096 numbers, each of 128 bits, that begin with these. */
  record Chunk(long high, long low) implements Comparable<Chunk> {
    static Chunk of(Ipv6Address number) {
      return new Chunk(number.high(), number.low() >>> CHUNK_SHIFT);
    }

    @Override
    public int compareTo(Chunk other) {
      int byHigh = Long.compareUnsigned(high, other.high);
      return byHigh != 0 ? byHigh : Long.compare(low, other.low);
    }
  }

  /** The same as giving all values of `owners` one by one. */
  static Pool of(SortedMap<String, String> owners) {
    Map<Chunk, long[]> chunks = new TreeMap<>();
    for (String value : owners.keySet()) {
      Ipv6Address number = number(value);
      if (number != null) {
        long[] chunk =
            chunks.computeIfAbsent(Chunk.of(number), first -> new long[1 << (CHUNK_SHIFT - 6)]);
        int bit = bit(number);
        chunk[bit >> 6] |= 1L << bit;
      }
    }
    return new Pool(TreePMap.fromSortedMap(owners), TreePMap.from(chunks));
  }

  boolean isEmpty() {
    return owners.isEmpty();
  }

  Pool with(String value, String owner) {
    return new Pool(owners.plus(value, owner), marked(value, true));
  }

  Pool without(String value) {
    return new Pool(owners.minus(value), marked(value, false));
  }

  private TreePMap<Chunk, long[]> marked(String value, boolean present) {
    Ipv6Address number = number(value);
    if (number == null) {
      return taken;
    }
    long[] before = taken.get(Chunk.of(number));
    long[] chunk = before == null ? new long[1 << (CHUNK_SHIFT - 6)] : before.clone();
    int bit = bit(number);
    if (present) {
      chunk[bit >> 6] |= 1L << bit;
    } else {
      chunk[bit >> 6] &= ~(1L << bit);
    }
    return taken.plus(Chunk.of(number), chunk);
  }

  private static int bit(Ipv6Address number) {
    return (int) (number.low() & CHUNK_MASK);
  }

  /**
   * The number that a value stands for: that of an integer in its one decimal form, or that of an
   * address; null if it is neither. A pool has values of one kind.
   */
  private static @Nullable Ipv6Address number(String value) {
    if (value.indexOf(':') >= 0) {
      try {
        return Ipv6Address.parse(value);
      } catch (IllegalArgumentException _) {
        return null;
      }
    }
    if (value.indexOf('.') < 0) {
      return number(decimal(value, 0, value.length(), 18));
    }
    long number = 0;
    int from = 0;
    for (int octet = 0; octet < 4; octet++) {
      int to = octet < 3 ? value.indexOf('.', from) : value.length();
      long part = to < 0 ? -1 : decimal(value, from, to, 3);
      if (part < 0 || part > 255) {
        return null;
      }
      number = number << 8 | part;
      from = to + 1;
    }
    return number(number);
  }

  private static @Nullable Ipv6Address number(long number) {
    return number < 0 ? null : new Ipv6Address(0, number);
  }

  /** Negative if it is none. */
  private static long decimal(String text, int from, int to, int maxDigits) {
    int length = to - from;
    if (length == 0 || length > maxDigits || (length > 1 && text.charAt(from) == '0')) {
      return -1;
    }
    long number = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  /** The lowest integer from `first` to `last` that is neither taken nor to be avoided. */
  OptionalLong lowestFree(long first, long last, LongPredicate avoid) {
    Ipv6Address found =
        lowest(
            new Ipv6Address(0, first),
            new Ipv6Address(0, last),
            number -> avoid.test(number.low()));
    return found == null ? OptionalLong.empty() : OptionalLong.of(found.low());
  }

  /** The lowest address from `first` to `last` that is neither taken nor to be avoided. */
  @Nullable IpAddress lowestFree(IpAddress first, IpAddress last, Predicate<IpAddress> avoid) {
    boolean v4 = first.isV4();
    Ipv6Address found =
        lowest(number(first), number(last), number -> avoid.test(address(number, v4)));
    return found == null ? null : address(found, v4);
  }

  /** The highest address from `first` to `last` that is neither taken nor to be avoided. */
  @Nullable IpAddress highestFree(IpAddress first, IpAddress last, Predicate<IpAddress> avoid) {
    boolean v4 = first.isV4();
    Ipv6Address found =
        highest(number(first), number(last), number -> avoid.test(address(number, v4)));
    return found == null ? null : address(found, v4);
  }

  private static Ipv6Address number(IpAddress address) {
    return switch (address) {
      case Ipv4Address v4 -> new Ipv6Address(0, Integer.toUnsignedLong(v4.bits()));
      case Ipv6Address v6 -> v6;
    };
  }

  private static IpAddress address(Ipv6Address number, boolean v4) {
    return v4 ? new Ipv4Address((int) number.low()) : number;
  }

  private @Nullable Ipv6Address lowest(
      Ipv6Address first, Ipv6Address last, Predicate<Ipv6Address> avoid) {
    Ipv6Address at = first;
    while (at.compareTo(last) <= 0) {
      long[] chunk = taken.get(Chunk.of(at));
      int bit = bit(at);
      int free = chunk == null ? bit : clearBit(chunk, bit);
      Ipv6Address found = at.plus(free - bit);
      if (found.compareTo(last) > 0 || found.compareTo(at) < 0) {
        break;
      }
      at = found;
      if (free <= CHUNK_MASK) {
        if (!avoid.test(at)) {
          return at;
        }
        if (at.equals(last)) {
          break;
        }
        at = at.plus(1);
      }
    }
    return null;
  }

  private @Nullable Ipv6Address highest(
      Ipv6Address first, Ipv6Address last, Predicate<Ipv6Address> avoid) {
    Ipv6Address at = last;
    while (at.compareTo(first) >= 0) {
      long[] chunk = taken.get(Chunk.of(at));
      int bit = bit(at);
      int free = chunk == null ? bit : clearBitBelow(chunk, bit);
      Ipv6Address found = at.plus(free - bit);
      if (found.compareTo(first) < 0 || found.compareTo(at) > 0) {
        break;
      }
      at = found;
      if (free >= 0) {
        if (!avoid.test(at)) {
          return at;
        }
        if (at.equals(first)) {
          break;
        }
        at = at.plus(-1);
      }
    }
    return null;
  }

  private static int clearBit(long[] chunk, int from) {
    int word = from >> 6;
    long free = ~chunk[word] & (-1L << from);
    while (free == 0 && ++word < chunk.length) {
      free = ~chunk[word];
    }
    return word == chunk.length ? CHUNK_MASK + 1 : (word << 6) + Long.numberOfTrailingZeros(free);
  }

  private static int clearBitBelow(long[] chunk, int from) {
    int word = from >> 6;
    long free = ~chunk[word] & (-1L >>> (63 - (from & 63)));
    while (free == 0 && --word >= 0) {
      free = ~chunk[word];
    }
    return word < 0 ? -1 : (word << 6) + 63 - Long.numberOfLeadingZeros(free);
  }
}
