package weft.api.model;

import weft.config.ConfigImage;
import weft.config.IntegerPool;
import weft.http.HttpError;
import weft.schema.ConfigObject;

/** Forwarding classes: no two have the same number. */
final class ForwardingClasses implements Behaviour {
  static final IntegerPool IDS = new IntegerPool("forwarding-class-id", 0, 255);
  private static final String ID = "forwarding_class_id";

  @Override
  public void onCreate(Draft draft) {
    take(draft);
  }

  @Override
  public void onUpdate(Draft draft) {
    long old = id(draft.stored());
    if (draft.requested(ID) && old != draft.body().path(ID).asLong(0)) {
      take(draft);
      draft.edit().free(IDS.key(old));
    }
  }

  @Override
  public void onDelete(ConfigObject object, Edit edit) {
    edit.free(IDS.key(id(object)));
  }

  @Override
  public void bears(ConfigObject object, ConfigImage image, Audit.Bearing bearing) {
    bearing.one(IDS.key(id(object)));
  }

  private static long id(ConfigObject object) {
    return object.body().path(ID).asLong(0);
  }

  private static void take(Draft draft) {
    long id = draft.body().path(ID).asLong(0);
    if (!draft.edit().allocate(IDS.key(id), draft.owner())) {
      throw HttpError.badRequest("Forwarding class is configured with a id " + id);
    }
  }
}
