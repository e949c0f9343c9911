package weft.control;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.control.BgpTestData.Element;
import weft.http.Json;
import weft.routing.TableId;
import weft.schema.ConfigObject;
import weft.schema.FqName;

/** The routers, sessions and settings of the system in control-node configs of the vectors. */
final class BgpTestRouters {
  /** We are the router of that name. */
  static final String OWN = "local";

  private static final Set<String> LISTS = Set.of("family", "family-attributes");

  private BgpTestRouters() {}

  private record Pair(String left, String right) {}

  static FqName name(String router) {
    List<String> parts = new ArrayList<>(List.of(TableId.MASTER.split(":", -1)));
    parts.add(router);
    return FqName.of(parts.toArray(String[]::new));
  }

  /** Those of the fabric, whether the file says so or not; others are tenants' own. */
  static List<Element> ofFabric(Element root) {
    List<Element> found = new ArrayList<>(root.all("bgp-router"));
    for (Element instance : root.all("routing-instance")) {
      if (instance.attributes().get("name").equals(TableId.MASTER)) {
        found.addAll(instance.all("bgp-router"));
      }
    }
    return found;
  }

  static void load(Element root, Map<String, ConfigObject> objects) {
    ObjectNode system = Json.object();
    for (Element settings : root.all("global-system-config")) {
      settings.children().forEach(each -> set(system, each));
    }
    Map<String, ObjectNode> bodies = new TreeMap<>();
    List<Element> routers = ofFabric(root);
    for (Element router : routers) {
      ObjectNode body = Json.object();
      ObjectNode parameters = body.putObject("bgp_router_parameters");
      router.children().stream()
          .filter(each -> !each.name().equals("session"))
          .forEach(each -> set(parameters, each));
      String name = router.attributes().get("name");
      bodies.put(name, body);
      if (name.equals(OWN) && parameters.has("autonomous_system")) {
        system.set("autonomous_system", parameters.get("autonomous_system"));
      }
    }
    peerings(routers)
        .forEach((pair, attr) -> {
          if (bodies.containsKey(pair.left) && bodies.containsKey(pair.right)) {
            BgpTestData.refer(bodies.get(pair.left), "bgp-router", name(pair.right), attr);
          }
        });
    bodies.forEach((name, body) -> BgpTestData.put(objects, "bgp-router", name(name), body));
    BgpTestData.put(objects, "global-system-config", FqName.of("system"), system);
  }

  /** Those that the sessions say; routers without any have one with each other. */
  private static Map<Pair, ObjectNode> peerings(List<Element> routers) {
    Map<Pair, ObjectNode> found = new LinkedHashMap<>();
    List<String> alone = new ArrayList<>();
    for (Element router : routers) {
      String name = router.attributes().get("name");
      if (router.all("session").isEmpty()) {
        alone.add(name);
      }
      for (Element session : router.all("session")) {
        String to = session.attributes().get("to").split(":", -1)[0];
        Pair pair = name.compareTo(to) <= 0 ? new Pair(name, to) : new Pair(to, name);
        ObjectNode attr = found.computeIfAbsent(pair, _ -> Json.object());
        ObjectNode attributes = Json.object().put("bgp_router", name);
        session.children().forEach(each -> set(attributes, each));
        if (attr.isEmpty()) {
          attr.putArray("session").addObject().putArray("attributes");
        }
        attr.withArray("session").get(0).withArray("attributes").add(attributes);
      }
    }
    for (String left : alone) {
      for (String right : alone) {
        if (left.compareTo(right) < 0) {
          found.put(new Pair(left, right), Json.object());
        }
      }
    }
    return found;
  }

  private static void set(ObjectNode node, Element element) {
    String key = element.name().replace('-', '_');
    if (LISTS.contains(element.name())) {
      node.withArray(key).add(value(element));
    } else {
      node.set(key, value(element));
    }
  }

  private static JsonNode value(Element element) {
    if (!element.children().isEmpty()) {
      ObjectNode node = Json.object();
      element.children().forEach(each -> set(node, each));
      return node;
    }
    String text = element.text();
    if (text.matches("\\d{1,10}")) {
      return Json.object().numberNode(Long.parseLong(text));
    }
    return text.equals("true") || text.equals("false")
        ? Json.object().booleanNode(text.equals("true"))
        : Json.object().stringNode(text);
  }
}
