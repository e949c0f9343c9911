package weft.bgp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import weft.net.Ipv4Address;

/**
 * On what terms we speak with one neighbour.
 *
 * @param asn ours towards it
 * @param identifier ours
 * @param passive never dial
 * @param holdTime seconds
 * @param manyPaths it may be told several paths to a route
 * @param restart what we ask of it while we are away
 * @param restarting we are just back and have not told everything again
 */
record Terms(
    long asn,
    Ipv4Address identifier,
    long peerAsn,
    boolean passive,
    int holdTime,
    Duration connectRetry,
    Set<Family> families,
    boolean manyPaths,
    BgpServer.Restart restart,
    boolean restarting) {
  /** The families with several paths to a route (RFC 7911). */
  private static final Set<Family> MANY_PATHS =
      Set.of(Family.INET, Family.INET6, Family.INET_LABELED, Family.INET_VPN, Family.INET6_VPN);

  private static final Set<Family> NO_IPV6_NEXT_HOP = Set.of(Family.ROUTE_TARGET, Family.ERMVPN);

  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);

  Terms {
    families = Set.copyOf(families);
  }

  /** True for a neighbour of our own AS. */
  boolean internal() {
    return asn == peerAsn;
  }

  /** The families of which we take several paths to a route. */
  Set<Family> takenManyPaths() {
    return Set.copyOf(families.stream().filter(MANY_PATHS::contains).toList());
  }

  /** The families of which we tell several paths to a route, to a peer that takes them. */
  Set<Family> toldManyPaths() {
    return manyPaths ? takenManyPaths() : Set.of();
  }

  Message.Open open() {
    List<Family> sorted = families.stream().sorted().toList();
    List<Capability> capabilities = new ArrayList<>();
    sorted.forEach(family -> capabilities.add(new Capability.MultiProtocol(family)));
    capabilities.add(new Capability.RouteRefresh());
    List<Family> v4 = sorted.stream().filter(family -> family.afi() == 1).toList();
    List<Family> withNextHop = v4.stream().filter(f -> !NO_IPV6_NEXT_HOP.contains(f)).toList();
    if (!withNextHop.isEmpty()) {
      capabilities.add(new Capability.ExtendedNextHop(withNextHop));
    }
    capabilities.add(new Capability.ExtendedMessage());
    capabilities.add(gracefulRestart(sorted));
    capabilities.add(new Capability.FourOctetAs(asn));
    List<Capability.AddPath.Mode> many =
        sorted.stream()
            .filter(MANY_PATHS::contains)
            .map(family -> new Capability.AddPath.Mode(family, true, manyPaths))
            .toList();
    if (!many.isEmpty()) {
      capabilities.add(new Capability.AddPath(many));
    }
    capabilities.add(new Capability.EnhancedRouteRefresh());
    if (restart.longLivedTime() > 0) {
      capabilities.add(
          new Capability.LongLivedGracefulRestart(
              sorted.stream()
                  .map(family ->
                      new Capability.LongLivedGracefulRestart.Stale(
                          family, true, restart.longLivedTime()))
                  .toList()));
    }
    return new Message.Open(
        asn > 0xffff ? Codec.AS_TRANS : (int) asn, holdTime, identifier, capabilities);
  }

  /**
   * RFC 4724 section 3. vRouters go on forwarding while we are away, hence bit F. With time 0 and
   * no families it promises nothing, but End-of-RIB is understood.
   */
  private Capability gracefulRestart(List<Family> sorted) {
    List<Capability.GracefulRestart.Preserved> kept =
        restart.time() == 0
            ? List.of()
            : sorted.stream()
                .map(family -> new Capability.GracefulRestart.Preserved(family, true))
                .toList();
    return new Capability.GracefulRestart(
        restarting && restart.time() > 0, true, restart.time(), kept);
  }

  Duration backOff(int failures) {
    Duration wait = FIRST_RETRY.multipliedBy(1L << Math.min(Math.max(failures - 1, 0), 10));
    return wait.compareTo(connectRetry) < 0 ? wait : connectRetry;
  }
}
