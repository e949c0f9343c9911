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
import weft.net.RouteTarget;
import weft.routing.BestPathRules;
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
 * @param clusterId of us as a BGP route reflector, or 0 if we are none
 * @param neighbours BGP routers to peer with, by name
 * @param restart what BGP peers and we do for each other across a restart
 * @param rules how the best paths are chosen
 * @param nextHopsChecked whether the fabric must have routes to next hops
 */
record RoutingConfig(
    long asn,
    SortedMap<String, InstanceConfig> instances,
    int clusterId,
    Map<String, Peering> neighbours,
    RestartTimes restart,
    BestPathRules rules,
    boolean nextHopsChecked) {
  private static final Logger LOG = LoggerFactory.getLogger(RoutingConfig.class);

  static final long DEFAULT_ASN = 64512;
  private static final Set<String> TYPES =
      Set.of(
          "global-system-config",
          "routing-instance",
          "route-target",
          "virtual-network",
          "bgp-router",
          ConfiguredRoutes.AGGREGATE,
          RoutingPolicies.TYPE);

  /** Whether a change may matter here. */
  static boolean isOf(Change<UUID, ConfigObject> change) {
    return switch (change) {
      case Change.Put<UUID, ConfigObject> put -> TYPES.contains(put.after().type().name());
      case Change.Remove<UUID, ConfigObject> remove ->
          TYPES.contains(remove.before().type().name());
    };
  }

  static RoutingConfig of(ConfigImage image, ControlOptions options) {
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
    Peerings peerings = new Peerings(image, options.name(), options.routerId(), asn);
    return new RoutingConfig(
        asn,
        instances,
        peerings.clusterId(),
        peerings.read(),
        RestartTimes.of(image, options.times().restart()),
        rules(image),
        nextHopsChecked(image));
  }

  private static boolean nextHopsChecked(ConfigImage image) {
    boolean checked = false;
    for (ConfigObject object : image.objects("global-system-config")) {
      JsonNode convergence = object.property("fast_convergence_parameters");
      checked =
          convergence != null
              && isSet(convergence.path("enable"))
              && isSet(convergence.path("nh_reachability_check"));
    }
    return checked;
  }

  private static BestPathRules rules(ConfigImage image) {
    BestPathRules found = BestPathRules.USUAL;
    for (ConfigObject object : image.objects("global-system-config")) {
      found =
          new BestPathRules(
              isSet(object.property("bgp_always_compare_med")),
              isSet(object.property("bgp_ignore_as_path")));
    }
    return found;
  }

  private static boolean isSet(@Nullable JsonNode flag) {
    return flag != null && flag.asBoolean(false);
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
        targets(object, "export"),
        ConfiguredRoutes.statics(object),
        ConfiguredRoutes.aggregates(image, object),
        RoutingPolicies.of(image, object));
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

  // ---- values

  private static String text(JsonNode node) {
    return node.isString() ? node.asString() : "";
  }

  private static long number(@Nullable JsonNode node, long otherwise) {
    return node == null || !node.isNumber() ? otherwise : node.asLong();
  }
}
