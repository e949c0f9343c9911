package weft.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
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
  private final Map<RouteTarget, RouteSet> byTarget = new HashMap<>();
  private final Map<OriginVn, RouteSet> byOrigin = new HashMap<>();

  Replicator(Instances instances) {
    this.instances = instances;
  }

  /** The routes whose primary paths carry `target`. */
  List<Route> dependents(RouteTarget target) {
    return list(byTarget.get(target));
  }

  int dependentCount(RouteTarget target) {
    RouteSet routes = byTarget.get(target);
    return routes == null ? 0 : routes.size();
  }

  /** The routes with a path in use that was born in that network. */
  List<Route> bornIn(OriginVn origin) {
    return list(byOrigin.get(origin));
  }

  private static List<Route> list(@Nullable RouteSet routes) {
    return routes == null ? List.of() : routes.toList();
  }

  /** Every target that a route carries. */
  Collection<RouteTarget> targets() {
    return Collections.unmodifiableCollection(byTarget.keySet());
  }

  /**
   * Where a copy of a path belongs.
   *
   * @param path the copy
   */
  record Place(TableId table, RouteKey key, Path path, Path primary) {}

  /** Where the route's paths belong now; notes what that depends on. */
  List<Place> copies(Route route) {
    List<Place> copies = new ArrayList<>(0);
    Set<RouteTarget> targets = Set.of();
    Set<OriginVn> origins = Set.of();
    for (Path path : leaving(route)) {
      RouteAttributes attributes = exported(route.table(), path);
      if (attributes != null) {
        targets = union(targets, attributes.membership().targets());
        copy(route, path, attributes, copies);
      }
    }
    for (Path path : route.ecmp()) {
      OriginVn origin = path.attributes().membership().originVn();
      if (origin != null) {
        origins = union(origins, Set.of(origin));
      }
    }
    reindex(byTarget, route, route.targets, targets);
    reindex(byOrigin, route, route.origins, origins);
    route.targets = targets;
    route.origins = origins;
    return copies;
  }

  /** Those in use, and those of ours that came back for other instances. */
  private static List<Path> leaving(Route route) {
    List<Path> leaving = route.leaving();
    if (!route.hasReturned()) {
      return leaving;
    }
    List<Path> all = new ArrayList<>(leaving);
    route.paths().stream().filter(Path::isReturned).forEach(all::add);
    return all;
  }

  /** One of the two where that is enough: most routes have one path, or paths that agree. */
  @SuppressWarnings("ReferenceEquality") // spares the walk
  private static <T> Set<T> union(Set<T> one, Set<T> other) {
    if (one.isEmpty()) {
      return other;
    }
    if (one == other || one.containsAll(other)) {
      return one;
    }
    Set<T> both = new LinkedHashSet<>(one);
    both.addAll(other);
    return Set.copyOf(both);
  }

  /** The attributes with which a path leaves its table, or null if it does not. */
  private @Nullable RouteAttributes exported(Table table, Path path) {
    if (path.imported()) {
      return null;
    }
    if (table.id().family().isVpn()) {
      return path.attributes().membership().originVn() == null
          ? table.exported(path.attributes(), this::withOrigin)
          : path.attributes();
    }
    InstanceConfig config = instances.get(table.id().instance());
    if (config == null || path.rd() == null) {
      return null;
    }
    OwnRoutes own = table.own();
    if (own != null && own.hides(path.key())) {
      return null;
    }
    return table.exported(path.attributes(), attributes -> ofInstance(attributes, config));
  }

  private RouteAttributes withOrigin(RouteAttributes attributes) {
    Membership told = attributes.membership();
    OriginVn origin = deduced(told.targets());
    return origin == null ? attributes : attributes.with(told.with(told.targets(), origin));
  }

  private static RouteAttributes ofInstance(RouteAttributes attributes, InstanceConfig config) {
    Membership told = attributes.membership();
    OriginVn origin = told.originVn();
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

  private void copy(Route route, Path path, RouteAttributes attributes, List<Place> copies) {
    Family family = route.tableId().family();
    RouteKey inner = route.key() instanceof RouteKey.Vpn vpn ? vpn.key() : route.key();
    Family backbone = family.backbone();
    Membership membership = attributes.membership();
    Path copy = null;
    if (backbone != null && path.rd() != null && !membership.targets().isEmpty()) {
      copy = path.importedWith(attributes);
      copies.add(
          new Place(TableId.backbone(backbone), RouteKey.Vpn.of(path.rd(), inner), copy, path));
    }
    int first = copies.size();
    for (RouteTarget target : membership.targets()) {
      for (String name : instances.importers(target)) {
        if ((!name.equals(route.tableId().instance()) || family.isVpn())
            && !isAmong(copies, first, name)
            && isWelcome(name, inner, attributes)) {
          copy = copy == null ? path.importedWith(attributes) : copy;
          copies.add(new Place(new TableId(name, family.inInstance()), inner, copy, path));
        }
      }
    }
  }

  /** Whether another target has already brought the path into that instance. */
  private static boolean isAmong(List<Place> copies, int from, String instance) {
    for (int i = from; i < copies.size(); i++) {
      if (copies.get(i).table().instance().equals(instance)) {
        return true;
      }
    }
    return false;
  }

  /**
   * What was led through a network already does not come back into it. A network is one Ethernet:
   * the MACs, broadcasts and trees of another network stay out, even where a policy connects the
   * two. A prefix stays out if only another route tells how to reach it.
   */
  private boolean isWelcome(String instance, RouteKey key, RouteAttributes attributes) {
    InstanceConfig config = instances.get(instance);
    OriginVn own = config == null ? null : config.originVn();
    if (own != null && attributes.membership().passed().contains(own)) {
      return false;
    }
    return switch (key) {
      case RouteKey.Mac _, RouteKey.Broadcast _, RouteKey.Selective _, RouteKey.Tree _ -> {
        OriginVn origin = attributes.membership().originVn();
        yield own == null || origin == null || own.equals(origin);
      }
      case RouteKey.Prefix _ -> !attributes.carried().isIndirect();
      case RouteKey.Inet _, RouteKey.Vpn _ -> true;
      case RouteKey.Group _, RouteKey.OtherEvpn _, RouteKey.Membership _ -> false;
    };
  }

  @SuppressWarnings("ReferenceEquality") // spares the walk
  private static <K> void reindex(
      Map<K, RouteSet> index, Route route, Set<K> before, Set<K> after) {
    if (before == after) {
      return;
    }
    for (K key : before) {
      RouteSet routes = index.get(key);
      if (!after.contains(key) && routes != null && routes.remove(route) && routes.isEmpty()) {
        index.remove(key);
      }
    }
    for (K key : after) {
      index.computeIfAbsent(key, _ -> new RouteSet()).add(route);
    }
  }
}
