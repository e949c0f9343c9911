package weft.compiler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.state.Change;
import weft.state.Delta;
import weft.state.Graph;

/**
 * Derives from users' objects what routing and forwarding need: routing instances with their route
 * targets and connections, and access lists.
 *
 * <p>What is desired depends on the inputs alone, never on the order in which they came. Not
 * thread-safe: it belongs to one loop.
 */
public final class Compiler {
  private final CompilerOptions options;
  private final Graph graph = new Graph();
  private final Inputs inputs = new Inputs(graph);
  private final Inverse namedBy = new Inverse();
  private final Inverse routersOf = new Inverse();
  private final Inverse servicesOf = new Inverse();
  private final Map<Graph.Computed<?>, Desired> emitted = new HashMap<>();
  // A route target is wanted by every object that uses it; all else by one unit each.
  private final SortedMap<DerivedKey, Map<Graph.Computed<?>, DerivedObject>> wanted =
      new TreeMap<>();
  // Two services may want the same guest's port.
  private final SortedMap<Allocation.Request, Set<Graph.Computed<?>>> requests = new TreeMap<>();
  private final Set<Allocation> surplus = new java.util.LinkedHashSet<>();

  public Compiler(CompilerOptions options) {
    this.options = options;
  }

  /**
   * Takes in what changed.
   *
   * @param revision of the inputs once the changes are applied
   * @param snapshot whether the changes are the whole of what there is: what they do not name is
   *     gone
   */
  public Output on(
      long revision,
      List<Change<UUID, ConfigObject>> objects,
      List<Change<Allocation.Key, String>> allocations,
      boolean snapshot) {
    Delta.Builder<DerivedKey, DerivedObject> delta = new Delta.Builder<>();
    inputs.apply(objects, allocations, snapshot);
    for (Fact.Named name : inputs.takeTouched()) {
      boolean present = graph.get(name) != null;
      for (Graph.Computed<?> unit : unitsOf(name)) {
        if (present) {
          graph.hold(unit);
        } else {
          graph.release(unit);
          retract(unit, delta);
        }
      }
    }
    inputs.takeAllocated().forEach(allocation -> graph.hold(new Units.Needed(allocation)));
    for (Allocation freed : inputs.takeFreed()) {
      graph.release(new Units.Needed(freed));
      surplus.remove(freed);
    }
    // Relations turned round are inputs made of inputs: a second round takes them in.
    for (List<Graph.Computed<?>> changed = graph.settle();
        !changed.isEmpty();
        changed = graph.settle()) {
      changed.forEach(unit -> take(unit, delta));
    }
    return new Output(delta.build(revision), new TreeSet<>(requests.keySet()), Set.copyOf(surplus));
  }

  /** What is derived on behalf of an object, or has to be known about it. */
  private List<Graph.Computed<?>> unitsOf(Fact.Named object) {
    FqName name = object.name();
    return switch (object.type()) {
      case Inputs.NETWORK ->
          List.of(
              new NetworkRules.Of(name, options),
              new Units.Instance(name, options),
              new Units.NetworkAccessList(name, options));
      case Inputs.ROUTER -> List.of(new LogicalRouter.Networks(name), new Units.RouterTarget(name));
      case Inputs.BGP_SERVICE ->
          List.of(new BgpService.Clients(name), new BgpService.Routers(name));
      case Inputs.ROUTING_POLICY -> List.of(new Units.PolicyInstances(name));
      case Inputs.SECURITY_GROUP -> List.of(new SecurityGroups.AccessLists(name));
      default -> List.of();
    };
  }

  private void take(Graph.Computed<?> unit, Delta.Builder<DerivedKey, DerivedObject> delta) {
    switch (unit) {
      case NetworkRules.Of rules ->
          invert(namedBy, rules.name(), graph.value(rules).peers(), Fact.NamedBy::new);
      case LogicalRouter.Networks router ->
          invert(routersOf, router.name(), graph.value(router), Fact.RoutersOf::new);
      case BgpService.Clients clients ->
          invert(servicesOf, clients.service(), graph.value(clients), Fact.ServicesOf::new);
      case Units.Needed needed -> {
        if (graph.value(needed)) {
          surplus.remove(needed.allocation());
        } else {
          surplus.add(needed.allocation());
        }
      }
      case Units.Instance it -> emit(it, graph.value(it), delta);
      case Units.NetworkAccessList it -> emit(it, graph.value(it), delta);
      case Units.PolicyInstances it -> emit(it, graph.value(it), delta);
      case Units.RouterTarget it -> emit(it, graph.value(it), delta);
      case BgpService.Routers it -> emit(it, graph.value(it), delta);
      case SecurityGroups.AccessLists it -> emit(it, graph.value(it), delta);
      default -> throw new IllegalStateException("no unit: " + unit);
    }
  }

  private void retract(Graph.Computed<?> unit, Delta.Builder<DerivedKey, DerivedObject> delta) {
    switch (unit) {
      case NetworkRules.Of rules ->
          invert(namedBy, rules.name(), new TreeSet<>(), Fact.NamedBy::new);
      case LogicalRouter.Networks router ->
          invert(routersOf, router.name(), new TreeSet<>(), Fact.RoutersOf::new);
      case BgpService.Clients clients ->
          invert(servicesOf, clients.service(), new TreeSet<>(), Fact.ServicesOf::new);
      default -> emit(unit, Desired.NOTHING, delta);
    }
  }

  private void invert(
      Inverse relation,
      FqName holder,
      SortedSet<FqName> values,
      Function<FqName, Fact<SortedSet<FqName>>> fact) {
    for (FqName changed : relation.put(holder, values)) {
      graph.set(fact.apply(changed), relation.holders(changed));
    }
  }

  private void emit(
      Graph.Computed<?> unit, Desired after, Delta.Builder<DerivedKey, DerivedObject> delta) {
    Desired before =
        after.equals(Desired.NOTHING) ? emitted.remove(unit) : emitted.put(unit, after);
    Map<DerivedKey, DerivedObject> objects = new LinkedHashMap<>();
    after.objects().forEach(object -> objects.put(object.key(), object));
    if (before != null) {
      before.requests().forEach(request -> unask(request, unit));
      for (DerivedObject former : before.objects()) {
        if (!objects.containsKey(former.key())) {
          want(unit, former.key(), null, delta);
        }
      }
    }
    after
        .requests()
        .forEach(request -> requests.computeIfAbsent(request, _ -> new HashSet<>()).add(unit));
    objects.forEach((key, object) -> want(unit, key, object, delta));
  }

  private void unask(Allocation.Request request, Graph.Computed<?> unit) {
    Set<Graph.Computed<?>> askers = requests.get(request);
    if (askers != null && askers.remove(unit) && askers.isEmpty()) {
      requests.remove(request);
    }
  }

  private void want(
      Graph.Computed<?> unit,
      DerivedKey key,
      @Nullable DerivedObject object,
      Delta.Builder<DerivedKey, DerivedObject> delta) {
    Map<Graph.Computed<?>, DerivedObject> askers =
        wanted.computeIfAbsent(key, _ -> new LinkedHashMap<>());
    DerivedObject before = askers.isEmpty() ? null : askers.values().iterator().next();
    if (object == null) {
      askers.remove(unit);
    } else {
      askers.put(unit, object);
    }
    DerivedObject after = askers.isEmpty() ? null : askers.values().iterator().next();
    if (askers.isEmpty()) {
      wanted.remove(key);
    }
    delta.add(key, before, after);
  }

  /** All that is desired now. */
  public SortedMap<DerivedKey, DerivedObject> desired() {
    SortedMap<DerivedKey, DerivedObject> all = new TreeMap<>();
    wanted.forEach((key, askers) -> all.put(key, askers.values().iterator().next()));
    return all;
  }

  /** What is desired under a key, if anything. */
  public @Nullable DerivedObject desired(DerivedKey key) {
    Map<Graph.Computed<?>, DerivedObject> askers = wanted.get(key);
    return askers == null ? null : askers.values().iterator().next();
  }

  /** How many objects are desired. */
  public int size() {
    return wanted.size();
  }

  /** How many inputs of each type there are. */
  public Map<String, Integer> inputs() {
    return inputs.sizes();
  }

  /** How many inputs and intermediate values are remembered. */
  int remembered() {
    return graph.size();
  }

  /** The inputs that each derived object of a name depends on; empty if there is none. */
  public SortedMap<DerivedKey, List<Cause>> why(FqName name) {
    SortedMap<DerivedKey, List<Cause>> reasons = new TreeMap<>();
    wanted.forEach((key, askers) -> {
      if (key.fqName().equals(name)) {
        reasons.put(key, causes(askers.keySet()));
      }
    });
    return reasons;
  }

  private List<Cause> causes(Set<Graph.Computed<?>> units) {
    List<Cause> causes = new ArrayList<>();
    for (Graph.Computed<?> unit : units) {
      for (Graph.Input<?> input : graph.inputsOf(unit)) {
        if (input instanceof Fact<?> fact) {
          causes.add(fact.cause(graph.get(fact) != null));
        }
      }
    }
    return causes.stream().distinct().toList();
  }
}
