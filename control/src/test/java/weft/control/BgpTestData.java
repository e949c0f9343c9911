package weft.control;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.config.ConfigDelta;
import weft.config.ConfigImage;
import weft.http.Json;
import weft.net.Ipv4Address;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Schema;
import weft.state.Change;

/** Control-node configs of the shared vectors, as the config database would hold them. */
final class BgpTestData {
  private static final Path ROOT =
      Path.of(System.getProperty("weft.shared", "../shared"), "data/vectors/bgp-testdata");
  private static final Pattern TOKEN =
      Pattern.compile("<(/?)([\\w-]+)([^>]*?)(/?)>|<[?!][^>]*>|([^<]+)");
  private static final Pattern ATTRIBUTE = Pattern.compile("(\\w+)=['\"]([^'\"]*)['\"]");

  private BgpTestData() {}

  /** An element: its own text, attributes, children. */
  record Element(
      String name, Map<String, String> attributes, List<Element> children, StringBuilder content) {
    List<Element> all(String child) {
      return children.stream().filter(c -> c.name.equals(child)).toList();
    }

    String text() {
      return content.toString().strip();
    }
  }

  static List<String> names(String prefix) {
    assumeTrue(Files.isDirectory(ROOT), () -> "no shared data: " + ROOT);
    try (Stream<Path> files = Files.list(ROOT)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(prefix))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Element read(String file) {
    assumeTrue(Files.isReadable(ROOT.resolve(file)), () -> "no shared data: " + file);
    Element top = new Element("", Map.of(), new ArrayList<>(), new StringBuilder());
    Deque<Element> open = new ArrayDeque<>(List.of(top));
    try {
      String text = Files.readString(ROOT.resolve(file)).replaceAll("%\\(as\\w*\\)d", "64512");
      Matcher token = TOKEN.matcher(text.replaceAll("%\\(\\w+\\)d", "1179"));
      while (token.find()) {
        if (token.group(5) != null) {
          open.getFirst().content.append(token.group(5));
        } else if (token.group(2) != null && token.group(1).isEmpty()) {
          Map<String, String> attributes = new LinkedHashMap<>();
          Matcher each = ATTRIBUTE.matcher(token.group(3));
          while (each.find()) {
            attributes.put(each.group(1), each.group(2));
          }
          Element element =
              new Element(token.group(2), attributes, new ArrayList<>(), new StringBuilder());
          open.getFirst().children.add(element);
          if (token.group(4).isEmpty()) {
            open.push(element);
          }
        } else if (token.group(2) != null) {
          open.pop();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return top.children.getFirst();
  }

  /** What the config of a file says about routing; static routes alone are those of `nat`. */
  static RoutingConfig config(String... files) {
    Map<String, ConfigObject> objects = new LinkedHashMap<>();
    for (String file : files) {
      Element root = read(file);
      if (root.name.equals("static-route-entries")) {
        ObjectNode body = Json.object();
        body.set("static_route_entries", statics(root));
        put(objects, "routing-instance", instanceName("nat"), body);
      } else if (root.name.equals("delete")) {
        unload(root, objects);
      } else {
        BgpTestRouters.load(root, objects);
        load(root, objects);
      }
    }
    return config(objects);
  }

  private static RoutingConfig config(Map<String, ConfigObject> objects) {
    List<Change<UUID, ConfigObject>> changes = new ArrayList<>();
    objects.values().forEach(o -> changes.add(new Change.Put<>(o.uuid(), null, o)));
    ConfigImage image = ConfigImage.EMPTY.with(new ConfigDelta(1, changes, List.of(), true));
    return RoutingConfig.of(
        image, ControlOptions.of(BgpTestRouters.OWN, Ipv4Address.parse("10.9.0.1")));
  }

  private static void unload(Element root, Map<String, ConfigObject> objects) {
    BgpTestRouters.ofFabric(root)
        .forEach(router ->
            objects.remove("bgp-router" + BgpTestRouters.name(router.attributes.get("name"))));
    for (Element instance : root.all("routing-instance")) {
      objects.remove("routing-instance" + instanceName(instance.attributes.get("name")));
    }
    for (Element policy : root.all("routing-policy")) {
      objects.remove("routing-policy" + FqName.of("d", "p", policy.attributes.get("name")));
    }
  }

  static FqName instanceName(String name) {
    return name.indexOf(':') >= 0
        ? FqName.of(name.split(":", -1))
        : FqName.of("d", "p", name, name);
  }

  static FqName networkName(String name) {
    return FqName.of("d", "p", name);
  }

  private static void load(Element root, Map<String, ConfigObject> objects) {
    Map<String, ObjectNode> attached = new LinkedHashMap<>();
    for (Element instance : root.all("routing-instance")) {
      String name = instance.attributes.get("name");
      ObjectNode body = Json.object();
      instance
          .all("static-route-entries")
          .forEach(e -> body.set("static_route_entries", statics(e)));
      for (Element target : instance.all("vrf-target")) {
        FqName targetName = FqName.of(target.text());
        put(objects, "route-target", targetName, Json.object());
        ObjectNode attr = Json.object();
        target.all("import-export").forEach(e -> attr.put("import_export", e.text()));
        refer(body, "route-target", targetName, attr);
      }
      instance
          .all("virtual-network")
          .forEach(network -> {
            body.put("parent_type", "virtual-network");
            body.put(
                "parent_uuid", uuid("virtual-network", networkName(network.text())).toString());
          });
      put(objects, "routing-instance", instanceName(name), body);
      for (String type : List.of("routing-policy", "route-aggregate")) {
        for (Element ref : instance.all(type)) {
          ObjectNode attr = Json.object();
          ref.all("sequence").forEach(s -> attr.put("sequence", s.text()));
          ObjectNode holder =
              attached.computeIfAbsent(type + ref.attributes.get("to"), _ -> Json.object());
          refer(holder, "routing-instance", instanceName(name), attr);
        }
      }
    }
    for (Element network : root.all("virtual-network")) {
      ObjectNode body = Json.object();
      network
          .all("network-id")
          .forEach(id -> body.put("virtual_network_network_id", Long.parseLong(id.text())));
      put(objects, "virtual-network", networkName(network.attributes.get("name")), body);
    }
    for (Element policy : root.all("routing-policy")) {
      ObjectNode body = attachedTo(attached, policy);
      ArrayNode terms = body.putObject("routing_policy_entries").putArray("term");
      policy.all("term").forEach(term -> terms.add(json(term)));
      put(objects, "routing-policy", FqName.of("d", "p", policy.attributes.get("name")), body);
    }
    for (Element aggregate : root.all("route-aggregate")) {
      ObjectNode body = attachedTo(attached, aggregate);
      ArrayNode routes = body.putObject("aggregate_route_entries").putArray("route");
      aggregate.all("aggregate-route-entries").stream()
          .flatMap(e -> e.all("route").stream())
          .forEach(route -> routes.add(route.text()));
      aggregate.all("nexthop").forEach(n -> body.put("aggregate_route_nexthop", n.text()));
      put(objects, "route-aggregate", FqName.of("d", "p", aggregate.attributes.get("name")), body);
    }
  }

  private static ObjectNode attachedTo(Map<String, ObjectNode> attached, Element element) {
    return attached.getOrDefault(element.name + element.attributes.get("name"), Json.object());
  }

  private static ObjectNode statics(Element entries) {
    ObjectNode value = Json.object();
    ArrayNode routes = value.putArray("route");
    for (Element entry : entries.all("route")) {
      ObjectNode route = routes.addObject();
      entry.all("prefix").forEach(e -> route.put("prefix", e.text()));
      entry.all("next-hop").forEach(e -> route.put("next_hop", e.text()));
      entry.all("route-target").forEach(e -> route.withArray("route_target").add(e.text()));
      entry.all("community").forEach(e -> route.withArray("community").add(e.text()));
    }
    return value;
  }

  /** A term: what may be there several times is a list. */
  private static JsonNode json(Element element) {
    if (element.children.isEmpty()) {
      String text = element.text();
      return switch (element.name) {
        case "local-pref", "med" -> Json.object().numberNode(Long.parseLong(text));
        default -> Json.object().stringNode(text);
      };
    }
    ObjectNode node = Json.object();
    for (Element child : element.children) {
      String key = child.name.replace('-', '_');
      boolean isList =
          switch (child.name) {
            case "community-list", "extcommunity-list", "protocol" -> true;
            case "prefix" -> element.name.equals("term-match-condition");
            case "community" -> List.of("add", "remove", "set").contains(element.name);
            default -> false;
          };
      if (isList) {
        node.withArray(key).add(json(child));
      } else if (child.name.endsWith("-match-all")) {
        node.put(key, child.text().equals("true"));
      } else {
        node.set(key, json(child));
      }
    }
    return node;
  }

  static UUID uuid(String type, FqName name) {
    return UUID.nameUUIDFromBytes((type + name).getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  static void refer(ObjectNode body, String type, FqName name, ObjectNode attr) {
    ObjectNode ref = body.withArray(type.replace('-', '_') + "_refs").addObject();
    ref.set("to", name.toJson());
    ref.put("uuid", uuid(type, name).toString());
    ref.set("attr", attr);
  }

  static void put(Map<String, ConfigObject> objects, String type, FqName name, ObjectNode body) {
    body.put("uuid", uuid(type, name).toString());
    body.set("fq_name", name.toJson());
    objects.put(type + name, ConfigObject.of(Schema.required(type), body, 1));
  }
}
