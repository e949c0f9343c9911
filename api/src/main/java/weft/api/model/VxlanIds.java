package weft.api.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.config.AllocationKey;
import weft.config.IntegerPool;
import weft.http.HttpError;

/** The numbers of networks: each has one of its own, and perhaps one for its VXLAN. */
final class VxlanIds {
  static final IntegerPool IDS = new IntegerPool("virtual-network-id", 1, 1 << 24);
  static final String ID = "virtual_network_network_id";
  static final String PROPERTIES = "virtual_network_properties";
  static final String VXLAN = "vxlan_network_identifier";

  private VxlanIds() {}

  /** Takes the number that a network is to have for its VXLAN, and lets go of the one it had. */
  static void settle(Draft draft, @Nullable ObjectNode before) {
    Long wanted = vxlan(draft.body());
    Long old = before == null ? null : vxlan(before);
    if (Objects.equals(wanted, old)) {
      return;
    }
    long own = draft.body().path(ID).asLong();
    if (wanted != null && wanted != own) {
      if (wanted < IDS.first() || wanted > IDS.last()) {
        throw HttpError.badRequest(
            "Invalid vxlan_network_identifier " + wanted + ": range is 1 to " + IDS.last());
      }
      if (!draft.edit().allocate(IDS.key(wanted), draft.owner())) {
        throw HttpError.badRequest("Cannot set VXLAN_ID: " + wanted + ", it has already been set");
      }
    }
    if (old != null && old != own) {
      draft.edit().free(IDS.key(old));
    }
  }

  /** What a network has of the numbers. */
  static List<AllocationKey> keys(ObjectNode network) {
    List<AllocationKey> keys = new ArrayList<>();
    keys.add(IDS.key(network.path(ID).asLong()));
    Long vxlan = vxlan(network);
    if (vxlan != null && !keys.contains(IDS.key(vxlan))) {
      keys.add(IDS.key(vxlan));
    }
    return keys;
  }

  private static @Nullable Long vxlan(ObjectNode network) {
    JsonNode vxlan = network.path(PROPERTIES).path(VXLAN);
    return vxlan.asLong(0) == 0 ? null : Long.valueOf(vxlan.asLong());
  }
}
