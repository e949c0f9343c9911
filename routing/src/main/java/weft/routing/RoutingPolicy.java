package weft.routing;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import weft.net.ExtendedCommunity;
import weft.net.IpPrefix;
import weft.net.RouteTarget;
import weft.routing.RouteAttributes.Membership;
import weft.routing.RouteAttributes.Preference;

/**
 * What becomes of the routes that come into an instance, told there or imported: the terms of its
 * policies in their order, each on what the ones before it made of the route.
 *
 * @param policies those attached to the instance, in their order
 */
public record RoutingPolicy(List<List<Term>> policies) {
  public static final RoutingPolicy NONE = new RoutingPolicy(List.of());

  public RoutingPolicy {
    policies = policies.stream().map(List::copyOf).toList();
  }

  /** What a term does with a route that it matches. */
  public record Term(Match match, Update update, Action action) {}

  /** What follows once a term has matched. */
  public enum Action {
    ACCEPT,
    REJECT,
    NEXT_TERM,
    NEXT_POLICY
  }

  /**
   * All that is given must be so; what is empty asks for nothing.
   *
   * @param prefixes one of them must fit
   * @param extended of extended communities, route targets among them
   * @param protocols one of them must be the route's
   */
  public record Match(
      List<PrefixMatch> prefixes,
      CommunityMatch communities,
      CommunityMatch extended,
      Set<Protocol> protocols) {
    public Match {
      prefixes = List.copyOf(prefixes);
      protocols = Set.copyOf(protocols);
    }

    private boolean fits(RouteKey key, Path path, RouteAttributes attributes) {
      Membership membership = attributes.membership();
      return (prefixes.isEmpty() || prefixes.stream().anyMatch(p -> p.fits(key)))
          && (protocols.isEmpty() || protocols.stream().anyMatch(p -> p.fits(path)))
          && communities.fits(membership.communities().stream().map(Communities::format))
          && extended.fits(
              Stream.concat(
                  membership.targets().stream().map(RouteTarget::toString),
                  membership.other().stream().map(ExtendedCommunity::toString)));
    }
  }

  /** A prefix, and which others pass for it. */
  public record PrefixMatch(IpPrefix prefix, Reach reach) {
    /** Which prefixes fit. */
    public enum Reach {
      EXACT,
      LONGER,
      OR_LONGER
    }

    private boolean fits(RouteKey key) {
      return key instanceof RouteKey.Inet inet && fits(inet.prefix());
    }

    private boolean fits(IpPrefix other) {
      return switch (reach) {
        case EXACT -> prefix.equals(other);
        case LONGER -> prefix.contains(other) && !prefix.equals(other);
        case OR_LONGER -> prefix.contains(other);
      };
    }
  }

  /** Where a route comes from. */
  public enum Protocol {
    XMPP,
    BGP,
    STATIC,
    AGGREGATE,
    SERVICE_CHAIN,
    INTERFACE,
    INTERFACE_STATIC,
    SERVICE_INTERFACE,
    BGPAAS;

    /** By its word, `interface-static`; null if there is none of that name. */
    public static @Nullable Protocol of(String word) {
      for (Protocol protocol : values()) {
        if (protocol.name().equals(word.toUpperCase(Locale.ROOT).replace('-', '_'))) {
          return protocol;
        }
      }
      return null;
    }

    private boolean fits(Path path) {
      return switch (path.peer().kind()) {
        case LOCAL -> false;
        case AGGREGATE -> this == AGGREGATE;
        case STATIC -> this == STATIC;
        case AGENT -> this == XMPP || this == path.attributes().membership().protocol();
        case EXTERNAL_BGP, INTERNAL_BGP -> this == BGP;
      };
    }
  }

  /**
   * What a term changes.
   *
   * @param local null leaves the local preference as it is
   * @param med null leaves it as it is
   * @param asPath numbers put before the AS path
   */
  public record Update(
      @Nullable Long local,
      @Nullable Long med,
      Change<Integer> communities,
      Change<ExtendedCommunity> extended,
      List<Long> asPath) {
    public static final Update NONE =
        new Update(null, null, Change.none(), Change.none(), List.of());

    public Update {
      asPath = List.copyOf(asPath);
    }

    private RouteAttributes on(RouteAttributes attributes) {
      Preference preference = attributes.preference();
      Membership membership = attributes.membership();
      Preference preferred =
          new Preference(
              local == null ? preference.local() : local,
              med == null ? preference.med() : med,
              preference.origin(),
              Stream.concat(asPath.stream(), preference.asPath().stream()).toList(),
              preference.mobility(),
              preference.reflection());
      return attributes.with(preferred).with(extended(membership));
    }

    private Membership extended(Membership membership) {
      Membership changed = membership.withCommunities(communities.on(membership.communities()));
      if (extended.isNone()) {
        return changed;
      }
      SortedSet<ExtendedCommunity> before = new TreeSet<>(membership.other());
      membership.targets().forEach(target -> before.add(target.toCommunity()));
      SortedSet<RouteTarget> targets = new TreeSet<>();
      SortedSet<ExtendedCommunity> other = new TreeSet<>();
      for (ExtendedCommunity community : extended.on(before)) {
        if (community.isRouteTarget()) {
          targets.add(new RouteTarget(community.bits()));
        } else {
          other.add(community);
        }
      }
      return changed.with(targets, membership.originVn()).withOther(other);
    }
  }

  /**
   * A change of a set.
   *
   * @param set what takes the place of all there is; null leaves it
   */
  public record Change<T extends Comparable<T>>(
      @Nullable List<T> set, List<T> add, List<T> remove) {
    public Change {
      set = set == null ? set : List.copyOf(set);
      add = List.copyOf(add);
      remove = List.copyOf(remove);
    }

    public static <T extends Comparable<T>> Change<T> none() {
      return new Change<T>(null, List.of(), List.of());
    }

    private boolean isNone() {
      return set == null && add.isEmpty() && remove.isEmpty();
    }

    private SortedSet<T> on(SortedSet<T> before) {
      if (isNone()) {
        return before;
      }
      TreeSet<T> after = new TreeSet<>();
      after.addAll(set == null ? before : set);
      after.addAll(add);
      remove.forEach(after::remove);
      return Collections.unmodifiableSortedSet(after);
    }
  }

  public boolean isNone() {
    return policies.isEmpty();
  }

  /** The path as it stands under that key of the instance: as it was told if no term matches. */
  Path on(RouteKey key, Path path) {
    RouteAttributes now = path.attributes();
    for (List<Term> policy : policies) {
      boolean goesOn = true;
      for (int i = 0; goesOn && i < policy.size(); i++) {
        Term term = policy.get(i);
        if (!term.match.fits(key, path, now)) {
          continue;
        }
        now = term.update.on(now);
        switch (term.action) {
          case ACCEPT -> {
            return path.policed(now, false);
          }
          case REJECT -> {
            return path.policed(now, true);
          }
          case NEXT_POLICY -> goesOn = false;
          case NEXT_TERM -> {}
        }
      }
    }
    return path.policed(now, false);
  }
}
