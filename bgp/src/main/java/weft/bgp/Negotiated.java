package weft.bgp;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.net.Ipv4Address;

/**
 * What both ends of a session agreed on.
 *
 * @param asn the peer's
 * @param identifier the peer's
 * @param holdTime seconds; 0 = no keep-alives
 * @param families offered by both
 * @param fourOctetAs AS numbers take four bytes on this session
 * @param extendedMessage messages may be 65535 long
 * @param enhancedRefresh the peer marks begin and end of what it tells again (RFC 7313)
 * @param manyPaths families of which the peer takes several paths to a route, each under an
 *     identifier (RFC 7911)
 * @param peerRestart the peer's graceful-restart capability, or null
 * @param ipv6NextHops families of IPv4 of which the peer takes routes with an IPv6 next hop (RFC
 *     8950)
 * @param peerLongLived for how many seconds the peer's routes may stay once it has not come back in
 *     time (RFC 9494), by family; null if it does not know of that
 */
public record Negotiated(
    long asn,
    Ipv4Address identifier,
    int holdTime,
    Set<Family> families,
    boolean fourOctetAs,
    boolean routeRefresh,
    boolean extendedMessage,
    boolean enhancedRefresh,
    Set<Family> ipv6NextHops,
    Set<Family> manyPaths,
    Capability.@Nullable GracefulRestart peerRestart,
    @Nullable Map<Family, Integer> peerLongLived) {
  public Negotiated {
    ipv6NextHops = Set.copyOf(ipv6NextHops);
    manyPaths = Set.copyOf(manyPaths);
    peerLongLived = peerLongLived == null ? null : Map.copyOf(peerLongLived);
    families = java.util.Collections.unmodifiableSet(new TreeSet<>(families));
  }

  /** Whether a NOTIFICATION leaves routes as they are unless it is a hard reset (RFC 8538). */
  public boolean notificationRestart() {
    return peerRestart != null && peerRestart.notification();
  }

  /** What our offer and the peer's OPEN come to. */
  static Negotiated of(Terms config, Message.Open open) {
    Set<Family> theirs = new HashSet<>();
    boolean wide = false;
    boolean refresh = false;
    boolean extended = false;
    boolean enhanced = false;
    Set<Family> ipv6NextHops = new HashSet<>();
    Set<Family> manyPaths = new HashSet<>();
    Map<Family, Integer> longLived = null;
    Capability.GracefulRestart restart = null;
    for (Capability capability : open.capabilities()) {
      switch (capability) {
        case Capability.MultiProtocol(Family family) -> theirs.add(family);
        case Capability.FourOctetAs _ -> wide = true;
        case Capability.RouteRefresh _ -> refresh = true;
        case Capability.ExtendedMessage _ -> extended = true;
        case Capability.GracefulRestart r -> restart = r;
        case Capability.EnhancedRouteRefresh _ -> enhanced = true;
        case Capability.LongLivedGracefulRestart(
                List<Capability.LongLivedGracefulRestart.Stale> families) -> {
          longLived = new HashMap<>();
          for (Capability.LongLivedGracefulRestart.Stale stale : families) {
            longLived.put(stale.family(), stale.time());
          }
        }
        case Capability.ExtendedNextHop(List<Family> families) -> ipv6NextHops.addAll(families);
        case Capability.AddPath(List<Capability.AddPath.Mode> modes) ->
            modes.stream().filter(m -> m.receives()).forEach(m -> manyPaths.add(m.family()));
        case Capability.Unknown _ -> {}
      }
    }
    if (theirs.isEmpty()) {
      theirs.add(Family.INET); // a speaker without RFC 4760
    }
    theirs.retainAll(config.families());
    manyPaths.retainAll(config.toldManyPaths());
    return new Negotiated(
        open.effectiveAsn(),
        open.identifier(),
        Math.min(config.holdTime(), open.holdTime()),
        theirs,
        wide,
        refresh,
        extended,
        enhanced,
        ipv6NextHops,
        manyPaths,
        restart,
        longLived);
  }
}
