package weft.api;

import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Caller;
import weft.api.model.Edit;
import weft.api.model.Names;
import weft.api.model.ObjectChanges;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.ObjectType;
import weft.schema.PythonText;
import weft.schema.ReferenceType;

/** Single references, without writing the whole list. */
final class ReferenceEndpoints {
  private final Writer writer;

  ReferenceEndpoints(Writer writer) {
    this.writer = writer;
  }

  /** What a reference update asks for. */
  private record Wish(
      ObjectType type,
      UUID uuid,
      ReferenceType reference,
      @Nullable UUID refUuid,
      @Nullable FqName refName,
      boolean add,
      boolean relax,
      @Nullable JsonNode attr) {}

  Response update(Request request, Caller caller) throws InterruptedException {
    JsonNode body = request.json();
    return answer(writer.write(caller, Hrefs.of(request), edit -> update(body, edit)));
  }

  Response relax(Request request, Caller caller) throws InterruptedException {
    JsonNode body = request.json();
    return answer(writer.write(caller, Hrefs.of(request), edit -> relax(body, edit)));
  }

  /** Adds or takes away the reference that the body of a `ref-update` names. */
  static ConfigObject update(JsonNode body, Edit edit) {
    return apply(wish(body), edit);
  }

  /** Relaxes the reference that the body of a `ref-relax-for-delete` names. */
  static ConfigObject relax(JsonNode body, Edit edit) {
    UUID uuid = Names.uuid(body.path("uuid").asString(""), "uuid");
    UUID target = Names.uuid(body.path("ref-uuid").asString(""), "ref-uuid");
    ConfigObject object = edit.image().object(uuid);
    if (object == null) {
      throw HttpError.notFound("Unknown id: " + uuid);
    }
    ObjectChanges.relaxReference(object, target, edit);
    return object;
  }

  private static Response answer(ConfigObject object) {
    ObjectNode out = Json.object();
    out.put("uuid", object.uuid().toString());
    return Response.json(out);
  }

  private static Wish wish(JsonNode body) {
    for (String field : new String[] {"type", "uuid", "ref-type", "operation"}) {
      if (!body.hasNonNull(field)) {
        throw HttpError.badRequest("Bad Request: " + field + " is null in ref-update");
      }
    }
    ObjectType type = NameEndpoints.type(body.path("type").asString(""));
    String refType = NameEndpoints.type(body.path("ref-type").asString("")).name();
    ReferenceType reference = type.referenceTo(refType);
    if (reference == null) {
      throw HttpError.badRequest("Bad Request: " + type.name() + " has no reference to " + refType);
    }
    String operation = body.path("operation").asString("").toUpperCase(Locale.ROOT);
    if (!operation.equals("ADD") && !operation.equals("DELETE")) {
      throw HttpError.badRequest(
          "Bad Request: operation should be add or delete: " + body.path("operation").asString(""));
    }
    JsonNode refUuid = body.path("ref-uuid");
    JsonNode refName = body.path("ref-fq-name");
    return new Wish(
        type,
        Names.uuid(body.path("uuid").asString(""), "uuid"),
        reference,
        refUuid.isString() ? Names.uuid(refUuid.stringValue(), "ref-uuid") : null,
        refName.isArray() ? Names.fqName(refName, "ref-fq-name") : null,
        operation.equals("ADD"),
        body.path("relax_ref_for_delete").asBoolean(false),
        body.get("attr"));
  }

  private static ConfigObject apply(Wish wish, Edit edit) {
    ConfigImage image = edit.image();
    ConfigObject object = image.object(wish.uuid());
    if (object == null) {
      throw HttpError.notFound("Unknown id: " + wish.uuid());
    }
    if (object.type() != wish.type()) {
      throw HttpError.notFound("No " + wish.type() + " object found for id " + wish.uuid());
    }
    ConfigObject target = target(wish, image);
    if (!wish.add()) {
      ObjectChanges.removeReference(object, wish.reference(), target.uuid(), edit);
      return object;
    }
    ObjectChanges.addReference(object, wish.reference(), target, wish.attr(), edit);
    ConfigObject added = edit.current(object.uuid());
    if (wish.relax() && added != null) {
      ObjectChanges.relaxReference(added, target.uuid(), edit);
    }
    return object;
  }

  private static ConfigObject target(Wish wish, ConfigImage image) {
    String type = wish.reference().targetName();
    UUID uuid = wish.refUuid();
    if (uuid != null) {
      ConfigObject target = image.object(uuid);
      if (target == null || !target.type().name().equals(type)) {
        throw HttpError.notFound("No " + type + " object found for id " + uuid);
      }
      return target;
    }
    FqName name = wish.refName();
    if (name == null) {
      throw HttpError.badRequest("Bad Request: ref-uuid and ref-fq-name are null in ref-update");
    }
    ConfigObject target = image.object(type, name);
    if (target == null) {
      throw HttpError.notFound("Name " + PythonText.of(name.toJson()) + " not found");
    }
    return target;
  }
}
