package weft.compiler;

import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Ref;
import weft.state.Graph;

/**
 * What the compiler reads out of a logical router.
 *
 * @param interfaces the ports by which it is attached to networks
 * @param joins whether its route targets go to the networks themselves; a router of type
 *     vxlan-routing has a network of its own for that
 * @param inner that network
 */
record LogicalRouter(
    SortedSet<FqName> interfaces,
    SortedSet<String> configuredTargets,
    SortedSet<FqName> bgpVpns,
    SortedSet<FqName> routeTables,
    boolean joins,
    SortedSet<FqName> inner) {
  private static final String ROLE = "logical_router_virtual_network_type";
  private static final String INNER = "InternalVirtualNetwork";

  /** The router of a name, if there is one. */
  record Of(FqName name) implements Graph.Computed<Optional<LogicalRouter>> {
    @Override
    public Optional<LogicalRouter> compute(Graph.Reads reads) {
      ConfigObject object = reads.input(new Fact.Named(Inputs.ROUTER, name));
      return object == null ? Optional.empty() : Optional.of(read(object));
    }
  }

  /** The networks that have the router's route targets. */
  record Networks(FqName name) implements Graph.Computed<SortedSet<FqName>> {
    @Override
    public SortedSet<FqName> compute(Graph.Reads reads) {
      SortedSet<FqName> networks = new TreeSet<>();
      Optional<LogicalRouter> router = reads.value(new Of(name));
      if (router.isPresent() && !router.get().joins()) {
        networks.addAll(router.get().inner());
      } else if (router.isPresent()) {
        for (FqName port : router.get().interfaces()) {
          ConfigObject object = reads.input(new Fact.Named(Inputs.INTERFACE, port));
          if (object != null) {
            object.refs(Inputs.NETWORK).forEach(ref -> networks.add(ref.to()));
          }
        }
      }
      return networks;
    }
  }

  private static LogicalRouter read(ConfigObject object) {
    SortedSet<FqName> interfaces = new TreeSet<>();
    for (Ref ref : object.refs(Inputs.INTERFACE)) {
      interfaces.add(ref.to());
    }
    SortedSet<FqName> inner = new TreeSet<>();
    for (Ref ref : object.refs(Inputs.NETWORK)) {
      JsonNode attr = ref.attr();
      if (attr != null && attr.path(ROLE).asString("").equals(INNER)) {
        inner.add(ref.to());
      }
    }
    JsonNode type = object.property("logical_router_type");
    return new LogicalRouter(
        interfaces,
        Network.targets(object.property("configured_route_target_list")),
        Network.names(object, Inputs.BGPVPN),
        Network.names(object, Inputs.ROUTE_TABLE),
        type == null || !type.asString("").equals("vxlan-routing"),
        inner);
  }
}
