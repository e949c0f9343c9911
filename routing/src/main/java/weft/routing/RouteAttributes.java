package weft.routing;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.net.ExtendedCommunity;
import weft.net.IpAddress;
import weft.net.RouteTarget;
import weft.net.Tag;

/**
 * What is said about a path, apart from its key and source: two labels, which most paths have for
 * themselves alone, and what many paths have in common. Immutable.
 */
public final class RouteAttributes {
  /** The communities of RFC 9494, and that of RFC 1997 which keeps a route in the AS. */
  static final int LLGR_STALE = 0xffff_0006;

  static final int NO_LLGR = 0xffff_0007;
  static final int NO_EXPORT = 0xffff_ff01;

  private final int label;
  private final int l3Label;
  private final AllButLabels common;

  /**
   * @param pmsi of a broadcast route: how the far end wants it
   */
  public RouteAttributes(
      NextHop nextHop, Preference preference, Membership membership, @Nullable Pmsi pmsi) {
    this(
        nextHop.label(),
        nextHop.l3Label(),
        new AllButLabels(
            nextHop.withLabels(0, 0), preference, membership, pmsi, Carried.NOTHING, null));
  }

  private RouteAttributes(int label, int l3Label, AllButLabels common) {
    this.label = label;
    this.l3Label = l3Label;
    this.common = common;
  }

  /**
   * All of a path's attributes but its labels. Equal ones that the paths of a {@link Rib} have are
   * one object.
   */
  public static final class AllButLabels {
    private final NextHop nextHop;
    private final Preference preference;
    private final Membership membership;
    private final @Nullable Pmsi pmsi;
    private final Carried carried;
    private final @Nullable TreePart tree;
    private final int hash;

    private AllButLabels(
        NextHop nextHop,
        Preference preference,
        Membership membership,
        @Nullable Pmsi pmsi,
        Carried carried,
        @Nullable TreePart tree) {
      this.nextHop = nextHop;
      this.preference = preference;
      this.membership = membership;
      this.pmsi = pmsi;
      this.carried = carried;
      this.tree = tree;
      hash = Objects.hash(nextHop, preference, membership, pmsi, carried, tree);
    }

    NextHop nextHop() {
      return nextHop;
    }

    Preference preference() {
      return preference;
    }

    Membership membership() {
      return membership;
    }

    /** The same with equal parts in the place of its own. */
    AllButLabels with(NextHop sameNextHop, Preference samePreference, Membership sameMembership) {
      return new AllButLabels(sameNextHop, samePreference, sameMembership, pmsi, carried, tree);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other
          || other instanceof AllButLabels that
              && hash == that.hash
              && nextHop.equals(that.nextHop)
              && preference.equals(that.preference)
              && membership.equals(that.membership)
              && Objects.equals(pmsi, that.pmsi)
              && carried.equals(that.carried)
              && Objects.equals(tree, that.tree);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public String toString() {
      return nextHop
          + ", "
          + preference
          + ", "
          + membership
          + ", "
          + pmsi
          + ", "
          + carried
          + ", "
          + tree;
    }
  }

  /** Attributes with the usual values and nothing optional. */
  public static RouteAttributes of(NextHop nextHop) {
    return new RouteAttributes(nextHop, Preference.USUAL, Membership.NONE, null);
  }

  /**
   * What decides between paths.
   *
   * @param local higher is better; 100 is the usual value
   * @param med lower is better, or null if none was given
   * @param asPath the AS numbers passed, nearest first; an AS set counts as its first member
   * @param mobility of a MAC that moves
   * @param reflection how often and by whom the route was reflected (RFC 4456)
   */
  public record Preference(
      long local,
      @Nullable Long med,
      Origin origin,
      List<Long> asPath,
      Mobility mobility,
      Reflection reflection) {
    public static final long USUAL_LOCAL = 100;
    public static final Preference USUAL = of(USUAL_LOCAL, null);

    public Preference {
      asPath = AsNumbers.copyOf(asPath);
    }

    public static Preference of(long local, @Nullable Long med) {
      return new Preference(local, med, Origin.IGP, List.of(), Mobility.NONE, Reflection.NONE);
    }

    public Preference withLocal(long next) {
      return new Preference(next, med, origin, asPath, mobility, reflection);
    }

    public Preference with(Origin next) {
      return new Preference(local, med, next, asPath, mobility, reflection);
    }

    public Preference with(Mobility next) {
      return new Preference(local, med, origin, asPath, next, reflection);
    }

    public Preference withAsPath(List<Long> next) {
      return new Preference(local, med, origin, next, mobility, reflection);
    }
  }

  /**
   * What the route belongs to: it decides where the route goes and who may use it.
   *
   * @param targets the route targets
   * @param originVn the network the route was born in, if known
   * @param securityGroups ids of the security groups of the port behind the route
   * @param communities RFC 1997 communities
   * @param other extended communities with no field of their own, kept as they came
   * @param passed the networks that the route was led through
   * @param protocol what an agent says the route is of, where policies ask for it
   * @param largeTags tags that came in large communities, or are too large for others
   */
  public record Membership(
      SortedSet<RouteTarget> targets,
      @Nullable OriginVn originVn,
      SortedSet<Integer> securityGroups,
      SortedSet<Integer> communities,
      SortedSet<ExtendedCommunity> other,
      OriginVnPath passed,
      RoutingPolicy.@Nullable Protocol protocol,
      SortedSet<Tag> largeTags) {
    public static final Membership NONE =
        ofPort(Collections.emptySortedSet(), Collections.emptySortedSet());

    public Membership {
      targets = frozen(targets);
      securityGroups = frozen(securityGroups);
      communities = frozen(communities);
      other = frozen(other);
      largeTags = frozen(largeTags);
    }

    public Membership(
        SortedSet<RouteTarget> targets,
        @Nullable OriginVn originVn,
        SortedSet<Integer> securityGroups,
        SortedSet<Integer> communities,
        SortedSet<ExtendedCommunity> other) {
      this(
          targets,
          originVn,
          securityGroups,
          communities,
          other,
          OriginVnPath.NONE,
          null,
          Collections.emptySortedSet());
    }

    /** Of a route that an agent told: its targets and network are those of its instance. */
    public static Membership ofPort(
        SortedSet<Integer> securityGroups, SortedSet<Integer> communities) {
      return new Membership(
          Collections.emptySortedSet(),
          null,
          securityGroups,
          communities,
          Collections.emptySortedSet());
    }

    public Membership with(SortedSet<RouteTarget> newTargets, @Nullable OriginVn newOrigin) {
      return new Membership(
          newTargets, newOrigin, securityGroups, communities, other, passed, protocol, largeTags);
    }

    public Membership withCommunities(SortedSet<Integer> next) {
      return new Membership(
          targets, originVn, securityGroups, next, other, passed, protocol, largeTags);
    }

    public Membership withOther(SortedSet<ExtendedCommunity> next) {
      return new Membership(
          targets, originVn, securityGroups, communities, next, passed, protocol, largeTags);
    }

    public Membership with(RoutingPolicy.@Nullable Protocol next) {
      return new Membership(
          targets, originVn, securityGroups, communities, other, passed, next, largeTags);
    }

    public Membership with(OriginVnPath next) {
      return new Membership(
          targets, originVn, securityGroups, communities, other, next, protocol, largeTags);
    }

    public Membership withLargeTags(SortedSet<Tag> next) {
      return next.equals(largeTags)
          ? this
          : new Membership(
              targets, originVn, securityGroups, communities, other, passed, protocol, next);
    }

    /** Tungsten Fabric's tags of what the route leads to. */
    public List<Tag> tags() {
      if (other.isEmpty() && largeTags.isEmpty()) {
        return List.of();
      }
      SortedSet<Tag> all = new TreeSet<>(largeTags);
      for (ExtendedCommunity community : other) {
        if (community.isTag()) {
          all.add(Tag.ofShort(community.number()));
        }
      }
      return List.copyOf(all);
    }

    boolean has(int community) {
      return !communities.isEmpty() && communities.contains(community);
    }

    private static <T> SortedSet<T> frozen(SortedSet<T> set) {
      return set.isEmpty()
          ? Collections.emptySortedSet()
          : Collections.unmodifiableSortedSet(new TreeSet<>(set));
    }
  }

  /** RFC 4271 section 5.1.1, best first. */
  public enum Origin {
    IGP,
    EGP,
    INCOMPLETE
  }

  /** RFC 7432 section 7.7. */
  public record Mobility(boolean sticky, long sequence) {
    public static final Mobility NONE = new Mobility(false, 0);
  }

  /**
   * RFC 6514 section 5; of a selective route, the flags that it has itself.
   *
   * @param tag the Ethernet tag that the owner of the route uses for it; 0 for none
   * @param replicator the host that copies for the owner, who copies nothing itself, or null
   */
  public record Pmsi(int flags, int type, long tag, @Nullable IpAddress replicator) {
    public static final int INGRESS_REPLICATION = 6;

    /** Of Tungsten Fabric: the tunnel of a leaf, whose identifier is its replicator. */
    public static final int ASSISTED_REPLICATION = 252;

    /** Of Tungsten Fabric: the owner copies along the network's tree. */
    public static final int EDGE_REPLICATION = 0x80;

    /** Of assisted replication (RFC 9574 section 4): the owner copies for others. */
    public static final int REPLICATOR = 0x08;

    public static final int LEAF_INFORMATION_REQUIRED = 0x01;
    public static final int LEAF = 0x10;

    public Pmsi(int flags, int type, long tag) {
      this(flags, type, tag, null);
    }

    public boolean edgeReplication() {
      return (flags & EDGE_REPLICATION) != 0;
    }

    public boolean isReplicator() {
      return (flags & (REPLICATOR | LEAF)) == REPLICATOR;
    }
  }

  /** RFC 4456 section 8. */
  public record Reflection(@Nullable Integer originatorId, List<Integer> clusters) {
    public static final Reflection NONE = new Reflection(null, List.of());

    public Reflection {
      clusters = List.copyOf(clusters);
    }
  }

  public NextHop nextHop() {
    return common.nextHop.withLabels(label, l3Label);
  }

  public Preference preference() {
    return common.preference;
  }

  public Membership membership() {
    return common.membership;
  }

  public @Nullable Pmsi pmsi() {
    return common.pmsi;
  }

  public Carried carried() {
    return common.carried;
  }

  /** Of a route of a multicast tree, else null. */
  public @Nullable TreePart tree() {
    return common.tree;
  }

  /** The label of the next hop. */
  public int label() {
    return label;
  }

  public AllButLabels common() {
    return common;
  }

  public RouteAttributes with(Preference next) {
    return with(
        new AllButLabels(
            common.nextHop, next, common.membership, common.pmsi, common.carried, common.tree));
  }

  public RouteAttributes with(Membership next) {
    return with(
        new AllButLabels(
            common.nextHop, common.preference, next, common.pmsi, common.carried, common.tree));
  }

  public RouteAttributes with(Pmsi next) {
    return with(
        new AllButLabels(
            common.nextHop,
            common.preference,
            common.membership,
            next,
            common.carried,
            common.tree));
  }

  public RouteAttributes with(Carried next) {
    return with(
        new AllButLabels(
            common.nextHop, common.preference, common.membership, common.pmsi, next, common.tree));
  }

  public RouteAttributes with(TreePart next) {
    return with(
        new AllButLabels(
            common.nextHop,
            common.preference,
            common.membership,
            common.pmsi,
            common.carried,
            next));
  }

  public RouteAttributes withLabels(int newLabel, int newL3Label) {
    return newLabel == label && newL3Label == l3Label
        ? this
        : new RouteAttributes(newLabel, newL3Label, common);
  }

  /** These with one more community. */
  RouteAttributes with(int community) {
    Membership before = common.membership;
    SortedSet<Integer> communities = new TreeSet<>(before.communities());
    if (!communities.add(community)) {
      return this;
    }
    return with(before.withCommunities(communities));
  }

  @SuppressWarnings("ReferenceEquality") // of equal ones, the one given is wanted
  RouteAttributes with(AllButLabels next) {
    return next == common ? this : new RouteAttributes(label, l3Label, next);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || other instanceof RouteAttributes that
            && label == that.label
            && l3Label == that.l3Label
            && common.equals(that.common);
  }

  @Override
  public int hashCode() {
    return (common.hash * 31 + label) * 31 + l3Label;
  }

  @Override
  public String toString() {
    return "RouteAttributes[" + label + ", " + l3Label + ", " + common + "]";
  }
}
