package weft.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON trees in and out of YAML.
 *
 * <p>What is read knows its lines. Scalars are taken as YAML 1.2 takes them: `yes`, `0x1f` and
 * `08:10` are text, as are dates; what is written is quoted where either version would differ.
 */
final class Yaml {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Pattern INTEGER = Pattern.compile("[-+]?\\d{1,18}");
  private static final Pattern UNSIGNED = Pattern.compile("\\d{19,20}");
  private static final Pattern DECIMAL = Pattern.compile("[-+]?\\d+\\.\\d*([eE][-+]?\\d+)?");
  private static final Set<Tag> TAGS =
      Set.of(Tag.MAP, Tag.SEQ, Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.TIMESTAMP);
  private static final int MAX_CODE_POINTS = 64 << 20;

  private final String source;
  private final Map<String, Integer> lines = new LinkedHashMap<>();
  private final Set<Node> path = new HashSet<>();

  private Yaml(String source) {
    this.source = source;
  }

  /**
   * One document.
   *
   * @param source the file
   * @param lines by JSON pointer, counted from one
   */
  record Document(String source, JsonNode root, Map<String, Integer> lines) {
    /** `file:line` of what a pointer leads to, or of the nearest thing around it. */
    String at(String pointer) {
      String nearest = pointer;
      while (!nearest.isEmpty() && !lines.containsKey(nearest)) {
        nearest = nearest.substring(0, nearest.lastIndexOf('/'));
      }
      return source + ":" + lines.getOrDefault(nearest, 1);
    }
  }

  /** The documents of a file; empty ones are left out. */
  static List<Document> read(String source, String text) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MAX_CODE_POINTS);
    List<Document> documents = new ArrayList<>();
    try {
      var yaml = new org.yaml.snakeyaml.Yaml(new SafeConstructor(options));
      for (Node node : yaml.composeAll(new java.io.StringReader(text))) {
        Yaml reader = new Yaml(source);
        JsonNode root = reader.convert(node, "");
        if (!root.isNull()) {
          documents.add(new Document(source, root, reader.lines));
        }
      }
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      throw new Failure(
          "%s:%d: %s".formatted(source, mark == null ? 1 : mark.getLine() + 1, e.getProblem()));
    } catch (YAMLException e) {
      throw new Failure(source + ": " + e.getMessage());
    }
    return documents;
  }

  private JsonNode convert(@Nullable Node node, String pointer) {
    if (node == null) {
      return JSON.nullNode();
    }
    lines.put(pointer, node.getStartMark().getLine() + 1);
    if (!TAGS.contains(node.getTag())) {
      throw refusal(node, "a value of type " + node.getTag().getValue() + " is not taken");
    }
    if (!path.add(node)) {
      throw refusal(node, "a value cannot hold itself");
    }
    JsonNode converted =
        switch (node) {
          case MappingNode mapping -> mapping(mapping, pointer);
          case SequenceNode sequence -> sequence(sequence, pointer);
          case ScalarNode scalar -> scalar(scalar);
          default -> throw refusal(node, "not understood");
        };
    path.remove(node);
    return converted;
  }

  private ObjectNode mapping(MappingNode mapping, String pointer) {
    ObjectNode object = JSON.objectNode();
    for (NodeTuple tuple : mapping.getValue()) {
      Node key = tuple.getKeyNode();
      if (!(key instanceof ScalarNode name)) {
        throw refusal(key, "a key is a single word");
      }
      if (object.has(name.getValue())) {
        throw refusal(key, name.getValue() + ": is there twice");
      }
      String inner = pointer + "/" + name.getValue();
      object.set(name.getValue(), convert(tuple.getValueNode(), inner));
      lines.put(inner, key.getStartMark().getLine() + 1);
    }
    return object;
  }

  private ArrayNode sequence(SequenceNode sequence, String pointer) {
    ArrayNode array = JSON.arrayNode();
    for (Node element : sequence.getValue()) {
      array.add(convert(element, pointer + "/" + array.size()));
    }
    return array;
  }

  private static JsonNode scalar(ScalarNode scalar) {
    String text = scalar.getValue();
    Tag tag = scalar.getTag();
    if (tag.equals(Tag.NULL)) {
      return JSON.nullNode();
    }
    if (tag.equals(Tag.BOOL) && text.matches("(?i)true|false")) {
      return JSON.booleanNode(Boolean.parseBoolean(text));
    }
    if (tag.equals(Tag.INT) && INTEGER.matcher(text).matches()) {
      return JSON.numberNode(Long.parseLong(text));
    }
    if (tag.equals(Tag.INT) && UNSIGNED.matcher(text).matches()) {
      return JSON.numberNode(new java.math.BigInteger(text));
    }
    if (tag.equals(Tag.FLOAT) && DECIMAL.matcher(text).matches()) {
      return JSON.numberNode(Double.parseDouble(text));
    }
    return JSON.stringNode(text);
  }

  private Failure refusal(Node node, String reason) {
    return new Failure("%s:%d: %s".formatted(source, node.getStartMark().getLine() + 1, reason));
  }

  /** A tree as one document, with a line break at the end. */
  static String write(JsonNode tree) {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setSplitLines(false);
    options.setIndent(2);
    var yaml = new org.yaml.snakeyaml.Yaml(new Representer(options), options);
    return yaml.dump(plain(tree));
  }

  private static @Nullable Object plain(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        node.forEachEntry((key, value) -> map.put(key, plain(value)));
        yield map;
      }
      case ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        node.forEach(each -> list.add(plain(each)));
        yield list;
      }
      case BOOLEAN -> node.booleanValue();
      case NUMBER -> node.numberValue();
      case NULL, MISSING -> null;
      case STRING, BINARY, POJO -> node.asString();
    };
  }
}
