package weft.bgp;

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
}
