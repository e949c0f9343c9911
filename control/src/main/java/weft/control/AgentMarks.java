package weft.control;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import weft.net.ExtendedCommunity;
import weft.xmpp.InetItem;

/** What agents say of tags and of the spreading of flows, as extended communities and back. */
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
  private static final long MOST = 0xffff_ffffL;

  private AgentMarks() {}

  /** Tags of more than 32 bits have no such form, and are left out. */
  static SortedSet<ExtendedCommunity> tags(Collection<Long> tags) {
    SortedSet<ExtendedCommunity> found = new TreeSet<>();
    for (long tag : tags) {
      if (tag >= 0 && tag <= MOST) {
        found.add(ExtendedCommunity.tag(0, (int) tag));
      }
    }
    return found;
  }

  static List<Long> words(List<Integer> tags) {
    return tags.isEmpty() ? List.of() : tags.stream().map(tag -> tag & MOST).toList();
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
