package weft.schema.generator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import weft.schema.generator.Description.ComplexText;
import weft.schema.generator.Description.ObjectText;
import weft.schema.generator.Description.ParentText;
import weft.schema.generator.Description.PropertyText;
import weft.schema.generator.Description.Range;
import weft.schema.generator.Description.ReferenceText;

/** Reads the description files of a directory; an unknown key or type is an error. */
final class DescriptionReader {
  private static final String WHITELIST = "agent-whitelist.json";
  private static final Set<String> SCALARS =
      Set.of("string", "boolean", "integer", "unsignedLong", "dateTime", "time");

  private final SequencedMap<String, ObjectText> objects = new TreeMap<>();
  private final SequencedMap<String, ComplexText> types = new TreeMap<>();
  private final SequencedMap<String, List<String>> whitelist = new TreeMap<>();
  private final List<PropertyText> everyProperty = new ArrayList<>();
  private final List<String> everyReference = new ArrayList<>();

  private DescriptionReader() {}

  static Description read(Path directory) throws IOException {
    DescriptionReader reader = new DescriptionReader();
    JsonMapper mapper = new JsonMapper();
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    List<JsonNode> areas = new ArrayList<>();
    for (Path file : files) {
      JsonNode root = mapper.readTree(Files.readString(file));
      if (file.endsWith(WHITELIST)) {
        root.propertyStream().forEach(e -> reader.whitelist.put(e.getKey(), strings(e.getValue())));
      } else {
        keys(file.toString(), root, "every_object", "objects", "types");
        areas.add(root);
      }
    }
    areas.forEach(area -> reader.everyObject(area.path("every_object")));
    areas.forEach(reader::area);
    reader.check();
    return new Description(reader.objects, reader.types, reader.whitelist);
  }

  private void everyObject(JsonNode node) {
    everyProperty.addAll(properties(node.path("properties")));
    node.path("references").propertyNames().forEach(everyReference::add);
  }

  private void area(JsonNode area) {
    area.path("objects")
        .propertyStream()
        .forEach(
            entry -> once(objects.put(entry.getKey(), object(entry.getKey(), entry.getValue()))));
    area.path("types")
        .propertyStream()
        .forEach(
            entry -> once(types.put(entry.getKey(), complex(entry.getKey(), entry.getValue()))));
  }

  private static void once(@Nullable Object before) {
    if (before != null) {
      throw new IllegalArgumentException("described twice: " + before);
    }
  }

  private ObjectText object(String name, JsonNode node) {
    keys(name, node, "description", "root", "parents", "properties", "references");
    List<PropertyText> properties = new ArrayList<>(properties(node.path("properties")));
    properties.addAll(everyProperty);
    List<ReferenceText> references = new ArrayList<>();
    node.path("references")
        .propertyStream()
        .forEach(entry -> references.add(reference(name, entry.getKey(), entry.getValue())));
    everyReference.forEach(target ->
        references.add(new ReferenceText(target, null, name + "-" + target, false, "OPTIONAL")));
    List<ParentText> parents = new ArrayList<>();
    node.path("parents")
        .propertyStream()
        .forEach(entry -> parents.add(parent(name, entry.getKey(), entry.getValue())));
    return new ObjectText(
        name,
        node.path("description").asString(),
        node.path("root").asBoolean(false),
        parents,
        properties,
        references);
  }

  private static ParentText parent(String name, String parent, JsonNode node) {
    keys(name + " parent " + parent, node, "link", "derived", "presence");
    return new ParentText(
        parent,
        node.path("link").asString(parent + "-" + name),
        node.path("derived").asBoolean(false),
        presence(node, "optional"));
  }

  private static ReferenceText reference(String name, String target, JsonNode node) {
    keys(name + " reference " + target, node, "attr", "link", "derived", "presence");
    return new ReferenceText(
        target,
        optional(node, "attr"),
        node.path("link").asString(name + "-" + target),
        node.path("derived").asBoolean(false),
        presence(node, "optional"));
  }

  private static ComplexText complex(String name, JsonNode node) {
    keys(name, node, "description", "fields");
    List<PropertyText> fields = new ArrayList<>();
    node.path("fields")
        .propertyStream()
        .forEach(entry -> fields.add(property(entry.getKey(), entry.getValue(), "unspecified")));
    return new ComplexText(name, node.path("description").asString(), fields);
  }

  private static List<PropertyText> properties(JsonNode node) {
    return node.propertyStream()
        .map(entry -> property(entry.getKey(), entry.getValue(), "optional"))
        .toList();
  }

  private static PropertyText property(String name, JsonNode node, String presenceIfAbsent) {
    keys(
        name,
        node,
        "type",
        "values",
        "range",
        "list",
        "positional",
        "key",
        "xml",
        "presence",
        "default",
        "description");
    JsonNode range = node.path("range");
    return new PropertyText(
        name,
        node.path("type").asString(),
        node.path("xml").asString(name.replace('_', '-')),
        strings(node.path("values")),
        range.isArray() ? new Range(range.get(0).asLong(), range.get(1).asLong()) : null,
        collection(node),
        optional(node, "key"),
        presence(node, presenceIfAbsent),
        optional(node, "default"),
        node.path("description").asString(""));
  }

  private static String collection(JsonNode node) {
    if (node.has("key")) {
      return "MAP";
    }
    if (node.path("positional").asBoolean(false)) {
      return "WRAPPED_LIST";
    }
    return node.path("list").asBoolean(false) ? "LIST" : "SINGLE";
  }

  private static String presence(JsonNode node, String ifAbsent) {
    return node.path("presence")
        .asString(ifAbsent)
        .replace('-', '_')
        .toUpperCase(java.util.Locale.ROOT);
  }

  private static @Nullable String optional(JsonNode node, String key) {
    return node.has(key) ? node.path(key).asString() : null;
  }

  private static List<String> strings(JsonNode array) {
    List<String> all = new ArrayList<>();
    array.forEach(each -> all.add(each.asString()));
    return all;
  }

  private static void keys(String where, JsonNode node, String... permitted) {
    Set<String> known = Set.of(permitted);
    for (String key : node.propertyNames()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(where + ": unknown key " + key);
      }
    }
  }

  /** Every name that is used is described. */
  private void check() {
    for (ComplexText type : types.values()) {
      type.fields().forEach(field -> known(type.name(), field));
    }
    for (ObjectText object : objects.values()) {
      object.properties().forEach(property -> known(object.name(), property));
      object.parents().forEach(parent -> knownObject(object.name(), parent.type()));
      for (ReferenceText reference : object.references()) {
        knownObject(object.name(), reference.target());
        if (reference.attr() != null && !types.containsKey(reference.attr())) {
          throw new IllegalArgumentException(object.name() + ": unknown type " + reference.attr());
        }
      }
    }
  }

  private void known(String where, PropertyText property) {
    if (!SCALARS.contains(property.type()) && !types.containsKey(property.type())) {
      throw new IllegalArgumentException(where + ": unknown type " + property.type());
    }
  }

  private void knownObject(String where, String name) {
    if (!objects.containsKey(name)) {
      throw new IllegalArgumentException(where + ": unknown object type " + name);
    }
  }
}
