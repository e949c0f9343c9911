package weft.routing;

import java.util.Collections;
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
 */
public record InstanceConfig(
    String name,
    @Nullable String network,
    @Nullable OriginVn originVn,
    Set<RouteTarget> imports,
    Set<RouteTarget> exports) {
  public InstanceConfig {
    imports = Collections.unmodifiableSortedSet(new TreeSet<>(imports));
    exports = Collections.unmodifiableSortedSet(new TreeSet<>(exports));
  }
}
