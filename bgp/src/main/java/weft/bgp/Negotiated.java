package weft.bgp;

import java.util.HashSet;
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
 * @param peerRestart the peer's graceful-restart capability, or null
 */
public record Negotiated(
    long asn,
    Ipv4Address identifier,
    int holdTime,
    Set<Family> families,
    boolean fourOctetAs,
    boolean routeRefresh,
    boolean extendedMessage,
    Capability.@Nullable GracefulRestart peerRestart) {
  public Negotiated {
    families = java.util.Collections.unmodifiableSet(new TreeSet<>(families));
  }

  /** What our offer and the peer's OPEN come to. */
  static Negotiated of(Fsm.Config config, Message.Open open) {
    Set<Family> theirs = new HashSet<>();
    boolean wide = false;
    boolean refresh = false;
    boolean extended = false;
    Capability.GracefulRestart restart = null;
    for (Capability capability : open.capabilities()) {
      switch (capability) {
        case Capability.MultiProtocol(Family family) -> theirs.add(family);
        case Capability.FourOctetAs _ -> wide = true;
        case Capability.RouteRefresh _ -> refresh = true;
        case Capability.ExtendedMessage _ -> extended = true;
        case Capability.GracefulRestart r -> restart = r;
        case Capability.LongLivedGracefulRestart _, Capability.Unknown _ -> {}
      }
    }
    if (theirs.isEmpty()) {
      theirs.add(Family.INET); // a speaker without RFC 4760
    }
    theirs.retainAll(config.families());
    return new Negotiated(
        open.effectiveAsn(),
        open.identifier(),
        Math.min(config.holdTime(), open.holdTime()),
        theirs,
        wide,
        refresh,
        extended,
        restart);
  }
}
