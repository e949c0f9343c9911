package weft.api.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.schema.ConfigObject;
import weft.schema.PythonText;

/** Subnets as requests write them: checked, and completed with uuid, gateway and DNS address. */
final class Subnets {
  private Subnets() {}

  /**
   * Checks and completes the subnets of one list, and adds them to `all`.
   *
   * @param before what was stored for the same prefixes
   * @param field where the list stands, for refusals
   */
  static void complete(
      UUID holder,
      JsonNode list,
      Map<IpPrefix, Subnet> before,
      String field,
      Edit edit,
      List<Subnet> all) {
    for (JsonNode node : list) {
      if (!(node instanceof ObjectNode subnet) || !subnet.hasNonNull("subnet")) {
        continue; // names a flat subnet of the IPAM by its uuid, or nothing at all
      }
      IpPrefix prefix = prefix(subnet.get("subnet"), field);
      Subnet old = before.get(prefix);
      subnet.withObjectProperty("subnet").put("ip_prefix", prefix.address().toString());
      completeUuid(subnet, old, edit);
      completeAddresses(subnet, prefix, old, field);
      checkPools(subnet, prefix, field);
      checkUnit(subnet, prefix, field);
      all.add(Subnet.of(holder, subnet));
    }
  }

  /** Refuses subnets of which one lies within another. */
  static void checkOverlap(List<Subnet> subnets) {
    for (int i = 0; i < subnets.size(); i++) {
      for (int j = 0; j < i; j++) {
        IpPrefix one = subnets.get(j).prefix();
        IpPrefix other = subnets.get(i).prefix();
        if (one.overlaps(other)) {
          throw HttpError.badRequest(
              "Overlapping addresses: " + PythonText.of(List.of(one.toString(), other.toString())));
        }
      }
    }
  }

  /** Refuses that `holder` loses subnets of which addresses are in use. */
  static void checkRemoved(
      ConfigObject holder, Map<IpPrefix, Subnet> before, List<Subnet> after, Edit edit) {
    List<IpPrefix> kept = after.stream().map(Subnet::prefix).toList();
    for (Subnet subnet : before.values()) {
      if (kept.contains(subnet.prefix())) {
        continue;
      }
      edit.demandUndisturbed(holder);
      var used = edit.image().allocations(subnet.pool());
      if (!used.isEmpty()) {
        throw HttpError.conflict(
            "Cannot Delete IP Block, IP("
                + PythonText.of(List.copyOf(used.keySet()))
                + ") is in use");
      }
    }
  }

  static List<Subnet> read(UUID holder, JsonNode list) {
    List<Subnet> subnets = new ArrayList<>();
    for (JsonNode node : list) {
      if (node.hasNonNull("subnet")) {
        subnets.add(Subnet.of(holder, node));
      }
    }
    return subnets;
  }

  private static IpPrefix prefix(JsonNode node, String field) {
    String address = node.path("ip_prefix").asString("");
    JsonNode length = node.path("ip_prefix_len");
    try {
      return new IpPrefix(IpAddress.parse(address), Integer.parseInt(length.asString("")));
    } catch (IllegalArgumentException _) {
      throw HttpError.badRequest(
          "Invalid subnet in " + field + ": " + address + "/" + length.asString("None"));
    }
  }

  private static void completeUuid(ObjectNode subnet, @Nullable Subnet old, Edit edit) {
    String given = subnet.path("subnet_uuid").asString("");
    if (!given.isEmpty()) {
      UUID uuid = Names.uuid(given, "subnet_uuid");
      if (old != null && !old.uuid().equals(uuid)) {
        throw HttpError.badRequest(
            "subnet_uuid of " + old.prefix() + " can not be changed: " + old.uuid());
      }
      subnet.put("subnet_uuid", uuid.toString());
    } else {
      subnet.put("subnet_uuid", (old == null ? edit.newUuid() : old.uuid()).toString());
    }
  }

  private static void completeAddresses(
      ObjectNode subnet, IpPrefix prefix, @Nullable Subnet old, String field) {
    IpAddress gateway = address(subnet, "default_gateway", field);
    IpAddress dns = address(subnet, "dns_server_address", field);
    if (gateway != null && !prefix.contains(gateway) && !isZero(gateway)) {
      throw HttpError.badRequest(
          "gateway ip " + gateway + " not in cidr " + prefix + " in " + field);
    }
    if (old != null && gateway != null && !gateway.equals(old.gateway())) {
      throw HttpError.badRequest(
          "default gateway change is not allowed orig: " + old.gateway() + ", new: " + gateway);
    }
    if (gateway == null) {
      gateway = old != null && old.gateway() != null ? old.gateway() : edge(subnet, prefix, 0);
      subnet.put("default_gateway", gateway.toString());
    }
    if (dns == null) {
      dns = old != null && old.dns() != null ? old.dns() : edge(subnet, prefix, 1);
      subnet.put("dns_server_address", dns.toString());
    }
  }

  /** The `index`-th host from the end at which addresses are not given out first. */
  private static IpAddress edge(ObjectNode subnet, IpPrefix prefix, int index) {
    Subnet.Range hosts = Subnet.hosts(prefix);
    boolean fromStart = subnet.path("addr_from_start").asBoolean(false);
    IpAddress edge = fromStart ? hosts.first().plus(index) : hosts.last().plus(-index);
    return prefix.contains(edge) ? edge : hosts.first();
  }

  private static boolean isZero(IpAddress address) {
    return address.masked(0).equals(address);
  }

  private static @Nullable IpAddress address(ObjectNode subnet, String name, String field) {
    JsonNode text = subnet.path(name);
    if (text.isMissingNode() || text.isNull() || text.asString("").isEmpty()) {
      return null;
    }
    return parse(text.asString(""), name + " in " + field);
  }

  static IpAddress parse(String text, String field) {
    try {
      return IpAddress.parse(text);
    } catch (IllegalArgumentException _) {
      throw HttpError.badRequest("Invalid IP address in " + field + ": " + text);
    }
  }

  private static void checkUnit(ObjectNode subnet, IpPrefix prefix, String field) {
    JsonNode node = subnet.path("alloc_unit");
    if (node.isMissingNode() || node.isNull()) {
      return;
    }
    long unit = node.asLong(0);
    String reason = null;
    if (unit < 1 || Long.bitCount(unit) != 1 || unit > 1 << 16) {
      reason = "Not power of 2";
    } else if (unit > 1) {
      int bits = prefix.address().width() - Long.numberOfTrailingZeros(unit);
      for (JsonNode pool : subnet.path("allocation_pools")) {
        Subnet.Range range = Subnet.Range.of(pool);
        if (!range.first().masked(bits).equals(range.first())) {
          reason = "Pool start " + range.first() + " not aligned";
        } else if (!range.last().plus(1).masked(bits).equals(range.last().plus(1))) {
          reason = "Pool range not aligned";
        }
      }
      if (prefix.length() > bits - 2) {
        reason = "Pool range<=block_alloc_unit";
      }
    }
    if (reason != null) {
      throw HttpError.badRequest(
          "invalid alloc_unit("
              + node.asString("")
              + ") in subnet("
              + prefix
              + ") reason: "
              + reason
              + " in "
              + field);
    }
  }

  private static void checkPools(ObjectNode subnet, IpPrefix prefix, String field) {
    for (JsonNode pool : subnet.path("allocation_pools")) {
      IpAddress start = parse(pool.path("start").asString(""), "allocation_pools of " + field);
      IpAddress end = parse(pool.path("end").asString(""), "allocation_pools of " + field);
      boolean inside = prefix.contains(start) && prefix.contains(end);
      if (!inside || start.compareTo(end) > 0) {
        throw HttpError.badRequest(
            "allocation pool " + start + "-" + end + " is not in cidr " + prefix);
      }
    }
  }
}
