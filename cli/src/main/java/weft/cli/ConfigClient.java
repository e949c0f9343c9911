package weft.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The config API as the commands use it: objects by type and by name or uuid. */
final class ConfigClient {
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final Map<String, String> SHORT =
      Map.ofEntries(
          Map.entry("acl", "access-control-list"),
          Map.entry("fip", "floating-ip"),
          Map.entry("iip", "instance-ip"),
          Map.entry("ipam", "network-ipam"),
          Map.entry("lr", "logical-router"),
          Map.entry("policy", "network-policy"),
          Map.entry("ri", "routing-instance"),
          Map.entry("rt", "route-target"),
          Map.entry("sg", "security-group"),
          Map.entry("vm", "virtual-machine"),
          Map.entry("vmi", "virtual-machine-interface"),
          Map.entry("vn", "virtual-network"));

  private final Rest api;

  ConfigClient(Rest api) {
    this.api = api;
  }

  /** The type that a user means: a short name stands for the long one. */
  static String type(String word) {
    String name = word.replace('_', '-');
    return SHORT.getOrDefault(name.toLowerCase(Locale.ROOT), name);
  }

  /** `a:b:c` in parts; the name of a route target is one part, colons and all. */
  static List<String> parts(String type, String name) {
    return type.equals("route-target") ? List.of(name) : Arrays.asList(name.split(":", -1));
  }

  static ArrayNode fqName(String type, String name) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    parts(type, name).forEach(array::add);
    return array;
  }

  /** The uuid of an object that is named, or the uuid itself. */
  String uuid(String type, String nameOrUuid) {
    if (UUID_TEXT.matcher(nameOrUuid.toLowerCase(Locale.ROOT)).matches()) {
      return nameOrUuid.toLowerCase(Locale.ROOT);
    }
    ObjectNode question = JsonNodeFactory.instance.objectNode().put("type", type);
    question.set("fq_name", fqName(type, nameOrUuid));
    try {
      return api.post("/fqname-to-id", question).path("uuid").asString();
    } catch (Failure e) {
      if (e.status() == 404 && !e.text().startsWith("Resource type")) {
        throw new Failure("no " + type + " " + nameOrUuid);
      }
      throw e;
    }
  }

  JsonNode read(String type, String nameOrUuid) {
    return api.get("/" + type + "/" + uuid(type, nameOrUuid)).path(type);
  }

  List<JsonNode> list(String type, String query) {
    return TableCommand.list(api.get("/" + type + "s" + query));
  }

  /** The types that the API has, from its home page. */
  List<String> types() {
    List<String> types = new ArrayList<>();
    for (JsonNode each : api.get("/").path("links")) {
      JsonNode link = each.path("link");
      if (link.path("rel").asString("").equals("resource-base")) {
        types.add(link.path("name").asString());
      }
    }
    return types;
  }

  JsonNode create(String type, JsonNode body) {
    return api.post("/" + type + "s", wrapped(type, body)).path(type);
  }

  void update(String type, String uuid, JsonNode body) {
    JsonNode _ = api.call("PUT", "/" + type + "/" + uuid, wrapped(type, body));
  }

  void delete(String type, String uuid) {
    JsonNode _ = api.call("DELETE", "/" + type + "/" + uuid, null);
  }

  private static ObjectNode wrapped(String type, JsonNode body) {
    ObjectNode wrapped = JsonNodeFactory.instance.objectNode();
    wrapped.set(type, body);
    return wrapped;
  }
}
