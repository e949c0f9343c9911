package weft.routing;

import java.util.Comparator;

/** The network a route was born in, as the origin-VN community has it: AS and network id. */
public record OriginVn(long asn, long networkId) implements Comparable<OriginVn> {
  private static final Comparator<OriginVn> ORDER =
      Comparator.comparingLong(OriginVn::asn).thenComparingLong(OriginVn::networkId);

  @Override
  public int compareTo(OriginVn other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return asn + ":" + networkId;
  }
}
