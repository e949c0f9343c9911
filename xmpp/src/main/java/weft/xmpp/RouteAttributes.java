package weft.xmpp;

import java.util.List;

/**
 * What unicast and EVPN entries say about a route beside its next hops.
 *
 * @param virtualNetwork fully qualified name of the network of origin, or empty
 * @param sequenceNumber the older form of `mobility`; counts only where `mobility` has none
 * @param securityGroups ids of security groups, in order
 * @param med 0 lets the control node derive one from the local preference
 */
public record RouteAttributes(
    String virtualNetwork,
    Mobility mobility,
    long sequenceNumber,
    List<Long> securityGroups,
    long localPreference,
    long med) {
  public static final RouteAttributes DEFAULT =
      new RouteAttributes("", Mobility.NONE, 0, List.of(), 100, 0);

  public RouteAttributes {
    securityGroups = List.copyOf(securityGroups);
  }

  public RouteAttributes withVirtualNetwork(String name) {
    return new RouteAttributes(
        name, mobility, sequenceNumber, securityGroups, localPreference, med);
  }

  public RouteAttributes withSecurityGroups(List<Long> groups) {
    return new RouteAttributes(
        virtualNetwork, mobility, sequenceNumber, groups, localPreference, med);
  }

  public RouteAttributes withPreference(long preference, long discriminator) {
    return new RouteAttributes(
        virtualNetwork, mobility, sequenceNumber, securityGroups, preference, discriminator);
  }

  public RouteAttributes withMobility(Mobility moved) {
    return new RouteAttributes(
        virtualNetwork, moved, sequenceNumber, securityGroups, localPreference, med);
  }

  /** The sequence that counts: that of `mobility`, or else the older element. */
  public long effectiveSequence() {
    return mobility.sequence() != 0 ? mobility.sequence() : sequenceNumber;
  }
}
