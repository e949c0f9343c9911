package weft.neutron;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.config.AllocationKey;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.schema.ConfigObject;

/**
 * A subnet where it stands: in a network's reference to an IPAM.
 *
 * @param node one of the `ipam_subnets`
 * @param ipam the full name of the IPAM
 * @param extra what Neutron alone knows of it
 */
record SubnetEntry(ConfigObject network, JsonNode node, JsonNode ipam, JsonNode extra) {
  /** In the extras of the network: subnets by their uuid. */
  static final String EXTRAS = "subnets";

  private static final String SLAAC = "slaac";
  private static final String STATELESS = "dhcpv6-stateless";

  static List<SubnetEntry> of(ConfigObject network) {
    List<SubnetEntry> entries = new ArrayList<>();
    JsonNode extras = null;
    for (JsonNode ref : network.body().path("network_ipam_refs")) {
      for (JsonNode node : ref.path("attr").path("ipam_subnets")) {
        if (node.hasNonNull("subnet")) {
          extras = extras == null ? Extras.of(network.body()).path(EXTRAS) : extras;
          entries.add(
              new SubnetEntry(
                  network, node, ref.path("to"), extras.path(node.path("subnet_uuid").asString())));
        }
      }
    }
    return entries;
  }

  static @Nullable SubnetEntry of(ConfigObject network, String id) {
    return of(network).stream().filter(entry -> entry.id().equals(id)).findFirst().orElse(null);
  }

  String id() {
    return node.path("subnet_uuid").asString("");
  }

  UUID uuid() {
    return UUID.fromString(id());
  }

  IpPrefix prefix() {
    JsonNode subnet = node.path("subnet");
    return new IpPrefix(
        IpAddress.parse(subnet.path("ip_prefix").asString("")),
        subnet.path("ip_prefix_len").asInt(0));
  }

  /** Null if hosts have no gateway. */
  @Nullable IpAddress gateway() {
    String text = node.path("default_gateway").asString("");
    IpAddress address = text.isEmpty() ? null : IpAddress.parse(text);
    return address == null || address.equals(address.masked(0)) ? null : address;
  }

  /** The pool of its addresses that have an owner. */
  String pool() {
    return "ip/" + network.uuid() + "/" + id();
  }

  AllocationKey key(IpAddress address) {
    return new AllocationKey(pool(), address.toString());
  }

  String addressMode() {
    return extra.path("ipv6_address_mode").asString("");
  }

  /** Whether ports make their addresses themselves, of their MAC. */
  boolean automatic() {
    return addressMode().equals(SLAAC) || addressMode().equals(STATELESS);
  }

  /** The address that a port with this MAC makes itself. */
  IpAddress automatic(long mac) {
    byte[] bytes = prefix().address().toBytes();
    long host = (mac >>> 24 ^ 0x020000L) << 40 | 0xfffeL << 24 | mac & 0xffffffL;
    for (int i = 0; i < 8; i++) {
      bytes[8 + i] = (byte) (host >>> 8 * (7 - i));
    }
    return IpAddress.of(bytes);
  }

  ObjectNode copy() {
    return (ObjectNode) node.deepCopy();
  }
}
