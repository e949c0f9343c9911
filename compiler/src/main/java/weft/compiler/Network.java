package weft.compiler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.RouteTarget;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Ref;
import weft.state.Graph;

/**
 * What the compiler reads out of a virtual network.
 *
 * @param policies in the order in which they apply
 * @param targets exported and imported, by name
 * @param routingPolicies each with its place among those of the network
 */
record Network(
    UUID uuid,
    List<FqName> policies,
    SortedSet<String> targets,
    SortedSet<String> importTargets,
    SortedSet<String> exportTargets,
    SortedSet<FqName> bgpVpns,
    SortedSet<FqName> routeTables,
    List<IpPrefix> subnets,
    SortedMap<FqName, String> routingPolicies) {

  private static final FqName FABRIC = FqName.of("default-domain", "default-project", "ip-fabric");
  private static final FqName LINK_LOCAL =
      FqName.of("default-domain", "default-project", "__link_local__");

  /** The network of a name, if there is one. */
  record Of(FqName name) implements Graph.Computed<Optional<Network>> {
    @Override
    public Optional<Network> compute(Graph.Reads reads) {
      ConfigObject object = reads.input(new Fact.Named(Inputs.NETWORK, name));
      return object == null ? Optional.empty() : Optional.of(read(object));
    }
  }

  /** The name of the routing instance that each network has. */
  static FqName instance(FqName network) {
    return network.child(network.name());
  }

  /** Whether the network is the underlay's or the host's own, which tenants' routes never enter. */
  static boolean internal(FqName network) {
    return network.equals(FABRIC) || network.equals(LINK_LOCAL);
  }

  private static Network read(ConfigObject object) {
    return new Network(
        object.uuid(),
        policies(object),
        targets(object.property("route_target_list")),
        targets(object.property("import_route_target_list")),
        targets(object.property("export_route_target_list")),
        names(object, Inputs.BGPVPN),
        names(object, Inputs.ROUTE_TABLE),
        subnets(object),
        routingPolicies(object));
  }

  /** What an object refers to of a type. */
  static SortedSet<FqName> names(ConfigObject object, String type) {
    SortedSet<FqName> names = new TreeSet<>();
    object.refs(type).forEach(ref -> names.add(ref.to()));
    return names;
  }

  private static SortedMap<FqName, String> routingPolicies(ConfigObject object) {
    SortedMap<FqName, String> policies = new TreeMap<>();
    for (Ref ref : object.refs(Inputs.ROUTING_POLICY)) {
      JsonNode attr = ref.attr();
      policies.put(ref.to(), attr == null ? "" : attr.path("sequence").asString(""));
    }
    return policies;
  }

  private static List<IpPrefix> subnets(ConfigObject object) {
    List<IpPrefix> subnets = new ArrayList<>();
    for (Ref ipam : object.refs("network-ipam")) {
      JsonNode attr = ipam.attr();
      for (JsonNode entry : attr == null ? List.<JsonNode>of() : attr.path("ipam_subnets")) {
        subnet(entry.path("subnet")).ifPresent(subnets::add);
      }
    }
    return List.copyOf(subnets);
  }

  private static Optional<IpPrefix> subnet(JsonNode subnet) {
    try {
      return Optional.of(
          new IpPrefix(
              IpAddress.parse(subnet.path("ip_prefix").asString("")),
              subnet.path("ip_prefix_len").asInt(0)));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private record Placed(FqName policy, int major, int minor) {}

  private static List<FqName> policies(ConfigObject object) {
    List<Placed> placed = new ArrayList<>();
    for (Ref ref : object.refs(Inputs.POLICY)) {
      JsonNode sequence = sequence(ref.attr());
      placed.add(
          new Placed(ref.to(), sequence.path("major").asInt(0), sequence.path("minor").asInt(0)));
    }
    placed.sort(
        Comparator.comparingInt(Placed::major)
            .thenComparingInt(Placed::minor)
            .thenComparing(Placed::policy));
    return placed.stream().map(Placed::policy).toList();
  }

  private static JsonNode sequence(@Nullable JsonNode attr) {
    return attr == null
        ? tools.jackson.databind.node.MissingNode.getInstance()
        : attr.path("sequence");
  }

  /** Reads a RouteTargetList; what is no route target is left out. */
  static SortedSet<String> targets(@Nullable JsonNode list) {
    SortedSet<String> targets = new TreeSet<>();
    if (list != null) {
      for (JsonNode element : list.path("route_target")) {
        String text = element.asString("");
        if (isTarget(text)) {
          targets.add(text);
        }
      }
    }
    return targets;
  }

  private static boolean isTarget(String text) {
    try {
      return !RouteTarget.parse(text).toString().isEmpty();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
