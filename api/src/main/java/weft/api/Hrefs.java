package weft.api;

import java.util.UUID;
import weft.http.Request;
import weft.schema.ConfigObject;

/** The URLs of objects, as seen by the client that asks. */
record Hrefs(String base) {
  static final Hrefs LOCAL = new Hrefs("http://localhost");

  /** With the host that the request was sent to. */
  static Hrefs of(Request request) {
    String host = request.header("host");
    return host == null ? LOCAL : new Hrefs((request.secure() ? "https://" : "http://") + host);
  }

  String of(ConfigObject object) {
    return of(object.type().name(), object.uuid());
  }

  String of(String type, UUID uuid) {
    return of(type, uuid.toString());
  }

  String of(String type, String uuid) {
    return base + "/" + type + "/" + uuid;
  }
}
