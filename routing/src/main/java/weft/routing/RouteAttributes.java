package weft.routing;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.net.ExtendedCommunity;
import weft.net.RouteTarget;

/**
 * What is said about a path, apart from its key and source. Immutable; shared by many paths.
 *
 * @param localPreference higher is better; 100 is the usual value
 * @param med lower is better, or null if none was given
 * @param asPath the AS numbers passed, nearest first; an AS set counts as its first member
 * @param communities RFC 1997 communities
 * @param targets the route targets
 * @param securityGroups ids of the security groups of the port behind the route
 * @param originVn the network the route was born in, if known
 * @param mobility of a MAC that moves
 * @param other extended communities with no field of their own, kept as they came
 * @param pmsi of a broadcast route: how the far end wants it
 * @param reflection how often and by whom the route was reflected (RFC 4456)
 */
public record RouteAttributes(
    NextHop nextHop,
    long localPreference,
    @Nullable Long med,
    Origin origin,
    List<Long> asPath,
    SortedSet<Integer> communities,
    SortedSet<RouteTarget> targets,
    SortedSet<Integer> securityGroups,
    @Nullable OriginVn originVn,
    Mobility mobility,
    SortedSet<ExtendedCommunity> other,
    @Nullable Pmsi pmsi,
    Reflection reflection) {

  public static final long DEFAULT_LOCAL_PREFERENCE = 100;

  public RouteAttributes {
    asPath = List.copyOf(asPath);
    communities = frozen(communities);
    targets = frozen(targets);
    securityGroups = frozen(securityGroups);
    other = frozen(other);
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
   * RFC 6514 section 5.
   *
   * @param tag the Ethernet tag that the owner of the route uses for it; 0 for none
   */
  public record Pmsi(int flags, int type, long tag) {
    public static final int INGRESS_REPLICATION = 6;
  }

  /** RFC 4456 section 8. */
  public record Reflection(@Nullable Integer originatorId, List<Integer> clusters) {
    public static final Reflection NONE = new Reflection(null, List.of());

    public Reflection {
      clusters = List.copyOf(clusters);
    }
  }

  /** Attributes with the usual values and nothing optional. */
  public static RouteAttributes of(NextHop nextHop) {
    return new RouteAttributes(
        nextHop,
        DEFAULT_LOCAL_PREFERENCE,
        null,
        Origin.IGP,
        List.of(),
        none(),
        none(),
        none(),
        null,
        Mobility.NONE,
        none(),
        null,
        Reflection.NONE);
  }

  private static <T> SortedSet<T> none() {
    return Collections.emptySortedSet();
  }

  private static <T> SortedSet<T> frozen(Collection<T> set) {
    return set.isEmpty() ? none() : Collections.unmodifiableSortedSet(new TreeSet<>(set));
  }

  public RouteAttributes withNextHop(NextHop value) {
    return new RouteAttributes(
        value,
        localPreference,
        med,
        origin,
        asPath,
        communities,
        targets,
        securityGroups,
        originVn,
        mobility,
        other,
        pmsi,
        reflection);
  }

  public RouteAttributes withPreference(long preference, @Nullable Long newMed) {
    return new RouteAttributes(
        nextHop,
        preference,
        newMed,
        origin,
        asPath,
        communities,
        targets,
        securityGroups,
        originVn,
        mobility,
        other,
        pmsi,
        reflection);
  }

  public RouteAttributes withAsPath(List<Long> value) {
    return new RouteAttributes(
        nextHop,
        localPreference,
        med,
        origin,
        value,
        communities,
        targets,
        securityGroups,
        originVn,
        mobility,
        other,
        pmsi,
        reflection);
  }

  public RouteAttributes withCommunities(Collection<Integer> value) {
    return new RouteAttributes(
        nextHop,
        localPreference,
        med,
        origin,
        asPath,
        frozen(value),
        targets,
        securityGroups,
        originVn,
        mobility,
        other,
        pmsi,
        reflection);
  }

  public RouteAttributes withTargets(Collection<RouteTarget> value) {
    return new RouteAttributes(
        nextHop,
        localPreference,
        med,
        origin,
        asPath,
        communities,
        frozen(value),
        securityGroups,
        originVn,
        mobility,
        other,
        pmsi,
        reflection);
  }

  public RouteAttributes withSecurityGroups(Collection<Integer> value) {
    return new RouteAttributes(
        nextHop,
        localPreference,
        med,
        origin,
        asPath,
        communities,
        targets,
        frozen(value),
        originVn,
        mobility,
        other,
        pmsi,
        reflection);
  }

  public RouteAttributes withOriginVn(@Nullable OriginVn value) {
    return new RouteAttributes(
        nextHop,
        localPreference,
        med,
        origin,
        asPath,
        communities,
        targets,
        securityGroups,
        value,
        mobility,
        other,
        pmsi,
        reflection);
  }

  public RouteAttributes withMobility(Mobility value) {
    return new RouteAttributes(
        nextHop,
        localPreference,
        med,
        origin,
        asPath,
        communities,
        targets,
        securityGroups,
        originVn,
        value,
        other,
        pmsi,
        reflection);
  }

  public RouteAttributes withOther(Collection<ExtendedCommunity> value) {
    return new RouteAttributes(
        nextHop,
        localPreference,
        med,
        origin,
        asPath,
        communities,
        targets,
        securityGroups,
        originVn,
        mobility,
        frozen(value),
        pmsi,
        reflection);
  }

  public RouteAttributes withPmsi(@Nullable Pmsi value) {
    return new RouteAttributes(
        nextHop,
        localPreference,
        med,
        origin,
        asPath,
        communities,
        targets,
        securityGroups,
        originVn,
        mobility,
        other,
        value,
        reflection);
  }

  public RouteAttributes withOrigin(Origin value) {
    return new RouteAttributes(
        nextHop,
        localPreference,
        med,
        value,
        asPath,
        communities,
        targets,
        securityGroups,
        originVn,
        mobility,
        other,
        pmsi,
        reflection);
  }

  public RouteAttributes withReflection(Reflection value) {
    return new RouteAttributes(
        nextHop,
        localPreference,
        med,
        origin,
        asPath,
        communities,
        targets,
        securityGroups,
        originVn,
        mobility,
        other,
        pmsi,
        value);
  }
}
