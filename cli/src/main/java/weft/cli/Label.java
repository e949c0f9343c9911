package weft.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.FqName;
import weft.schema.ObjectType;
import weft.schema.Schema;

/** The annotation that says which set of files an object belongs to. */
final class Label {
  private static final String KEY = "weft-apply";
  private static final String FIELD = "annotations";
  private static final String LIST = "key_value_pair";

  private Label() {}

  /** Makes an object bear a label, beside the annotations that it names, or else has. */
  static void put(String label, Manifest manifest, @Nullable ObjectNode present) {
    JsonNode named = manifest.body().path(FIELD);
    JsonNode others = named.isObject() || present == null ? named : present.path(FIELD);
    ObjectNode annotations = JsonNodeFactory.instance.objectNode();
    ArrayNode pairs = annotations.putArray(LIST);
    boolean found = false;
    for (JsonNode pair : others.path(LIST)) {
      boolean ours = pair.path("key").asString("").equals(KEY);
      found |= ours;
      pairs.add(ours ? pair(label) : pair);
    }
    if (!found) {
      pairs.add(pair(label));
    }
    manifest.body().set(FIELD, annotations);
  }

  private static ObjectNode pair(String label) {
    return JsonNodeFactory.instance.objectNode().put("key", KEY).put("value", label);
  }

  /** All objects that bear a label. */
  static List<Manifest.Key> bearers(String label, ConfigClient client) {
    List<Manifest.Key> found = new ArrayList<>();
    for (ObjectType type : Schema.types()) {
      if (type.property(FIELD) == null) {
        continue;
      }
      for (JsonNode each : client.list(type, Map.of("fields", FIELD), Integer.MAX_VALUE)) {
        if (each.path(FIELD).path(LIST).valueStream().anyMatch(pair(label)::equals)) {
          found.add(new Manifest.Key(type.name(), FqName.of(each.path("fq_name"))));
        }
      }
    }
    return found;
  }
}
