package weft.routing;

import java.util.LinkedHashSet;
import java.util.List;
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
          RouteKey.Selective _,
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
}
