package weft.api.model;

import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import weft.config.ConfigImage;
import weft.config.IntegerPool;
import weft.http.HttpError;
import weft.schema.ConfigObject;

/** Types of tags: each has a number, written as four hex digits. */
final class TagTypes implements Behaviour {
  static final IntegerPool IDS = new IntegerPool("tag-type-id", 0, 0xffff);
  private static final String ID = "tag_type_id";

  @Override
  public void onCreate(Draft draft) {
    OptionalLong id = draft.edit().allocateLowest(IDS, draft.owner());
    if (id.isEmpty()) {
      throw HttpError.badRequest("no tag type id is free");
    }
    draft.body().put(ID, String.format("0x%04x", id.getAsLong()));
  }

  @Override
  public void onUpdate(Draft draft) {
    draft.body().set(ID, draft.stored().body().path(ID));
  }

  @Override
  public void onDelete(ConfigObject type, Edit edit) {
    JsonNode id = type.property(ID);
    if (id != null) {
      edit.free(IDS.key(Long.decode(id.asString())));
    }
  }

  @Override
  public void bears(ConfigObject type, ConfigImage image, Audit.Bearing bearing) {
    bearing.one(IDS.key(Long.decode(type.body().path(ID).asString())));
  }
}
