package weft.routing;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.ExtendedCommunity;

/** The network a route was born in, as the origin-VN community has it: AS and network id. */
public record OriginVn(long asn, long networkId) implements Comparable<OriginVn> {
  private static final Comparator<OriginVn> ORDER =
      Comparator.comparingLong(OriginVn::asn).thenComparingLong(OriginVn::networkId);

  private static final int WITH_AS4 = 0x8271;

  /** Stands for the AS or the id that is told in a community of its own (RFC 6793). */
  private static final int AS_TRANS = 23456;

  /** Networks from this id on are the same whatever AS is told with them. */
  private static final long GLOBAL = 8_000_000;

  boolean isGlobal() {
    return networkId >= GLOBAL;
  }

  /** One, or two if neither AS nor id fits in two bytes. */
  public List<ExtendedCommunity> toCommunities() {
    if (asn <= 0xffff) {
      return List.of(ExtendedCommunity.originVn((int) asn, (int) networkId));
    }
    return networkId <= 0xffff
        ? List.of(withAs4(networkId))
        : List.of(withAs4(AS_TRANS), ExtendedCommunity.originVn(AS_TRANS, (int) networkId));
  }

  private ExtendedCommunity withAs4(long number) {
    return new ExtendedCommunity((long) WITH_AS4 << 48 | (asn & 0xffff_ffffL) << 16 | number);
  }

  public static boolean isPartOf(ExtendedCommunity community) {
    return community.isOriginVn() || community.type() == WITH_AS4;
  }

  /**
   * @param communities of one route
   */
  public static @Nullable OriginVn of(Collection<ExtendedCommunity> communities) {
    OriginVn plain = null;
    OriginVn four = null;
    for (ExtendedCommunity community : communities) {
      if (community.isOriginVn()) {
        plain = new OriginVn(community.value() >>> 32, community.number() & 0xffff_ffffL);
      } else if (community.type() == WITH_AS4) {
        four = new OriginVn(community.value() >>> 16, community.value() & 0xffff);
      }
    }
    if (plain != null && four != null && plain.asn == AS_TRANS && four.networkId == AS_TRANS) {
      return new OriginVn(four.asn, plain.networkId);
    }
    return plain == null ? four : plain;
  }

  @Override
  public int compareTo(OriginVn other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return asn + ":" + networkId;
  }
}
