package weft.net;

/** A VXLAN network identifier: 24 bits (RFC 7348). */
public record Vni(int value) implements Comparable<Vni> {
  public static final int MAX = (1 << 24) - 1;

  public Vni {
    if (value < 0 || value > MAX) {
      throw new IllegalArgumentException("VNI " + value + " is not in 0.." + MAX);
    }
  }

  @Override
  public int compareTo(Vni other) {
    return Integer.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Integer.toString(value);
  }
}
