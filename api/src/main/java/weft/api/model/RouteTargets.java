package weft.api.model;

import weft.http.HttpError;
import weft.net.RouteTarget;

/** Route targets: the name is the value. */
final class RouteTargets implements Behaviour {
  @Override
  public void onCreate(Draft draft) {
    try {
      RouteTarget.parse(draft.fqName().name());
    } catch (IllegalArgumentException _) {
      throw HttpError.badRequest(
          "Route target must be of the format 'target:<asn>:<number>' or 'target:<ip>:<number>'");
    }
  }
}
