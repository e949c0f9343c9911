package weft.api;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Access;
import weft.api.access.AccessControl;
import weft.api.access.Caller;
import weft.api.access.Right;
import weft.api.model.CollectionUpdate;
import weft.api.model.Edit;
import weft.api.model.Names;
import weft.api.model.ObjectChanges;
import weft.config.ConfigDb;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.schema.ConfigObject;

/** Single elements of properties that are lists or maps. */
final class CollectionEndpoints {
  private final ConfigDb db;
  private final AccessControl control;
  private final Writer writer;

  CollectionEndpoints(ConfigDb db, AccessControl control, Writer writer) {
    this.db = db;
    this.control = control;
    this.writer = writer;
  }

  Response get(Request request, Caller caller) {
    String uuid = request.query().first("uuid");
    var fields = ListQuery.names(request.query().first("fields"));
    if (uuid == null || fields == null) {
      throw HttpError.badRequest("Bad Request: uuid and fields are needed in prop-collection-get");
    }
    ConfigImage image = db.image();
    ConfigObject object = find(Names.uuid(uuid, "uuid"), image.object(Names.uuid(uuid, "uuid")));
    Access access = control.access(caller, image);
    access.check(Right.READ, object.type().name());
    access.checkRead(object);
    String position = request.query().first("position");
    ObjectNode out = Json.object();
    for (String field : fields) {
      ArrayNode list = out.putArray(field);
      for (CollectionUpdate.Element element : CollectionUpdate.elements(object, field)) {
        if (position == null || position.equals(element.position())) {
          list.addArray().add(element.value()).add(element.position());
        }
      }
    }
    return Response.json(out);
  }

  Response update(Request request, Caller caller) throws InterruptedException {
    JsonNode body = request.json();
    ConfigObject _ = writer.write(caller, Hrefs.of(request), edit -> update(body, edit));
    return Response.empty();
  }

  /** Makes the changes that the body of a `prop-collection-update` names. */
  static ConfigObject update(JsonNode body, Edit edit) {
    UUID uuid = Names.uuid(body.path("uuid").asString(""), "uuid");
    ConfigObject object = find(uuid, edit.image().object(uuid));
    ObjectNode changes = Json.object();
    for (JsonNode update : body.path("updates")) {
      CollectionUpdate.apply(object, update, changes);
    }
    ObjectChanges.update(object, changes, edit);
    return object;
  }

  private static ConfigObject find(UUID uuid, @Nullable ConfigObject object) {
    if (object == null) {
      throw HttpError.notFound("Unknown id: " + uuid);
    }
    return object;
  }
}
