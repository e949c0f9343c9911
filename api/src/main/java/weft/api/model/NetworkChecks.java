package weft.api.model;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.schema.ConfigObject;
import weft.schema.PythonText;
import weft.schema.Ref;

/** What a network may not be, whatever its addresses. */
final class NetworkChecks {
  private static final String PROVIDER = "provider_properties";
  private static final String IS_PROVIDER = "is_provider_network";
  private static final List<String> TARGETS =
      List.of("route_target_list", "import_route_target_list", "export_route_target_list");

  private NetworkChecks() {}

  static void check(Draft draft, @Nullable ConfigObject before) {
    checkServiceChains(draft);
    TARGETS.forEach(list -> RouteTargets.checkConfigured(draft, list));
    checkProviderDetails(draft, before);
    checkProviderNetwork(draft, before);
    checkVpnTypes(draft);
  }

  private static void checkServiceChains(Draft draft) {
    if (!draft.flag("multi_policy_service_chains_enabled")) {
      return;
    }
    Set<JsonNode> both = targets(draft.body(), "import_route_target_list");
    both.retainAll(targets(draft.body(), "export_route_target_list"));
    if (!both.isEmpty() || !targets(draft.body(), "route_target_list").isEmpty()) {
      throw HttpError.conflict(
          "Multi policy service chains are not supported, with both import export external route"
              + " targets");
    }
  }

  private static Set<JsonNode> targets(ObjectNode body, String list) {
    Set<JsonNode> targets = new HashSet<>();
    body.path(list).path("route_target").forEach(targets::add);
    return targets;
  }

  private static void checkProviderDetails(Draft draft, @Nullable ConfigObject before) {
    JsonNode details = draft.property(PROVIDER);
    JsonNode old = before == null ? null : before.property(PROVIDER);
    if (!draft.requested(PROVIDER) || Objects.equals(details, old)) {
      return;
    }
    String verb = before == null ? "create" : "update";
    if (before != null && old != null) {
      boolean provider = draft.flag(IS_PROVIDER);
      boolean used = !draft.image().referrers(draft.uuid(), "virtual-machine-interface").isEmpty();
      if (provider || used) {
        draft.edit().demandUndisturbed(before);
        throw HttpError.conflict(
            "Update provider_details property of "
                + (provider ? "provider VN (" : "VN with ports (")
                + draft.uuid()
                + ") is not allowed");
      }
      draft.edit().demandUndisturbed(before);
    }
    if (details == null) {
      return;
    }
    if (!details.hasNonNull("segmentation_id")) {
      throw refused(before, "Segmenation ID must be configured to " + verb);
    }
    if (details.path("physical_network").asString("").isEmpty()) {
      throw refused(before, "Physical Network must be configured to " + verb);
    }
  }

  private static HttpError refused(@Nullable ConfigObject before, String text) {
    return before == null ? HttpError.badRequest(text) : HttpError.conflict(text);
  }

  private static void checkProviderNetwork(Draft draft, @Nullable ConfigObject before) {
    boolean provider = draft.flag(IS_PROVIDER);
    if (before != null && before.body().path(IS_PROVIDER).asBoolean(false) && !provider) {
      throw HttpError.badRequest(
          "Update is_provider_network property from True to False of VN ("
              + draft.uuid()
              + ") is not allowed");
    }
    List<Ref> linked = draft.refs("virtual-network");
    if (linked.isEmpty() || !draft.requested("virtual_network_refs")) {
      return;
    }
    List<String> uuids = linked.stream().map(ref -> ref.uuid().toString()).toList();
    long providers = linked.stream().filter(ref -> isProvider(draft, ref)).count();
    if (provider && providers > 0) {
      throw HttpError.badRequest(
          "Provider VN ("
              + draft.uuid()
              + ") can not connect to another provider VN ("
              + PythonText.of(uuids)
              + ")");
    }
    if (!provider && (linked.size() != 1 || providers != 1)) {
      throw HttpError.badRequest(
          "Non Provider VN ("
              + draft.uuid()
              + ") can connect only to one provider VN but not ("
              + PythonText.of(uuids)
              + ")");
    }
  }

  private static boolean isProvider(Draft draft, Ref ref) {
    ConfigObject network = draft.image().object(ref.uuid());
    return network != null && network.body().path(IS_PROVIDER).asBoolean(false);
  }

  /** A VPN of layer 2 needs a network that forwards frames; one of layer 3, one that routes. */
  private static void checkVpnTypes(Draft draft) {
    String mode = draft.body().path(VxlanIds.PROPERTIES).path("forwarding_mode").asString("l2_l3");
    for (Ref ref : draft.refs("bgpvpn")) {
      ConfigObject vpn = draft.image().object(ref.uuid());
      String type = vpn == null ? "l3" : vpn.body().path("bgpvpn_type").asString("l3");
      if (!mode.contains(type)) {
        throw HttpError.badRequest(
            "Cannot associate bgpvpn type '"
                + type
                + "' with a virtual network in forwarding mode '"
                + mode
                + "'");
      }
    }
  }

  /** Flat subnets are those of the IPAM: the network routes, and has none of its own there. */
  static void checkFlatSubnets(Draft draft) {
    for (JsonNode node : draft.body().path("network_ipam_refs")) {
      ConfigObject ipam = draft.image().object(Ref.of(node).uuid());
      if (ipam == null || !NetworkIpams.isFlat(ipam)) {
        continue;
      }
      for (JsonNode subnet : node.path("attr").path("ipam_subnets")) {
        if (subnet.path("subnet").hasNonNull("ip_prefix")) {
          throw HttpError.badRequest("with flat-subnet, network can not have user-defined subnet");
        }
      }
      if (!draft
          .body()
          .path(VxlanIds.PROPERTIES)
          .path("forwarding_mode")
          .asString("")
          .equals("l3")) {
        throw HttpError.badRequest("flat-subnet is allowed only with l3 network");
      }
      if (node.path("attr").path("ipam_subnets").isEmpty()) {
        ((ObjectNode) node)
            .putObject("attr")
            .putArray("ipam_subnets")
            .addObject()
            .put("subnet_uuid", draft.edit().newUuid().toString());
      }
    }
  }
}
