package weft.config;

/** A pool whose values are the integers from `first` to `last`, written in decimal. */
public record IntegerPool(String name, long first, long last) {
  public IntegerPool {
    if (first < 0 || last < first) {
      throw new IllegalArgumentException(name + ": no integers from " + first + " to " + last);
    }
  }

  public AllocationKey key(long value) {
    if (value < first || value > last) {
      throw new IllegalArgumentException(value + " is outside of pool " + this);
    }
    return new AllocationKey(name, Long.toString(value));
  }
}
