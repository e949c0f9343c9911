package weft.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The routes of one family in one instance, or of the backbone. */
public final class Table {
  private final TableId id;
  private final AttributePool attributes;
  private final Map<RouteKey, Route> routes = new LinkedHashMap<>();
  private final Map<ExportPolicy, RibOut> ribOuts = new EnumMap<>(ExportPolicy.class);

  Table(TableId id, AttributePool attributes) {
    this.id = id;
    this.attributes = attributes;
  }

  public TableId id() {
    return id;
  }

  public int size() {
    return routes.size();
  }

  /** The routes in the order of their keys. */
  public List<Route> routes() {
    List<Route> sorted = new ArrayList<>(routes.values());
    sorted.sort(Comparator.comparing(Route::key));
    return sorted;
  }

  public @Nullable Route route(RouteKey key) {
    return routes.get(key);
  }

  /** The ways in which the table is told to peers now. */
  public Collection<RibOut> ribOuts() {
    return Collections.unmodifiableCollection(ribOuts.values());
  }

  public @Nullable RibOut ribOut(ExportPolicy policy) {
    return ribOuts.get(policy);
  }

  Route locate(RouteKey key) {
    return routes.computeIfAbsent(key, k -> new Route(this, k, attributes));
  }

  Collection<Route> unsorted() {
    return Collections.unmodifiableCollection(routes.values());
  }

  void drop(Route route) {
    routes.remove(route.key(), route);
  }

  RibOut locateRibOut(ExportPolicy policy) {
    return ribOuts.computeIfAbsent(policy, p -> new RibOut(id, p));
  }

  void dropRibOut(RibOut ribOut) {
    ribOuts.remove(ribOut.policy(), ribOut);
  }
}
