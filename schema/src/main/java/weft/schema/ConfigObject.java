package weft.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A stored object of the config.
 *
 * @param body its JSON: uuid, fq_name, parent_type, parent_uuid, properties and `…_refs` lists;
 *     never changed once it is here
 * @param revision of the store at which it was last written; 0 if it is not stored yet
 */
public record ConfigObject(
    ObjectType type, UUID uuid, FqName fqName, ObjectNode body, long revision) {

  /** Takes uuid and fq_name from the body. */
  public static ConfigObject of(ObjectType type, ObjectNode body, long revision) {
    return new ConfigObject(
        type,
        UUID.fromString(body.path("uuid").asString()),
        FqName.of(body.path("fq_name")),
        body,
        revision);
  }

  public String name() {
    return fqName.name();
  }

  public @Nullable UUID parentUuid() {
    JsonNode parent = body.path("parent_uuid");
    return parent.isString() ? UUID.fromString(parent.asString()) : null;
  }

  public @Nullable String parentType() {
    JsonNode parent = body.path("parent_type");
    return parent.isString() ? parent.asString() : null;
  }

  /** The value of a property, or null if it is unset. */
  public @Nullable JsonNode property(String jsonName) {
    JsonNode value = body.get(jsonName);
    return value == null || value.isNull() ? null : value;
  }

  /** The references to objects of a type, `virtual-network`, in the order written. */
  public List<Ref> refs(String targetType) {
    JsonNode list = body.path(targetType.replace('-', '_') + "_refs");
    List<Ref> refs = new ArrayList<>(list.size());
    list.forEach(node -> refs.add(Ref.of(node)));
    return refs;
  }

  public ConfigObject withRevision(long newRevision) {
    return new ConfigObject(type, uuid, fqName, body, newRevision);
  }
}
