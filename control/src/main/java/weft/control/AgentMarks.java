package weft.control;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import weft.net.ExtendedCommunity;
import weft.net.Tag;
import weft.routing.Advert;
import weft.routing.Carried;
import weft.routing.RouteAttributes;
import weft.xmpp.InetItem;
import weft.xmpp.TagList;

/** What agents say of tags, of the spreading of flows and of peers, as routes have it and back. */
final class AgentMarks {
  private static final String SOURCE_BIAS = "source-bias";

  /** As bits: the first is the highest. */
  private static final List<String> FIELDS =
      List.of(
          "l3-source-address",
          "l3-destination-address",
          "l4-protocol",
          "l4-source-port",
          "l4-destination-port");

  private static final int ALL_FIELDS = 0x1f;

  private AgentMarks() {}

  /** The tags that have a short form. */
  static SortedSet<ExtendedCommunity> tags(TagList tags) {
    SortedSet<ExtendedCommunity> found = new TreeSet<>();
    for (Tag tag : tags.tags()) {
      if (tag.isShort()) {
        found.add(ExtendedCommunity.tag(0, tag.toShort()));
      }
    }
    return found;
  }

  /** The tags that have none. */
  static SortedSet<Tag> largeTags(TagList tags) {
    SortedSet<Tag> found = new TreeSet<>(tags.tags());
    found.removeIf(Tag::isShort);
    return found;
  }

  /**
   * Whether a tag of the route has no short form. Agents ask the first next hop what form all have.
   */
  static boolean areWide(List<Advert.Via> vias) {
    for (Advert.Via via : vias) {
      if (!TagList.areShort(via.tags())) {
        return true;
      }
    }
    return false;
  }

  /** Addresses of BGP peers, as an agent tells them to others. */
  private record Peers(List<String> addresses) {}

  static RouteAttributes withPeers(RouteAttributes told, List<String> addresses) {
    return addresses.isEmpty()
        ? told
        : told.with(
            new Carried(
                "",
                null,
                Map.of(),
                List.of(new Peers(List.copyOf(addresses))),
                Collections.emptySortedSet()));
  }

  static List<String> peers(RouteAttributes route) {
    for (Record carried : route.carried().attributes()) {
      if (carried instanceof Peers(List<String> addresses)) {
        return addresses;
      }
    }
    return List.of();
  }

  /** None for the usual: all fields. */
  static List<ExtendedCommunity> of(InetItem.LoadBalance balance) {
    boolean bias = balance.decision().equals(SOURCE_BIAS);
    int bits = balance.fields().isEmpty() && !bias ? ALL_FIELDS : 0;
    for (String field : balance.fields()) {
      int at = FIELDS.indexOf(field);
      bits |= at < 0 ? 0 : bit(at);
    }
    return bits == ALL_FIELDS && !bias
        ? List.of()
        : List.of(ExtendedCommunity.loadBalance(bits, bias));
  }

  static InetItem.LoadBalance loadBalance(Collection<ExtendedCommunity> communities) {
    for (ExtendedCommunity community : communities) {
      if (community.isLoadBalance()) {
        List<String> fields = new ArrayList<>();
        int bits = (int) (community.value() >>> 43);
        for (int at = 0; at < FIELDS.size(); at++) {
          if ((bits & bit(at)) != 0) {
            fields.add(FIELDS.get(at));
          }
        }
        boolean bias = (community.value() >>> 31 & 1) != 0;
        return new InetItem.LoadBalance(fields, bias ? SOURCE_BIAS : "field-hash");
      }
    }
    return InetItem.LoadBalance.DEFAULT;
  }

  private static int bit(int at) {
    return 1 << FIELDS.size() - 1 - at;
  }
}
