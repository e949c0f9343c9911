package weft.api.model;

import weft.config.ConfigImage;
import weft.schema.ConfigObject;

/**
 * What the server does beyond storing when objects of one type are made, changed or deleted.
 *
 * <p>Each hook is a function of the draft and of the image within its edit alone: it may run
 * several times for one request. It completes the draft's body and adds to the edit, or refuses the
 * request by throwing {@link weft.http.HttpError}.
 */
public interface Behaviour {
  /** The behaviour of most types: nothing. */
  Behaviour PLAIN = new Behaviour() {};

  default void onCreate(Draft draft) {}

  default void onUpdate(Draft draft) {}

  default void onDelete(ConfigObject object, Edit edit) {}

  /** Says which allocations an object has because of what it is; see {@link Audit}. */
  default void bears(ConfigObject object, ConfigImage image, Audit.Bearing bearing) {}
}
