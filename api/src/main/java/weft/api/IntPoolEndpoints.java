package weft.api;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Caller;
import weft.api.model.IntPools;
import weft.config.ConfigDb;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;

/** Pools of integers for clients that number things of their own. */
final class IntPoolEndpoints {
  private final ConfigDb db;
  private final Writer writer;

  IntPoolEndpoints(ConfigDb db, Writer writer) {
    this.db = db;
    this.writer = writer;
  }

  Response createPool(Request request, Caller caller) throws InterruptedException {
    JsonNode body = request.json();
    String pool = text(body, "pool");
    long start = integer(body, "start");
    long end = integer(body, "end");
    writer.write(
        caller,
        Hrefs.of(request),
        edit -> {
          IntPools.create(pool, start, end, edit);
          return pool;
        });
    return Response.empty();
  }

  Response deletePool(Request request, Caller caller) throws InterruptedException {
    String pool = text(request.json(), "pool");
    writer.write(
        caller,
        Hrefs.of(request),
        edit -> {
          IntPools.delete(pool, edit);
          return pool;
        });
    return Response.empty();
  }

  Response allocate(Request request, Caller caller) throws InterruptedException {
    JsonNode body = request.json();
    String pool = text(body, "pool");
    String owner = body.path("owner").isString() ? body.path("owner").stringValue() : "";
    boolean next = !body.hasNonNull("value");
    long wanted = next ? 0 : integer(body, "value");
    long given =
        writer.write(
            caller,
            Hrefs.of(request),
            edit ->
                next
                    ? IntPools.allocate(pool, owner, edit)
                    : IntPools.allocate(pool, wanted, owner, edit));
    return Response.json(Json.object().put("value", given));
  }

  /** Some clients ask by a body instead of the query. */
  Response owner(Request request, Caller caller) {
    if (request.body().length > 0) {
      JsonNode body = request.json();
      return answer(text(body, "pool"), integer(body, "value"));
    }
    String pool = request.query().first("pool");
    String value = request.query().first("value");
    if (pool == null || value == null) {
      throw HttpError.badRequest("Bad Request: int-pool needs pool and value");
    }
    return answer(pool, integer(value));
  }

  private Response answer(String pool, long value) {
    ObjectNode out = Json.object();
    return Response.json(out.put("owner", IntPools.owner(pool, value, db.image())));
  }

  Response free(Request request, Caller caller) throws InterruptedException {
    JsonNode body = request.json();
    String pool = text(body, "pool");
    long value = integer(body, "value");
    writer.write(
        caller,
        Hrefs.of(request),
        edit -> {
          IntPools.free(pool, value, edit);
          return pool;
        });
    return Response.empty();
  }

  private static String text(JsonNode body, String field) {
    JsonNode node = body.path(field);
    if (!node.isString()) {
      throw HttpError.badRequest("Bad Request: no " + field + " in int-pool");
    }
    return node.stringValue();
  }

  private static long integer(JsonNode body, String field) {
    JsonNode node = body.path(field);
    if (!node.canConvertToLong() || !node.isIntegralNumber()) {
      throw HttpError.badRequest("Bad Request: " + field + " of int-pool is not an integer");
    }
    return node.longValue();
  }

  private static long integer(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException _) {
      throw HttpError.badRequest("Bad Request: value of int-pool is not an integer");
    }
  }
}
