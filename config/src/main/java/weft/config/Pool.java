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
 * @param taken of those values that are integers: which, in chunks of 4096 bits
 */
record Pool(TreePMap<String, String> owners, TreePMap<Long, long[]> taken) {
  static final Pool EMPTY = new Pool(TreePMap.empty(), TreePMap.empty());

  private static final int CHUNK_SHIFT = 12;
  private static final int CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;

  /** The same as giving all values of `owners` one by one. */
  static Pool of(SortedMap<String, String> owners) {
    Map<Long, long[]> chunks = new TreeMap<>();
    for (String value : owners.keySet()) {
      OptionalLong number = integer(value);
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
    OptionalLong parsed = integer(value);
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

  /** The value as a number if it is one, in its one decimal form. */
  private static OptionalLong integer(String value) {
    int length = value.length();
    if (length == 0 || length > 18 || (length > 1 && value.charAt(0) == '0')) {
      return OptionalLong.empty();
    }
    long number = 0;
    for (int i = 0; i < length; i++) {
      int digit = value.charAt(i) - '0';
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

  private static int clearBit(long[] chunk, int from) {
    int word = from >> 6;
    long free = ~chunk[word] & (-1L << from);
    while (free == 0 && ++word < chunk.length) {
      free = ~chunk[word];
    }
    return word == chunk.length ? CHUNK_MASK + 1 : (word << 6) + Long.numberOfTrailingZeros(free);
  }
}
