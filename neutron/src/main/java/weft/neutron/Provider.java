package weft.neutron;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ConfigObject;
import weft.schema.FqName;

/** The provider attributes of networks: over which VLAN, physical network or tunnel they run. */
final class Provider {
  private static final String TYPE = "provider:network_type";
  private static final String PHYSICAL = "provider:physical_network";
  private static final String SEGMENT = "provider:segmentation_id";
  private static final String KEPT_TYPE = "network_type";
  private static final String DETAILS = "provider_properties";
  private static final String FLAT = "flat";
  private static final String VLAN = "vlan";

  /** What each type takes of a packet, as Neutron counts it. */
  private static final Map<String, Integer> OVERHEADS =
      Map.of(FLAT, 0, VLAN, 0, "local", 0, "vxlan", 50, "geneve", 58, "gre", 42);

  private static final int PHYSICAL_MTU = 1500;
  private static final int MAX_VLAN = 4094;
  private static final int MAX_VNI = (1 << 24) - 1;

  /** Relied on by those who choose what only one network may have. */
  private static final FqName REFEREE = FqName.of("default-domain");

  private Provider() {}

  /** Puts what was sent into a request that makes or changes the network of `before`. */
  static void read(Sent sent, ObjectNode request, ObjectNode before, UUID network, Change change) {
    String physical = sent.text(PHYSICAL);
    Integer segment = sent.set(SEGMENT) ? (Integer) sent.number(SEGMENT).orElseThrow() : null;
    String type = sent.text(TYPE);
    if (physical == null && segment == null && type == null) {
      return;
    }
    if (type != null && !OVERHEADS.containsKey(type)) {
      throw NeutronException.invalidInput("Invalid provider:network_type: " + type);
    }
    boolean vlan = VLAN.equals(type) || type == null && physical != null;
    if (segment != null && (segment < 0 || segment > (vlan ? MAX_VLAN : MAX_VNI))) {
      throw NeutronException.invalidInput("provider:segmentation_id out of range: " + segment);
    }
    if (vlan) {
      ObjectNode details = request.putObject(DETAILS);
      details.put("segmentation_id", vlan(physical, segment, network, change));
      details.put("physical_network", physical == null ? "" : physical);
    } else if (FLAT.equals(type)) {
      if (segment != null) {
        throw NeutronException.invalidInput("segmentation_id prohibited for flat provider network");
      }
      demandUnused(physical, network, change);
      request.putObject(DETAILS).put("segmentation_id", 0).put("physical_network", physical);
    } else if (segment != null) {
      ObjectNode properties = request.putObject("virtual_network_properties");
      properties.setAll(before.deepCopy().withObjectProperty("virtual_network_properties"));
      properties.put("vxlan_network_identifier", segment);
    }
    if (type != null) {
      ObjectNode extras = Extras.of(before).deepCopy();
      extras.put(KEPT_TYPE, type);
      Extras.put(request, before, extras);
    }
  }

  /** What fits into a packet of a network of the type that is asked for; 0 if none is. */
  static int mtu(Sent sent) {
    Integer overhead = OVERHEADS.get(sent.string(TYPE));
    return overhead == null ? 0 : PHYSICAL_MTU - overhead;
  }

  /** The VLAN that is asked for, or the lowest that the physical network has free. */
  private static int vlan(
      @Nullable String physical, @Nullable Integer asked, UUID network, Change change) {
    if (physical == null || asked != null && asked == 0) {
      return asked == null ? 0 : asked;
    }
    Set<Integer> taken = segments(physical, false, network, change);
    if (asked != null) {
      if (taken.contains(asked)) {
        throw NeutronException.of(
            "VlanIdInUse", "vlan_id", String.valueOf(asked), "physical_network", physical);
      }
      return asked;
    }
    for (int vlan = 1; vlan <= MAX_VLAN; vlan++) {
      if (!taken.contains(vlan)) {
        return vlan;
      }
    }
    throw NeutronException.of("NoNetworkAvailable");
  }

  private static void demandUnused(@Nullable String physical, UUID network, Change change) {
    if (physical == null || physical.isEmpty()) {
      throw NeutronException.invalidInput("physical_network required for flat provider network");
    }
    if (!segments(physical, true, network, change).isEmpty()) {
      throw NeutronException.of("FlatNetworkInUse", "physical_network", physical);
    }
  }

  /** What other networks, those of this call too, use of a physical network; 0 is untagged. */
  private static Set<Integer> segments(String physical, boolean flat, UUID network, Change change) {
    demandAlone(change);
    Set<Integer> taken = new TreeSet<>();
    for (ConfigObject other : change.image().objects(Lookup.NETWORK)) {
      JsonNode details = other.body().path(DETAILS);
      if (!other.uuid().equals(network)
          && details.path("physical_network").asString("").equals(physical)
          && FLAT.equals(type(other)) == flat) {
        taken.add(details.path("segmentation_id").asInt(0));
      }
    }
    return taken;
  }

  /** Of calls at the same time that demand this one is done, the others decide again. */
  static void demandAlone(Change change) {
    ConfigObject referee = change.image().object("domain", REFEREE);
    if (referee != null) {
      change.edit().rely(referee);
      change.edit().demandUndisturbed(referee);
    }
  }

  private static @Nullable String type(ConfigObject network) {
    return Extras.text(Extras.of(network.body()), KEPT_TYPE);
  }

  static void show(ConfigObject network, ObjectNode item) {
    JsonNode details = network.body().path(DETAILS);
    JsonNode vxlan =
        network.body().path("virtual_network_properties").path("vxlan_network_identifier");
    String type = type(network);
    boolean provided = details.hasNonNull("physical_network");
    item.put(TYPE, type == null && provided ? VLAN : type);
    item.put(PHYSICAL, provided ? details.path("physical_network").asString("") : null);
    JsonNode segment = provided ? details.path("segmentation_id") : vxlan;
    item.set(SEGMENT, segment.isNumber() && !FLAT.equals(type) ? segment : null);
  }
}
