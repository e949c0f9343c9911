package weft.api;

import java.util.UUID;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Caller;
import weft.api.model.Names;
import weft.api.model.ObjectChanges;
import weft.config.ConfigDb;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.schema.ConfigObject;

/** Who may do what: with authentication off, everybody everything. */
final class PermissionEndpoints {
  private static final String MODE = "no-auth";

  private final ConfigDb db;
  private final Writer writer;

  PermissionEndpoints(ConfigDb db, Writer writer) {
    this.db = db;
    this.writer = writer;
  }

  Response permissions(Request request, Caller caller) {
    String uuid = request.query().first("uuid");
    if (uuid != null && db.image().object(Names.uuid(uuid, "uuid")) == null) {
      throw HttpError.notFound("Unknown id: " + uuid);
    }
    ObjectNode out = Json.object();
    out.putNull("token_info");
    out.put("is_cloud_admin_role", false);
    out.put("is_global_read_only_role", false);
    if (uuid != null) {
      out.put("permissions", "RWX");
    }
    return Response.json(out);
  }

  Response mode(Request request, Caller caller) {
    ObjectNode out = Json.object();
    out.put("aaa-mode", MODE);
    return Response.json(out);
  }

  Response setMode(Request request, Caller caller) {
    String asked = request.json().path("aaa-mode").asString("");
    if (!asked.equals(MODE)) {
      throw new HttpError(501, "aaa-mode " + asked + " is not available: only " + MODE);
    }
    return mode(request, caller);
  }

  Response chown(Request request, Caller caller) throws InterruptedException {
    JsonNode body = request.json();
    String owner = body.path("owner").asString("");
    checkUuid(body.path("uuid").asString(""), "Bad Request, invalid resource UUID");
    checkUuid(owner, "Bad Request, invalid owner UUID");
    return change(request, caller, body, perms2 -> perms2.put("owner", owner));
  }

  Response chmod(Request request, Caller caller) throws InterruptedException {
    JsonNode body = request.json();
    checkUuid(body.path("uuid").asString(""), "Bad Request, invalid resource UUID");
    return change(
        request,
        caller,
        body,
        perms2 -> {
          for (String field : new String[] {"owner", "owner_access", "share", "global_access"}) {
            if (body.hasNonNull(field)) {
              perms2.set(field, body.get(field));
            }
          }
        });
  }

  private Response change(Request request, Caller caller, JsonNode body, Consumer<ObjectNode> how)
      throws InterruptedException {
    UUID uuid = Names.uuid(body.path("uuid").asString(""), "uuid");
    writer.write(
        caller,
        Hrefs.of(request),
        edit -> {
          ConfigObject object = edit.image().object(uuid);
          if (object == null) {
            throw HttpError.notFound("Unknown id: " + uuid);
          }
          ObjectNode update = Json.object();
          ObjectNode perms2 = update.putObject("perms2");
          perms2.setAll((ObjectNode) object.body().get("perms2"));
          how.accept(perms2);
          ObjectChanges.update(object, update, edit);
          return uuid;
        });
    return Response.json(Json.object());
  }

  private static void checkUuid(String text, String refusal) {
    try {
      Names.uuid(text, "uuid");
    } catch (HttpError _) {
      throw HttpError.badRequest(refusal);
    }
  }
}
