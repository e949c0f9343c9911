package weft.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Access;
import weft.api.access.AccessControl;
import weft.api.access.Caller;
import weft.api.model.Edit;
import weft.api.model.Names;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.schema.ConfigObject;
import weft.schema.ObjectType;
import weft.schema.PythonText;
import weft.state.Change;

/** Several changes in order as one transaction: later ones see earlier ones, all happen or none. */
final class TransactionEndpoint {
  static final int MAX_OPERATIONS = 10_000;

  private static final Set<String> FIELDS = Set.of("operations", "expect", "dry_run");

  private final AccessControl control;
  private final Writer writer;

  TransactionEndpoint(AccessControl control, Writer writer) {
    this.control = control;
    this.writer = writer;
  }

  /** What came of it: the operations' objects, and all that changes. */
  private record Outcome(
      ArrayNode results, List<Change<UUID, ConfigObject>> changes, ConfigImage image) {}

  Response run(Request request, Caller caller) throws InterruptedException {
    JsonNode body = request.json();
    for (String field : body.propertyNames()) {
      if (!FIELDS.contains(field)) {
        throw HttpError.badRequest("Bad Request, unknown field in transaction: " + field);
      }
    }
    List<Operation> operations = operations(body.path("operations"));
    boolean dryRun = flag(body.path("dry_run"));
    JsonNode expected = body.path("expect");
    Hrefs hrefs = Hrefs.of(request);
    Outcome outcome =
        dryRun
            ? writer.rehearse(caller, hrefs, edit -> apply(operations, expected, hrefs, edit))
            : writer.write(caller, hrefs, edit -> apply(operations, expected, hrefs, edit));
    ObjectNode out = Json.object();
    out.put("dry_run", dryRun);
    out.set("results", outcome.results());
    ArrayNode changes = out.putArray("changes");
    Access access = control.access(caller, outcome.image());
    Renderer renderer =
        new Renderer(
            outcome.image(), hrefs, Renderer.View.alone(null, false, false, false), access);
    for (Change<UUID, ConfigObject> change : outcome.changes()) {
      if (access.reads(object(change))) {
        changes.add(shown(change, dryRun, renderer));
      }
    }
    return Response.json(out);
  }

  private static boolean flag(JsonNode value) {
    if (!value.isMissingNode() && !value.isBoolean()) {
      throw HttpError.badRequest("Bad Request, dry_run is true or false");
    }
    return value.asBoolean(false);
  }

  private static List<Operation> operations(JsonNode list) {
    if (!list.isArray()) {
      throw HttpError.badRequest("Bad Request, no list of operations in transaction");
    }
    if (list.size() > MAX_OPERATIONS) {
      throw HttpError.badRequest(
          "Bad Request, %d operations in a transaction, %d are allowed"
              .formatted(list.size(), MAX_OPERATIONS));
    }
    List<Operation> operations = new ArrayList<>(list.size());
    for (JsonNode each : list) {
      operations.add(Operation.of(operations.size(), each));
    }
    return operations;
  }

  private static Outcome apply(
      List<Operation> operations, JsonNode expected, Hrefs hrefs, Edit edit) {
    expect(expected, edit);
    ArrayNode results = Json.array();
    for (Operation operation : operations) {
      edit.beginStep(operation.label());
      try {
        results.add(operation.apply(edit));
      } catch (HttpError e) {
        throw new HttpError(e.status(), operation.label() + ": " + e.text());
      }
    }
    checkDeleted(hrefs, edit);
    return new Outcome(results, edit.changes(), edit.image());
  }

  /** What this transaction itself writes must not lead to what it deletes. */
  private static void checkDeleted(Hrefs hrefs, Edit edit) {
    for (UUID uuid : edit.removed()) {
      List<ConfigObject> children = written(edit.image().children(uuid), edit);
      List<ConfigObject> referrers = written(edit.image().referrers(uuid), edit);
      if (!children.isEmpty() || !referrers.isEmpty()) {
        throw edit.attributed(uuid, Writer.stillReferenced(children, referrers, hrefs));
      }
    }
  }

  private static List<ConfigObject> written(List<ConfigObject> objects, Edit edit) {
    return objects.stream().filter(object -> edit.writes(object.uuid())).toList();
  }

  private static void expect(JsonNode list, Edit edit) {
    if (!list.isMissingNode() && !list.isArray()) {
      throw HttpError.badRequest("Bad Request, expect is a list");
    }
    if (!list.isEmpty()) {
      edit.access().checkKnown();
    }
    for (JsonNode each : list) {
      ObjectType type = NameEndpoints.type(each.path("type").asString(""));
      ConfigObject object = Operation.find(type, each, edit);
      if (object != null) {
        edit.access().checkRead(object);
      }
      JsonNode wish = each.path("last_modified");
      if (!wish.isString() && !wish.isNull()) {
        throw HttpError.badRequest(
            "Bad Request, last_modified of expect is a time, or null for an object that is absent");
      }
      String actual =
          object == null ? null : object.body().path("id_perms").path("last_modified").asString("");
      if (object == null ? !wish.isNull() : !wish.asString("").equals(actual)) {
        throw new HttpError(412, unexpected(type, each, wish, actual));
      }
      if (object != null) {
        edit.access().checkRead(object);
        edit.rely(object);
      }
    }
  }

  private static String unexpected(
      ObjectType type, JsonNode each, JsonNode wish, @Nullable String actual) {
    String name =
        each.has("fq_name")
            ? PythonText.of(Names.fqName(each.path("fq_name"), "fq_name"))
            : each.path("uuid").asString("");
    String expected = wish.isNull() ? "to be absent" : "as of " + wish.asString("");
    String found = actual == null ? "does not exist" : "is as of " + actual;
    return "%s %s %s, expected %s".formatted(type.name(), name, found, expected);
  }

  private static ConfigObject object(Change<UUID, ConfigObject> change) {
    return switch (change) {
      case Change.Put<UUID, ConfigObject> put -> put.after();
      case Change.Remove<UUID, ConfigObject> remove -> remove.before();
    };
  }

  private static ObjectNode shown(
      Change<UUID, ConfigObject> change, boolean bodies, Renderer renderer) {
    ConfigObject before = change.before();
    ConfigObject after =
        switch (change) {
          case Change.Put<UUID, ConfigObject> put -> put.after();
          case Change.Remove<UUID, ConfigObject> _ -> null;
        };
    ConfigObject object = after == null ? before : after;
    ObjectNode out = Json.object();
    out.put("change", after == null ? "delete" : before == null ? "create" : "update");
    if (object != null) {
      out.put("type", object.type().name());
      out.put("uuid", object.uuid().toString());
      out.set("fq_name", object.fqName().toJson());
    }
    if (bodies && before != null) {
      out.set("before", renderer.content(before));
    }
    if (bodies && after != null) {
      out.set("after", renderer.content(after));
    }
    return out;
  }
}
