package weft.agent;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.http.Json;
import weft.net.XmlElement;
import weft.xmpp.ConfigKey;
import weft.xmpp.ConfigLink;
import weft.xmpp.ConfigNode;
import weft.xmpp.ControlMessage.ConfigUpdate;

/**
 * The config on disk, as it was last known whole: an agent that starts while there is no control
 * node serves its guests by it.
 *
 * <p>A line of JSON for each node and each link; the last line counts them, so that a file that was
 * cut off is not taken for a whole one.
 */
final class ConfigFile {
  private final Path path;

  ConfigFile(Path path) {
    this.path = path;
  }

  void write(ConfigUpdate config) throws IOException {
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    try (BufferedWriter out = Files.newBufferedWriter(fresh)) {
      for (ConfigNode node : config.nodes()) {
        ObjectNode line = Json.object();
        key(line.putArray("node"), node.key());
        ArrayNode properties = line.putArray("properties");
        node.properties().forEach(property -> properties.add(json(property)));
        out.write(Json.text(line) + "\n");
      }
      for (ConfigLink link : config.links()) {
        ObjectNode line = Json.object();
        ArrayNode words = line.putArray("link");
        key(words, link.left());
        key(words, link.right());
        words.add(link.metadata());
        out.write(Json.text(line) + "\n");
      }
      int count = config.nodes().size() + config.links().size();
      out.write(Json.text(Json.object().put("lines", count)) + "\n");
    } catch (IOException e) {
      boolean _ = Files.deleteIfExists(fresh);
      throw e;
    }
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void key(ArrayNode words, ConfigKey key) {
    words.add(key.type()).add(key.name());
  }

  private static ObjectNode json(XmlElement element) {
    ObjectNode json = Json.object().put("name", element.name());
    if (!element.attributes().isEmpty()) {
      ObjectNode attributes = json.putObject("attributes");
      element.attributes().forEach(attributes::put);
    }
    if (!element.text().isEmpty()) {
      json.put("text", element.text());
    }
    if (!element.children().isEmpty()) {
      ArrayNode children = json.putArray("children");
      element.children().forEach(child -> children.add(json(child)));
    }
    return json;
  }

  /**
   * What was written last; nothing if there is no file.
   *
   * @throws IOException if it cannot be read or is not whole
   */
  ConfigUpdate read() throws IOException {
    List<ConfigNode> nodes = new ArrayList<>();
    List<ConfigLink> links = new ArrayList<>();
    if (!Files.exists(path)) {
      return new ConfigUpdate(nodes, links);
    }
    int count = -1;
    try (BufferedReader in = Files.newBufferedReader(path)) {
      for (String text = in.readLine(); text != null; text = in.readLine()) {
        JsonNode line = Json.parse(text);
        JsonNode words = line.path("link");
        if (line.has("node")) {
          List<XmlElement> properties = new ArrayList<>();
          line.path("properties").forEach(property -> properties.add(element(property)));
          nodes.add(new ConfigNode(key(line.path("node"), 0), properties));
        } else if (line.has("link")) {
          links.add(new ConfigLink(key(words, 0), key(words, 2), words.path(4).asString()));
        } else {
          count = line.path("lines").asInt(-1);
        }
      }
    } catch (HttpError | JacksonException | CharacterCodingException e) {
      throw new IOException(path + " is not whole: " + e.getMessage(), e);
    }
    if (count != nodes.size() + links.size()) {
      throw new IOException(path + " is not whole");
    }
    return new ConfigUpdate(nodes, links);
  }

  private static ConfigKey key(JsonNode words, int at) {
    return new ConfigKey(words.path(at).asString(), words.path(at + 1).asString());
  }

  private static XmlElement element(JsonNode json) {
    Map<String, String> attributes = new LinkedHashMap<>();
    json.path("attributes")
        .properties()
        .forEach(entry -> attributes.put(entry.getKey(), entry.getValue().asString()));
    List<XmlElement> children = new ArrayList<>();
    json.path("children").forEach(child -> children.add(element(child)));
    return new XmlElement(
        json.path("name").asString(), attributes, children, json.path("text").asString(""));
  }
}
