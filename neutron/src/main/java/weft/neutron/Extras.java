package weft.neutron;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;

/**
 * What Neutron knows of an object and the config's schema does not: one annotation with JSON.
 *
 * <p>An object of which there is nothing more to say has no such annotation.
 */
final class Extras {
  static final String ANNOTATIONS = "annotations";
  private static final String PAIRS = "key_value_pair";
  private static final String KEY = "neutron";

  private Extras() {}

  /** Empty if there are none; not to be changed. */
  static ObjectNode of(ObjectNode body) {
    JsonNode pairs = body.path(ANNOTATIONS).path(PAIRS);
    for (JsonNode pair : pairs) {
      if (pair.path("key").asString("").equals(KEY)
          && Json.parse(pair.path("value").asString("{}")) instanceof ObjectNode extras) {
        return extras;
      }
    }
    return Json.object();
  }

  static @Nullable String text(ObjectNode extras, String name) {
    JsonNode value = extras.path(name);
    return value.isString() ? value.stringValue() : null;
  }

  /** The annotations of a body with these extras, for a request; null to drop them all. */
  static @Nullable ObjectNode annotations(ObjectNode body, ObjectNode extras) {
    ObjectNode annotations = Json.object();
    var pairs = annotations.putArray(PAIRS);
    for (JsonNode pair : body.path(ANNOTATIONS).path(PAIRS)) {
      if (!pair.path("key").asString("").equals(KEY)) {
        pairs.add(pair);
      }
    }
    if (!extras.isEmpty()) {
      pairs.addObject().put("key", KEY).put("value", Json.text(extras));
    }
    return pairs.isEmpty() ? null : annotations;
  }

  /** Puts extras into a request that makes or changes the object of `body`. */
  static void put(ObjectNode request, ObjectNode body, ObjectNode extras) {
    ObjectNode annotations = annotations(body, extras);
    if (annotations != null) {
      request.set(ANNOTATIONS, annotations);
    } else if (body.hasNonNull(ANNOTATIONS)) {
      request.putNull(ANNOTATIONS);
    }
  }

  /** Puts extras straight into a body. */
  static void write(ObjectNode body, ObjectNode extras) {
    ObjectNode annotations = annotations(body, extras);
    if (annotations == null) {
      body.remove(ANNOTATIONS);
    } else {
      body.set(ANNOTATIONS, annotations);
    }
  }
}
