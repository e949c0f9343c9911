package weft.compiler;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Ref;
import weft.schema.Schema;
import weft.state.Change;

/** Objects and allocations as users and the API make them, and the changes that lead there. */
final class Config {
  private static final JsonMapper MAPPER = new JsonMapper();

  final Map<UUID, ConfigObject> objects = new LinkedHashMap<>();
  final Map<Allocation.Key, String> allocations = new LinkedHashMap<>();

  /** Reads JSON with single quotes for double ones. */
  static ObjectNode json(String text) {
    return (ObjectNode) MAPPER.readTree(text.replace('\'', '"'));
  }

  static FqName name(String type, String text) {
    return switch (type) {
      case "global-system-config" -> FqName.of("default-global-system-config");
      case "virtual-network",
          "network-policy",
          "security-group",
          "logical-router",
          "route-table",
          "bgpvpn",
          "routing-policy",
          "network-ipam",
          "virtual-machine-interface",
          "bgp-as-a-service",
          "instance-ip" ->
          FqName.parse("d:" + text);
      default -> throw new IllegalArgumentException(type);
    };
  }

  static UUID uuid(String type, FqName name) {
    return UUID.nameUUIDFromBytes((type + name).getBytes(StandardCharsets.UTF_8));
  }

  /** Makes an object: `p:blue` with properties and references of type to names with data. */
  static ConfigObject object(
      String type, String text, ObjectNode properties, Map<String, Map<String, JsonNode>> refs) {
    FqName name = name(type, text);
    ObjectNode body = properties.deepCopy();
    body.put("uuid", uuid(type, name).toString());
    body.set("fq_name", name.toJson());
    refs.forEach((target, each) -> {
      ArrayNode list = body.putArray(target.replace('-', '_') + "_refs");
      each.forEach((to, attr) -> {
        FqName toName = name(target, to);
        list.add(new Ref(uuid(target, toName), toName, attr.isNull() ? null : attr).toJson());
      });
    });
    return ConfigObject.of(Schema.required(type), body, 1);
  }

  static ConfigObject network(String text, String... policies) {
    return networkWith(text, "{}", policies);
  }

  static ConfigObject networkWith(String text, String properties, String... policies) {
    Map<String, JsonNode> refs = new LinkedHashMap<>();
    for (int i = 0; i < policies.length; i++) {
      refs.put(policies[i], json("{'sequence':{'major':" + i + ",'minor':0}}"));
    }
    return object("virtual-network", text, json(properties), Map.of("network-policy", refs));
  }

  /** A policy out of rules such as `<> pass icmp p:red p:blue`. */
  static ConfigObject policy(String text, String... rules) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (String rule : rules) {
      String[] word = rule.split(" ");
      ObjectNode node =
          json(
              "{'direction':'%s','action_list':{'simple_action':'%s'},'protocol':'%s',"
                      .formatted(word[0], word[1], word[2])
                  + "'src_ports':[{'start_port':-1,'end_port':-1}],"
                  + "'dst_ports':[{'start_port':-1,'end_port':-1}],"
                  + "'src_addresses':[%s],'dst_addresses':[%s],'rule_uuid':'%s'}"
                      .formatted(address(word[3]), address(word[4]), "rule " + rule));
      array.add(node);
    }
    ObjectNode properties = JsonNodeFactory.instance.objectNode();
    properties.putObject("network_policy_entries").set("policy_rule", array);
    return object("network-policy", text, properties, Map.of());
  }

  /** `any`, `local`, a network `p:red`, a policy `policy=p:web`, a subnet `10.0.0.0/8`. */
  private static String address(String text) {
    if (text.startsWith("policy=")) {
      return "{'network_policy':'d:" + text.substring(7) + "'}";
    }
    int slash = text.indexOf('/');
    if (slash > 0) {
      return "{'subnet':{'ip_prefix':'%s','ip_prefix_len':%s}}"
          .formatted(text.substring(0, slash), text.substring(slash + 1));
    }
    return "{'virtual_network':'%s'}".formatted(text.contains(":") ? "d:" + text : text);
  }

  static ConfigObject securityGroup(String text, int number, String entries) {
    ObjectNode properties = json("{'security_group_entries':{'policy_rule':[" + entries + "]}}");
    if (number > 0) {
      properties.put("security_group_id", number);
    }
    return object("security-group", text, properties, Map.of());
  }

  static ConfigObject port(String text, String network) {
    return object(
        "virtual-machine-interface",
        text,
        json("{}"),
        Map.of("virtual-network", Map.of(network, JsonNodeFactory.instance.nullNode())));
  }

  static ConfigObject router(String text, String properties, String... ports) {
    Map<String, JsonNode> refs = new LinkedHashMap<>();
    for (String port : ports) {
      refs.put(port, JsonNodeFactory.instance.nullNode());
    }
    return object(
        "logical-router", text, json(properties), Map.of("virtual-machine-interface", refs));
  }

  static ConfigObject address(String text, String address, String port) {
    return object(
        "instance-ip",
        text,
        json("{'instance_ip_address':'" + address + "'}"),
        Map.of("virtual-machine-interface", Map.of(port, JsonNodeFactory.instance.nullNode())));
  }

  static ConfigObject service(String text, String properties, String... ports) {
    Map<String, JsonNode> refs = new LinkedHashMap<>();
    for (String port : ports) {
      refs.put(port, JsonNodeFactory.instance.nullNode());
    }
    return object(
        "bgp-as-a-service", text, json(properties), Map.of("virtual-machine-interface", refs));
  }

  /** The same object with references to all of `names`. */
  static ConfigObject referring(ConfigObject object, String type, JsonNode attr, String... names) {
    ObjectNode body = object.body().deepCopy();
    ArrayNode list = body.withArray(type.replace('-', '_') + "_refs");
    for (String each : names) {
      FqName to = name(type, each);
      list.add(new Ref(uuid(type, to), to, attr.isNull() ? null : attr).toJson());
    }
    return ConfigObject.of(object.type(), body, 1);
  }

  /** Routes such as `192.168.0.0/24 10.0.0.5`. */
  static ConfigObject routeTable(String text, String... routes) {
    ObjectNode properties = JsonNodeFactory.instance.objectNode();
    ArrayNode list = properties.putObject("routes").putArray("route");
    for (String route : routes) {
      String[] word = route.split(" ");
      list.addObject()
          .put("prefix", word[0])
          .put("next_hop", word[1])
          .put("next_hop_type", word[1].contains(":si") ? "service-instance" : "ip-address");
    }
    return object("route-table", text, properties, Map.of());
  }

  static ConfigObject system(int autonomousSystem) {
    return object(
        "global-system-config",
        "",
        json("{'autonomous_system':" + autonomousSystem + "}"),
        Map.of());
  }

  Config with(ConfigObject... all) {
    for (ConfigObject each : all) {
      objects.put(each.uuid(), each);
    }
    return this;
  }

  Config allocated(String pool, long value, String owner) {
    allocations.put(new Allocation.Key(pool, value), owner);
    return this;
  }

  Config copy() {
    Config copy = new Config();
    copy.objects.putAll(objects);
    copy.allocations.putAll(allocations);
    return copy;
  }

  /** What leads from `before` to this. */
  List<Change<UUID, ConfigObject>> objectsSince(Config before) {
    return changes(before.objects, objects);
  }

  List<Change<Allocation.Key, String>> allocationsSince(Config before) {
    return changes(before.allocations, allocations);
  }

  private static <K, V> List<Change<K, V>> changes(Map<K, V> before, Map<K, V> after) {
    List<Change<K, V>> changes = new ArrayList<>();
    before.forEach((key, value) -> {
      if (!after.containsKey(key)) {
        changes.add(new Change.Remove<>(key, value));
      }
    });
    after.forEach((key, value) -> {
      V former = before.get(key);
      if (!value.equals(former)) {
        changes.add(new Change.Put<>(key, former, value));
      }
    });
    return changes;
  }

  /** A compiler that has seen this alone, as a snapshot. */
  Compiler compiled(CompilerOptions options) {
    Compiler compiler = new Compiler(options);
    last = compiler.on(1, objectsSince(new Config()), allocationsSince(new Config()), true);
    return compiler;
  }

  Compiler compiled() {
    return compiled(CompilerOptions.DEFAULT);
  }

  /** The output of the compiler made last. */
  Output last;
}
