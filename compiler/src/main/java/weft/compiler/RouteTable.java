package weft.compiler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.state.Graph;

/**
 * What the compiler reads out of a route table: the routes whose next hop is an address.
 *
 * @param routes without those that lead to a service instance
 */
record RouteTable(List<Entry> routes) {

  /** One route of it. */
  record Entry(IpPrefix prefix, IpAddress nextHop, List<String> communities)
      implements Comparable<Entry> {
    private static final Comparator<Entry> ORDER =
        Comparator.comparing(Entry::prefix)
            .thenComparing(Entry::nextHop)
            .thenComparing(entry -> entry.communities.toString());

    /** As a static route of a routing instance. */
    ObjectNode toJson(SortedSet<String> targets) {
      ObjectNode node = JsonNodeFactory.instance.objectNode();
      node.put("prefix", prefix.toString());
      node.put("next_hop", nextHop.toString());
      targets.forEach(node.putArray("route_target")::add);
      communities.forEach(node.putArray("community")::add);
      return node;
    }

    @Override
    public int compareTo(Entry other) {
      return ORDER.compare(this, other);
    }
  }

  /** The table of a name, if there is one. */
  record Of(FqName name) implements Graph.Computed<Optional<RouteTable>> {
    @Override
    public Optional<RouteTable> compute(Graph.Reads reads) {
      ConfigObject object = reads.input(new Fact.Named(Inputs.ROUTE_TABLE, name));
      return object == null ? Optional.empty() : Optional.of(read(object));
    }
  }

  /** The routes of several tables whose next hop is as wanted, in order, each once. */
  static List<Entry> entries(
      Graph.Reads reads, SortedSet<FqName> tables, Predicate<IpAddress> wanted) {
    List<Entry> entries = new ArrayList<>();
    for (FqName table : tables) {
      reads.value(new Of(table)).ifPresent(it -> entries.addAll(it.routes()));
    }
    return entries.stream()
        .filter(entry -> wanted.test(entry.nextHop()))
        .distinct()
        .sorted()
        .toList();
  }

  private static RouteTable read(ConfigObject object) {
    List<Entry> routes = new ArrayList<>();
    JsonNode table = object.property("routes");
    for (JsonNode route : table == null ? List.<JsonNode>of() : table.path("route")) {
      Entry entry = entry(route);
      if (entry != null) {
        routes.add(entry);
      }
    }
    return new RouteTable(List.copyOf(routes));
  }

  /** Null if it leads to a service instance, or cannot be read. */
  private static @Nullable Entry entry(JsonNode route) {
    if (route.path("next_hop_type").asString("").equals("service-instance")) {
      return null;
    }
    try {
      IpPrefix prefix = IpPrefix.parse(route.path("prefix").asString(""));
      IpAddress nextHop = IpAddress.parse(route.path("next_hop").asString(""));
      List<String> communities = new ArrayList<>();
      route
          .path("community_attributes")
          .path("community_attribute")
          .forEach(community -> communities.add(community.asString("")));
      return prefix.isV4() == nextHop.isV4()
          ? new Entry(prefix, nextHop, List.copyOf(communities))
          : null;
    } catch (IllegalArgumentException _) {
      return null;
    }
  }
}
