package weft.routing;

import java.util.List;
import weft.net.ExtendedCommunity;

/**
 * The networks that a route was led through, nearest first, as Tungsten Fabric's path attribute 243
 * has them. Who is among them does not take the route: it would go in circles.
 */
public record OriginVnPath(List<ExtendedCommunity> networks) {
  public static final OriginVnPath NONE = new OriginVnPath(List.of());

  public OriginVnPath {
    networks = List.copyOf(networks);
  }

  public boolean isEmpty() {
    return networks.isEmpty();
  }

  boolean contains(OriginVn network) {
    if (networks.isEmpty()) {
      return false;
    }
    return networks.containsAll(network.toCommunities())
        || (network.isGlobal()
            && networks.stream()
                .anyMatch(each -> each.isOriginVn() && each.number() == network.networkId()));
  }
}
