package weft.routing;

import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;
import weft.net.ExtendedCommunity;
import weft.net.RouteDistinguisher;

/**
 * One way to a route's key, as one peer told it.
 *
 * @param table the table it was told in: the table of its primary
 * @param key the key it was told under
 * @param number tells several paths of one peer apart
 * @param attributes as told, for a primary path; with the targets and origin VN of its instance
 *     added, for an imported one
 * @param rd what distinguishes the path on the backbone; null if it never goes there
 * @param unreached whether it is out of use because the fabric has no route to its next hop
 * @param rejected whether the instance's policy does not let it in
 * @param told what the attributes were before the instance's policy; null if it left the path alone
 */
public record Path(
    TableId table,
    RouteKey key,
    Peer peer,
    int number,
    RouteAttributes attributes,
    @Nullable RouteDistinguisher rd,
    Condition condition,
    boolean imported,
    boolean unreached,
    boolean rejected,
    @Nullable RouteAttributes told) {

  Path(
      TableId table,
      RouteKey key,
      Peer peer,
      int number,
      RouteAttributes attributes,
      @Nullable RouteDistinguisher rd,
      Condition condition,
      boolean imported) {
    this(table, key, peer, number, attributes, rd, condition, imported, false, false, null);
  }

  /**
   * The identity of a path wherever it is copied to.
   *
   * @param table the table it was told in: the table of its primary
   * @param key the key it was told under
   * @param number tells several paths of one peer apart
   */
  public record Id(TableId table, RouteKey key, String peer, int number) implements Comparable<Id> {
    private static final Comparator<Id> ORDER =
        Comparator.comparing(Id::table)
            .thenComparing(Id::key)
            .thenComparing(Id::peer)
            .thenComparingInt(Id::number);

    @Override
    public int compareTo(Id other) {
      return ORDER.compare(this, other);
    }
  }

  /** Whether a path may be used. */
  public enum Condition {
    VALID,
    /** Its peer went away and may come back (RFC 4724). Used as if valid. */
    STALE,
    /** Its peer is away for long (RFC 9494). Used if there is nothing better. */
    LONG_STALE,
    /**
     * We told it, and a reflector tells it us with the targets of others (RFC 7611). It is of use
     * to instances alone, and not where it comes from.
     */
    RETURNED,
    /** The same of a peer that went away and may come back. */
    RETURNED_STALE,
    /** Nothing here can reach it: never chosen. */
    INFEASIBLE
  }

  public Id id() {
    return new Id(table, key, peer.name(), number);
  }

  /** Whether the other is the same path, here or as a copy: it has the same identity. */
  boolean isSame(Path other) {
    return isTold(other.peer.name(), other.number)
        && table.equals(other.table)
        && key.equals(other.key);
  }

  boolean isTold(String name, int byNumber) {
    return number == byNumber && peer.name().equals(name);
  }

  /** Whether its peer, or one before that, is away for long (RFC 9494 section 4.3). */
  boolean isLongStale() {
    SortedSet<Integer> communities = attributes.membership().communities();
    return condition == Condition.LONG_STALE
        || (!communities.isEmpty() && communities.contains(RouteAttributes.LLGR_STALE));
  }

  /** Whether it leads to a leaf of an E-Tree (RFC 8317 section 6.1). */
  boolean isLeaf() {
    SortedSet<ExtendedCommunity> others = attributes.membership().other();
    return !others.isEmpty() && others.stream().anyMatch(ExtendedCommunity::isLeaf);
  }

  /** Whether it was led through networks by service chains. */
  boolean isChained() {
    return !attributes.membership().passed().isEmpty();
  }

  int asPathLength() {
    return attributes.preference().asPath().size();
  }

  /** The AS that told it to ours; 0 if it has not been elsewhere. */
  long neighbourAs() {
    List<Long> asPath = attributes.preference().asPath();
    return asPath.isEmpty() ? 0 : asPath.getFirst();
  }

  /** RFC 4271 section 9.1.2.2 c: a missing MED is the lowest. */
  long med() {
    Long med = attributes.preference().med();
    return med == null ? 0 : med;
  }

  boolean isReturned() {
    return condition == Condition.RETURNED || condition == Condition.RETURNED_STALE;
  }

  /** Whether it is another that was told here, by way of a reflector. */
  boolean isShadowOf(Path other) {
    return imported
        && !other.imported
        && other.rd != null
        && key instanceof RouteKey.Vpn told
        && told.rd().equals(other.rd);
  }

  public boolean isFeasible() {
    return condition != Condition.INFEASIBLE
        && (imported || !isReturned())
        && !rejected
        && !unreached;
  }

  Path with(Condition next) {
    return next == condition
        ? this
        : new Path(
            table, key, peer, number, attributes, rd, next, imported, unreached, rejected, told);
  }

  @SuppressWarnings("ReferenceEquality") // of equal ones, the one given is wanted
  Path with(RouteAttributes next) {
    return next == attributes
        ? this
        : new Path(
            table, key, peer, number, next, rd, condition, imported, unreached, rejected, told);
  }

  /** The same as the policy of an instance leaves it. */
  Path policed(RouteAttributes next, boolean isRejected) {
    return next.equals(attributes) && !isRejected
        ? this
        : new Path(
            table,
            key,
            peer,
            number,
            next,
            rd,
            condition,
            imported,
            unreached,
            isRejected,
            attributes);
  }

  /** The same without what a policy did to it. */
  Path asTold() {
    return told == null
        ? this
        : new Path(table, key, peer, number, told, rd, condition, imported, unreached, false, null);
  }

  Path reached(boolean is) {
    return is != unreached
        ? this
        : new Path(
            table, key, peer, number, attributes, rd, condition, imported, !is, rejected, told);
  }

  Path importedWith(RouteAttributes exported) {
    return new Path(table, key, peer, number, exported, rd, condition, true);
  }
}
