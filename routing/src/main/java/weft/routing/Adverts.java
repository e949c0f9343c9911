package weft.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns the state of routes into what peers are told of them. */
final class Adverts {
  private final Instances instances;

  Adverts(Instances instances) {
    this.instances = instances;
  }

  /** What all peers under the policy are told of the route, or null for nothing. */
  @Nullable Advert shared(Route route, ExportPolicy policy) {
    Path best = route.selection().best();
    if (best == null || !policy.permits(best)) {
      return null;
    }
    return switch (policy) {
      case AGENTS -> isForAgents(route) ? unicast(route, best) : null;
      case INTERNAL_BGP, EXTERNAL_BGP ->
          new Advert.Backbone(route.key(), best.attributes(), best.peer());
    };
  }

  private boolean isForAgents(Route route) {
    if (instances.get(route.tableId().instance()) == null) {
      return false;
    }
    return switch (route.key()) {
      case RouteKey.Inet _, RouteKey.Mac _, RouteKey.Prefix _ -> true;
      case RouteKey.Broadcast _, RouteKey.Group _, RouteKey.Vpn _ -> false;
    };
  }

  private Advert.Unicast unicast(Route route, Path best) {
    SequencedSet<Advert.Via> vias = new LinkedHashSet<>();
    for (Path path : route.selection().ecmp()) {
      vias.add(new Advert.Via(path.attributes().nextHop(), network(route, path)));
    }
    return new Advert.Unicast(route.key(), best.attributes(), List.copyOf(vias));
  }

  @Nullable String network(Route route, Path path) {
    OriginVn origin = path.attributes().originVn();
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
    Collection<Route> wanting =
        table.routes().stream()
            .filter(r -> isConfigured && r.key() instanceof RouteKey.Broadcast)
            .toList();
    boolean isNew = false;
    for (String member : ribOut.members()) {
      isNew |= ribOut.setOwn(member, replications(wanting, member));
    }
    return isNew;
  }

  private Map<RouteKey, Advert> replications(Collection<Route> wanting, String owner) {
    Map<RouteKey, Advert> found = new TreeMap<>();
    for (Route route : wanting) {
      Path own = route.selection().best();
      if (own != null
          && own.peer().name().equals(owner)
          && !own.imported()
          && route.key() instanceof RouteKey.Broadcast key) {
        List<Advert.Via> copies = others(wanting, owner);
        if (!copies.isEmpty()) {
          found.put(key, new Advert.Replication(key, own.attributes(), owner, copies));
        }
      }
    }
    return found;
  }

  private List<Advert.Via> others(Collection<Route> wanting, String owner) {
    List<Advert.Via> copies = new ArrayList<>();
    for (Route route : wanting) {
      Path path = route.selection().best();
      if (path != null && !path.peer().name().equals(owner)) {
        copies.add(new Advert.Via(path.attributes().nextHop(), network(route, path)));
      }
    }
    return copies;
  }
}
