package weft.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What Neutron shows, what the config API has and what vRouters do, held against each other.
 *
 * <p>Pure: everything was read before.
 */
final class NeutronComparison {
  private static final String ACTIVE = "ACTIVE";

  private final Map<String, Map<String, JsonNode>> neutron;
  private final Map<String, Map<String, JsonNode>> config;
  private final List<Difference> differences = new ArrayList<>();

  /** One thing of which two views say different things. */
  record Difference(String kind, String id, String says) {
    @Override
    public String toString() {
      return kind + " " + id + ": " + says;
    }
  }

  /**
   * @param neutron Neutron's collections by plural, each by id
   * @param config the config API's objects by type, each by uuid
   */
  NeutronComparison(
      Map<String, Map<String, JsonNode>> neutron, Map<String, Map<String, JsonNode>> config) {
    this.neutron = neutron;
    this.config = config;
  }

  /**
   * @param vrouters the ports of each host, by the host's name
   */
  List<Difference> differences(Map<String, JsonNode> vrouters) {
    pair("network", "networks", "virtual-network");
    pair("port", "ports", "virtual-machine-interface");
    pair("router", "routers", "logical-router");
    pair("floating ip", "floatingips", "floating-ip");
    pair("security group", "security_groups", "security-group");
    subnets();
    Map<String, Set<String>> addresses = addresses();
    all("ports").forEach((id, port) -> port(id, port, addresses.getOrDefault(id, Set.of())));
    vrouters.forEach(this::host);
    return differences;
  }

  private Map<String, JsonNode> all(String plural) {
    return neutron.getOrDefault(plural, Map.of());
  }

  private Map<String, JsonNode> objects(String type) {
    return config.getOrDefault(type, Map.of());
  }

  private void say(String kind, String id, String says) {
    differences.add(new Difference(kind, id, says));
  }

  private void pair(String kind, String plural, String type) {
    for (String id : all(plural).keySet()) {
      if (!objects(type).containsKey(id)) {
        say(kind, id, "Neutron has it, the config API has no " + type);
      }
    }
    objects(type)
        .forEach((id, object) -> {
          if (neutrons(type, object) && !all(plural).containsKey(id)) {
            say(kind, id, "the config API has the " + type + ", Neutron does not show it");
          }
        });
  }

  /** What is of no project, hidden or made by Weft for itself is none of Neutron's business. */
  private static boolean neutrons(String type, JsonNode object) {
    boolean placed =
        type.equals("floating-ip")
            ? object.path("parent_type").asString("").equals("floating-ip-pool")
            : object.path("parent_type").asString("").equals("project");
    JsonNode name = object.path("fq_name");
    return placed
        && object.path("id_perms").path("user_visible").asBoolean(true)
        && !name.path(name.size() - 1).asString("").equals("__no_rule__");
  }

  private void subnets() {
    Map<String, String> prefixes = new TreeMap<>();
    objects("virtual-network")
        .values()
        .forEach(network -> {
          for (JsonNode ref : network.path("network_ipam_refs")) {
            for (JsonNode subnet : ref.path("attr").path("ipam_subnets")) {
              JsonNode prefix = subnet.path("subnet");
              prefixes.put(
                  subnet.path("subnet_uuid").asString(""),
                  prefix.path("ip_prefix").asString("")
                      + "/"
                      + prefix.path("ip_prefix_len").asInt(0));
            }
          }
        });
    all("subnets")
        .forEach((id, subnet) ->
            compare("subnet", id, "prefix", subnet.path("cidr").asString(""), prefixes.get(id)));
  }

  private void compare(String kind, String id, String what, Object shown, @Nullable Object stored) {
    if (!Objects.equals(shown, stored)) {
      say(kind, id, what + " is " + shown + " in Neutron, " + stored + " in the config API");
    }
  }

  private void port(String id, JsonNode port, Set<String> addresses) {
    JsonNode stored = objects("virtual-machine-interface").get(id);
    if (stored == null) {
      return;
    }
    JsonNode macs = stored.path("virtual_machine_interface_mac_addresses").path("mac_address");
    compare("port", id, "MAC", port.path("mac_address").asString(""), macs.path(0).asString(""));
    String network = stored.path("virtual_network_refs").path(0).path("uuid").asString("");
    compare("port", id, "network", port.path("network_id").asString(""), network);
    compare("port", id, "addresses", shownAddresses(port), addresses);
    for (JsonNode fixed : port.path("fixed_ips")) {
      if (!all("subnets").containsKey(fixed.path("subnet_id").asString(""))) {
        say("port", id, fixed.path("ip_address").asString("") + " is of no subnet in Neutron");
      }
    }
  }

  private static Set<String> shownAddresses(JsonNode port) {
    return port.path("fixed_ips")
        .valueStream()
        .map(fixed -> fixed.path("ip_address").asString(""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** By the port that has them. */
  private Map<String, Set<String>> addresses() {
    Map<String, Set<String>> addresses = new LinkedHashMap<>();
    objects("instance-ip")
        .values()
        .forEach(address -> {
          for (JsonNode ref : address.path("virtual_machine_interface_refs")) {
            addresses
                .computeIfAbsent(ref.path("uuid").asString(""), _ -> new TreeSet<>())
                .add(address.path("instance_ip_address").asString(""));
          }
        });
    return addresses;
  }

  /** Whether a host does what Neutron says of the ports there. */
  private void host(String host, JsonNode ports) {
    Map<String, JsonNode> plugged = new TreeMap<>();
    ports.forEach(port -> plugged.put(port.path("id").asString(""), port));
    plugged.forEach((id, port) -> {
      JsonNode known = all("ports").get(id);
      if (known == null) {
        say("port", id, "plugged on " + host + ", Neutron does not show it");
      } else {
        plugged(host, id, known, port);
      }
    });
    all("ports")
        .forEach((id, port) -> {
          boolean here = port.path("binding:host_id").asString("").equals(host);
          boolean active = port.path("status").asString("").equals(ACTIVE);
          if (here && active && !plugged.containsKey(id)) {
            say(
                "port",
                id,
                "ACTIVE on " + host + " in Neutron, the vRouter there has no such port");
          }
        });
  }

  private void plugged(String host, String id, JsonNode port, JsonNode there) {
    String mac = there.path("mac").asString("");
    if (mac.isEmpty()) {
      say("port", id, "the vRouter on " + host + " has no config for it");
      return;
    }
    String shown = port.path("mac_address").asString("");
    if (!mac.equals(shown)) {
      say("port", id, "MAC is " + shown + " in Neutron, " + mac + " on " + host);
    }
    Set<String> addresses = new TreeSet<>();
    there.path("addresses").forEach(each -> addresses.add(each.asString("")));
    if (!addresses.equals(shownAddresses(port))) {
      say(
          "port",
          id,
          "addresses are %s in Neutron, %s on %s".formatted(shownAddresses(port), addresses, host));
    }
    boolean active = there.path("state").asString("").equals("active");
    boolean up = port.path("status").asString("").equals(ACTIVE);
    if (active != up && port.path("admin_state_up").asBoolean(true)) {
      say(
          "port",
          id,
          "status is %s in Neutron, %s on %s"
              .formatted(port.path("status").asString(""), there.path("state").asString(""), host));
    }
  }
}
