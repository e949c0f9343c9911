package weft.schema;

import java.util.List;

/** What a single value of a property may be. */
public sealed interface ValueType {

  /**
   * A string.
   *
   * @param values the only values permitted; empty if any
   */
  record Text(List<String> values) implements ValueType {
    public Text {
      values = List.copyOf(values);
    }
  }

  /** A JSON boolean. */
  record Bool() implements ValueType {}

  /** An integer of the range, both ends included. */
  record Int(long min, long max) implements ValueType {
    public boolean bounded() {
      return min != Long.MIN_VALUE || max != Long.MAX_VALUE;
    }
  }

  /** An integer of 64 bits without sign. */
  record UnsignedLong() implements ValueType {}

  /**
   * A point in time as text, in UTC without zone.
   *
   * @param dated false for a time of day alone
   */
  record Time(boolean dated) implements ValueType {}

  /** A JSON object of the fields of `type`. */
  record Complex(ComplexType type) implements ValueType {}
}
