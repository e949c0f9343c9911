package weft.api;

import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.AccessControl;
import weft.api.access.Caller;
import weft.api.model.Names;
import weft.config.ConfigDb;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.ObjectType;
import weft.schema.PythonText;
import weft.schema.Schema;

/** From names to uuids and back. */
final class NameEndpoints {
  private final ConfigDb db;
  private final AccessControl control;

  NameEndpoints(ConfigDb db, AccessControl control) {
    this.control = control;
    this.db = db;
  }

  Response toId(Request request, Caller caller) {
    JsonNode body = request.json();
    ObjectType type = type(body.path("type").asString(""));
    FqName name = Names.fqName(body.path("fq_name"), "fq_name");
    ConfigImage image = db.image();
    ConfigObject object = image.object(type.name(), name);
    if (object == null) {
      throw HttpError.notFound("Name " + PythonText.of(name.toJson()) + " not found");
    }
    control.access(caller, image).checkRead(object);
    ObjectNode out = Json.object();
    out.put("uuid", object.uuid().toString());
    return Response.json(out);
  }

  Response toName(Request request, Caller caller) {
    String text = request.json().path("uuid").asString("");
    UUID uuid = Names.uuid(text, "uuid");
    ConfigImage image = db.image();
    ConfigObject object = image.object(uuid);
    if (object == null) {
      throw HttpError.notFound("UUID " + text + " not found");
    }
    control.access(caller, image).checkRead(object);
    ObjectNode out = Json.object();
    out.set("fq_name", object.fqName().toJson());
    out.put("type", object.type().name());
    return Response.json(out);
  }

  /** The type of a name as clients write it, with dashes or underscores. */
  static ObjectType type(String name) {
    ObjectType type = Schema.type(name);
    if (type == null) {
      type = Schema.type(name.replace('_', '-'));
    }
    if (type == null) {
      throw HttpError.notFound("Resource type '" + name + "' not found");
    }
    return type;
  }
}
