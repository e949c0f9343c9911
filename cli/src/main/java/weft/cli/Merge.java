package weft.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What becomes of an object by what a file names of it.
 *
 * <p>What the file does not name stays: the server fills in much by itself, also within structures
 * and elements of lists. A list that is named is the whole list; its elements keep what the
 * elements of the server have besides, where they agree in all that is named.
 */
final class Merge {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private Merge() {}

  /** The value that `have` becomes where `want` is named; `have` itself if they agree. */
  static JsonNode value(JsonNode have, JsonNode want) {
    if (have.isObject() && want.isObject()) {
      ObjectNode merged = ((ObjectNode) have).deepCopy();
      want.forEachEntry((name, value) -> {
        if (value.isNull() && !merged.path(name).isNull()) {
          merged.remove(name);
        } else if (!value.isNull()) {
          merged.set(name, value(have.path(name), value));
        }
      });
      return merged.equals(have) ? have : merged;
    }
    if (have.isArray() && want.isArray()) {
      return list(have, want);
    }
    return have.equals(want) ? have : want;
  }

  private static JsonNode list(JsonNode have, JsonNode want) {
    List<JsonNode> left = new ArrayList<>(have.valueStream().toList());
    ArrayNode merged = JSON.arrayNode();
    for (JsonNode element : want) {
      JsonNode same = null;
      for (JsonNode each : left) {
        if (value(each, element).equals(each)) {
          same = each;
          break;
        }
      }
      if (same == null) {
        merged.add(element);
      } else {
        left.remove(same);
        merged.add(same);
      }
    }
    return merged.equals(have) ? have : merged;
  }

  /** The same for a list of references, whose order means nothing. */
  static JsonNode references(JsonNode have, JsonNode want) {
    ArrayNode merged = JSON.arrayNode();
    boolean changed = have.size() != want.size();
    for (JsonNode ref : want) {
      JsonNode same = find(have, ref);
      ObjectNode out = ((ObjectNode) ref).deepCopy();
      if (same == null) {
        changed = true;
      } else {
        JsonNode attr = same.path("attr");
        JsonNode after = ref.has("attr") ? value(attr, ref.get("attr")) : attr;
        boolean blank = after.isEmpty() && attr.isEmpty();
        changed |= !blank && !after.equals(attr);
        out.set("to", same.path("to"));
        if (!after.isMissingNode()) {
          out.set("attr", after);
        }
      }
      merged.add(out);
    }
    return changed ? merged : have;
  }

  private static @Nullable JsonNode find(JsonNode refs, JsonNode ref) {
    String key = ref.has("to") ? "to" : "uuid";
    for (JsonNode each : refs) {
      if (each.path(key).equals(ref.path(key))) {
        return each;
      }
    }
    return null;
  }
}
