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
    String chosen = draft.text(ID);
    if (chosen != null) {
      long id = hex(chosen, ID);
      if (id < Tags.FIRST_CHOSEN || id > IDS.last()) {
        throw HttpError.badRequest(
            "Tag type can be set only with user defined id in range 32768-65535");
      }
      if (!draft.edit().allocate(IDS.key(id), draft.owner())) {
        throw HttpError.badRequest("Tag Type with same Id already exists");
      }
      draft.body().put(ID, String.format("0x%04x", id));
      return;
    }
    IntegerPool automatic = new IntegerPool(IDS.name(), IDS.first(), Tags.FIRST_CHOSEN - 1);
    OptionalLong id = draft.edit().allocateLowest(automatic, draft.owner());
    if (id.isEmpty()) {
      throw HttpError.badRequest("no tag type id is free");
    }
    draft.body().put(ID, String.format("0x%04x", id.getAsLong()));
  }

  /** A number in hex digits, `0x8001` or `8001`. */
  static long hex(String text, String field) {
    String digits = text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text;
    try {
      return Integer.parseUnsignedInt(digits, 16) & 0xffff_ffffL;
    } catch (NumberFormatException _) {
      throw HttpError.badRequest("Tag value must be in hexadecimal: " + field + " " + text);
    }
  }

  @Override
  public void onUpdate(Draft draft) {
    for (String field : new String[] {ID, "display_name"}) {
      JsonNode before = draft.stored().body().path(field);
      if (draft.requested(field) && !before.equals(draft.body().path(field))) {
        throw HttpError.badRequest("Tag Type value or ID cannot be updated: " + field);
      }
    }
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
