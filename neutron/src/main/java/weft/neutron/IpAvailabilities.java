package weft.neutron;

import java.math.BigInteger;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.net.IpAddress;
import weft.schema.ConfigObject;

/** How many addresses the subnets of a network have, and how many are in use. */
final class IpAvailabilities implements Resource {
  @Override
  public String name() {
    return "network_ip_availability";
  }

  @Override
  public ObjectNode read(String id, View view) {
    requireAdmin(view);
    return item(Networks.usable(id, view), view);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    requireAdmin(view);
    return view.image().objects(Lookup.NETWORK).stream()
        .filter(network -> !Lookup.hidden(network))
        .map(network -> item(network, view));
  }

  private static void requireAdmin(View view) {
    if (!view.context().admin()) {
      throw NeutronException.of("AdminRequired", "reason", "availability of addresses");
    }
  }

  private static ObjectNode item(ConfigObject network, View view) {
    ObjectNode item = Json.object();
    item.put("network_id", network.uuid().toString());
    item.put("network_name", Standard.name(network));
    Standard.owner(item, view.tenant(Networks.projectOf(network)));
    BigInteger total = BigInteger.ZERO;
    long used = 0;
    ArrayNode subnets = Json.array();
    for (SubnetEntry entry : SubnetEntry.of(network)) {
      BigInteger size = size(entry);
      long taken = view.image().allocations(entry.pool()).size();
      total = total.add(size);
      used += taken;
      subnets
          .addObject()
          .put("subnet_id", entry.id())
          .put("subnet_name", entry.node().path("subnet_name").asString(""))
          .put("cidr", entry.prefix().toString())
          .put("ip_version", entry.prefix().isV4() ? 4 : 6)
          .put("total_ips", size)
          .put("used_ips", taken);
    }
    item.put("total_ips", total).put("used_ips", used);
    item.set("subnet_ip_availability", subnets);
    return item;
  }

  private static BigInteger size(SubnetEntry entry) {
    BigInteger size = BigInteger.ZERO;
    for (JsonNode pool : SubnetShape.shownPools(entry)) {
      BigInteger first = number(pool.path("start").asString(""));
      BigInteger last = number(pool.path("end").asString(""));
      size = size.add(last.subtract(first).add(BigInteger.ONE));
    }
    return size;
  }

  private static BigInteger number(String address) {
    return new BigInteger(1, IpAddress.parse(address).toBytes());
  }
}
