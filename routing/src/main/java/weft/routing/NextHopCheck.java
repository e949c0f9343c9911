package weft.routing;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;

/**
 * Keeps the paths of instances out of use while the fabric has no route to their next hops, if that
 * is wanted.
 *
 * <p>A next hop is reached by the host route that an agent or BGP peer tells in the fabric itself,
 * never by what is imported there or made here. So what decides does not depend on what it decides.
 */
final class NextHopCheck {
  private final Tables tables;
  private final Map<IpAddress, RouteSet> dependents = new HashMap<>();
  private final IdentityHashMap<Route, Set<IpAddress>> nextHops = new IdentityHashMap<>();
  private boolean wanted;

  NextHopCheck(Tables tables) {
    this.tables = tables;
  }

  /** Returns whether it was not so before. */
  boolean want(boolean next) {
    boolean isNew = wanted != next;
    wanted = next;
    dependents.clear();
    nextHops.clear();
    return isNew;
  }

  /** Whether the paths of a table may be kept out of use. */
  static boolean concerns(TableId id) {
    return switch (id.family()) {
      case INET, INET6, EVPN -> !id.instance().equals(TableId.MASTER);
      case ERMVPN, INET_LABELED, VPN_INET, VPN_INET6, VPN_EVPN, VPN_ERMVPN, ROUTE_TARGET -> false;
    };
  }

  /** The path as it stands in a table now. */
  Path on(TableId id, Path path) {
    return path.reached(!wanted || !concerns(id) || isReached(nextHop(path)));
  }

  private static IpAddress nextHop(Path path) {
    return path.attributes().nextHop().address();
  }

  private boolean isReached(IpAddress address) {
    Family family = address.isV4() ? Family.INET : Family.INET6;
    Route route = tables.route(TableId.backbone(family), new RouteKey.Inet(address.toHostPrefix()));
    if (route != null) {
      for (Path path : route.paths()) {
        if (!path.imported() && !path.peer().kind().isDerived() && path.isFeasible()) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Before its paths are chosen among: has them stand as they should, and notes their next hops.
   */
  void settle(Route route) {
    if (!wanted || !concerns(route.tableId())) {
      return;
    }
    for (Path path : route.paths()) {
      route.put(on(route.tableId(), path));
    }
    Set<IpAddress> after = new HashSet<>();
    route.paths().forEach(path -> after.add(nextHop(path)));
    Set<IpAddress> before =
        after.isEmpty() ? nextHops.remove(route) : nextHops.put(route, Set.copyOf(after));
    if (after.equals(before)) {
      return;
    }
    for (IpAddress address : before == null ? Set.<IpAddress>of() : before) {
      RouteSet routes = dependents.get(address);
      if (!after.contains(address) && routes != null && routes.remove(route) && routes.isEmpty()) {
        dependents.remove(address);
      }
    }
    after.forEach(address -> dependents.computeIfAbsent(address, _ -> new RouteSet()).add(route));
  }

  /** Those that have it as a next hop, if the route is one of the fabric to an address. */
  Collection<Route> dependents(Route route) {
    IpAddress address = wanted ? address(route) : null;
    RouteSet routes = address == null ? null : dependents.get(address);
    return routes == null ? List.of() : routes.toList();
  }

  private static @Nullable IpAddress address(Route route) {
    TableId id = route.tableId();
    boolean isFabric =
        id.instance().equals(TableId.MASTER)
            && (id.family() == Family.INET || id.family() == Family.INET6);
    if (!isFabric || !(route.key() instanceof RouteKey.Inet inet)) {
      return null;
    }
    IpAddress address = inet.prefix().address();
    return address.toHostPrefix().equals(inet.prefix()) ? address : null;
  }
}
