package weft.api.model;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.PythonText;

/** Where a new object stands in the tree: its name and its parent. */
public record Names(FqName fqName, @Nullable ConfigObject parent) {

  /** Reads a request that the schema found valid: `parent_type` is there unless it is a root. */
  static Names read(ObjectNode request, Edit edit) {
    FqName fqName = FqName.of(request.path("fq_name"));
    String parentType = request.path("parent_type").asString("");
    if (parentType.isEmpty()) {
      return new Names(fqName, null);
    }
    ConfigObject parent = edit.current(parentType, fqName.parent());
    if (parent == null) {
      throw HttpError.notFound("Name" + PythonText.of(fqName.parent()) + " not found");
    }
    return new Names(fqName, parent);
  }

  /** A name within a request, where it must be a list of strings. */
  public static FqName fqName(JsonNode node, String field) {
    List<String> parts = new ArrayList<>();
    boolean strings = node.isArray() && !node.isEmpty();
    for (JsonNode part : node) {
      strings &= part.isString() && !part.stringValue().isEmpty();
      parts.add(part.asString(""));
    }
    if (!strings) {
      throw HttpError.badRequest(
          "Bad Request, " + field + " is not a list of names: " + PythonText.of(node));
    }
    return new FqName(parts);
  }

  public static @Nullable UUID uuid(JsonNode node, String field) {
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    return uuid(node.asString(""), field);
  }

  /** A uuid in its canonical form, or 32 hex digits without dashes. */
  public static UUID uuid(String text, String field) {
    String dashed = text;
    if (text.length() == 32 && text.indexOf('-') < 0) {
      dashed =
          String.join(
              "-",
              text.substring(0, 8),
              text.substring(8, 12),
              text.substring(12, 16),
              text.substring(16, 20),
              text.substring(20));
    }
    if (dashed.length() == 36) {
      try {
        return UUID.fromString(dashed);
      } catch (IllegalArgumentException _) {
        // falls through to the refusal
      }
    }
    throw HttpError.badRequest("Bad Request, invalid uuid in " + field + ": " + text);
  }
}
