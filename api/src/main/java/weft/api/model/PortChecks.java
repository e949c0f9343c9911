package weft.api.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.net.IpAddress;
import weft.schema.ConfigObject;
import weft.schema.Ref;

/** What a port may not be, beside its addresses and bindings. */
final class PortChecks {
  private static final String ADDRESS_PAIRS = "virtual_machine_interface_allowed_address_pairs";
  private static final String PROPERTIES = "virtual_machine_interface_properties";
  private static final String PORT = "virtual-machine-interface";
  private static final int LAST_VLAN = 4094;

  private PortChecks() {}

  static void check(Draft draft, @Nullable ConfigObject before) {
    checkAddressPairs(draft);
    checkVlan(draft, before);
    checkBridgeDomains(draft);
    checkHealthChecks(draft);
    if (before != null && draft.requested("virtual_machine_refs")) {
      checkMachine(draft);
    }
  }

  private static void checkAddressPairs(Draft draft) {
    JsonNode security = draft.property("port_security_enabled");
    boolean off = security != null && !security.asBoolean(true);
    JsonNode pairs = draft.body().path(ADDRESS_PAIRS).path("allowed_address_pair");
    if (draft.requested(ADDRESS_PAIRS)) {
      for (JsonNode pair : pairs) {
        Subnets.parse(pair.path("ip").path("ip_prefix").asString(""), ADDRESS_PAIRS);
      }
    }
    if (off && !pairs.isEmpty()) {
      throw HttpError.badRequest(
          "Allowed address pairs are not allowed when port security is disabled");
    }
  }

  /** A sub-interface is told from others of the same primary port by its VLAN, for good. */
  private static void checkVlan(Draft draft, @Nullable ConfigObject before) {
    long vlan = vlan(draft.body());
    if (vlan < 0 || vlan > LAST_VLAN) {
      throw HttpError.badRequest(
          "Invalid sub-interface VLAN tag ID: " + vlan + ", range is 0 to " + LAST_VLAN);
    }
    List<Ref> ports = draft.refs(PORT);
    if (before != null) {
      if (vlan != vlan(before.body()) && !before.refs(PORT).isEmpty()) {
        throw HttpError.badRequest("Cannot change sub-interface VLAN tag ID");
      }
      return;
    }
    if (vlan == 0 || ports.isEmpty()) {
      return;
    }
    ConfigObject primary = draft.image().object(ports.getFirst().uuid());
    if (primary == null) {
      return;
    }
    if (vlan(primary.body()) != 0) {
      throw HttpError.badRequest(
          "sub interface can't have another sub interface as it's primary port");
    }
    for (ConfigObject sub : siblings(primary, draft)) {
      if (vlan(sub.body()) == vlan) {
        throw HttpError.badRequest(
            "Two sub interfaces under same primary port can't have same Vlan tag");
      }
    }
    draft.edit().demandUndisturbed(primary);
  }

  private static List<ConfigObject> siblings(ConfigObject primary, Draft draft) {
    List<ConfigObject> siblings = new ArrayList<>(draft.image().referrers(primary.uuid(), PORT));
    for (Ref ref : primary.refs(PORT)) {
      ConfigObject sub = draft.image().object(ref.uuid());
      if (sub != null) {
        siblings.add(sub);
      }
    }
    return siblings;
  }

  private static long vlan(ObjectNode body) {
    return body.path(PROPERTIES).path("sub_interface_vlan_tag").asLong(0);
  }

  private static void checkBridgeDomains(Draft draft) {
    if (!draft.requested("bridge_domain_refs") && !draft.requested("virtual_network_refs")) {
      return;
    }
    List<Ref> domains = draft.refs("bridge-domain");
    List<Ref> networks = draft.refs("virtual-network");
    if (domains.isEmpty()) {
      return;
    }
    if (networks.isEmpty()) {
      throw HttpError.badRequest(
          "Virtual network can not be removed on virtual machine interface("
              + draft.uuid()
              + ") while it refers a bridge domain");
    }
    UUID network = networks.getFirst().uuid();
    Set<Long> vlans = new HashSet<>();
    for (Ref ref : domains) {
      ConfigObject domain = draft.image().object(ref.uuid());
      if (domain == null || !network.equals(domain.parentUuid())) {
        throw HttpError.badRequest(
            "Virtual machine interface("
                + draft.uuid()
                + ") can only refer to bridge domain belonging to virtual network("
                + network
                + ")");
      }
      JsonNode attr = ref.attr();
      long vlan = attr == null ? 0 : attr.path("vlan_tag").asLong(0);
      if (!vlans.add(vlan)) {
        throw HttpError.badRequest(
            "Virtual machine interface("
                + draft.uuid()
                + ") already refers to bridge domain("
                + ref.uuid()
                + ") for vlan tag "
                + vlan);
      }
    }
  }

  private static void checkHealthChecks(Draft draft) {
    if (!draft.requested("service_health_check_refs") || !draft.refs("port-tuple").isEmpty()) {
      return;
    }
    for (Ref ref : draft.refs("service-health-check")) {
      ConfigObject check = draft.image().object(ref.uuid());
      String type =
          check == null
              ? ""
              : check
                  .body()
                  .path("service_health_check_properties")
                  .path("health_check_type")
                  .asString("");
      if (!type.equals("link-local")) {
        throw HttpError.badRequest(
            "Virtual machine interface("
                + draft.uuid()
                + ") of non service vm can only refer link-local type service health check");
      }
    }
  }

  /**
   * A port that comes to a machine may be no interface of a router, nor bear a gateway's address.
   */
  private static void checkMachine(Draft draft) {
    if (draft.refs("virtual-machine").isEmpty()) {
      return;
    }
    if (!draft.image().referrers(draft.uuid(), "logical-router").isEmpty()) {
      throw HttpError.badRequest("Logical router interface cannot be used by VM");
    }
    for (ConfigObject ip : draft.image().referrers(draft.uuid(), "instance-ip")) {
      JsonNode address = ip.property("instance_ip_address");
      if (address != null && isGateway(ip, address.asString(""), draft)) {
        throw HttpError.badRequest("Gateway IP cannot be used by VM port");
      }
    }
  }

  private static boolean isGateway(ConfigObject ip, String text, Draft draft) {
    IpAddress address = Subnets.parse(text, "instance_ip_address");
    for (Ref ref : ip.refs("virtual-network")) {
      ConfigObject network = draft.image().object(ref.uuid());
      if (network != null
          && Addresses.subnets(network, draft.image()).stream()
              .anyMatch(subnet -> address.equals(subnet.gateway()))) {
        return true;
      }
    }
    return false;
  }
}
