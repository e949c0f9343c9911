package weft.api.model;

import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import weft.http.HttpError;
import weft.schema.ConfigObject;

/** Pools of floating addresses: the subnets they are restricted to are those of their network. */
final class FloatingIpPools implements Behaviour {
  private static final String SUBNETS = "floating_ip_pool_subnets";

  @Override
  public void onCreate(Draft draft) {
    check(draft);
  }

  @Override
  public void onUpdate(Draft draft) {
    check(draft);
  }

  private static void check(Draft draft) {
    JsonNode wanted = draft.body().path(SUBNETS).path("subnet_uuid");
    if (!draft.requested(SUBNETS) || wanted.isEmpty()) {
      return;
    }
    UUID parent = Names.uuid(draft.body().path("parent_uuid"), "parent_uuid");
    ConfigObject network = parent == null ? null : draft.image().object(parent);
    if (network == null) {
      return;
    }
    List<String> subnets =
        Addresses.subnets(network, draft.image()).stream()
            .map(subnet -> subnet.uuid().toString())
            .toList();
    for (JsonNode each : wanted) {
      if (!subnets.contains(each.asString(""))) {
        throw HttpError.badRequest(
            "Subnet " + each.asString("") + " was not found in virtual-network " + network.uuid());
      }
    }
    draft.edit().rely(network);
  }
}
