package weft.neutron;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.net.IpAddress;
import weft.net.IpPrefix;

/**
 * What a subnet is made of: prefix, gateway, pools, servers and routes, each checked.
 *
 * @param gateway null for none
 * @param node as it is stored
 */
record SubnetShape(IpPrefix prefix, @Nullable IpAddress gateway, ObjectNode node) {
  private static final Set<String> MODES = Set.of("slaac", "dhcpv6-stateful", "dhcpv6-stateless");
  private static final String DNS_SERVERS = "6";
  private static final String RA_MODE = "ipv6-ra-mode";
  private static final String OPTIONS = "dhcp_option_list";

  /** Addresses from first to last. */
  private record Range(IpAddress first, IpAddress last) {
    @Override
    public String toString() {
      return first + "-" + last;
    }
  }

  static SubnetShape create(Sent sent) {
    IpPrefix prefix = prefix(sent);
    checkModes(sent, prefix);
    ObjectNode node = Json.object();
    node.putObject("subnet")
        .put("ip_prefix", prefix.address().toString())
        .put("ip_prefix_len", prefix.length());
    node.put("addr_from_start", true).put("alloc_unit", 1);
    node.put("enable_dhcp", sent.flag("enable_dhcp", true));
    IpAddress gateway = sent.has("gateway_ip") ? sent.address("gateway_ip") : hosts(prefix).first();
    SubnetShape shape = new SubnetShape(prefix, gateway, node);
    shape.placeGateway();
    node.putArray("allocation_pools");
    shape.placePools(sent);
    node.putArray("dns_nameservers");
    shape.placeServers(sent);
    shape.placeMode(sent);
    shape.placeRoutes(sent);
    return shape;
  }

  static SubnetShape update(SubnetEntry entry, Sent sent) {
    ObjectNode node = entry.copy();
    IpPrefix prefix = entry.prefix();
    for (String mode : List.of("ipv6_ra_mode", "ipv6_address_mode")) {
      if (sent.has(mode) && !sent.string(mode).equals(entry.extra().path(mode).asString(""))) {
        throw NeutronException.invalidInput(mode + " can not be changed");
      }
    }
    if (sent.has("cidr") && !sent.string("cidr").equals(prefix.toString())) {
      throw NeutronException.invalidInput("cidr can not be changed");
    }
    if (sent.has("enable_dhcp")) {
      boolean on = sent.flag("enable_dhcp", true);
      if (!on && !entry.addressMode().isEmpty()) {
        throw NeutronException.invalidInput(
            "ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False");
      }
      node.put("enable_dhcp", on);
    }
    IpAddress gateway = sent.has("gateway_ip") ? sent.address("gateway_ip") : entry.gateway();
    SubnetShape shape = new SubnetShape(prefix, gateway, node);
    shape.placeGateway();
    if (sent.has("allocation_pools")) {
      shape.placePools(sent);
    } else {
      shape.checkPools(pools(node));
    }
    if (sent.has("dns_nameservers")) {
      shape.placeServers(sent);
    }
    if (sent.has("host_routes")) {
      shape.placeRoutes(sent);
    }
    return shape;
  }

  private static IpPrefix prefix(Sent sent) {
    String cidr = sent.string("cidr");
    IpPrefix prefix;
    try {
      int slash = cidr.indexOf('/');
      IpAddress address = IpAddress.parse(slash < 0 ? cidr : cidr.substring(0, slash));
      int length = slash < 0 ? address.width() : Integer.parseInt(cidr.substring(slash + 1));
      prefix = new IpPrefix(address.masked(length), length);
    } catch (IllegalArgumentException _) {
      throw NeutronException.invalidInput("cidr: '" + cidr + "' is not a valid IP subnet");
    }
    int version = sent.number("ip_version").orElse(prefix.isV4() ? 4 : 6);
    if (version != (prefix.isV4() ? 4 : 6)) {
      throw NeutronException.invalidInput(
          "cidr '" + prefix + "' does not match the ip_version '" + version + "'");
    }
    return prefix;
  }

  private static void checkModes(Sent sent, IpPrefix prefix) {
    String advertised = sent.string("ipv6_ra_mode");
    String addresses = sent.string("ipv6_address_mode");
    for (String mode : List.of(advertised, addresses)) {
      if (mode.isEmpty()) {
        continue;
      }
      if (!MODES.contains(mode)) {
        throw NeutronException.invalidInput("IPv6 mode " + mode + " is none of " + MODES);
      }
      if (prefix.isV4()) {
        throw NeutronException.invalidInput(
            "ipv6_ra_mode and ipv6_address_mode are not valid when ip_version is 4");
      }
      if (!sent.flag("enable_dhcp", true)) {
        throw NeutronException.invalidInput(
            "ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False");
      }
      if (!mode.equals("dhcpv6-stateful") && prefix.length() != 64) {
        throw NeutronException.invalidInput(
            "Invalid CIDR "
                + prefix
                + " for IPv6 address mode. OpenStack uses the EUI-64 address"
                + " format, which requires the prefix to be /64");
      }
    }
    if (!advertised.isEmpty() && !addresses.isEmpty() && !advertised.equals(addresses)) {
      throw NeutronException.invalidInput(
          "ipv6_ra_mode set to '"
              + advertised
              + "' with ipv6_address_mode set to '"
              + addresses
              + "' is not valid. If both attributes are set, they must be the same value");
    }
  }

  /** Where it has more than two addresses without its ends; the last one of IPv6 is a host's. */
  private static Range hosts(IpPrefix prefix) {
    IpAddress first = prefix.address();
    byte[] bytes = first.toBytes();
    for (int bit = prefix.length(); bit < first.width(); bit++) {
      bytes[bit / 8] |= (byte) (0x80 >> bit % 8);
    }
    IpAddress last = IpAddress.of(bytes);
    return prefix.length() >= first.width() - 1
        ? new Range(first, last)
        : new Range(first.plus(1), first.isV4() ? last.plus(-1) : last);
  }

  private void placeGateway() {
    IpAddress address = gateway;
    if (address == null) {
      node.put("default_gateway", prefix.isV4() ? "0.0.0.0" : "::");
      return;
    }
    Range hosts = hosts(prefix);
    if (address.isV4() != prefix.isV4()) {
      throw NeutronException.invalidInput(
          "gateway_ip '" + address + "' does not match the ip_version '" + version() + "'");
    }
    if (address.compareTo(hosts.first()) < 0 || address.compareTo(hosts.last()) > 0) {
      throw NeutronException.invalidInput("Gateway is not valid on subnet: " + address);
    }
    node.put("default_gateway", address.toString());
  }

  private String version() {
    return prefix.isV4() ? "4" : "6";
  }

  private void placePools(Sent sent) {
    List<Range> ranges = new ArrayList<>();
    ArrayNode pools = Json.array();
    for (Sent pool : sent.objects("allocation_pools")) {
      IpAddress start = pool.address("start");
      IpAddress end = pool.address("end");
      if (start == null || end == null || start.isV4() != end.isV4() || start.compareTo(end) > 0) {
        throw NeutronException.of("InvalidAllocationPool", "pool", pool.node().toString());
      }
      ranges.add(new Range(start, end));
      pools.addObject().put("start", start.toString()).put("end", end.toString());
    }
    checkPools(ranges);
    node.set("allocation_pools", pools);
  }

  private void checkPools(List<Range> ranges) {
    Range hosts = hosts(prefix);
    List<Range> sorted = ranges.stream().sorted(Comparator.comparing(Range::first)).toList();
    for (int i = 0; i < sorted.size(); i++) {
      Range range = sorted.get(i);
      if (range.first().isV4() != prefix.isV4()
          || range.first().compareTo(hosts.first()) < 0
          || range.last().compareTo(hosts.last()) > 0) {
        throw NeutronException.of(
            "OutOfBoundsAllocationPool",
            "pool",
            range.toString(),
            "subnet_cidr",
            prefix.toString());
      }
      if (i > 0 && sorted.get(i - 1).last().compareTo(range.first()) >= 0) {
        throw NeutronException.of(
            "OverlappingAllocationPools",
            "pool_1",
            sorted.get(i - 1).toString(),
            "pool_2",
            range.toString(),
            "subnet_cidr",
            prefix.toString());
      }
      IpAddress address = gateway;
      if (address != null
          && range.first().compareTo(address) <= 0
          && address.compareTo(range.last()) <= 0) {
        throw NeutronException.of(
            "GatewayConflictWithAllocationPools",
            "pool",
            range.toString(),
            "ip_address",
            address.toString());
      }
    }
  }

  private static List<Range> pools(JsonNode node) {
    List<Range> ranges = new ArrayList<>();
    for (JsonNode pool : node.path("allocation_pools")) {
      ranges.add(
          new Range(
              IpAddress.parse(pool.path("start").asString("")),
              IpAddress.parse(pool.path("end").asString(""))));
    }
    return ranges;
  }

  /** The pools as Neutron knows them: without any, all but the gateway. */
  static ArrayNode shownPools(SubnetEntry entry) {
    List<Range> ranges = pools(entry.node());
    if (ranges.isEmpty()) {
      Range hosts = hosts(entry.prefix());
      IpAddress gateway = entry.gateway();
      if (gateway == null || !entry.prefix().contains(gateway)) {
        ranges.add(hosts);
      } else {
        if (hosts.first().compareTo(gateway) < 0) {
          ranges.add(new Range(hosts.first(), gateway.plus(-1)));
        }
        if (gateway.compareTo(hosts.last()) < 0) {
          ranges.add(new Range(gateway.plus(1), hosts.last()));
        }
      }
    }
    ArrayNode pools = Json.array();
    for (Range range : ranges) {
      pools.addObject().put("start", range.first().toString()).put("end", range.last().toString());
    }
    return pools;
  }

  /** Name servers are DHCP option 6; the first one stands for the network's own. */
  private void placeServers(Sent sent) {
    List<String> servers = new ArrayList<>();
    for (String server : sent.texts("dns_nameservers")) {
      String address = sent.address("dns_nameservers", server).toString();
      if (servers.contains(address)) {
        throw NeutronException.invalidInput("Duplicate nameserver '" + server + "'");
      }
      servers.add(address);
    }
    option(DNS_SERVERS, String.join(" ", servers));
    if (servers.isEmpty()) {
      if (!nameserverIsOurs()) {
        node.put("dns_server_address", edge().toString());
      }
      return;
    }
    if (!node.hasNonNull("dns_server_address") || !nameserverIsOurs()) {
      node.put("dns_server_address", servers.getFirst());
    }
  }

  /** Agents advertise the network as one of their DHCP options says. */
  private void placeMode(Sent sent) {
    String mode = sent.string("ipv6_ra_mode");
    option(RA_MODE, mode.isEmpty() ? sent.string("ipv6_address_mode") : mode);
  }

  /** Sets one DHCP option, or takes it away if `value` is empty. */
  private void option(String name, String value) {
    JsonNode before = node.path(OPTIONS).path("dhcp_option");
    node.remove(OPTIONS);
    ArrayNode list = Json.array();
    for (JsonNode each : before) {
      if (!each.path("dhcp_option_name").asString("").equals(name)) {
        list.add(each);
      }
    }
    if (!value.isEmpty()) {
      list.addObject().put("dhcp_option_name", name).put("dhcp_option_value", value);
    }
    if (!list.isEmpty()) {
      node.putObject(OPTIONS).set("dhcp_option", list);
    }
  }

  private boolean nameserverIsOurs() {
    String text = node.path("dns_server_address").asString("");
    return !text.isEmpty() && prefix.contains(IpAddress.parse(text));
  }

  /** The host next to the first: the network's own name server answers there. */
  private IpAddress edge() {
    Range hosts = hosts(prefix);
    IpAddress second = hosts.first().plus(1);
    return second.compareTo(hosts.last()) <= 0 ? second : hosts.first();
  }

  static List<String> nameservers(JsonNode node) {
    for (JsonNode option : node.path(OPTIONS).path("dhcp_option")) {
      if (option.path("dhcp_option_name").asString("").equals(DNS_SERVERS)) {
        return List.of(option.path("dhcp_option_value").asString("").trim().split("\\s+"));
      }
    }
    return List.of();
  }

  private void placeRoutes(Sent sent) {
    List<Sent> routes = sent.objects("host_routes");
    if (routes.isEmpty()) {
      node.remove("host_routes");
      return;
    }
    ArrayNode list = node.putObject("host_routes").putArray("route");
    for (Sent route : routes) {
      IpPrefix destination = Routes.destination(route);
      IpAddress next = route.address("nexthop");
      if (next == null || next.isV4() != prefix.isV4() || destination.isV4() != prefix.isV4()) {
        throw NeutronException.invalidInput(
            "Invalid data format for route: '" + route.node() + "'");
      }
      list.addObject()
          .put("prefix", destination.toString())
          .put("next_hop", next.toString())
          .put("next_hop_type", "ip-address");
    }
  }

  /** What Neutron alone knows, after a call. */
  ObjectNode extras(Sent sent, ObjectNode before) {
    for (String name : List.of("ipv6_ra_mode", "ipv6_address_mode", "description")) {
      sent.ifSent(
          name,
          text -> {
            if (text.isEmpty()) {
              before.remove(name);
            } else {
              before.put(name, text);
            }
          });
    }
    return before;
  }
}
