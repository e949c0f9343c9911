package weft.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/** Turns the state of routes into what peers are told of them. */
final class Adverts {
  private final Instances instances;

  Adverts(Instances instances) {
    this.instances = instances;
  }

  /** What all agents of its instance are told of the route, or null for nothing. */
  Advert.@Nullable Unicast forAgents(Route route) {
    Path best = route.best();
    return best != null && isForAgents(route) ? unicast(route, best) : null;
  }

  private boolean isForAgents(Route route) {
    if (instances.get(route.tableId().instance()) == null) {
      return false;
    }
    return switch (route.key()) {
      case RouteKey.Inet _, RouteKey.Mac _, RouteKey.Prefix _ -> true;
      case RouteKey.Broadcast _,
          RouteKey.Group _,
          RouteKey.Tree _,
          RouteKey.OtherEvpn _,
          RouteKey.Membership _,
          RouteKey.Vpn _ ->
          false;
    };
  }

  private Advert.Unicast unicast(Route route, Path best) {
    SequencedSet<Advert.Via> vias = new LinkedHashSet<>();
    for (Path path : route.ecmp()) {
      RouteAttributes attributes = path.attributes();
      vias.add(
          new Advert.Via(
              attributes.nextHop(), network(route, path), attributes.membership().tags()));
    }
    return new Advert.Unicast(route.key(), best.attributes(), List.copyOf(vias));
  }

  @Nullable String network(Route route, Path path) {
    OriginVn origin = path.attributes().membership().originVn();
    if (origin == null && !path.imported()) {
      InstanceConfig config = instances.get(route.tableId().instance());
      return config == null ? null : config.network();
    }
    return instances.network(origin);
  }

  /**
   * Ingress replication: tells each agent that wants a network's broadcasts who else does. Returns
   * whether anything is new.
   */
  boolean replicate(Table table, RibOut ribOut) {
    boolean isConfigured = instances.get(table.id().instance()) != null;
    List<Route> wanting =
        table.unsorted().stream()
            .filter(r -> isConfigured && r.key() instanceof RouteKey.Broadcast)
            .sorted(Comparator.comparing(Route::key))
            .toList();
    Map<String, Route> byOwner = new HashMap<>();
    for (Route route : wanting) {
      Path best = route.best();
      if (best != null && !best.imported()) {
        byOwner.put(best.peer().name(), route);
      }
    }
    boolean isNew = false;
    for (String member : ribOut.members()) {
      isNew |= ribOut.setOwn(member, replication(byOwner.get(member), wanting, member));
    }
    return isNew;
  }

  private Map<RouteKey, Advert> replication(
      @Nullable Route route, Collection<Route> wanting, String owner) {
    Path own = route == null ? null : route.best();
    if (route == null || own == null || !(route.key() instanceof RouteKey.Broadcast key)) {
      return Map.of();
    }
    List<Advert.Via> copies = others(wanting, owner, replicates(own));
    return copies.isEmpty()
        ? Map.of()
        : Map.of(key, new Advert.Replication(key, own.attributes(), owner, copies));
  }

  /** Whether a host copies along a tree: those that do reach each other by that. */
  private static boolean replicates(Path broadcast) {
    RouteAttributes.Pmsi pmsi = broadcast.attributes().pmsi();
    return pmsi != null && pmsi.edgeReplication();
  }

  private List<Advert.Via> others(Collection<Route> wanting, String owner, boolean inTree) {
    List<Advert.Via> copies = new ArrayList<>();
    for (Route route : wanting) {
      Path path = route.best();
      if (path != null && !path.peer().name().equals(owner) && !(inTree && replicates(path))) {
        copies.add(new Advert.Via(path.attributes().nextHop(), network(route, path)));
      }
    }
    return copies;
  }
}
