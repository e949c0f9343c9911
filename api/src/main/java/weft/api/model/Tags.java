package weft.api.model;

import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.config.ConfigImage;
import weft.config.IntegerPool;
import weft.http.HttpError;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Ref;
import weft.schema.Schema;

/** Tags: `type=value`, with a number made of those of type and value. */
final class Tags implements Behaviour {
  private static final List<String> FIXED =
      List.of("display_name", "tag_type_name", "tag_value", "tag_id", "tag_type_refs");

  /** Numbers from here on are the users' to choose. */
  static final int FIRST_CHOSEN = 0x8000;

  @Override
  public void onCreate(Draft draft) {
    String given = draft.text("tag_type_name");
    String value = draft.text("tag_value");
    if (given == null || value == null) {
      throw HttpError.badRequest("Tag must be created with a type and a value");
    }
    String typeName = given.toLowerCase(Locale.ROOT);
    if (!draft.fqName().name().equals(typeName + "=" + value)) {
      throw HttpError.badRequest(
          "Tag name must be " + typeName + "=" + value + ", not " + draft.fqName().name());
    }
    if (draft.request().path("tag_type_refs").isArray()
        && !draft.request().path("tag_type_refs").isEmpty()) {
      throw HttpError.badRequest("Tag Type reference is not setable");
    }
    String id = draft.text("tag_id");
    Long number = id == null ? null : Long.valueOf(TagTypes.hex(id, "tag_id"));
    ConfigObject type = type(typeName, number, draft.edit());
    ObjectNode body = draft.body();
    body.put("tag_type_name", typeName);
    body.put("display_name", draft.fqName().name());
    long valueId = valueId(type, typeName, number, draft);
    long typeId = TagTypes.hex(type.body().path("tag_type_id").asString("0x0"), "tag_type_id");
    body.put("tag_id", String.format("0x%04x%04x", typeId, valueId));
    body.putArray("tag_type_refs").add(new Ref(type.uuid(), type.fqName(), null).toJson());
  }

  /** The type of that name; one that is not there yet is made, and not shown to users. */
  private static ConfigObject type(String name, @Nullable Long tagId, Edit edit) {
    ConfigObject type = edit.current("tag-type", FqName.of(name));
    if (type != null) {
      return type;
    }
    ObjectNode body = Json.object();
    body.putArray("fq_name").add(name);
    body.putObject("id_perms").put("enable", true).put("user_visible", false);
    if (tagId != null) {
      body.put("tag_type_id", String.format("0x%04x", tagId >> 16));
    }
    return edit.asServer(() -> ObjectChanges.create(Schema.required("tag-type"), body, edit));
  }

  private static long valueId(
      ConfigObject type, String typeName, @Nullable Long tagId, Draft draft) {
    IntegerPool pool = values(type.uuid());
    if (tagId == null) {
      IntegerPool automatic = new IntegerPool(pool.name(), pool.first(), FIRST_CHOSEN - 1);
      OptionalLong id = draft.edit().allocateLowest(automatic, draft.owner());
      return id.orElseThrow(
          () -> HttpError.badRequest("no value of tag type " + typeName + " is free"));
    }
    long chosen = tagId & 0xffff;
    if (chosen < FIRST_CHOSEN) {
      throw HttpError.badRequest(
          "Tag id can be set only for user defined tags in range 32768-65535");
    }
    if (!draft.edit().allocate(pool.key(chosen), draft.owner())) {
      throw HttpError.badRequest("Requested Tag id is already allocated");
    }
    return chosen;
  }

  @Override
  public void onUpdate(Draft draft) {
    for (String field : FIXED) {
      JsonNode before = draft.stored().body().path(field);
      if (draft.requested(field) && !before.equals(draft.body().path(field))) {
        throw HttpError.badRequest("Tag name, type, value or ID cannot be updated: " + field);
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
