package weft.neutron;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.config.AllocationKey;
import weft.http.HttpError;
import weft.http.Json;
import weft.net.IpAddress;
import weft.net.MacAddress;
import weft.schema.ConfigObject;

/** The fixed addresses of a port: an instance-ip each. */
final class PortAddresses {
  private static final String REFUSED = "IP address already in use";

  private final ConfigObject network;
  private final List<SubnetEntry> subnets;
  private final Change change;

  /**
   * The port to be given addresses.
   *
   * @param port its uuid
   * @param owner the undashed project
   * @param router whether it is a router's, which may take the address of a gateway
   */
  record Bearer(UUID port, String owner, MacAddress mac, boolean router) {}

  /** What is wanted: an address, a subnet, or both. */
  private record Wish(@Nullable IpAddress address, @Nullable SubnetEntry subnet) {}

  PortAddresses(ConfigObject network, Change change) {
    this.network = network;
    this.subnets = SubnetEntry.of(network);
    this.change = change;
  }

  /** Gives the addresses that are asked for; if nothing is said, one of each family. */
  void create(Sent sent, Bearer bearer) {
    if (!sent.set("fixed_ips")) {
      any(bearer);
      return;
    }
    Set<String> families = new HashSet<>();
    for (Wish wish : wishes(sent)) {
      place(wish, bearer, families);
    }
    if (!sent.objects("fixed_ips").isEmpty()) {
      automatic(bearer, families);
    }
  }

  /** One address of IPv4, one of IPv6 that is given out, and all that hosts make themselves. */
  private void any(Bearer bearer) {
    Set<String> families = new HashSet<>();
    for (boolean v4 : List.of(true, false)) {
      List<SubnetEntry> candidates =
          subnets.stream()
              .filter(subnet -> subnet.prefix().isV4() == v4 && !subnet.automatic())
              .toList();
      if (!candidates.isEmpty()) {
        takeAny(candidates, bearer, families);
      }
    }
    automatic(bearer, families);
  }

  private void takeAny(List<SubnetEntry> candidates, Bearer bearer, Set<String> families) {
    HttpError last = null;
    for (SubnetEntry subnet : candidates) {
      try {
        give(subnet, null, bearer, families);
        return;
      } catch (HttpError e) {
        last = e;
      }
    }
    if (last != null) {
      throw change.refusal(last, exhausted());
    }
  }

  private NeutronException exhausted() {
    return NeutronException.of("IpAddressGenerationFailure", "net_id", network.uuid().toString());
  }

  /** Every port but a router's has an address of each subnet whose hosts make their own. */
  private void automatic(Bearer bearer, Set<String> families) {
    if (bearer.router()) {
      return;
    }
    for (SubnetEntry subnet : subnets) {
      if (subnet.automatic() && !families.contains(subnet.id())) {
        give(subnet, subnet.automatic(bearer.mac().bits()), bearer, families);
      }
    }
  }

  private List<Wish> wishes(Sent sent) {
    List<Wish> wishes = new ArrayList<>();
    Set<IpAddress> seen = new HashSet<>();
    for (Sent each : sent.objects("fixed_ips")) {
      IpAddress address = each.address("ip_address");
      String id = each.text("subnet_id");
      SubnetEntry subnet = id == null ? null : subnet(id);
      if (address == null && subnet == null) {
        throw NeutronException.invalidInput("IP allocation requires subnet_id or ip_address");
      }
      if (address != null && !seen.add(address)) {
        throw NeutronException.invalidInput("Duplicate IP address '" + address + "'");
      }
      wishes.add(new Wish(address, address == null ? subnet : containing(address, subnet)));
    }
    return wishes;
  }

  private SubnetEntry subnet(String id) {
    for (SubnetEntry subnet : subnets) {
      if (subnet.id().equals(id)) {
        return subnet;
      }
    }
    throw NeutronException.invalidInput(
        "Failed to create port on network "
            + network.uuid()
            + ", because fixed_ips included invalid subnet "
            + id);
  }

  private SubnetEntry containing(IpAddress address, @Nullable SubnetEntry asked) {
    if (asked != null) {
      if (!asked.prefix().contains(address)) {
        throw NeutronException.of("InvalidIpForSubnet", "ip_address", address.toString());
      }
      return asked;
    }
    for (SubnetEntry subnet : subnets) {
      if (subnet.prefix().contains(address)) {
        return subnet;
      }
    }
    throw NeutronException.of("InvalidIpForNetwork", "ip_address", address.toString());
  }

  private void place(Wish wish, Bearer bearer, Set<String> families) {
    SubnetEntry subnet = wish.subnet();
    if (subnet == null) {
      throw new IllegalStateException("a wish without subnet");
    }
    IpAddress address = wish.address();
    if (subnet.automatic() && !bearer.router()) {
      IpAddress made = subnet.automatic(bearer.mac().bits());
      if (address != null && !address.equals(made)) {
        throw NeutronException.invalidInput(
            "IPv6 address "
                + address
                + " can not be directly assigned to a port on subnet "
                + subnet.id()
                + " as the subnet is configured for automatic addresses");
      }
      address = made;
    }
    try {
      give(subnet, address, bearer, families);
    } catch (HttpError e) {
      throw refused(e, address);
    }
  }

  private RuntimeException refused(HttpError error, @Nullable IpAddress address) {
    if (error.status() == 412) {
      return error;
    }
    if (address == null) {
      return change.refusal(error, exhausted());
    }
    boolean used = error.status() == 409 && error.text().startsWith(REFUSED);
    return change.refusal(error, used ? used(address) : invalid(address));
  }

  private NeutronException used(IpAddress address) {
    return NeutronException.of(
        "IpAddressInUse", "net_id", network.uuid().toString(), "ip_address", address.toString());
  }

  private static NeutronException invalid(IpAddress address) {
    return NeutronException.of("InvalidIpForSubnet", "ip_address", address.toString());
  }

  /** Makes the instance-ip; of several addresses of a family the first is the main one. */
  private void give(
      SubnetEntry subnet, @Nullable IpAddress address, Bearer bearer, Set<String> families) {
    UUID uuid = change.edit().newUuid();
    boolean v4 = subnet.prefix().isV4();
    ObjectNode body = Json.object();
    body.put("uuid", uuid.toString());
    body.putArray("fq_name").add(uuid.toString());
    body.put("instance_ip_family", v4 ? "v4" : "v6");
    body.put("subnet_uuid", subnet.id());
    if (address != null) {
      body.put("instance_ip_address", address.toString());
      holdOwn(subnet, address, uuid);
    }
    if (!families.add(v4 ? "v4" : "v6")) {
      body.put("instance_ip_secondary", true);
    }
    families.add(subnet.id());
    body.putArray("virtual_network_refs").add(Change.ref(network));
    body.putArray("virtual_machine_interface_refs")
        .addObject()
        .put("uuid", bearer.port().toString());
    body.putObject("perms2").put("owner", bearer.owner()).put("owner_access", 7);
    change.create(Lookup.ADDRESS, body);
  }

  /** The config gives a subnet's own addresses to anyone; here they have one owner too. */
  private void holdOwn(SubnetEntry subnet, IpAddress address, UUID uuid) {
    boolean gateway = address.equals(subnet.gateway());
    String own = subnet.node().path("dns_server_address").asString("");
    if (!gateway && !address.toString().equals(own)) {
      return;
    }
    AllocationKey key = subnet.key(address);
    if (!change.edit().allocate(key, uuid.toString())) {
      throw change.refusal(HttpError.conflict(REFUSED), used(address));
    }
  }

  /** Makes the addresses of a port those that are asked for; what it has already stays. */
  void update(ConfigObject port, Sent sent, Bearer bearer) {
    List<ConfigObject> surplus = new ArrayList<>(change.referrers(port.uuid(), Lookup.ADDRESS));
    surplus.sort(ORDER);
    List<Wish> missing = new ArrayList<>();
    Set<String> families = new HashSet<>();
    for (Wish wish : wishes(sent)) {
      ConfigObject kept = taken(wish, surplus);
      if (kept == null) {
        missing.add(wish);
      } else {
        surplus.remove(kept);
        families.add(kept.body().path("instance_ip_family").asString(""));
        families.add(kept.body().path("subnet_uuid").asString(""));
      }
    }
    keepAutomatic(surplus, families, bearer);
    surplus.forEach(address -> remove(port, address));
    for (Wish wish : missing) {
      place(wish, bearer, families);
    }
    if (!sent.objects("fixed_ips").isEmpty()) {
      automatic(bearer, families);
    }
  }

  private void keepAutomatic(List<ConfigObject> surplus, Set<String> families, Bearer bearer) {
    for (SubnetEntry subnet : subnets) {
      if (subnet.automatic() && !bearer.router()) {
        surplus.removeIf(address -> {
          boolean stays = address.body().path("subnet_uuid").asString("").equals(subnet.id());
          if (stays) {
            families.add("v6");
            families.add(subnet.id());
          }
          return stays;
        });
      }
    }
  }

  private static @Nullable ConfigObject taken(Wish wish, List<ConfigObject> addresses) {
    for (ConfigObject each : addresses) {
      IpAddress address = wish.address();
      SubnetEntry subnet = wish.subnet();
      boolean same =
          address == null
              ? subnet != null && each.body().path("subnet_uuid").asString("").equals(subnet.id())
              : each.body().path("instance_ip_address").asString("").equals(address.toString());
      if (same) {
        return each;
      }
    }
    return null;
  }

  /** Takes an address from a port, and from floating addresses that lead there. */
  private void remove(ConfigObject port, ConfigObject address) {
    JsonNode text = address.body().path("instance_ip_address");
    for (ConfigObject floating : change.referrers(port.uuid(), Lookup.FLOATING)) {
      if (floating.body().path("floating_ip_fixed_ip_address").equals(text)) {
        FloatingIps.release(floating, change);
      }
    }
    change.delete(address);
  }

  /** Main addresses first, then by their number. */
  static final Comparator<ConfigObject> ORDER =
      Comparator.<ConfigObject, Boolean>comparing(
              address -> address.body().path("instance_ip_secondary").asBoolean(false))
          .thenComparing(address ->
              IpAddress.parse(address.body().path("instance_ip_address").asString("::")));
}
