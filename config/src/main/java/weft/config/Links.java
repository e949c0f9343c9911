package weft.config;

import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ConfigObject;
import weft.schema.ParentType;
import weft.schema.ReferenceType;

/** What the schema derives of the links between objects. */
final class Links {
  private Links() {}

  private static UUID target(JsonNode ref) {
    return UUID.fromString(ref.path("uuid").asString());
  }

  /** Whether the system makes children of the type of `child` under one of the type of `parent`. */
  static boolean isDerivedChild(ConfigObject child, ConfigObject parent) {
    ParentType type = child.type().parent(parent.type().name());
    return type != null && type.derived();
  }

  /** Whether the system makes references from the type of `referrer` to that of `target`. */
  static boolean isDerivedReference(ConfigObject referrer, ConfigObject target) {
    ReferenceType type = referrer.type().referenceTo(target.type().name());
    return type != null && type.derived();
  }

  /** `referrer` without its references to `target`. */
  static ConfigObject dropped(ConfigObject referrer, UUID target) {
    ObjectNode body = referrer.body().deepCopy();
    for (ReferenceType reference : referrer.type().references()) {
      if (body.get(reference.name()) instanceof ArrayNode refs) {
        refs.removeIf(ref -> target(ref).equals(target));
        if (refs.isEmpty()) {
          body.remove(reference.name());
        }
      }
    }
    return ConfigObject.of(referrer.type(), body, referrer.revision());
  }
}
