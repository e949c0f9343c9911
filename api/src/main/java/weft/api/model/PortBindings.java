package weft.api.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Ref;

/** How ports are plugged in on their hosts: keys and values that Nova reads. */
final class PortBindings {
  static final String BINDINGS = "virtual_machine_interface_bindings";
  private static final String NIC = "vnic_type";
  private static final String VIF = "vif_type";
  private static final String DETAILS = "vif_details";
  private static final String NORMAL = "normal";
  private static final String DIRECT = "direct";
  private static final String FORWARDER = "virtio-forwarder";
  private static final String SOCKETS = "/var/run/vrouter/uvh_vif_";
  private static final int DEVICE_NAME = 14;

  private PortBindings() {}

  /** Completes the bindings of a new port, if it has any. */
  static void complete(Draft draft) {
    if (draft.property(BINDINGS) == null) {
      return;
    }
    Map<String, String> pairs = pairs(draft.body());
    String nic = pairs.getOrDefault(NIC, NORMAL);
    pairs.put(NIC, nic);
    switch (nic) {
      case DIRECT -> plugDirect(draft, pairs);
      case FORWARDER -> {
        if (!plugProvider(draft, pairs)) {
          pairs.putIfAbsent(VIF, "vrouter");
          pairs.put(DETAILS, socket(draft.uuid(), false));
        }
      }
      case NORMAL -> plugNormal(draft, pairs);
      default -> pairs.putIfAbsent(VIF, "vrouter");
    }
    write(draft.body(), pairs);
  }

  /** Completes the bindings of a port that is changed. */
  static void change(Draft draft) {
    if (!draft.requested(BINDINGS)) {
      return;
    }
    ConfigObject before = draft.stored();
    Map<String, String> old = pairs(before.body());
    Map<String, String> pairs = pairs(draft.body());
    String oldNic = old.getOrDefault(NIC, NORMAL);
    String nic = pairs.getOrDefault(NIC, oldNic);
    if (!oldNic.equals(nic) && !nic.equals("baremetal") && isBound(draft, before)) {
      throw HttpError.conflict(
          "Vnic_type can not be modified when port is linked to Vrouter or VM.");
    }
    if (nic.equals(NORMAL)) {
      plugNormal(draft, pairs);
    } else if (nic.equals(DIRECT) && !oldNic.equals(DIRECT)) {
      plugDirect(draft, pairs);
    }
    write(draft.body(), pairs);
  }

  private static boolean isBound(Draft draft, ConfigObject port) {
    return !port.refs("virtual-machine").isEmpty()
        || !draft.image().referrers(port.uuid(), "logical-router").isEmpty();
  }

  /** Only where the host runs a vRouter in user space does the port say how it is plugged in. */
  private static void plugNormal(Draft draft, Map<String, String> pairs) {
    String host = pairs.get("host_id");
    if (host != null && isUserSpace(host, draft.image())) {
      pairs.put(VIF, "vhostuser");
      pairs.put(DETAILS, socket(draft.uuid(), true));
    } else {
      pairs.remove(VIF);
      pairs.remove(DETAILS);
    }
  }

  private static void plugDirect(Draft draft, Map<String, String> pairs) {
    if (!plugProvider(draft, pairs)) {
      throw HttpError.badRequest("No provider details in direct port request");
    }
  }

  private static boolean plugProvider(Draft draft, Map<String, String> pairs) {
    for (Ref ref : draft.refs("virtual-network")) {
      ConfigObject network = draft.image().object(ref.uuid());
      JsonNode details = network == null ? null : network.property("provider_properties");
      if (details != null && details.hasNonNull("segmentation_id")) {
        String vlan = details.path("segmentation_id").asString("");
        pairs.put(VIF, "hw_veb");
        pairs.put(DETAILS, "{\"port_filter\": true, \"vlan\": \"" + vlan + "\"}");
        return true;
      }
    }
    return false;
  }

  private static String socket(UUID port, boolean plug) {
    String device = ("tap" + port).substring(0, DEVICE_NAME);
    return "{\"vhostuser_mode\": \"server\", \"vhostuser_socket\": \""
        + SOCKETS
        + device
        + (plug ? "\", \"vhostuser_vrouter_plug\": true}" : "\"}");
  }

  /** By the name of the host, or else by the part of it that Nova may have instead. */
  private static boolean isUserSpace(String host, ConfigImage image) {
    ConfigObject router =
        image.object("virtual-router", FqName.of("default-global-system-config", host));
    if (router == null) {
      String first = host.split("\\.", 2)[0];
      for (ConfigObject each : image.objects("virtual-router")) {
        if (each.name().split("\\.", 2)[0].equals(first)) {
          router = each;
          break;
        }
      }
    }
    return router != null && router.body().path("virtual_router_dpdk_enabled").asBoolean(false);
  }

  /** The bindings of a port. */
  static Map<String, String> pairs(ObjectNode body) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (JsonNode pair : body.path(BINDINGS).path("key_value_pair")) {
      pairs.put(pair.path("key").asString(""), pair.path("value").asString(""));
    }
    return pairs;
  }

  private static void write(ObjectNode body, Map<String, String> pairs) {
    ArrayNode list = body.putObject(BINDINGS).putArray("key_value_pair");
    pairs.forEach((key, value) -> list.addObject().put("key", key).put("value", value));
  }
}
