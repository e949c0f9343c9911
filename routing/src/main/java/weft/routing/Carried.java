package weft.routing;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;

/**
 * What a route is told on with as it came, and what decides nothing here.
 *
 * @param segment the Ethernet segment of an EVPN route, 20 hexadecimal digits; empty for none
 * @param gateway by which an EVPN prefix is reached (RFC 9136 section 3.1), or null
 * @param asSets the members of AS sets, by how many steps of the AS path come after them
 * @param attributes of the protocol that the route came by, compared by content
 * @param partial types of attributes that some speaker before did not know (RFC 4271 section 5)
 */
public record Carried(
    String segment,
    @Nullable IpAddress gateway,
    Map<Integer, List<Long>> asSets,
    List<Record> attributes,
    SortedSet<Integer> partial) {
  public static final Carried NOTHING =
      new Carried("", null, Map.of(), List.of(), Collections.emptySortedSet());

  public Carried {
    asSets = asSets.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(asSets));
    attributes = List.copyOf(attributes);
    partial =
        partial.isEmpty()
            ? Collections.emptySortedSet()
            : Collections.unmodifiableSortedSet(new TreeSet<>(partial));
  }

  /** The same over an Ethernet segment or a gateway. */
  public Carried over(String newSegment, @Nullable IpAddress newGateway) {
    return new Carried(newSegment, newGateway, asSets, attributes, partial);
  }

  /** Whether an EVPN prefix leads to its next hop only by way of another route (RFC 9136). */
  boolean isIndirect() {
    return !segment.isEmpty() || gateway != null;
  }
}
