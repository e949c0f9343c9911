package weft.neutron;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ConfigObject;

/**
 * What Neutron's own policy denies to those who are no administrators, for callers that come
 * without Neutron. Whose objects are whose, the resources themselves know.
 */
final class TenantPolicy {
  private static final Set<String> PROVIDER =
      Set.of("provider:network_type", "provider:physical_network", "provider:segmentation_id");

  /** Set by administrators alone, by resource. */
  private static final Map<String, Set<String>> ADMIN =
      Map.of(
          "network",
          Set.of(
              "shared",
              "router:external",
              "is_default",
              "segments",
              "provider:network_type",
              "provider:physical_network",
              "provider:segmentation_id"),
          "subnet",
          Set.of("segment_id", "service_types"),
          "port",
          Set.of("binding:host_id", "binding:profile"),
          "router",
          Set.of("distributed", "ha"),
          "floatingip",
          Set.of("floating_ip_address"));

  /** Set on ports by who owns the network. */
  private static final Set<String> OF_THE_NETWORK =
      Set.of("mac_address", "port_security_enabled", "allowed_address_pairs");

  /** Shown to administrators alone, by resource. */
  private static final Map<String, Set<String>> HIDDEN =
      Map.of(
          "network",
          PROVIDER,
          "port",
          Set.of("binding:host_id", "binding:profile", "binding:vif_type", "binding:vif_details"),
          "router",
          Set.of("distributed", "ha"));

  private TenantPolicy() {}

  /**
   * Refuses what the caller may not set.
   *
   * @param id of what is changed; empty for what is made
   */
  static void demand(Operation operation, String id, Sent sent, Change change) {
    if (change.context().access() == null) {
      return;
    }
    for (String attribute : ADMIN.getOrDefault(sent.resource(), Set.of())) {
      demand(!given(sent.get(attribute)), operation, sent, attribute);
    }
    switch (sent.resource()) {
      case "port" -> port(operation, id, sent, change);
      case "router" -> {
        JsonNode gateway = sent.get("external_gateway_info");
        for (String attribute : Set.of("enable_snat", "external_fixed_ips")) {
          demand(
              !gateway.hasNonNull(attribute),
              operation,
              sent,
              "external_gateway_info:" + attribute);
        }
      }
      case "rbac_policy" ->
          demand(!sent.string("target_tenant").equals("*"), operation, sent, "target_tenant");
      default -> {}
    }
  }

  /** False for what says no more than is so anyway. */
  private static boolean given(JsonNode value) {
    return !value.isMissingNode()
        && !value.isNull()
        && !(value.isBoolean() && !value.booleanValue())
        && !(value.isContainer() && value.isEmpty())
        && !(value.isString() && value.stringValue().isEmpty());
  }

  private static void port(Operation operation, String id, Sent sent, Change change) {
    ConfigObject network = network(id, sent, change);
    if (network == null || change.context().owns(network.parentUuid())) {
      return;
    }
    for (String attribute : OF_THE_NETWORK) {
      demand(!sent.set(attribute), operation, sent, attribute);
    }
    demand(!sent.string("device_owner").startsWith("network:"), operation, sent, "device_owner");
    for (JsonNode fixed : sent.get("fixed_ips")) {
      demand(!fixed.hasNonNull("ip_address"), operation, sent, "fixed_ips:ip_address");
    }
  }

  private static @Nullable ConfigObject network(String id, Sent sent, Change change) {
    if (id.isEmpty()) {
      return change.object(Lookup.NETWORK, sent.string("network_id"));
    }
    ConfigObject port = change.object(Lookup.PORT, id);
    return port == null ? null : change.object(Lookup.NETWORK, Ports.network(port));
  }

  private static void demand(boolean fine, Operation operation, Sent sent, String attribute) {
    if (!fine) {
      throw NeutronException.of(
          "AdminRequired",
          "reason",
          operation.name().toLowerCase(Locale.ROOT) + "_" + sent.resource() + ":" + attribute);
    }
  }

  static ObjectNode shown(Resource resource, String id, View view) {
    return shown(resource.read(id, view), resource.name(), view);
  }

  static Stream<ObjectNode> shown(Resource resource, Selection selection, View view) {
    return resource.list(selection, view).map(item -> shown(item, resource.name(), view));
  }

  private static ObjectNode shown(ObjectNode item, String resource, View view) {
    if (view.context().access() != null) {
      item.remove(HIDDEN.getOrDefault(resource, Set.of()));
    }
    return item;
  }
}
