package weft.api;

import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.AaaMode;
import weft.api.access.Access;
import weft.api.access.AccessControl;
import weft.api.access.Caller;
import weft.api.model.Names;
import weft.api.model.ObjectChanges;
import weft.config.ConfigDb;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.schema.ConfigObject;

/** Who may do what, and whose an object is. */
final class PermissionEndpoints {
  private final ConfigDb db;
  private final AccessControl control;
  private final TokenAuthentication tokens;
  private final boolean provable;
  private final Writer writer;

  /**
   * @param provable whether anybody can prove who he is
   */
  PermissionEndpoints(
      ConfigDb db,
      AccessControl control,
      TokenAuthentication tokens,
      boolean provable,
      Writer writer) {
    this.db = db;
    this.control = control;
    this.tokens = tokens;
    this.provable = provable;
    this.writer = writer;
  }

  /** What the caller, or the bearer of a token that he shows, may do with an object. */
  Response permissions(Request request, Caller caller) throws InterruptedException {
    String uuid = request.query().first("uuid");
    ConfigImage image = db.image();
    ConfigObject object = uuid == null ? null : image.object(Names.uuid(uuid, "uuid"));
    if (uuid != null && object == null) {
      throw HttpError.notFound("Unknown id: " + uuid);
    }
    String shown = shownToken(request);
    boolean open = control.mode() == AaaMode.NO_AUTH;
    Caller meant = shown == null || open ? caller : tokens.bearer(shown, caller.origin());
    ObjectNode out = Json.object();
    if (open) {
      out.putNull("token_info");
    } else {
      out.set("token_info", tokenInfo(meant));
    }
    out.put("is_cloud_admin_role", !open && meant.admin());
    out.put("is_global_read_only_role", !open && !meant.admin() && meant.readsAll());
    if (object != null) {
      Access access = control.access(meant, image);
      out.put("permissions", access.permissions(object));
    }
    return Response.json(out);
  }

  private static @Nullable String shownToken(Request request) {
    String inQuery = request.query().first("token");
    return inQuery == null ? request.header("x-user-token") : inQuery;
  }

  /** In the form of Keystone, as far as it is of use here. */
  private static ObjectNode tokenInfo(Caller caller) {
    ObjectNode info = Json.object();
    ObjectNode token = info.putObject("token");
    caller.roles().stream()
        .sorted()
        .forEach(role -> token.withArray("roles").addObject().put("name", role));
    token.putObject("user").put("id", caller.userId()).put("name", caller.user());
    if (caller.projectId() != null) {
      token
          .putObject("project")
          .put("id", caller.projectId())
          .put("name", caller.project())
          .putObject("domain")
          .put("id", caller.domainId())
          .put("name", caller.domain());
    }
    return info;
  }

  Response mode(Request request, Caller caller) {
    ObjectNode out = Json.object();
    out.put("aaa-mode", control.mode().toString());
    return Response.json(out);
  }

  /** For this server, until it ends. */
  Response setMode(Request request, Caller caller) {
    control.access(caller, db.image()).checkAdmin();
    AaaMode asked;
    try {
      asked = AaaMode.parse(request.json().path("aaa-mode").asString(""));
    } catch (IllegalArgumentException e) {
      throw HttpError.badRequest("aaa-mode: " + e.getMessage());
    }
    if (asked != AaaMode.NO_AUTH && !provable) {
      throw HttpError.badRequest(
          "aaa-mode: in "
              + asked
              + " nobody could get in, as neither an identity service nor a local administrator is"
              + " configured");
    }
    control.setMode(asked);
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
