package weft.net;

/** An MPLS label: 20 bits (RFC 3032). Values below 16 are reserved by the RFC. */
public record Label(int value) implements Comparable<Label> {
  public static final int MAX = (1 << 20) - 1;

  public Label {
    if (value < 0 || value > MAX) {
      throw new IllegalArgumentException("label " + value + " is not in 0.." + MAX);
    }
  }

  @Override
  public int compareTo(Label other) {
    return Integer.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Integer.toString(value);
  }
}
