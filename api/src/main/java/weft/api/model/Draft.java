package weft.api.model;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.config.ConfigImage;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.ObjectType;
import weft.schema.Ref;

/**
 * An object while a request makes or changes it.
 *
 * @param before the object as stored; null while it is created
 * @param body the object as it will be stored: validated, references resolved; to be completed
 * @param request what the caller sent for it
 * @param edit the other changes that go with it
 */
public record Draft(
    ObjectType type,
    UUID uuid,
    FqName fqName,
    @Nullable ConfigObject before,
    ObjectNode body,
    ObjectNode request,
    Edit edit) {

  public ConfigImage image() {
    return edit.image();
  }

  /** The object as stored, while it is changed. */
  public ConfigObject stored() {
    if (before == null) {
      throw new IllegalStateException(fqName + " is being created");
    }
    return before;
  }

  /** The value that the object will have, or null. */
  public @Nullable JsonNode property(String name) {
    JsonNode value = body.get(name);
    return value == null || value.isNull() ? null : value;
  }

  public @Nullable String text(String name) {
    JsonNode value = property(name);
    return value == null ? null : value.asString();
  }

  public boolean flag(String name) {
    JsonNode value = property(name);
    return value != null && value.asBoolean(false);
  }

  /** True if the caller sent a value or a null for it. */
  public boolean requested(String name) {
    return request.has(name);
  }

  public List<Ref> refs(String targetType) {
    List<Ref> refs = new ArrayList<>();
    body.path(targetType.replace('-', '_') + "_refs").forEach(node -> refs.add(Ref.of(node)));
    return refs;
  }

  public String owner() {
    return uuid.toString();
  }

  ConfigObject object() {
    return new ConfigObject(type, uuid, fqName, body, before == null ? 0 : before.revision());
  }
}
