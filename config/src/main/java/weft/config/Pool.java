package weft.config;

import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.pcollections.TreePMap;

/**
 * The values of one pool that have an owner; never changes.
 *
 * @param owners by value
 * @param taken of those values that are numbers, see {@link #number}: which, in chunks of 4096 bits
 */
record Pool(TreePMap<String, String> owners, TreePMap<Long, long[]> taken) {
  static final Pool EMPTY = new Pool(TreePMap.empty(), TreePMap.empty());

  private static final int CHUNK_SHIFT = 12;
  private static final int CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;

  /** The same as giving all values of `owners` one by one. */
  static Pool of(SortedMap<String, String> owners) {
    Map<Long, long[]> chunks = new TreeMap<>();
    for (String value : owners.keySet()) {
      OptionalLong number = number(value);
      if (number.isPresent()) {
        long[] chunk =
            chunks.computeIfAbsent(
                number.getAsLong() >> CHUNK_SHIFT, first -> new long[1 << (CHUNK_SHIFT - 6)]);
        int bit = (int) (number.getAsLong() & CHUNK_MASK);
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

  private TreePMap<Long, long[]> marked(String value, boolean present) {
    OptionalLong parsed = number(value);
    if (parsed.isEmpty()) {
      return taken;
    }
    long number = parsed.getAsLong();
    long[] before = taken.get(number >> CHUNK_SHIFT);
    long[] chunk = before == null ? new long[1 << (CHUNK_SHIFT - 6)] : before.clone();
    int bit = (int) (number & CHUNK_MASK);
    if (present) {
      chunk[bit >> 6] |= 1L << bit;
    } else {
      chunk[bit >> 6] &= ~(1L << bit);
    }
    return taken.plus(number >> CHUNK_SHIFT, chunk);
  }

  /**
   * The number that a value stands for: that of an integer in its one decimal form, or that of an
   * IPv4 address. A pool has values of one kind.
   */
  private static OptionalLong number(String value) {
    if (value.indexOf('.') < 0) {
      return decimal(value, 0, value.length(), 18);
    }
    long number = 0;
    int from = 0;
    for (int octet = 0; octet < 4; octet++) {
      int to = octet < 3 ? value.indexOf('.', from) : value.length();
      OptionalLong part = to < 0 ? OptionalLong.empty() : decimal(value, from, to, 3);
      if (part.isEmpty() || part.getAsLong() > 255) {
        return OptionalLong.empty();
      }
      number = number << 8 | part.getAsLong();
      from = to + 1;
    }
    return OptionalLong.of(number);
  }

  private static OptionalLong decimal(String text, int from, int to, int maxDigits) {
    int length = to - from;
    if (length == 0 || length > maxDigits || (length > 1 && text.charAt(from) == '0')) {
      return OptionalLong.empty();
    }
    long number = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return OptionalLong.empty();
      }
      number = number * 10 + digit;
    }
    return OptionalLong.of(number);
  }

  /** The lowest integer from `first` to `last` that is neither taken nor to be avoided. */
  OptionalLong lowestFree(long first, long last, LongPredicate avoid) {
    long at = first;
    while (at <= last) {
      long[] chunk = taken.get(at >> CHUNK_SHIFT);
      int bit = (int) (at & CHUNK_MASK);
      int free = chunk == null ? bit : clearBit(chunk, bit);
      at += free - bit;
      if (free > CHUNK_MASK) {
        continue; // The chunk is full: on with the first value of the next.
      }
      if (at <= last && !avoid.test(at)) {
        return OptionalLong.of(at);
      }
      at++;
    }
    return OptionalLong.empty();
  }

  /** The highest number from `first` to `last` that is neither taken nor to be avoided. */
  OptionalLong highestFree(long first, long last, LongPredicate avoid) {
    long at = last;
    while (at >= first) {
      long[] chunk = taken.get(at >> CHUNK_SHIFT);
      int bit = (int) (at & CHUNK_MASK);
      int free = chunk == null ? bit : clearBitBelow(chunk, bit);
      at -= bit - free;
      if (free < 0) {
        continue; // The chunk is full: on with the last value of the one before.
      }
      if (at >= first && !avoid.test(at)) {
        return OptionalLong.of(at);
      }
      at--;
    }
    return OptionalLong.empty();
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
