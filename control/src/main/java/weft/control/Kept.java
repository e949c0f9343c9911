package weft.control;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import weft.bgp.Capability;
import weft.bgp.Family;
import weft.bgp.Negotiated;

/**
 * How long the routes of a BGP peer that is away stay, by family (RFC 4724, RFC 9494).
 *
 * @param seconds as good as any
 * @param longSeconds as stale ones, after that
 */
record Kept(Map<Family, Integer> seconds, Map<Family, Integer> longSeconds) {
  static final Kept NOTHING = new Kept(Map.of(), Map.of());

  /** What a peer asked for in the session that ended. */
  static Kept of(Negotiated negotiated) {
    Map<Family, Integer> seconds = new HashMap<>();
    Map<Family, Integer> longSeconds = new HashMap<>();
    Capability.GracefulRestart told = negotiated.peerRestart();
    if (told != null && told.time() > 0) {
      told.families().forEach(family -> seconds.put(family.family(), told.time()));
    }
    Map<Family, Integer> longLived = negotiated.peerLongLived();
    if (told != null && longLived != null) {
      longLived.forEach((family, time) -> {
        if (time > 0) {
          longSeconds.put(family, time);
          seconds.putIfAbsent(family, 0);
        }
      });
    }
    return new Kept(seconds, longSeconds);
  }

  /** The families of which a peer that is back says that it has gone on forwarding. */
  static Set<Family> byPeer(Negotiated negotiated) {
    Set<Family> kept = new HashSet<>();
    Capability.GracefulRestart told = negotiated.peerRestart();
    if (told != null) {
      for (Capability.GracefulRestart.Preserved one : told.families()) {
        if (one.forwarding()) {
          kept.add(one.family());
        }
      }
    }
    Map<Family, Integer> longLived = negotiated.peerLongLived();
    if (longLived != null) {
      kept.addAll(longLived.keySet());
    }
    return kept;
  }

  boolean isEmpty() {
    return seconds.isEmpty();
  }
}
