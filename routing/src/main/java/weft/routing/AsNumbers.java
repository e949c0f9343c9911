package weft.routing;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/** AS numbers as an unchanging list that is two objects, however many they are. */
final class AsNumbers extends AbstractList<Long> implements RandomAccess {
  private final int[] numbers;

  private AsNumbers(int[] numbers) {
    this.numbers = numbers;
  }

  static List<Long> copyOf(List<Long> asns) {
    if (asns.isEmpty()) {
      return List.of();
    }
    if (asns instanceof AsNumbers) {
      return asns;
    }
    int[] numbers = new int[asns.size()];
    for (int i = 0; i < numbers.length; i++) {
      long asn = asns.get(i);
      if (asn >>> 32 != 0) {
        throw new IllegalArgumentException("no AS number: " + asn);
      }
      numbers[i] = (int) asn;
    }
    return new AsNumbers(numbers);
  }

  @Override
  public Long get(int index) {
    return Integer.toUnsignedLong(numbers[index]);
  }

  @Override
  public int size() {
    return numbers.length;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AsNumbers that
        ? Arrays.equals(numbers, that.numbers)
        : super.equals(other);
  }

  /** As of any list of these numbers: each has its lower half as its hash. */
  @Override
  public int hashCode() {
    return Arrays.hashCode(numbers);
  }
}
