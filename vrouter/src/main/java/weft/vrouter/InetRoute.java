package weft.vrouter;

import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.net.MacAddress;

/**
 * A unicast route.
 *
 * @param nextHop id of the next hop
 * @param label the label to send with if the next hop is a tunnel, else -1
 * @param arp how ARP and ND for an address under this prefix are answered
 * @param mac the MAC that answers if `arp` is STITCHED, else null
 * @param virtualNetwork id of the network the address is in, as ACL rules see it; 0 if unknown
 * @param securityGroups ids of the groups the address is in, as ACL rules see it
 */
public record InetRoute(
    int nextHop,
    int label,
    Arp arp,
    @Nullable MacAddress mac,
    int virtualNetwork,
    SortedSet<Integer> securityGroups)
    implements TableValue {
  public InetRoute {
    securityGroups = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(securityGroups));
  }

  /** Who answers ARP and ND. */
  public enum Arp {
    /** Nobody here: the request is flooded. */
    FLOOD,
    /** The vRouter, with the gateway's MAC. */
    PROXY,
    /** The vRouter, with the owner's MAC. */
    STITCHED,
    /** Nobody: the request is dropped. */
    DROP
  }
}
