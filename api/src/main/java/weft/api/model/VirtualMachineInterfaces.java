package weft.api.model;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.http.Json;
import weft.net.MacAddress;
import weft.schema.ComplexType;
import weft.schema.ConfigObject;
import weft.schema.Ref;
import weft.schema.Schema;

/** Ports: MAC address, and the reference to the network's default routing instance. */
final class VirtualMachineInterfaces implements Behaviour {
  private static final String MACS = "virtual_machine_interface_mac_addresses";
  private static final String INSTANCES = "routing_instance_refs";
  private static final HexFormat MAC = HexFormat.ofDelimiter(":");

  @Override
  public void onCreate(Draft draft) {
    if (draft.refs("virtual-network").isEmpty()) {
      throw HttpError.badRequest("Bad Request, no virtual_network_refs in POST body");
    }
    completeMac(draft);
    referToInstance(draft);
    PortBindings.complete(draft);
    PortChecks.check(draft, null);
    SwitchPorts.create(draft);
  }

  @Override
  public void onUpdate(Draft draft) {
    if (draft.requested(MACS)) {
      completeMac(draft);
    }
    if (draft.requested("virtual_network_refs") || draft.requested(INSTANCES)) {
      draft.body().set(INSTANCES, othersThanDefault(draft));
      referToInstance(draft);
    }
    PortBindings.change(draft);
    PortChecks.check(draft, draft.stored());
    if (draft.requested(PortBindings.BINDINGS)) {
      SwitchPorts.change(draft);
    }
  }

  @Override
  public void onDelete(ConfigObject port, Edit edit) {
    SwitchPorts.delete(port, edit);
  }

  /** The addresses given, in canonical form; else one made of the port's uuid. */
  private static void completeMac(Draft draft) {
    JsonNode given = draft.body().path(MACS).path("mac_address");
    ArrayNode macs = Json.array();
    for (JsonNode mac : given) {
      try {
        macs.add(MacAddress.parse(mac.asString("").replace('-', ':')).toString());
      } catch (IllegalArgumentException _) {
        throw HttpError.badRequest("Invalid MAC address in " + MACS + ": " + mac.asString(""));
      }
    }
    if (macs.isEmpty()) {
      macs.add(mac(draft.uuid()));
    }
    draft.body().putObject(MACS).set("mac_address", macs);
  }

  /** `02:` and the first five bytes of the uuid. */
  static String mac(UUID uuid) {
    long address = 2L << 40 | uuid.getMostSignificantBits() >>> 24;
    return MAC.formatHex(ByteBuffer.allocate(Long.BYTES).putLong(address).array(), 2, Long.BYTES);
  }

  private static ArrayNode othersThanDefault(Draft draft) {
    ArrayNode others = Json.array();
    for (JsonNode ref : draft.body().path(INSTANCES)) {
      ConfigObject instance = draft.image().object(Ref.of(ref).uuid());
      if (instance != null && !isDefault(instance)) {
        others.add(ref);
      }
    }
    return others;
  }

  private static void referToInstance(Draft draft) {
    List<Ref> networks = draft.refs("virtual-network");
    ConfigObject instance =
        networks.isEmpty() ? null : defaultInstance(networks.getFirst().uuid(), draft.edit());
    if (instance == null) {
      if (draft.body().path(INSTANCES).isEmpty()) {
        draft.body().remove(INSTANCES);
      }
      return;
    }
    ArrayNode refs = draft.body().withArrayProperty(INSTANCES);
    for (JsonNode ref : refs) {
      if (Ref.of(ref).uuid().equals(instance.uuid())) {
        return;
      }
    }
    refs.add(new Ref(instance.uuid(), instance.fqName(), forwardingBothWays()).toJson());
  }

  private static @Nullable ConfigObject defaultInstance(UUID network, Edit edit) {
    return edit.image().children(network, "routing-instance").stream()
        .filter(VirtualMachineInterfaces::isDefault)
        .findFirst()
        .orElse(null);
  }

  private static boolean isDefault(ConfigObject instance) {
    JsonNode flag = instance.property("routing_instance_is_default");
    return flag != null && flag.asBoolean(false);
  }

  /** Data that the server makes bears every field, unset ones as null. */
  private static ObjectNode forwardingBothWays() {
    ObjectNode attr = Json.object();
    ComplexType type = Schema.complexType("PolicyBasedForwardingRuleType");
    if (type != null) {
      type.fields().forEach(field -> attr.putNull(field.name()));
    }
    return attr.put("direction", "both");
  }
}
