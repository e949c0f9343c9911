package weft.routing;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.net.RouteTarget;
import weft.routing.RouteAttributes.Membership;

/**
 * Says into which tables the primary paths of a route are copied: route targets decide.
 *
 * <p>Of a route, the primary paths that are in use are copied: those of an instance to the backbone
 * and to each instance that imports one of their targets, those of the backbone to the instances. A
 * copy is never copied again.
 */
final class Replicator {
  private final Instances instances;
  private final Map<RouteTarget, Set<Route>> byTarget = new HashMap<>();
  private final Map<OriginVn, Set<Route>> byOrigin = new HashMap<>();

  Replicator(Instances instances) {
    this.instances = instances;
  }

  /** The routes whose primary paths carry `target`. */
  Collection<Route> dependents(RouteTarget target) {
    return Collections.unmodifiableCollection(byTarget.getOrDefault(target, Set.of()));
  }

  /** The routes with a path in use that was born in that network. */
  Collection<Route> bornIn(OriginVn origin) {
    return Collections.unmodifiableCollection(byOrigin.getOrDefault(origin, Set.of()));
  }

  /** Every target that a route carries. */
  Collection<RouteTarget> targets() {
    return Collections.unmodifiableCollection(byTarget.keySet());
  }

  /** Where the route's paths belong now; notes what that depends on. */
  Map<Route.Place, Path> copies(Route route) {
    Map<Route.Place, Path> copies = new LinkedHashMap<>();
    Set<RouteTarget> targets = new LinkedHashSet<>();
    Set<OriginVn> origins = new LinkedHashSet<>();
    for (Path path : route.selection().ecmp()) {
      RouteAttributes attributes = exported(route.tableId(), path);
      if (attributes != null) {
        targets.addAll(attributes.membership().targets());
        copy(route, path.importedWith(attributes), copies);
      }
      OriginVn origin = path.attributes().membership().originVn();
      if (origin != null) {
        origins.add(origin);
      }
    }
    reindex(byTarget, route, route.targets, targets);
    reindex(byOrigin, route, route.origins, origins);
    route.targets = Set.copyOf(targets);
    route.origins = Set.copyOf(origins);
    return copies;
  }

  /** The attributes with which a path leaves its table, or null if it does not. */
  private @Nullable RouteAttributes exported(TableId table, Path path) {
    if (path.imported()) {
      return null;
    }
    RouteAttributes attributes = path.attributes();
    Membership told = attributes.membership();
    OriginVn origin = told.originVn();
    if (table.family().isVpn()) {
      return origin == null
          ? attributes.with(told.with(told.targets(), deduced(told.targets())))
          : attributes;
    }
    InstanceConfig config = instances.get(table.instance());
    if (config == null || path.rd() == null) {
      return null;
    }
    SortedSet<RouteTarget> targets = new TreeSet<>(config.exports());
    targets.addAll(told.targets());
    return attributes.with(told.with(targets, origin == null ? config.originVn() : origin));
  }

  /** Gateways send no origin VN: a target that a network of ours exports tells it. */
  private @Nullable OriginVn deduced(SortedSet<RouteTarget> targets) {
    for (RouteTarget target : targets) {
      for (String name : instances.exporters(target)) {
        InstanceConfig config = instances.get(name);
        if (config != null && config.originVn() != null) {
          return config.originVn();
        }
      }
    }
    return null;
  }

  private void copy(Route route, Path path, Map<Route.Place, Path> copies) {
    Family family = route.tableId().family();
    RouteKey inner = route.key() instanceof RouteKey.Vpn vpn ? vpn.key() : route.key();
    Family backbone = family.backbone();
    if (backbone != null
        && path.rd() != null
        && !path.attributes().membership().targets().isEmpty()) {
      RouteKey key = new RouteKey.Vpn(path.rd(), inner);
      copies.put(new Route.Place(TableId.backbone(backbone), key, path.id()), path);
    }
    for (RouteTarget target : path.attributes().membership().targets()) {
      for (String name : instances.importers(target)) {
        TableId table = new TableId(name, family.inInstance());
        if (!table.equals(route.tableId()) && isWelcome(name, inner, path)) {
          copies.put(new Route.Place(table, inner, path.id()), path);
        }
      }
    }
  }

  /**
   * A network is one Ethernet: the MACs and broadcasts of another network stay out, even where a
   * policy connects the two.
   */
  private boolean isWelcome(String instance, RouteKey key, Path path) {
    return switch (key) {
      case RouteKey.Mac _, RouteKey.Broadcast _ -> {
        InstanceConfig config = instances.get(instance);
        OriginVn own = config == null ? null : config.originVn();
        OriginVn origin = path.attributes().membership().originVn();
        yield own == null || origin == null || own.equals(origin);
      }
      case RouteKey.Inet _, RouteKey.Prefix _, RouteKey.Group _, RouteKey.Vpn _ -> true;
    };
  }

  private static <K> void reindex(
      Map<K, Set<Route>> index, Route route, Set<K> before, Set<K> after) {
    for (K key : before) {
      Set<Route> routes = index.get(key);
      if (!after.contains(key) && routes != null && routes.remove(route) && routes.isEmpty()) {
        index.remove(key);
      }
    }
    for (K key : after) {
      index.computeIfAbsent(key, _ -> new LinkedHashSet<>()).add(route);
    }
  }
}
