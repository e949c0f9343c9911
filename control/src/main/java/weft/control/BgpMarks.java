package weft.control;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.bgp.Attribute;
import weft.bgp.PathAttributes;
import weft.net.ExtendedCommunity;
import weft.net.Tag;
import weft.routing.Carried;
import weft.routing.RouteAttributes;
import weft.routing.RouteAttributes.Membership;

/**
 * The security groups and tags of a route as BGP has them: in extended communities, as Tungsten
 * Fabric writes them, and tags in large communities too, as OpenSDN does.
 *
 * <p>An AS number of four bytes has no room beside such a number. It is told in a community of its
 * own, and both have the same index.
 */
final class BgpMarks {
  private static final int MOST_AS2 = 0xffff;

  /** OpenSDN's large communities: AS number, a byte that says what it is, seven of the tag. */
  private static final int LARGE_TAG = 1;

  private static final int VALUE_BITS = 32;
  private static final int INDEX_BITS = 16;
  private static final int FIRST_BITS = 24;
  private static final long MOST_TYPE = 0xff_ffff;

  /** Groups before it hold in every AS, and tags from it on. */
  private static final int FIRST_OF_AS = 8_000_000;

  private BgpMarks() {}

  // ---- from peers

  /**
   * What holds here and what does not: another AS has other numbers.
   *
   * @param groups of our AS, and those that hold everywhere
   * @param tags the same of tags, as they came
   * @param foreign groups and tags of others, as they came
   */
  record Told(
      SortedSet<Integer> groups, List<ExtendedCommunity> tags, List<ExtendedCommunity> foreign) {
    static final Told NOTHING = new Told(Collections.emptySortedSet(), List.of(), List.of());
  }

  /**
   * @param asn of the whole system
   */
  static Told told(List<ExtendedCommunity> communities, long asn) {
    if (communities.stream().noneMatch(BgpMarks::isMark)) {
      return Told.NOTHING;
    }
    Told found = new Told(new TreeSet<>(), new ArrayList<>(), new ArrayList<>());
    for (ExtendedCommunity mark : communities) {
      if (!mark.isSecurityGroup() && !mark.isTag()) {
        continue;
      }
      ExtendedCommunity pair = pair(mark, communities);
      if (!holds(mark, pair, asn)) {
        found.foreign.add(mark);
        if (pair != null && !found.foreign.contains(pair)) {
          found.foreign.add(pair);
        }
      } else if (mark.isSecurityGroup()) {
        found.groups.add(mark.number());
      } else {
        found.tags.add(mark);
        if (pair != null) {
          found.tags.add(pair);
        }
      }
    }
    return found;
  }

  static boolean isMark(ExtendedCommunity community) {
    return community.isSecurityGroup()
        || community.isSecurityGroupAs4()
        || community.isTag()
        || community.isTagAs4();
  }

  private static boolean holds(ExtendedCommunity mark, @Nullable ExtendedCommunity pair, long asn) {
    long of = pair == null ? mark.value() >>> VALUE_BITS : pair.value() >>> INDEX_BITS;
    boolean everywhere =
        mark.isTag()
            ? mark.number() >= FIRST_OF_AS
            : mark.number() > 0 && mark.number() < FIRST_OF_AS;
    return of == asn || everywhere;
  }

  /** That which has the AS of a group or tag, in whose place stands an index. */
  private static @Nullable ExtendedCommunity pair(
      ExtendedCommunity mark, List<ExtendedCommunity> communities) {
    long index = mark.value() >>> VALUE_BITS;
    for (ExtendedCommunity other : communities) {
      boolean isPair = mark.isTag() ? other.isTagAs4() : other.isSecurityGroupAs4();
      if (isPair && index(other) == index) {
        return other;
      }
    }
    return null;
  }

  private static long index(ExtendedCommunity pair) {
    return pair.value() & MOST_AS2;
  }

  /** Those of another AS, which a route is told on with. */
  private record Foreign(List<ExtendedCommunity> communities) {}

  static Carried with(Carried carried, Told told) {
    if (told.foreign.isEmpty()) {
      return carried;
    }
    List<Record> all = new ArrayList<>(carried.attributes());
    all.add(new Foreign(List.copyOf(told.foreign)));
    return new Carried(
        carried.segment(), carried.gateway(), carried.asSets(), all, carried.partial());
  }

  static List<ExtendedCommunity> foreign(RouteAttributes route) {
    for (Record carried : route.carried().attributes()) {
      if (carried instanceof Foreign(List<ExtendedCommunity> communities)) {
        return communities;
      }
    }
    return List.of();
  }

  /** The tags in large communities that hold in an AS. */
  static SortedSet<Tag> largeTags(PathAttributes told, long asn) {
    Attribute.LargeCommunities large = told.get(Attribute.LargeCommunities.class);
    return large == null
        ? Collections.emptySortedSet()
        : tags(
            large.values().stream()
                .filter(value ->
                    (value.administrator() & 0xffff_ffffL) == asn
                        || tagOf(value).number() >= FIRST_OF_AS)
                .toList());
  }

  private static Tag tagOf(Attribute.LargeCommunities.Value value) {
    return new Tag((value.first() & MOST_TYPE) << VALUE_BITS | value.second() & 0xffff_ffffL);
  }

  private static SortedSet<Tag> tags(Collection<Attribute.LargeCommunities.Value> values) {
    SortedSet<Tag> tags = new TreeSet<>();
    for (Attribute.LargeCommunities.Value value : values) {
      if (value.first() >>> FIRST_BITS == LARGE_TAG) {
        tags.add(tagOf(value));
      }
    }
    return tags;
  }

  // ---- to peers

  static void addGroups(List<ExtendedCommunity> all, RouteAttributes route, long asn) {
    List<ExtendedCommunity> foreign = foreign(route);
    all.addAll(foreign);
    int index = 0;
    for (int id : route.membership().securityGroups()) {
      if (asn <= MOST_AS2) {
        all.add(ExtendedCommunity.securityGroup((int) asn, id));
      } else {
        while (isTaken(index, foreign)) {
          index++;
        }
        all.add(ExtendedCommunity.securityGroupAs4(asn, index));
        all.add(ExtendedCommunity.securityGroup(index, id));
        index++;
      }
    }
  }

  private static boolean isTaken(int index, List<ExtendedCommunity> foreign) {
    return foreign.stream().anyMatch(each -> each.isSecurityGroupAs4() && index(each) == index);
  }

  /** Those of agents, who tell no AS. */
  static void addTags(List<ExtendedCommunity> all, Membership membership, long asn) {
    int index = 0;
    for (ExtendedCommunity community : membership.other()) {
      if (!isOfAgent(community, membership)) {
        continue;
      }
      if (asn <= MOST_AS2) {
        all.add(ExtendedCommunity.tag((int) asn, community.number()));
      } else {
        all.add(ExtendedCommunity.tagAs4(asn, index));
        all.add(ExtendedCommunity.tag(index, community.number()));
        index++;
      }
    }
  }

  /** Whether it is a tag without an AS number, and without one in a community of its own. */
  static boolean isOfAgent(ExtendedCommunity community, Membership membership) {
    return community.isTag()
        && community.value() >>> 32 == 0
        && membership.other().stream().noneMatch(ExtendedCommunity::isTagAs4);
  }

  /** Adds the tags of agents, and those that no extended community has room for. */
  static void addLargeTags(List<Attribute> all, Membership membership, long asn) {
    if (membership.largeTags().isEmpty() && membership.other().isEmpty()) {
      return;
    }
    SortedSet<Tag> missing = new TreeSet<>(membership.largeTags());
    for (ExtendedCommunity community : membership.other()) {
      if (isOfAgent(community, membership)) {
        missing.add(Tag.ofShort(community.number()));
      }
    }
    if (missing.isEmpty()) {
      return;
    }
    List<Attribute.LargeCommunities.Value> values = new ArrayList<>();
    for (Attribute attribute : all) {
      if (attribute instanceof Attribute.LargeCommunities carried) {
        values.addAll(carried.values());
      }
    }
    missing.removeAll(tags(values));
    if (missing.isEmpty()) {
      return;
    }
    for (Tag tag : missing) {
      int first = LARGE_TAG << FIRST_BITS | (int) (tag.number() >>> VALUE_BITS);
      values.add(new Attribute.LargeCommunities.Value((int) asn, first, (int) tag.number()));
    }
    all.removeIf(Attribute.LargeCommunities.class::isInstance);
    all.add(new Attribute.LargeCommunities(values));
  }
}
