package weft.compiler;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.compiler.DerivedObject.DerivedRef;
import weft.compiler.DerivedObject.Parent;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.state.Graph;

/** The units of derivation: each turns what one user's object asks for into derived objects. */
final class Units {
  static final String INSTANCE = "routing-instance";
  static final String TARGET = "route-target";
  static final String ACCESS_LIST = "access-control-list";

  private static final int DEFAULT_AUTONOMOUS_SYSTEM = 64512;
  private static final FqName SYSTEM = FqName.of("default-global-system-config");

  private Units() {}

  /** The number that automatic route targets carry. */
  private record AutonomousSystem() implements Graph.Computed<Long> {
    @Override
    public Long compute(Graph.Reads reads) {
      ConfigObject system = reads.input(new Fact.Named(Inputs.SYSTEM, SYSTEM));
      var number = system == null ? null : system.property("autonomous_system");
      return number == null ? DEFAULT_AUTONOMOUS_SYSTEM : number.asLong(DEFAULT_AUTONOMOUS_SYSTEM);
    }
  }

  /** The automatic route target of an object, once it has a number. */
  private record OwnTarget(FqName owner) implements Graph.Computed<Optional<String>> {
    @Override
    public Optional<String> compute(Graph.Reads reads) {
      long system = reads.value(new AutonomousSystem());
      SortedSet<Long> numbers =
          reads.input(new Fact.Numbers(Allocation.routeTargetPool(system), owner.toString()));
      return numbers == null
          ? Optional.empty()
          : Optional.of("target:" + system + ":" + numbers.first());
    }
  }

  /** The routing instance of a network. */
  record Instance(FqName network, CompilerOptions options) implements Graph.Computed<Desired> {
    private enum Direction {
      BOTH,
      IMPORT,
      EXPORT;

      Direction and(Direction other) {
        return this == other ? this : BOTH;
      }

      @Nullable String json() {
        return switch (this) {
          case BOTH -> null;
          case IMPORT -> "import";
          case EXPORT -> "export";
        };
      }
    }

    @Override
    public Desired compute(Graph.Reads reads) {
      Optional<Network> found = reads.value(new Network.Of(network));
      if (found.isEmpty() || Network.internal(network)) {
        return Desired.NOTHING;
      }
      FqName instance = Network.instance(network);
      Map<String, Direction> targets = targets(reads, found.get());
      SortedSet<Allocation.Request> requests = new TreeSet<>();
      Optional<String> own = reads.value(new OwnTarget(instance));
      own.ifPresentOrElse(
          target -> targets.put(target, Direction.BOTH),
          () -> requests.add(request(reads, instance)));
      List<DerivedObject> objects = new ArrayList<>();
      targets.keySet().forEach(target -> objects.add(target(target)));
      objects.add(instance(reads, found.get(), targets));
      return new Desired(objects, requests);
    }

    private Map<String, Direction> targets(Graph.Reads reads, Network found) {
      Map<String, Direction> targets = new TreeMap<>();
      found.importTargets().forEach(t -> targets.merge(t, Direction.IMPORT, Direction::and));
      found.exportTargets().forEach(t -> targets.merge(t, Direction.EXPORT, Direction::and));
      found.targets().forEach(t -> targets.put(t, Direction.BOTH));
      addVpns(reads, found.bgpVpns(), targets);
      for (FqName router : routers(reads)) {
        routerTargets(reads, router).forEach(t -> targets.put(t, Direction.BOTH));
        reads
            .value(new LogicalRouter.Of(router))
            .ifPresent(it -> addVpns(reads, it.bgpVpns(), targets));
      }
      return targets;
    }

    private static void addVpns(
        Graph.Reads reads, SortedSet<FqName> vpns, Map<String, Direction> targets) {
      for (FqName name : vpns) {
        BgpVpn vpn = reads.value(new BgpVpn.Of(name));
        vpn.importTargets().forEach(t -> targets.merge(t, Direction.IMPORT, Direction::and));
        vpn.exportTargets().forEach(t -> targets.merge(t, Direction.EXPORT, Direction::and));
        vpn.targets().forEach(t -> targets.put(t, Direction.BOTH));
      }
    }

    private SortedSet<FqName> routers(Graph.Reads reads) {
      SortedSet<FqName> routers = reads.input(new Fact.RoutersOf(network));
      return routers == null ? new TreeSet<>() : routers;
    }

    /** Its own and the configured ones. */
    private static SortedSet<String> routerTargets(Graph.Reads reads, FqName router) {
      SortedSet<String> targets = new TreeSet<>();
      reads
          .value(new LogicalRouter.Of(router))
          .ifPresent(it -> targets.addAll(it.configuredTargets()));
      reads.value(new OwnTarget(router)).ifPresent(t -> targets.add(t));
      return targets;
    }

    /**
     * Those of the network's route tables, and those of its routers' whose next hop is in a subnet
     * of the network: they carry the routers' targets.
     */
    private ArrayNode staticRoutes(Graph.Reads reads, Network found) {
      ArrayNode routes = JsonNodeFactory.instance.arrayNode();
      for (RouteTable.Entry entry : RouteTable.entries(reads, found.routeTables(), _ -> true)) {
        routes.add(entry.toJson(new TreeSet<>()));
      }
      for (FqName router : routers(reads)) {
        SortedSet<FqName> tables = new TreeSet<>();
        reads.value(new LogicalRouter.Of(router)).ifPresent(it -> tables.addAll(it.routeTables()));
        for (RouteTable.Entry entry :
            RouteTable.entries(
                reads,
                tables,
                hop -> found.subnets().stream().anyMatch(subnet -> subnet.contains(hop)))) {
          routes.add(entry.toJson(routerTargets(reads, router)));
        }
      }
      return routes;
    }

    private DerivedObject instance(
        Graph.Reads reads, Network found, Map<String, Direction> targets) {
      List<DerivedRef> targetRefs = new ArrayList<>();
      targets.forEach((target, direction) -> {
        ObjectNode attr = JsonNodeFactory.instance.objectNode();
        attr.put("import_export", direction.json());
        targetRefs.add(new DerivedRef(FqName.of(target), attr));
      });
      List<DerivedRef> peerRefs = new ArrayList<>();
      for (FqName peer : reads.value(new Peers(network, options))) {
        ObjectNode attr = JsonNodeFactory.instance.objectNode().putNull("destination_instance");
        peerRefs.add(new DerivedRef(Network.instance(peer), attr));
      }
      ObjectNode properties = JsonNodeFactory.instance.objectNode();
      properties.put("routing_instance_is_default", true);
      ArrayNode statics = staticRoutes(reads, found);
      if (!statics.isEmpty()) {
        properties.putObject("static_route_entries").set("route", statics);
      }
      return new DerivedObject(
          new DerivedKey(INSTANCE, Network.instance(network)),
          new Parent(Inputs.NETWORK, found.uuid()),
          true,
          properties,
          new TreeMap<>(Map.of(TARGET, targetRefs, INSTANCE, peerRefs)));
    }
  }

  /** The instances that a routing policy applies to: those of the networks it is attached to. */
  record PolicyInstances(FqName policy) implements Graph.Computed<Desired> {
    @Override
    public Desired compute(Graph.Reads reads) {
      if (reads.input(new Fact.Named(Inputs.ROUTING_POLICY, policy)) == null) {
        return Desired.NOTHING;
      }
      SortedSet<FqName> networks = reads.input(new Fact.NetworksUnder(policy));
      List<DerivedRef> refs = new ArrayList<>();
      for (FqName name : networks == null ? new TreeSet<FqName>() : networks) {
        Optional<Network> network = reads.value(new Network.Of(name));
        if (network.isPresent() && !Network.internal(name)) {
          ObjectNode attr = JsonNodeFactory.instance.objectNode();
          attr.put("sequence", network.get().routingPolicies().getOrDefault(policy, ""));
          refs.add(new DerivedRef(Network.instance(name), attr));
        }
      }
      return Desired.of(
          new DerivedObject(
              new DerivedKey(Inputs.ROUTING_POLICY, policy),
              null,
              false,
              JsonNodeFactory.instance.objectNode(),
              new TreeMap<>(Map.of(INSTANCE, refs))));
    }
  }

  /** The access list of a network with policies. */
  record NetworkAccessList(FqName network, CompilerOptions options)
      implements Graph.Computed<Desired> {
    @Override
    public Desired compute(Graph.Reads reads) {
      Optional<Network> found = reads.value(new Network.Of(network));
      Optional<ObjectNode> entries =
          reads.value(new NetworkRules.Of(network, options)).accessList();
      if (found.isEmpty() || entries.isEmpty()) {
        return Desired.NOTHING;
      }
      return Desired.of(
          accessList(
              network.child(network.name()),
              new Parent(Inputs.NETWORK, found.get().uuid()),
              entries.get()));
    }
  }

  /** The route target of a logical router. */
  record RouterTarget(FqName router) implements Graph.Computed<Desired> {
    @Override
    public Desired compute(Graph.Reads reads) {
      if (reads.value(new LogicalRouter.Of(router)).isEmpty()) {
        return Desired.NOTHING;
      }
      Optional<String> own = reads.value(new OwnTarget(router));
      if (own.isEmpty()) {
        return new Desired(List.of(), new TreeSet<>(List.of(request(reads, router))));
      }
      DerivedObject references =
          new DerivedObject(
              new DerivedKey(Inputs.ROUTER, router),
              null,
              false,
              JsonNodeFactory.instance.objectNode(),
              new TreeMap<>(Map.of(TARGET, List.of(new DerivedRef(FqName.of(own.get()), null)))));
      return new Desired(List.of(target(own.get()), references), new TreeSet<>());
    }
  }

  /** Whether a number that an object holds is needed. */
  record Needed(Allocation allocation) implements Graph.Computed<Boolean> {
    @Override
    public Boolean compute(Graph.Reads reads) {
      SortedSet<Long> numbers =
          reads.input(new Fact.Numbers(allocation.pool(), allocation.owner()));
      if (allocation.pool().equals(Allocation.BGP_PORTS)) {
        return numbers != null
            && numbers.first() == allocation.value()
            && reads.input(new Fact.ServicesOf(FqName.parse(allocation.owner()))) != null;
      }
      long system = reads.value(new AutonomousSystem());
      return allocation.pool().equals(Allocation.routeTargetPool(system))
          && numbers != null
          && numbers.first() == allocation.value()
          && ownerExists(reads);
    }

    private boolean ownerExists(Graph.Reads reads) {
      FqName owner = FqName.parse(allocation.owner());
      if (reads.value(new LogicalRouter.Of(owner)).isPresent()) {
        return true;
      }
      return owner.size() > 2
          && Network.instance(owner.parent()).equals(owner)
          && !Network.internal(owner.parent())
          && reads.value(new Network.Of(owner.parent())).isPresent();
    }
  }

  static DerivedObject accessList(FqName name, Parent parent, ObjectNode entries) {
    ObjectNode properties = JsonNodeFactory.instance.objectNode();
    properties.set("access_control_list_entries", entries);
    CRC32 hash = new CRC32();
    hash.update(entries.toString().getBytes(StandardCharsets.UTF_8));
    properties.put("access_control_list_hash", (int) hash.getValue() & Integer.MAX_VALUE);
    return new DerivedObject(
        new DerivedKey(ACCESS_LIST, name), parent, true, properties, new TreeMap<>());
  }

  private static DerivedObject target(String name) {
    return new DerivedObject(
        new DerivedKey(TARGET, FqName.of(name)),
        null,
        true,
        JsonNodeFactory.instance.objectNode(),
        new TreeMap<>());
  }

  private static Allocation.Request request(Graph.Reads reads, FqName owner) {
    return Allocation.Request.of(
        Allocation.routeTargetPool(reads.value(new AutonomousSystem())), owner);
  }
}
