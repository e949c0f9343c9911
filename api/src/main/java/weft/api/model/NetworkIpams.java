package weft.api.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import weft.http.HttpError;
import weft.net.IpPrefix;
import weft.schema.ConfigObject;

/** IPAMs: the flat subnets that stand on an IPAM itself. */
final class NetworkIpams implements Behaviour {
  private static final String SUBNETS = "ipam_subnets";
  private static final String METHOD = "ipam_subnet_method";
  private static final String SUBNETTING = "ipam_subnetting";
  private static final String FLAT = "flat-subnet";
  private static final String MANAGEMENT = "network_ipam_mgmt";

  static boolean isFlat(ConfigObject ipam) {
    return ipam.body().path(METHOD).asString("").equals(FLAT);
  }

  @Override
  public void onCreate(Draft draft) {
    checkMethod(draft);
    complete(draft, Map.of());
  }

  private static void checkMethod(Draft draft) {
    if (FLAT.equals(draft.text(METHOD))) {
      return;
    }
    if (draft.property(SUBNETS) != null) {
      throw HttpError.badRequest("ipam-subnets are allowed only with flat-subnet");
    }
    if (draft.flag(SUBNETTING)) {
      throw HttpError.badRequest("subnetting is allowed only with flat-subnet");
    }
  }

  @Override
  public void onUpdate(Draft draft) {
    checkKept(draft, METHOD);
    checkKept(draft, SUBNETTING);
    checkDns(draft);
    checkMethod(draft);
    if (draft.requested(SUBNETS)) {
      Map<IpPrefix, Subnet> old = new HashMap<>();
      Addresses.flatSubnets(draft.stored()).forEach(subnet -> old.put(subnet.prefix(), subnet));
      List<Subnet> all = complete(draft, old);
      Subnets.checkRemoved(draft.stored(), old, all, draft.edit());
      checkNetworks(draft, all);
    }
  }

  private static void checkKept(Draft draft, String property) {
    JsonNode now = draft.body().path(property);
    JsonNode before = draft.stored().body().path(property);
    if (draft.requested(property) && !now.asString("").equals(before.asString(""))) {
      throw HttpError.badRequest(property + " can not be changed");
    }
  }

  /** Guests were told where their names are resolved when they got their addresses. */
  private static void checkDns(Draft draft) {
    JsonNode now = draft.property(MANAGEMENT);
    JsonNode before = draft.stored().property(MANAGEMENT);
    if (now == null || before == null || !draft.requested(MANAGEMENT)) {
      return;
    }
    String to = now.path("ipam_dns_method").asString("none");
    String from = before.path("ipam_dns_method").asString("none");
    boolean harmless =
        from.equals(to)
            || !from.startsWith("tenant")
                && to.endsWith("-dns-server")
                && !to.startsWith("tenant")
                && !from.equals("none");
    if (!harmless && hasPorts(draft)) {
      throw HttpError.badRequest("Cannot change DNS Method  with active VMs referring to the IPAM");
    }
  }

  private static boolean hasPorts(Draft draft) {
    return draft.image().referrers(draft.uuid(), "virtual-network").stream()
        .anyMatch(network ->
            !draft.image().referrers(network.uuid(), "virtual-machine-interface").isEmpty());
  }

  /** Refuses that a subnet lies across one that a network using this IPAM has elsewhere. */
  private static void checkNetworks(Draft draft, List<Subnet> all) {
    for (ConfigObject network : draft.image().referrers(draft.uuid(), "virtual-network")) {
      List<Subnet> together = new ArrayList<>(all);
      Addresses.subnets(network, draft.image()).stream()
          .filter(subnet -> !subnet.holder().equals(draft.uuid()))
          .forEach(together::add);
      Subnets.checkOverlap(together);
    }
  }

  @Override
  public void onDelete(ConfigObject ipam, Edit edit) {
    for (Subnet subnet : Addresses.flatSubnets(ipam)) {
      edit.image()
          .allocations(subnet.pool())
          .keySet()
          .forEach(address -> edit.free(subnet.pool(), address));
    }
  }

  private static List<Subnet> complete(Draft draft, Map<IpPrefix, Subnet> old) {
    List<Subnet> all = new ArrayList<>();
    Subnets.complete(
        draft.uuid(), draft.body().path(SUBNETS).path("subnets"), old, SUBNETS, draft.edit(), all);
    Subnets.checkOverlap(all);
    return all;
  }
}
