package weft.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import weft.net.XmlElement;

/** What agents are sent is named and nested as in recorded streams. */
class ConfigChannelTest {
  private static final JsonMapper JSON = new JsonMapper();

  @Test
  void propertiesAreNestedAsInRecordedStreams() throws Exception {
    int compared = 0;
    for (Path file : files(".master_output")) {
      Map<String, JsonNode> stored =
          storedValues(file.toString().replaceAll("(_a1s..)?\\.master_output", ".json"));
      for (XmlElement node : recorded(file, "node")) {
        compared += compare(node, stored);
      }
    }
    assertThat(compared).isGreaterThan(100);
  }

  private static int compare(XmlElement node, Map<String, JsonNode> stored) {
    ObjectType type = Schema.type(node.attribute("type"));
    int compared = 0;
    for (XmlElement element : type == null ? List.<XmlElement>of() : node.children()) {
      Property property = property(type, element.name());
      JsonNode value =
          property == null
              ? null
              : stored.get(type.jsonName() + " " + node.childText("name") + " " + property.name());
      if (value == null || property.name().equals("autonomous_system")) {
        continue;
      }
      assertWithin(PropertyXml.toXml(property, value), element);
      compared++;
    }
    return compared;
  }

  @Test
  void dataOfReferencesIsANodeOfItsOwn() throws Exception {
    ReferenceType reference = Schema.required("virtual-network").referenceTo("network-ipam");
    int compared = 0;
    for (XmlElement node : recorded("node")) {
      XmlElement value = node.child("value");
      if (value == null) {
        continue;
      }
      assertThat(node.attribute("type")).isEqualTo(reference.linkName());
      JsonNode attr = PropertyXml.attr(reference.attr(), value);
      assertThat(PropertyXml.attr(reference.attr(), attr)).isEqualTo(value);
      assertThat(attr.at("/ipam_subnets/0/subnet/ip_prefix_len").isIntegralNumber()).isTrue();
      String name = node.childText("name");
      String[] ends = name.substring("attr(".length(), name.length() - 1).split(",", -1);
      assertThat(ReferenceType.linkNodeName(FqName.parse(ends[1]), FqName.parse(ends[0])))
          .isEqualTo(name);
      compared++;
    }
    assertThat(compared).isEqualTo(12);
  }

  @Test
  void linksHaveTheRecordedNames() throws Exception {
    Set<String> seen = new TreeSet<>();
    for (XmlElement link : recorded("link")) {
      List<XmlElement> ends = link.children("node");
      String name = link.child("metadata").attribute("type");
      seen.add(name);
      assertThat(linkNames(ends.get(0).attribute("type"), ends.get(1).attribute("type")))
          .contains(name);
    }
    assertThat(seen).hasSize(8);
  }

  @Test
  void namesOfLinksThatAreNotMadeOfTheirEnds() {
    ObjectType port = Schema.required("virtual-machine-interface");
    assertThat(port.referenceTo("virtual-network").linkName())
        .isEqualTo("virtual-machine-interface-virtual-network");
    assertThat(port.referenceTo("virtual-machine-interface").linkName())
        .isEqualTo("virtual-machine-interface-sub-interface");
    assertThat(port.referenceTo("tag").linkName()).isEqualTo("virtual-machine-interface-tag");
    ObjectType instance = Schema.required("routing-instance");
    assertThat(instance.referenceTo("route-target").linkName()).isEqualTo("instance-target");
    assertThat(instance.referenceTo("routing-instance").linkName()).isEqualTo("connection");
    assertThat(instance.parent("virtual-network").linkName())
        .isEqualTo("virtual-network-routing-instance");
    assertThat(Schema.required("bgp-router").parent("routing-instance").linkName())
        .isEqualTo("instance-bgp-router");
    assertThat(Schema.required("project").parent("domain").linkName()).isEqualTo("domain-project");
  }

  @Test
  void theWhitelistIsTheRecordedOneAndNamesKnownLinks() throws IOException {
    JsonNode expected =
        JSON.readTree(
            Files.readString(SharedData.path("schemas/ifmap-agent-graph-whitelist.json")));
    JsonNode actual = JSON.valueToTree(AgentWhitelist.all());
    assertThat(actual).isEqualTo(expected);
    assertThat(AgentWhitelist.all()).hasSize(expected.size());

    Set<String> links = new HashSet<>();
    for (ObjectType type : Schema.types()) {
      type.references().forEach(reference -> links.add(reference.linkName()));
      type.parents().forEach(parent -> links.add(parent.linkName()));
    }
    Set<String> unknown = new TreeSet<>();
    AgentWhitelist.all().values().forEach(unknown::addAll);
    unknown.removeAll(links);
    assertThat(unknown)
        .as("only a node type stands where a link is meant")
        .containsExactly("virtual-network");
  }

  private static Set<String> linkNames(String one, String other) {
    Set<String> names = new HashSet<>();
    for (String[] ends : List.of(new String[] {one, other}, new String[] {other, one})) {
      ObjectType type = Schema.type(ends[0]);
      if (type == null) {
        names.add(ends[0]);
        continue;
      }
      ReferenceType reference = type.referenceTo(ends[1]);
      if (reference != null) {
        names.add(reference.linkName());
      }
      ParentType parent = type.parent(ends[1]);
      if (parent != null) {
        names.add(parent.linkName());
      }
    }
    return names;
  }

  /** Recorded streams also hold what is unset: each of our elements is there, in that order. */
  private static void assertWithin(XmlElement ours, XmlElement theirs) {
    assertThat(ours.name()).isEqualTo(theirs.name());
    if (ours.children().isEmpty() || theirs.children().isEmpty()) {
      assertThat(ours.text()).isEqualTo(theirs.text());
      return;
    }
    int at = 0;
    for (XmlElement child : ours.children()) {
      while (at < theirs.children().size()
          && !theirs.children().get(at).name().equals(child.name())) {
        at++;
      }
      assertThat(at).as(child.name()).isLessThan(theirs.children().size());
      assertWithin(child, theirs.children().get(at++));
    }
  }

  private static Property property(ObjectType type, String xmlName) {
    return type.properties().stream()
        .filter(property -> property.xmlName().equals(xmlName))
        .findFirst()
        .orElse(null);
  }

  private static Map<String, JsonNode> storedValues(String file) throws IOException {
    Map<String, JsonNode> values = new HashMap<>();
    for (JsonNode event : JSON.readTree(Files.readString(Path.of(file)))) {
      for (JsonNode object : event.path("db")) {
        String head = text(object.path("type")) + " " + name(object.path("fq_name")) + " ";
        object
            .propertyStream()
            .filter(entry -> entry.getKey().startsWith("prop:"))
            .forEach(entry ->
                values.put(
                    head + entry.getKey().substring("prop:".length()),
                    JSON.readTree(entry.getValue().asString())));
      }
    }
    return values;
  }

  private static String text(JsonNode quoted) {
    return JSON.readTree(quoted.asString()).asString();
  }

  private static String name(JsonNode quoted) {
    return FqName.of(JSON.readTree(quoted.asString())).toString();
  }

  private static List<XmlElement> recorded(String kind) throws Exception {
    List<XmlElement> found = new ArrayList<>();
    for (Path file : files(".master_output")) {
      found.addAll(recorded(file, kind));
    }
    return found;
  }

  private static List<XmlElement> recorded(Path file, String kind) throws Exception {
    String text = "<r>" + Files.readString(file).replaceAll("<\\?xml.*?\\?>", "") + "</r>";
    Element root =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
            .getDocumentElement();
    List<XmlElement> found = new ArrayList<>();
    for (XmlElement iq : element(root).children()) {
      XmlElement update = iq.child("config").child("update");
      if (update != null) {
        found.addAll(update.children(kind));
      }
    }
    return found;
  }

  private static List<Path> files(String ending) throws IOException {
    try (Stream<Path> all = Files.list(SharedData.path("vectors/ifmap-testdata"))) {
      return all.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }

  private static XmlElement element(Element dom) {
    List<XmlElement> children = new ArrayList<>();
    for (Node node = dom.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element child) {
        children.add(element(child));
      }
    }
    XmlElement element =
        children.isEmpty()
            ? XmlElement.text(dom.getTagName(), dom.getTextContent().strip())
            : XmlElement.of(dom.getTagName(), children);
    return dom.hasAttribute("type") ? element.with("type", dom.getAttribute("type")) : element;
  }
}
