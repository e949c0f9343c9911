package weft.routing;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.net.RouteTarget;

/**
 * What configuration says of a routing instance.
 *
 * @param network the name of the virtual network, or null if the instance has none
 * @param originVn the network's mark on its routes, or null
 * @param imports route targets whose routes the instance takes
 * @param exports route targets that the instance puts on its routes
 * @param policy what becomes of the IP routes that come into the instance
 */
public record InstanceConfig(
    String name,
    @Nullable String network,
    @Nullable OriginVn originVn,
    Set<RouteTarget> imports,
    Set<RouteTarget> exports,
    List<StaticRoute> staticRoutes,
    List<Aggregate> aggregates,
    RoutingPolicy policy) {
  public InstanceConfig {
    imports = Collections.unmodifiableSortedSet(new TreeSet<>(imports));
    exports = Collections.unmodifiableSortedSet(new TreeSet<>(exports));
    staticRoutes = staticRoutes.stream().distinct().sorted().toList();
    aggregates = aggregates.stream().distinct().sorted().toList();
  }

  /** Of an instance that adds no routes and changes none. */
  public InstanceConfig(
      String name,
      @Nullable String network,
      @Nullable OriginVn originVn,
      Set<RouteTarget> imports,
      Set<RouteTarget> exports) {
    this(name, network, originVn, imports, exports, List.of(), List.of(), RoutingPolicy.NONE);
  }

  public InstanceConfig withRoutes(List<StaticRoute> statics, List<Aggregate> aggregated) {
    return new InstanceConfig(
        name, network, originVn, imports, exports, statics, aggregated, policy);
  }

  public InstanceConfig with(RoutingPolicy next) {
    return new InstanceConfig(
        name, network, originVn, imports, exports, staticRoutes, aggregates, next);
  }
}
