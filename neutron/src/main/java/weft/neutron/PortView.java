package weft.neutron;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;

/** How a port looks to Neutron. */
final class PortView {
  private PortView() {}

  static ObjectNode item(ConfigObject port, View view) {
    ObjectNode body = port.body();
    List<ConfigObject> addresses = addresses(port, view);
    String owner = body.path(Ports.OWNER).asString("");
    ObjectNode item = Standard.begin(port, view);
    item.put("network_id", Ports.network(port));
    item.put("mac_address", mac(body));
    bindings(body, item);
    pairs(body, item);
    ArrayNode fixed = item.putArray("fixed_ips");
    for (ConfigObject address : addresses) {
      fixed
          .addObject()
          .put("ip_address", address.body().path("instance_ip_address").asString(""))
          .put("subnet_id", address.body().path("subnet_uuid").asString(""));
    }
    ArrayNode groups = item.putArray("security_groups");
    groups(body).forEach(groups::add);
    item.put("admin_state_up", Standard.enabled(port));
    String device = owner.startsWith(Routers.OWNED) ? Routers.of(port, view) : Devices.id(body);
    item.put("device_id", device);
    item.put("device_owner", owner);
    item.put("status", status(port, device, owner, view));
    item.put("port_security_enabled", body.path("port_security_enabled").asBoolean(true));
    dhcp(body, item);
    ObjectNode trunk = Trunks.details(port, view);
    if (trunk != null) {
      item.set("trunk_details", trunk);
    }
    Standard.end(item, port);
    long revision = port.revision();
    for (ConfigObject address : addresses) {
      revision = Math.max(revision, address.revision());
    }
    item.put("revision_number", revision);
    return item;
  }

  private static List<ConfigObject> addresses(ConfigObject port, View view) {
    List<ConfigObject> found = view.referrers(port.uuid(), Lookup.ADDRESS);
    if (found.size() < 2) {
      return found;
    }
    List<ConfigObject> sorted = new ArrayList<>(found);
    sorted.sort(PortAddresses.ORDER);
    return sorted;
  }

  static String mac(ObjectNode body) {
    return body.path("virtual_machine_interface_mac_addresses")
        .path("mac_address")
        .path(0)
        .asString("");
  }

  /** Up when a host has plugged it; what no host plugs is up once something uses it. */
  private static String status(ConfigObject port, String device, String owner, View view) {
    if (!Standard.enabled(port)) {
      return "DOWN";
    }
    boolean used = !device.isEmpty();
    boolean up =
        owner.startsWith(Routers.OWNED)
            ? used
            : switch (view.plugging().of(port)) {
              case PLUGGED -> true;
              case UNPLUGGED -> false;
              case UNKNOWN -> used;
            };
    return up ? "ACTIVE" : "DOWN";
  }

  static String host(ObjectNode body) {
    return binding(body, "host_id");
  }

  private static String binding(ObjectNode body, String key) {
    for (JsonNode pair : body.path(PortOptions.BINDINGS).path("key_value_pair")) {
      if (pair.path("key").asString("").equals(key)) {
        return pair.path("value").asString("");
      }
    }
    return "";
  }

  private static void bindings(ObjectNode body, ObjectNode item) {
    String host = "";
    String nic = "normal";
    String kind = "";
    String profile = "";
    for (JsonNode pair : body.path(PortOptions.BINDINGS).path("key_value_pair")) {
      String value = pair.path("value").asString("");
      switch (pair.path("key").asString("")) {
        case "host_id" -> host = value;
        case "vnic_type" -> nic = value;
        case "vif_type" -> kind = value;
        case "profile" -> profile = value;
        default -> {} // Somebody else's.
      }
    }
    item.put("binding:host_id", host.isEmpty() ? null : host);
    item.put("binding:vnic_type", nic);
    item.putObject("binding:vif_details").put("port_filter", true);
    String type = kind.isEmpty() ? "vrouter" : kind;
    item.put("binding:vif_type", host.isEmpty() ? "unbound" : type);
    item.set("binding:profile", profile.isEmpty() ? Json.object() : Json.parse(profile));
  }

  private static void pairs(ObjectNode body, ObjectNode item) {
    ArrayNode pairs = item.putArray("allowed_address_pairs");
    for (JsonNode pair : body.path(PortOptions.PAIRS).path("allowed_address_pair")) {
      JsonNode ip = pair.path("ip");
      String address = ip.path("ip_prefix").asString("");
      int length = ip.path("ip_prefix_len").asInt(0);
      boolean host = length == (address.indexOf(':') < 0 ? 32 : 128);
      pairs
          .addObject()
          .put("mac_address", pair.path("mac").asString(""))
          .put("ip_address", host ? address : address + "/" + length);
    }
  }

  /** The uuids of a port's groups, without the one that stands for none. */
  static List<String> groups(ObjectNode body) {
    List<String> groups = new ArrayList<>();
    for (JsonNode ref : body.path("security_group_refs")) {
      JsonNode to = ref.path("to");
      if (!to.path(to.size() - 1).asString("").equals(SecurityGroups.NO_RULE)) {
        groups.add(ref.path("uuid").asString(""));
      }
    }
    return groups;
  }

  private static void dhcp(ObjectNode body, ObjectNode item) {
    ArrayNode options = item.putArray("extra_dhcp_opts");
    JsonNode stored = body.path(PortOptions.DHCP).path("dhcp_option");
    if (stored.isEmpty()) {
      return;
    }
    Set<String> six = new HashSet<>();
    Extras.of(body).path(PortOptions.DHCP_V6).forEach(name -> six.add(name.asString("")));
    for (JsonNode option : stored) {
      String name = option.path("dhcp_option_name").asString("");
      options
          .addObject()
          .put("opt_name", name)
          .put("opt_value", option.path("dhcp_option_value").asString(""))
          .put("ip_version", six.contains(name) ? 6 : 4);
    }
  }
}
