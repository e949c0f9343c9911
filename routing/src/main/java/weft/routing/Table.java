package weft.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import weft.routing.RouteAttributes.AllButLabels;

/** The routes of one family in one instance, or of the backbone. */
public final class Table {
  private static final int EXPORTED_AT_MOST = 4096;

  private final TableId id;
  private final AttributePool attributes;
  private final KeyTable<Route> routes = new KeyTable<>();

  /** Routes without paths, of which not all have been told that they are gone. */
  private final KeyTable<Route> leaving = new KeyTable<>();

  private final List<RibOut> ribOuts = new ArrayList<>(1);

  /** With what attributes those of a path leave the table, as far as it is known. */
  private final IdentityHashMap<AllButLabels, AllButLabels> exported = new IdentityHashMap<>();

  /** What its instance's configuration adds and changes; null for nothing. */
  private @Nullable OwnRoutes own;

  private RoutingPolicy policy = RoutingPolicy.NONE;
  private BestPathRules rules = BestPathRules.USUAL;

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

  /**
   * A walk over all routes, in no order. It may be given up to let the table change, and taken up
   * again: a route that is there all the time is found, perhaps twice.
   */
  public Scan scan() {
    KeyTable<Route>.Portions scan = routes.new Portions();
    return scan::next;
  }

  /** A walk in portions. */
  @FunctionalInterface
  public interface Scan {
    /**
     * Goes on over about so many places.
     *
     * @return false once it has been everywhere
     */
    boolean next(int most, Consumer<Route> each);
  }

  public @Nullable Route route(RouteKey key) {
    return routes.get(key);
  }

  /** The ways in which the table is told to peers now. */
  public Collection<RibOut> ribOuts() {
    return Collections.unmodifiableCollection(ribOuts);
  }

  /** Of the ways to tell the best paths alone. */
  public @Nullable RibOut ribOut(ExportPolicy policy) {
    return ribOut(policy, 1);
  }

  /** The one by which that peer is told. */
  @Nullable RibOut ribOut(Peer peer) {
    for (RibOut ribOut : ribOuts) {
      if (ribOut.hasMember(peer.name())) {
        return ribOut;
      }
    }
    return null;
  }

  /**
   * @param paths how many of a route are told at most
   */
  @Nullable RibOut ribOut(ExportPolicy policy, int paths) {
    for (RibOut ribOut : ribOuts) {
      if (ribOut.policy() == policy && ribOut.paths() == paths) {
        return ribOut;
      }
    }
    return null;
  }

  AttributePool attributes() {
    return attributes;
  }

  @Nullable OwnRoutes own() {
    return own;
  }

  RoutingPolicy policy() {
    return policy;
  }

  BestPathRules rules() {
    return rules;
  }

  void rules(BestPathRules next) {
    rules = next;
  }

  /** Makes it that of an instance with that configuration, or of one that has none. */
  void configure(@Nullable InstanceConfig config) {
    boolean isIp = id.family() == Family.INET || id.family() == Family.INET6;
    own = OwnRoutes.of(this, config);
    policy = config == null || !isIp ? RoutingPolicy.NONE : config.policy();
  }

  /** Whether nothing needs it. */
  boolean isUnused() {
    return routes.size() == 0 && ribOuts.isEmpty() && own == null;
  }

  Route locate(RouteKey key) {
    Route known = routes.get(key);
    if (known != null) {
      return known;
    }
    Route left = leaving.size() == 0 ? null : leaving.get(key);
    if (left != null) {
      leaving.remove(left);
    }
    Route added = left == null ? new Route(this, key) : left;
    routes.add(added);
    return added;
  }

  /** What `export` says, asked once for the same object. */
  RouteAttributes exported(RouteAttributes attributes, UnaryOperator<RouteAttributes> export) {
    AllButLabels known = exported.get(attributes.common());
    if (known != null) {
      return attributes.with(known);
    }
    RouteAttributes found = export.apply(attributes);
    if (exported.size() == EXPORTED_AT_MOST) {
      exported.clear();
    }
    exported.put(attributes.common(), found.common());
    return found;
  }

  /** What `exported` depends on has changed. */
  void forgetExported() {
    exported.clear();
  }

  Collection<Route> unsorted() {
    return routes.values();
  }

  void drop(Route route) {
    routes.remove(route);
    if (route.isLoggedAnywhere()) {
      leaving.add(route);
    }
  }

  /** All have been told that what this entry told is gone. */
  void forgotten(Entry entry) {
    Route route = leaving.size() == 0 ? null : leaving.get(entry.key, entry.hash);
    if (route != null && !route.isLoggedAnywhere()) {
      leaving.remove(route);
    }
  }

  RibOut addRibOut(ExportPolicy policy, int paths) {
    RibOut added = new RibOut(this, freeSlot(), policy, paths);
    ribOuts.add(added);
    return added;
  }

  private int freeSlot() {
    int slot = 0;
    while (isTaken(slot)) {
      slot++;
    }
    return slot;
  }

  private boolean isTaken(int slot) {
    return ribOuts.stream().anyMatch(ribOut -> ribOut.slot() == slot);
  }

  void dropRibOut(RibOut ribOut) {
    ribOuts.remove(ribOut);
    routes.values().forEach(route -> route.dropEntry(ribOut.slot()));
    for (Route route : List.copyOf(leaving.values())) {
      route.dropEntry(ribOut.slot());
      if (!route.isLoggedAnywhere()) {
        leaving.remove(route);
      }
    }
  }
}
