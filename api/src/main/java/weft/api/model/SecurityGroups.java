package weft.api.model;

import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import weft.config.ConfigImage;
import weft.config.IntegerPool;
import weft.http.HttpError;
import weft.schema.ConfigObject;

/** Security groups: the number that stands for the group in access lists, and rule uuids. */
final class SecurityGroups implements Behaviour {
  static final IntegerPool IDS = new IntegerPool("security-group-id", 8_000_000, 0xffff_ffffL);
  private static final String ID = "security_group_id";
  private static final String CONFIGURED = "configured_security_group_id";
  private static final String ENTRIES = "security_group_entries";

  @Override
  public void onCreate(Draft draft) {
    if (draft.request().hasNonNull(ID)) {
      throw new HttpError(403, "Cannot set the security group ID");
    }
    number(draft);
    rules(draft);
  }

  @Override
  public void onUpdate(Draft draft) {
    JsonNode before = draft.stored().body().path(ID);
    if (draft.requested(ID) && !before.equals(draft.body().path(ID))) {
      throw new HttpError(403, "Cannot update the security group ID");
    }
    if (draft.requested(CONFIGURED)) {
      release(before, draft.owner(), draft.edit());
      number(draft);
    }
    rules(draft);
  }

  @Override
  public void onDelete(ConfigObject group, Edit edit) {
    release(group.body().path(ID), group.uuid().toString(), edit);
  }

  @Override
  public void bears(ConfigObject group, ConfigImage image, Audit.Bearing bearing) {
    long number = group.body().path(ID).asLong(0);
    if (number >= IDS.first()) {
      bearing.one(IDS.key(number));
    }
  }

  /** A configured number is below those given out, and not checked for others that use it. */
  private static void number(Draft draft) {
    JsonNode configured = draft.property(CONFIGURED);
    if (configured != null && configured.asLong() != 0) {
      draft.body().put(ID, configured.asLong());
      return;
    }
    OptionalLong id = draft.edit().allocateLowest(IDS, draft.owner());
    draft.body().put(ID, id.orElseThrow());
  }

  private static void release(JsonNode id, String owner, Edit edit) {
    long number = id.asLong(0);
    if (number >= IDS.first() && owner.equals(edit.image().owner(IDS.key(number)))) {
      edit.free(IDS.key(number));
    }
  }

  private static void rules(Draft draft) {
    PolicyRules.ofGroup(draft, ENTRIES);
  }
}
