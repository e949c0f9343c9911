package weft.control;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import weft.bgp.Attribute;
import weft.bgp.PathAttributes;
import weft.net.ExtendedCommunity;
import weft.net.Tag;
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
  private static final int FIRST_BITS = 24;
  private static final long MOST_TYPE = 0xff_ffff;

  private BgpMarks() {}

  // ---- from peers

  /** The tags in large communities. */
  static SortedSet<Tag> largeTags(PathAttributes told) {
    Attribute.LargeCommunities large = told.get(Attribute.LargeCommunities.class);
    return large == null ? Collections.emptySortedSet() : tags(large.values());
  }

  private static SortedSet<Tag> tags(Collection<Attribute.LargeCommunities.Value> values) {
    SortedSet<Tag> tags = new TreeSet<>();
    for (Attribute.LargeCommunities.Value value : values) {
      if (value.first() >>> FIRST_BITS == LARGE_TAG) {
        long type = value.first() & MOST_TYPE;
        tags.add(new Tag(type << VALUE_BITS | value.second() & 0xffff_ffffL));
      }
    }
    return tags;
  }

  // ---- to peers

  static void addGroups(List<ExtendedCommunity> all, Membership membership, long asn) {
    int index = 0;
    for (int id : membership.securityGroups()) {
      if (asn <= MOST_AS2) {
        all.add(ExtendedCommunity.securityGroup((int) asn, id));
      } else {
        all.add(ExtendedCommunity.securityGroupAs4(asn, index));
        all.add(ExtendedCommunity.securityGroup(index, id));
        index++;
      }
    }
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
