package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.config.ConfigDelta;
import weft.config.ConfigImage;
import weft.http.Json;
import weft.net.XmlElement;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Schema;
import weft.state.Change;
import weft.xmpp.ConfigKey;
import weft.xmpp.ConfigNode;

/** The streams that Tungsten Fabric sent to its agents for the same config. */
class GoldenStreamTest {
  private static final Path DATA =
      Path.of(System.getProperty("weft.shared", "../shared"), "data/vectors/ifmap-testdata");

  /** What a schema default or a missing value looks like in the golden streams. */
  private static final Set<String> NOTHING = Set.of("", "0", "false", "1970-01-01T00:00:00");

  /** The whitelist of today sends it, that of the time of the streams did not. */
  private static final String SINCE_ADDED = "routing-instance";

  @ParameterizedTest
  @CsvSource({
    "cli1_vn1_vm3_add, cli1_vn1_vm3_add, a1s27",
    "cli1_vn2_np1_add, cli1_vn2_np1_add, a1s27",
    "cli1_vn2_np2_add, cli1_vn2_np2_add, a1s27",
    "cli2_vn2_np2_add, cli2_vn2_np2_add_a1s27, a1s27",
    "cli2_vn2_np2_add, cli2_vn2_np2_add_a1s28, a1s28",
    "cli2_vn2_vm2_add, cli2_vn2_vm2_add_a1s27, a1s27",
    "cli2_vn2_vm2_add, cli2_vn2_vm2_add_a1s28, a1s28",
    "cli2_vn3_vm6_np2_add, cli2_vn3_vm6_np2_add_a1s27, a1s27",
    "cli2_vn3_vm6_np2_add, cli2_vn3_vm6_np2_add_a1s28, a1s28"
  })
  void theSubgraphIsTheOneThatWasSent(String config, String stream, String host) throws Exception {
    Assumptions.assumeTrue(Files.isDirectory(DATA), "no vectors at " + DATA);
    Golden golden = golden(Files.readString(DATA.resolve(stream + ".master_output")));
    Set<String> machines = new TreeSet<>();
    golden.nodes.keySet().stream()
        .filter(key -> key.type().equals("virtual-machine"))
        .forEach(key -> machines.add(key.name()));
    AgentGraph.Subgraph ours =
        new AgentGraph()
            .walk(
                image(Json.parse(Files.readAllBytes(DATA.resolve(config + ".json")))),
                FqName.of("default-global-system-config", host + ".contrail.juniper.net"),
                machines);

    Map<ConfigKey, ConfigNode> nodes = new LinkedHashMap<>(ours.nodes());
    nodes.keySet().removeIf(key -> key.type().equals(SINCE_ADDED));
    assertThat(nodes.keySet()).containsExactlyInAnyOrderElementsOf(golden.nodes.keySet());
    Set<String> links = new TreeSet<>();
    ours.links().stream()
        .filter(link -> !link.right().type().equals(SINCE_ADDED))
        .forEach(link -> links.add(text(link.left(), link.right(), link.metadata())));
    assertThat(links).isEqualTo(golden.links);
    nodes.forEach((key, node) -> sameProperties(node, golden.nodes.get(key)));
  }

  private static void sameProperties(ConfigNode ours, Map<String, List<String>> theirs) {
    Map<String, List<String>> mine = new TreeMap<>();
    ours.properties().forEach(element -> leaves(element, "", mine));
    mine.forEach((path, texts) -> {
      List<String> sent = theirs.get(path);
      assertThat(sent).as(ours.key() + path).isNotNull();
      if (!NOTHING.containsAll(sent)) {
        assertThat(texts).as(ours.key() + path).isEqualTo(sent);
      }
    });
    theirs.forEach((path, texts) -> {
      if (!mine.containsKey(path)) {
        assertThat(NOTHING).as(ours.key() + path).containsAll(texts);
      }
    });
  }

  private static void leaves(XmlElement element, String prefix, Map<String, List<String>> into) {
    String path = prefix + "/" + element.name();
    if (element.children().isEmpty()) {
      if (!element.text().isEmpty()) {
        into.computeIfAbsent(path, _ -> new ArrayList<>()).add(element.text());
      }
    } else {
      element.children().forEach(child -> leaves(child, path, into));
    }
  }

  private static String text(ConfigKey a, ConfigKey b, String metadata) {
    String left = a.toString();
    String right = b.toString();
    return metadata + " " + (left.compareTo(right) < 0 ? left + " " + right : right + " " + left);
  }

  // ---- the config of a vector

  private static ConfigImage image(JsonNode events) {
    List<Change<UUID, ConfigObject>> changes = new ArrayList<>();
    JsonNode objects = events.get(0).path("db");
    objects
        .properties()
        .forEach(entry -> {
          ConfigObject object = object(entry.getKey(), entry.getValue(), objects);
          changes.add(new Change.Put<>(object.uuid(), null, object));
        });
    return ConfigImage.EMPTY.with(new ConfigDelta(1, changes, List.of(), true));
  }

  private static ConfigObject object(String uuid, JsonNode columns, JsonNode all) {
    ObjectNode body = Json.object();
    body.put("uuid", uuid);
    columns
        .properties()
        .forEach(column -> {
          String[] parts = column.getKey().split(":", 3);
          JsonNode value = Json.parse(column.getValue().asString());
          switch (parts[0]) {
            case "fq_name" -> body.set("fq_name", value);
            case "prop" -> body.set(parts[1], value);
            case "parent" -> {
              body.put("parent_type", parts[1].replace('_', '-'));
              body.put("parent_uuid", parts[2]);
            }
            case "ref" -> {
              ObjectNode ref = body.withArray(parts[1] + "_refs").addObject();
              ref.put("uuid", parts[2]);
              String to = all.path(parts[2]).path("fq_name").asString("[\"missing\"]");
              ref.set("to", Json.parse(to));
              ref.set("attr", value.path("attr"));
            }
            default -> {}
          }
        });
    String type = Json.parse(columns.path("type").asString()).asString().replace('_', '-');
    boolean ofNetwork =
        body.path("parent_type").asString("virtual-network").equals("virtual-network");
    if (type.equals("access-control-list") && ofNetwork) {
      // Vectors have lost or mixed up the parents of their lists; their names still tell.
      FqName network = FqName.of(body.path("fq_name")).parent();
      body.put("parent_type", "virtual-network");
      body.put("parent_uuid", uuidOf("virtual_network", network, all));
    }
    return ConfigObject.of(Schema.required(type), body, 1);
  }

  private static String uuidOf(String type, FqName name, JsonNode all) {
    for (var entry : all.properties()) {
      JsonNode columns = entry.getValue();
      if (columns.path("type").asString().equals('"' + type + '"')
          && FqName.of(Json.parse(columns.path("fq_name").asString())).equals(name)) {
        return entry.getKey();
      }
    }
    throw new AssertionError("no " + type + " " + name);
  }

  // ---- the stream of a vector

  private record Golden(Map<ConfigKey, Map<String, List<String>>> nodes, Set<String> links) {}

  private static Golden golden(String text) throws Exception {
    Golden golden =
        new Golden(
            new TreeMap<>(java.util.Comparator.comparing(ConfigKey::toString)), new TreeSet<>());
    Element root =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader("<all>" + text + "</all>")))
            .getDocumentElement();
    var updates = root.getElementsByTagName("update");
    for (int i = 0; i < updates.getLength(); i++) {
      for (Element child : children(updates.item(i))) {
        if (child.getTagName().equals("node")) {
          Map<String, List<String>> leaves = new TreeMap<>();
          for (Element property : children(child)) {
            if (!property.getTagName().equals("name")) {
              leaves(property, "", leaves);
            }
          }
          golden.nodes.put(key(child), leaves);
        } else {
          List<Element> parts = children(child);
          golden.links.add(
              text(key(parts.get(0)), key(parts.get(1)), parts.get(2).getAttribute("type")));
        }
      }
    }
    return golden;
  }

  private static void leaves(Element element, String prefix, Map<String, List<String>> into) {
    String path = prefix + "/" + element.getTagName();
    List<Element> children = children(element);
    if (children.isEmpty()) {
      into.computeIfAbsent(path, _ -> new ArrayList<>()).add(element.getTextContent().strip());
    } else {
      children.forEach(child -> leaves(child, path, into));
    }
  }

  private static ConfigKey key(Element node) {
    return new ConfigKey(
        node.getAttribute("type"),
        node.getElementsByTagName("name").item(0).getTextContent().strip());
  }

  private static List<Element> children(Node parent) {
    List<Element> found = new ArrayList<>();
    for (Node child = parent.getFirstChild(); child != null; child = child.getNextSibling()) {
      if (child instanceof Element element) {
        found.add(element);
      }
    }
    return found;
  }
}
