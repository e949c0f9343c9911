package weft.neutron;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.MacAddress;

/** Binding, allowed address pairs and DHCP options as they are sent for a port. */
record PortOptions(Sent sent) {
  static final String BINDINGS = "virtual_machine_interface_bindings";
  static final String PAIRS = "virtual_machine_interface_allowed_address_pairs";
  static final String DHCP = "virtual_machine_interface_dhcp_option_list";

  /** In the extras: the names of DHCP options for IPv6. */
  static final String DHCP_V6 = "dhcp_v6";

  private static final Map<String, String> KEYS =
      Map.of(
          "binding:host_id", "host_id",
          "binding:vnic_type", "vnic_type",
          "binding:profile", "profile");

  void create(ObjectNode body, boolean secured, MacAddress mac) {
    bindings(body, Json.object());
    if (sent.set("allowed_address_pairs")) {
      pairs(body, secured);
    }
    if (sent.set("extra_dhcp_opts")) {
      dhcp(body, body.deepCopy());
    }
  }

  void update(ObjectNode request, ObjectNode before, boolean secured, MacAddress mac) {
    if (KEYS.keySet().stream().anyMatch(sent::has)) {
      bindings(request, before);
    }
    if (sent.has("allowed_address_pairs")) {
      pairs(request, secured);
    } else if (!secured && !before.path(PAIRS).path("allowed_address_pair").isEmpty()) {
      throw NeutronException.of("AddressPairAndPortSecurityRequired");
    }
    if (sent.set("extra_dhcp_opts")) {
      ObjectNode now = before.deepCopy();
      JsonNode annotations = request.path("annotations");
      if (annotations.isObject()) {
        now.set("annotations", annotations);
      }
      dhcp(request, now);
    }
  }

  private void bindings(ObjectNode request, ObjectNode before) {
    Map<String, String> pairs = new LinkedHashMap<>();
    before
        .path(BINDINGS)
        .path("key_value_pair")
        .forEach(pair -> pairs.put(pair.path("key").asString(""), pair.path("value").asString("")));
    pairs.putIfAbsent("vnic_type", "normal");
    KEYS.forEach((attribute, key) -> {
      if (!sent.has(attribute)) {
        return;
      }
      JsonNode value = sent.get(attribute);
      String text = value.isObject() ? Json.text(value) : value.asString("");
      if (text.isEmpty() || text.equals("{}")) {
        pairs.remove(key);
      } else {
        pairs.put(key, text);
      }
    });
    pairs.putIfAbsent("vnic_type", "normal");
    ArrayNode list = request.putObject(BINDINGS).putArray("key_value_pair");
    pairs.forEach((key, value) -> list.addObject().put("key", key).put("value", value));
  }

  private void pairs(ObjectNode request, boolean secured) {
    List<Sent> pairs = sent.objects("allowed_address_pairs");
    if (!secured && !pairs.isEmpty()) {
      throw NeutronException.of("AddressPairAndPortSecurityRequired");
    }
    ArrayNode list = request.putObject(PAIRS).putArray("allowed_address_pair");
    Set<String> seen = new HashSet<>();
    for (Sent pair : pairs) {
      String text = pair.text("ip_address");
      if (text == null || text.isEmpty()) {
        throw NeutronException.of("AllowedAddressPairsMissingIP");
      }
      IpPrefix prefix = prefix(text);
      String mac = mac(pair);
      if (!seen.add(prefix + " " + mac)) {
        throw NeutronException.of(
            "DuplicateAddressPairInRequest", "mac_address", mac, "ip_address", text);
      }
      ObjectNode stored = list.addObject();
      stored
          .putObject("ip")
          .put("ip_prefix", prefix.address().toString())
          .put("ip_prefix_len", prefix.length());
      stored.put("mac", mac).put("address_mode", "active-standby");
    }
  }

  private static IpPrefix prefix(String text) {
    try {
      if (text.indexOf('/') >= 0) {
        return IpPrefix.parse(text);
      }
      IpAddress address = IpAddress.parse(text);
      return new IpPrefix(address, address.width());
    } catch (IllegalArgumentException _) {
      throw NeutronException.invalidInput("'" + text + "' is not a valid IP address or subnet");
    }
  }

  private static String mac(Sent pair) {
    String text = pair.text("mac_address");
    if (text == null || text.isEmpty()) {
      return "";
    }
    try {
      return MacAddress.parse(text.replace('-', ':')).toString();
    } catch (IllegalArgumentException _) {
      throw NeutronException.invalidInput("'" + text + "' is not a valid MAC address");
    }
  }

  /** Options with a value are set, those with null dropped; others stay. */
  private void dhcp(ObjectNode request, ObjectNode before) {
    Map<String, String> options = new LinkedHashMap<>();
    before
        .path(DHCP)
        .path("dhcp_option")
        .forEach(option ->
            options.put(
                option.path("dhcp_option_name").asString(""),
                option.path("dhcp_option_value").asString("")));
    ObjectNode extras = Extras.of(before).deepCopy();
    Set<String> six = new HashSet<>();
    extras.path(DHCP_V6).forEach(name -> six.add(name.asString("")));
    for (Sent option : sent.objects("extra_dhcp_opts")) {
      String name = option.string("opt_name");
      if (name.isEmpty()) {
        throw NeutronException.invalidInput("extra_dhcp_opts: opt_name is missing");
      }
      six.remove(name);
      @Nullable String value = option.text("opt_value");
      if (value == null) {
        options.remove(name);
        continue;
      }
      options.put(name, value);
      if (option.number("ip_version").orElse(4) == 6) {
        six.add(name);
      }
    }
    extras.remove(DHCP_V6);
    if (!six.isEmpty()) {
      six.stream().sorted().forEach(extras.putArray(DHCP_V6)::add);
    }
    if (!extras.equals(Extras.of(before))) {
      Extras.put(request, before, extras);
    }
    if (options.isEmpty()) {
      request.putNull(DHCP);
      return;
    }
    ArrayNode list = request.putObject(DHCP).putArray("dhcp_option");
    options.forEach((name, value) ->
        list.addObject().put("dhcp_option_name", name).put("dhcp_option_value", value));
  }
}
