package weft.compiler;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Ref;
import weft.state.Change;
import weft.state.Graph;

/**
 * The compiler's index of its inputs, kept as facts of a graph.
 *
 * <p>It goes by what it has itself, not by the `before` of a change: a delta that comes twice, or a
 * snapshot over what is there, does no harm.
 */
final class Inputs {
  static final String NETWORK = "virtual-network";
  static final String POLICY = "network-policy";
  static final String SECURITY_GROUP = "security-group";
  static final String ROUTER = "logical-router";
  static final String INTERFACE = "virtual-machine-interface";
  static final String ROUTE_TABLE = "route-table";
  static final String BGPVPN = "bgpvpn";
  static final String ROUTING_POLICY = "routing-policy";
  static final String BGP_SERVICE = "bgp-as-a-service";

  /** Only those of ports that take part in a BGP service need be told. */
  static final String ADDRESS = "instance-ip";

  static final String SYSTEM = "global-system-config";
  private static final Set<String> TYPES =
      Set.of(
          NETWORK,
          POLICY,
          SECURITY_GROUP,
          ROUTER,
          INTERFACE,
          ROUTE_TABLE,
          BGPVPN,
          ROUTING_POLICY,
          BGP_SERVICE,
          ADDRESS,
          SYSTEM);

  private final Graph graph;
  private final Map<UUID, ConfigObject> objects = new HashMap<>();
  private final Map<Allocation.Key, Allocation> allocations = new HashMap<>();
  private final Relation<Fact.NetworksWith, FqName> networksWith = new Relation<>();
  private final Relation<Fact.NetworksUnder, FqName> networksUnder = new Relation<>();
  private final Relation<Fact.NetworksIn, FqName> networksIn = new Relation<>();
  private final Relation<Fact.AddressesOf, String> addresses = new Relation<>();
  private final Relation<Fact.Numbers, Long> numbers = new Relation<>();
  private final Set<Fact.Named> touched = new LinkedHashSet<>();
  private final Set<Allocation> allocated = new LinkedHashSet<>();
  private final Set<Allocation> freed = new LinkedHashSet<>();

  Inputs(Graph graph) {
    this.graph = graph;
  }

  /** A fact that is a set: each subject brings in a member. */
  private static final class Relation<F extends Fact<SortedSet<V>>, V extends Comparable<V>> {
    private final Map<F, Map<Object, V>> members = new HashMap<>();
    private final Set<F> changed = new LinkedHashSet<>();

    void put(F fact, Object subject, V member) {
      members.computeIfAbsent(fact, _ -> new HashMap<>()).put(subject, member);
      changed.add(fact);
    }

    void remove(F fact, Object subject) {
      Map<Object, V> all = members.get(fact);
      if (all != null && all.remove(subject) != null) {
        changed.add(fact);
        if (all.isEmpty()) {
          members.remove(fact);
        }
      }
    }

    /** Once a delta, as a set that is large is copied. */
    void settle(Graph graph) {
      for (F fact : changed) {
        Map<Object, V> all = members.get(fact);
        graph.set(
            fact,
            all == null ? null : Collections.unmodifiableSortedSet(new TreeSet<>(all.values())));
      }
      changed.clear();
    }
  }

  /** Takes in a change of what there is, or with `snapshot` the whole of it. */
  void apply(
      List<Change<UUID, ConfigObject>> objectChanges,
      List<Change<Allocation.Key, String>> allocationChanges,
      boolean snapshot) {
    if (snapshot) {
      dropAllBut(objectChanges, allocationChanges);
    }
    for (Change<UUID, ConfigObject> change : objectChanges) {
      switch (change) {
        case Change.Put<UUID, ConfigObject> put -> put(put.key(), put.after());
        case Change.Remove<UUID, ConfigObject> remove -> put(remove.key(), null);
      }
    }
    for (Change<Allocation.Key, String> change : allocationChanges) {
      switch (change) {
        case Change.Put<Allocation.Key, String> put -> allocate(put.key(), put.after());
        case Change.Remove<Allocation.Key, String> remove -> allocate(remove.key(), null);
      }
    }
    networksWith.settle(graph);
    networksUnder.settle(graph);
    networksIn.settle(graph);
    addresses.settle(graph);
    numbers.settle(graph);
  }

  private void dropAllBut(
      List<Change<UUID, ConfigObject>> objectChanges,
      List<Change<Allocation.Key, String>> allocationChanges) {
    Set<Object> present = new HashSet<>();
    objectChanges.forEach(change -> present.add(change.key()));
    allocationChanges.forEach(change -> present.add(change.key()));
    for (UUID uuid : List.copyOf(objects.keySet())) {
      if (!present.contains(uuid)) {
        put(uuid, null);
      }
    }
    for (Allocation.Key key : List.copyOf(allocations.keySet())) {
      if (!present.contains(key)) {
        allocate(key, null);
      }
    }
  }

  private void put(UUID uuid, @Nullable ConfigObject after) {
    if (after != null && !TYPES.contains(after.type().name())) {
      return;
    }
    ConfigObject before = after == null ? objects.remove(uuid) : objects.put(uuid, after);
    if (before != null) {
      unlink(before);
    }
    if (after != null) {
      link(after);
    }
    if (before != null && (after == null || !name(before).equals(name(after)))) {
      // Another object may have taken the name by now.
      ConfigObject holder = graph.get(name(before));
      if (holder != null && holder.uuid().equals(uuid)) {
        graph.set(name(before), null);
      }
      touched.add(name(before));
    }
    if (after != null) {
      graph.set(name(after), after);
      touched.add(name(after));
    }
  }

  private static Fact.Named name(ConfigObject object) {
    return new Fact.Named(object.type().name(), object.fqName());
  }

  private void link(ConfigObject object) {
    if (object.type().name().equals(NETWORK)) {
      networksIn.put(new Fact.NetworksIn(object.fqName().parent()), object.uuid(), object.fqName());
      for (Ref policy : object.refs(POLICY)) {
        networksWith.put(new Fact.NetworksWith(policy.to()), object.uuid(), object.fqName());
      }
      for (Ref policy : object.refs(ROUTING_POLICY)) {
        networksUnder.put(new Fact.NetworksUnder(policy.to()), object.uuid(), object.fqName());
      }
    }
    if (object.type().name().equals(ADDRESS)) {
      JsonNode address = object.property("instance_ip_address");
      if (address != null && !flag(object, "instance_ip_secondary")) {
        for (Ref port : object.refs(INTERFACE)) {
          addresses.put(new Fact.AddressesOf(port.to()), object.uuid(), address.asString());
        }
      }
    }
  }

  private static boolean flag(ConfigObject object, String name) {
    JsonNode value = object.property(name);
    return value != null && value.asBoolean(false);
  }

  private void unlink(ConfigObject object) {
    if (object.type().name().equals(ADDRESS)) {
      object
          .refs(INTERFACE)
          .forEach(port -> addresses.remove(new Fact.AddressesOf(port.to()), object.uuid()));
    }
    if (object.type().name().equals(NETWORK)) {
      networksIn.remove(new Fact.NetworksIn(object.fqName().parent()), object.uuid());
      for (Ref policy : object.refs(POLICY)) {
        networksWith.remove(new Fact.NetworksWith(policy.to()), object.uuid());
      }
      for (Ref policy : object.refs(ROUTING_POLICY)) {
        networksUnder.remove(new Fact.NetworksUnder(policy.to()), object.uuid());
      }
    }
  }

  private void allocate(Allocation.Key key, @Nullable String owner) {
    if (!Allocation.isOurs(key.pool())) {
      return;
    }
    Allocation after = owner == null ? null : new Allocation(key.pool(), key.value(), owner);
    Allocation before = after == null ? allocations.remove(key) : allocations.put(key, after);
    if (before != null) {
      Fact.Numbers fact = new Fact.Numbers(key.pool(), before.owner());
      numbers.remove(fact, key.value());
      allocated.remove(before);
      freed.add(before);
    }
    if (after != null) {
      Fact.Numbers fact = new Fact.Numbers(key.pool(), after.owner());
      numbers.put(fact, key.value(), key.value());
      freed.remove(after);
      allocated.add(after);
    }
  }

  /** The names that came, went or changed since this was last asked for. */
  Set<Fact.Named> takeTouched() {
    Set<Fact.Named> taken = new LinkedHashSet<>(touched);
    touched.clear();
    return taken;
  }

  /** The allocations that came since this was last asked for. */
  Set<Allocation> takeAllocated() {
    Set<Allocation> taken = new LinkedHashSet<>(allocated);
    allocated.clear();
    return taken;
  }

  /** The allocations that went since this was last asked for. */
  Set<Allocation> takeFreed() {
    Set<Allocation> taken = new LinkedHashSet<>(freed);
    freed.clear();
    return taken;
  }

  /** How much of everything there is, for introspection. */
  Map<String, Integer> sizes() {
    Map<String, Integer> sizes = new TreeMap<>();
    objects.values().forEach(object -> sizes.merge(object.type().name(), 1, Integer::sum));
    sizes.put("allocation", allocations.size());
    return sizes;
  }
}
