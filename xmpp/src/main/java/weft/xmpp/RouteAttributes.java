package weft.xmpp;

import java.util.List;

/**
 * What unicast and EVPN entries say about a route beside its next hops.
 *
 * @param virtualNetwork fully qualified name of the network of origin, or empty
 * @param sequenceNumber the older form of `mobility`; counts only where `mobility` has none
 * @param securityGroups ids of security groups, in order
 * @param med 0 lets the control node derive one from the local preference
 * @param peers of OpenSDN: addresses of BGP peers that told the route
 */
public record RouteAttributes(
    String virtualNetwork,
    Mobility mobility,
    long sequenceNumber,
    List<Long> securityGroups,
    long localPreference,
    long med,
    List<String> peers) {
  public static final RouteAttributes DEFAULT =
      new RouteAttributes("", Mobility.NONE, 0, List.of(), 100, 0, List.of());

  public RouteAttributes {
    securityGroups = List.copyOf(securityGroups);
    peers = List.copyOf(peers);
  }

  public RouteAttributes withVirtualNetwork(String name) {
    return new RouteAttributes(
        name, mobility, sequenceNumber, securityGroups, localPreference, med, peers);
  }

  public RouteAttributes withSecurityGroups(List<Long> groups) {
    return new RouteAttributes(
        virtualNetwork, mobility, sequenceNumber, groups, localPreference, med, peers);
  }

  public RouteAttributes withPreference(long preference, long discriminator) {
    return new RouteAttributes(
        virtualNetwork, mobility, sequenceNumber, securityGroups, preference, discriminator, peers);
  }

  public RouteAttributes withMobility(Mobility moved) {
    return new RouteAttributes(
        virtualNetwork, moved, sequenceNumber, securityGroups, localPreference, med, peers);
  }

  public RouteAttributes withPeers(List<String> addresses) {
    return new RouteAttributes(
        virtualNetwork, mobility, sequenceNumber, securityGroups, localPreference, med, addresses);
  }

  /** The sequence that counts: that of `mobility`, or else the older element. */
  public long effectiveSequence() {
    return mobility.sequence() != 0 ? mobility.sequence() : sequenceNumber;
  }
}
