package weft.api.model;

import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.config.ConfigImage;
import weft.config.IntegerPool;
import weft.http.HttpError;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.PythonText;
import weft.schema.Ref;

/** Tags: `type=value`, with a number made of those of type and value. */
final class Tags implements Behaviour {
  private static final List<String> FIXED = List.of("tag_type_name", "tag_value", "tag_id");

  @Override
  public void onCreate(Draft draft) {
    String typeName = draft.text("tag_type_name");
    String value = draft.text("tag_value");
    if (typeName == null || value == null) {
      throw HttpError.badRequest("Tag must be created with a type and a value");
    }
    if (!draft.fqName().name().equals(typeName + "=" + value)) {
      throw HttpError.badRequest(
          "Tag name must be " + typeName + "=" + value + ", not " + draft.fqName().name());
    }
    ConfigObject type = draft.image().object("tag-type", FqName.of(typeName));
    if (type == null) {
      throw HttpError.notFound(
          "Name " + PythonText.of(FqName.of(typeName)) + " not found in tag_type_name");
    }
    OptionalLong id = draft.edit().allocateLowest(values(type.uuid()), draft.owner());
    if (id.isEmpty()) {
      throw HttpError.badRequest("no value of tag type " + typeName + " is free");
    }
    long typeId = Long.decode(type.body().path("tag_type_id").asString("0x0"));
    draft.body().put("tag_id", String.format("0x%04x%04x", typeId, id.getAsLong()));
    ObjectNode body = draft.body();
    body.putArray("tag_type_refs").add(new Ref(type.uuid(), type.fqName(), null).toJson());
  }

  @Override
  public void onUpdate(Draft draft) {
    for (String field : FIXED) {
      JsonNode before = draft.stored().body().path(field);
      if (draft.requested(field) && !before.equals(draft.body().path(field))) {
        throw HttpError.badRequest("Tag Type, Value or ID cannot be updated: " + field);
      }
    }
  }

  @Override
  public void onDelete(ConfigObject tag, Edit edit) {
    UUID type = type(tag);
    JsonNode id = tag.property("tag_id");
    if (type != null && id != null) {
      edit.free(values(type).key(Long.decode(id.asString()) & 0xffff));
    }
  }

  @Override
  public void bears(ConfigObject tag, ConfigImage image, Audit.Bearing bearing) {
    UUID type = type(tag);
    if (type != null) {
      long id = Long.decode(tag.body().path("tag_id").asString());
      bearing.one(values(type).key(id & 0xffff));
    }
  }

  private static @Nullable UUID type(ConfigObject tag) {
    List<Ref> refs = tag.refs("tag-type");
    return refs.isEmpty() ? null : refs.getFirst().uuid();
  }

  private static IntegerPool values(UUID type) {
    return new IntegerPool("tag-value-id/" + type, 1, 0xffff);
  }
}
