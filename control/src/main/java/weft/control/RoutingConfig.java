package weft.control;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import weft.config.ConfigImage;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.RouteTarget;
import weft.routing.InstanceConfig;
import weft.routing.OriginVn;
import weft.routing.TableId;
import weft.schema.ConfigObject;
import weft.schema.Ref;
import weft.state.Change;

/**
 * What the config says about routing: a function of the image.
 *
 * @param asn of the whole system
 * @param instances by name
 * @param neighbours BGP routers to peer with, by name
 */
record RoutingConfig(
    long asn, SortedMap<String, InstanceConfig> instances, Map<String, Neighbour> neighbours) {
  private static final Logger LOG = LoggerFactory.getLogger(RoutingConfig.class);

  static final long DEFAULT_ASN = 64512;
  static final RoutingConfig NONE = new RoutingConfig(DEFAULT_ASN, new TreeMap<>(), Map.of());

  private static final Set<String> TYPES =
      Set.of(
          "global-system-config",
          "routing-instance",
          "route-target",
          "virtual-network",
          "bgp-router");

  /**
   * A BGP router to have a session with.
   *
   * @param holdTime seconds
   * @param families the names of the config model; empty for the usual ones
   */
  record Neighbour(
      String name, IpAddress address, int port, long asn, int holdTime, List<String> families) {
    Neighbour {
      families = List.copyOf(families);
    }
  }

  /** Whether a change may matter here. */
  static boolean isOf(Change<UUID, ConfigObject> change) {
    return switch (change) {
      case Change.Put<UUID, ConfigObject> put -> TYPES.contains(put.after().type().name());
      case Change.Remove<UUID, ConfigObject> remove ->
          TYPES.contains(remove.before().type().name());
    };
  }

  static RoutingConfig of(ConfigImage image, String ownName, Ipv4Address routerId) {
    long asn = DEFAULT_ASN;
    for (ConfigObject object : image.objects("global-system-config")) {
      asn = number(object.property("autonomous_system"), asn);
    }
    SortedMap<String, InstanceConfig> instances = new TreeMap<>();
    String fabric = TableId.MASTER.substring(0, TableId.MASTER.lastIndexOf(':'));
    instances.put(
        TableId.MASTER, new InstanceConfig(TableId.MASTER, fabric, null, Set.of(), Set.of()));
    for (ConfigObject object : image.objects("routing-instance")) {
      instances.put(object.fqName().toString(), instance(image, object, asn));
    }
    return new RoutingConfig(asn, instances, neighbours(image, ownName, routerId, asn));
  }

  // ---- routing instances

  private static InstanceConfig instance(ConfigImage image, ConfigObject object, long asn) {
    Set<RouteTarget> imports = targets(object, "import");
    for (ConfigObject other : connected(image, object)) {
      imports.addAll(targets(other, "export"));
    }
    UUID parent = object.parentUuid();
    ConfigObject network = parent == null ? null : image.object(parent);
    boolean hasNetwork = network != null && network.type().name().equals("virtual-network");
    return new InstanceConfig(
        object.fqName().toString(),
        hasNetwork && network != null ? network.fqName().toString() : null,
        hasNetwork && network != null ? originVn(network, asn) : null,
        imports,
        targets(object, "export"));
  }

  /** Instances that are connected take each other's routes, whoever of them refers to the other. */
  private static List<ConfigObject> connected(ConfigImage image, ConfigObject object) {
    Map<UUID, ConfigObject> found = new LinkedHashMap<>();
    for (Ref ref : object.refs("routing-instance")) {
      ConfigObject other = image.object(ref.uuid());
      if (other != null) {
        found.put(other.uuid(), other);
      }
    }
    for (ConfigObject other : image.referrers(object.uuid(), "routing-instance")) {
      found.put(other.uuid(), other);
    }
    return List.copyOf(found.values());
  }

  /** The targets for one direction: those marked with it, and those without a mark. */
  private static Set<RouteTarget> targets(ConfigObject instance, String direction) {
    Set<RouteTarget> found = new TreeSet<>();
    for (Ref ref : instance.refs("route-target")) {
      JsonNode attr = ref.attr();
      String mark = attr == null ? "" : text(attr.path("import_export"));
      if (mark.isEmpty() || mark.equals(direction)) {
        RouteTarget target = target(ref.to().toString());
        if (target != null) {
          found.add(target);
        }
      }
    }
    return found;
  }

  private static @Nullable RouteTarget target(String text) {
    try {
      return RouteTarget.parse(text);
    } catch (IllegalArgumentException e) {
      LOG.warn("route target ignored: {}", e.getMessage());
      return null;
    }
  }

  private static @Nullable OriginVn originVn(ConfigObject network, long asn) {
    long id = number(network.property("virtual_network_network_id"), 0);
    if (id == 0) {
      JsonNode properties = network.property("virtual_network_properties");
      id = properties == null ? 0 : number(properties.get("network_id"), 0);
    }
    return id == 0 ? null : new OriginVn(asn, id);
  }

  // ---- BGP

  private static Map<String, Neighbour> neighbours(
      ConfigImage image, String ownName, Ipv4Address routerId, long asn) {
    Map<String, Neighbour> found = new TreeMap<>();
    for (ConfigObject object : image.objects("bgp-router")) {
      JsonNode parameters = object.property("bgp_router_parameters");
      if (parameters == null
          || object.name().equals(ownName)
          || parameters.path("admin_down").asBoolean(false)
          || text(parameters.path("router_type")).startsWith("bgpaas")) {
        continue;
      }
      Neighbour neighbour = neighbour(object, parameters, asn);
      if (neighbour != null && !neighbour.address().equals(routerId)) {
        found.put(neighbour.name(), neighbour);
      }
    }
    return found;
  }

  private static @Nullable Neighbour neighbour(ConfigObject object, JsonNode parameters, long asn) {
    IpAddress address;
    try {
      address = IpAddress.parse(text(parameters.path("address")));
    } catch (IllegalArgumentException e) {
      LOG.warn("bgp-router {} ignored: {}", object.fqName(), e.getMessage());
      return null;
    }
    List<String> families =
        parameters
            .path("address_families")
            .path("family")
            .valueStream()
            .map(JsonNode::asString)
            .toList();
    return new Neighbour(
        object.fqName().toString(),
        address,
        (int) number(parameters.get("port"), ControlOptions.BGP_PORT),
        number(parameters.get("autonomous_system"), asn),
        (int) number(parameters.get("hold_time"), 90),
        families);
  }

  private static String text(JsonNode node) {
    return node.isString() ? node.asString() : "";
  }

  private static long number(@Nullable JsonNode node, long otherwise) {
    return node == null || !node.isNumber() ? otherwise : node.asLong();
  }
}
