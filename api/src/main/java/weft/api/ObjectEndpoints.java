package weft.api;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Access;
import weft.api.access.AccessControl;
import weft.api.access.Caller;
import weft.api.access.Right;
import weft.api.model.ObjectChanges;
import weft.api.model.Projects;
import weft.config.ConfigDb;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.schema.ConfigObject;
import weft.schema.JsonCursor;
import weft.schema.ObjectType;

/** Create, read, update and delete objects of one type. */
final class ObjectEndpoints {
  /** What most answers take. */
  private static final int READ_BYTES = 4096;

  private final ObjectType type;
  private final ConfigDb db;
  private final AccessControl control;
  private final Writer writer;
  private final ProjectSource projects;

  ObjectEndpoints(
      ObjectType type, ConfigDb db, AccessControl control, Writer writer, ProjectSource projects) {
    this.type = type;
    this.db = db;
    this.control = control;
    this.writer = writer;
    this.projects = projects;
  }

  Response create(Request request, Caller caller) throws InterruptedException {
    JsonNode body = request.json().get(type.name());
    if (body == null || !body.isObject()) {
      throw HttpError.badRequest("Bad Request, no " + type.name() + " in POST body");
    }
    Hrefs hrefs = Hrefs.of(request);
    ConfigObject created =
        writer.write(caller, hrefs, edit -> ObjectChanges.create(type, body.deepCopy(), edit));
    ObjectNode out = Json.object();
    out.put("name", created.name());
    out.set("fq_name", created.fqName().toJson());
    out.put("uuid", created.uuid().toString());
    out.put("href", hrefs.of(created));
    String parent = created.parentType();
    if (parent != null) {
      String parentUuid = created.body().path("parent_uuid").asString();
      out.put("parent_type", parent);
      out.put("parent_uuid", parentUuid);
      out.put("parent_href", hrefs.of(parent, parentUuid));
    }
    return answer(out);
  }

  Response read(Request request, Caller caller) throws InterruptedException {
    control.access(caller, db.image()).check(Right.READ, type.name());
    if (type.name().equals("project")) {
      UUID uuid = uuid(request.param("uuid"));
      if (uuid != null) {
        projects.fetch(uuid);
      }
    }
    ConfigImage image = db.image();
    Access access = control.access(caller, image);
    ConfigObject object = find(request, image, "Unknown id: %s");
    access.checkRead(object);
    if (type.name().equals("project") && Projects.lacksSet(object)) {
      ConfigObject _ = ensureSet(object, Hrefs.of(request));
      image = db.image();
      object = find(request, image, "Unknown id: %s");
    }
    String tag = "\"" + lastModified(object) + "\"";
    if (tag.equals(request.header("if-none-match"))) {
      return new Response(304, null, new byte[0], Map.of("ETag", tag));
    }
    Renderer.View view =
        Renderer.View.alone(
            ListQuery.names(request.query().first("fields")),
            !request.query().has("exclude_children"),
            !request.query().has("exclude_back_refs"),
            !request.query().has("exclude_hrefs"));
    JsonOutput out = new JsonOutput(READ_BYTES);
    new Renderer(image, Hrefs.of(request), view, access).writeWrapped(object, out);
    return new Response(200, Response.JSON, out.toBytes(), Map.of("ETag", tag));
  }

  private static String lastModified(ConfigObject object) {
    JsonCursor body = object.members();
    if (body.find("id_perms") && body.isObject()) {
      JsonCursor idPerms = body.within();
      if (idPerms.find("last_modified") && idPerms.isString()) {
        return idPerms.text();
      }
    }
    return "";
  }

  /** A project that has lost its default application policy set gets it back when it is read. */
  private ConfigObject ensureSet(ConfigObject project, Hrefs hrefs) throws InterruptedException {
    return writer.write(
        Caller.SYSTEM,
        hrefs,
        edit -> {
          ConfigObject now = edit.image().object(project.uuid());
          if (now != null && Projects.lacksSet(now)) {
            Projects.ensureSet(now, edit);
          }
          return project;
        });
  }

  Response update(Request request, Caller caller) throws InterruptedException {
    JsonNode sent = request.json();
    if (sent.isObject() && sent.isEmpty()) {
      return Response.empty();
    }
    JsonNode body = sent.get(type.name());
    if (body == null || !body.isObject()) {
      throw HttpError.badRequest("Bad Request, no " + type.name() + " in PUT body");
    }
    Hrefs hrefs = Hrefs.of(request);
    UUID uuid =
        writer.write(
            caller,
            hrefs,
            edit -> {
              ConfigObject object = find(request, edit.image(), "Unknown id: %s");
              ObjectChanges.update(object, body.deepCopy(), edit);
              return object.uuid();
            });
    ObjectNode out = Json.object();
    out.put("uuid", uuid.toString());
    out.put("href", hrefs.of(type.name(), uuid));
    return answer(out);
  }

  Response delete(Request request, Caller caller) throws InterruptedException {
    writer.write(
        caller,
        Hrefs.of(request),
        edit -> {
          ConfigObject object = find(request, edit.image(), "ID %s does not exist");
          ObjectChanges.delete(object, edit);
          return object;
        });
    return Response.empty();
  }

  private Response answer(ObjectNode content) {
    ObjectNode out = Json.object();
    out.set(type.name(), content);
    return Response.json(out);
  }

  private ConfigObject find(Request request, ConfigImage image, String unknown) {
    String text = request.param("uuid");
    UUID uuid = uuid(text);
    ConfigObject object = uuid == null ? null : image.object(uuid);
    if (object == null) {
      throw HttpError.notFound(String.format(unknown, text));
    }
    if (object.type() != type) {
      throw HttpError.notFound("No " + type.name() + " object found for id " + text);
    }
    return object;
  }

  private static @Nullable UUID uuid(String text) {
    try {
      return text.length() == 36 ? UUID.fromString(text) : null;
    } catch (IllegalArgumentException _) {
      return null;
    }
  }
}
