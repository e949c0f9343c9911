package weft.api;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Caller;
import weft.config.Restore;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.store.Entry;
import weft.store.Key;
import weft.store.Outcome;
import weft.store.Page;
import weft.store.Store;
import weft.store.StoreException;
import weft.store.Transaction;

/** A plain map for clients: the Neutron plugin keeps what the schema has no place for. */
final class KeyValueEndpoint {
  private static final Key PREFIX = new Key("useragent-kv/");
  private static final int SCAN_LIMIT = 1000;

  private final Store store;

  KeyValueEndpoint(Store store) {
    this.store = store;
  }

  Response handle(Request request, Caller caller) throws InterruptedException {
    JsonNode body = request.json();
    JsonNode key = body.path("key");
    return switch (body.path("operation").asString("")) {
      case "STORE" -> {
        JsonNode value = body.path("value");
        String text = value.isString() ? value.stringValue() : value.toString();
        commit(Transaction.builder().put(key(key), text));
        yield Response.empty();
      }
      case "DELETE" -> {
        commit(Transaction.builder().delete(key(key)));
        yield Response.empty();
      }
      case "RETRIEVE" -> Response.json(retrieve(key));
      default ->
          throw HttpError.notFound("Invalid Operation " + body.path("operation").asString("None"));
    };
  }

  private ObjectNode retrieve(JsonNode key) {
    ObjectNode out = Json.object();
    if (key.isNull() || key.isMissingNode()) {
      ArrayNode all = out.putArray("value");
      for (Entry entry : all()) {
        all.addObject().put("key", entry.key().after(PREFIX)).put("value", entry.text());
      }
    } else if (key.isArray()) {
      ArrayNode values = out.putArray("value");
      for (JsonNode each : key) {
        Entry entry = store.get(key(each));
        if (entry != null) {
          values.add(entry.text());
        }
      }
    } else {
      Entry entry = store.get(key(key));
      if (entry == null) {
        throw HttpError.notFound("Unknown User-Agent key " + key.asString(""));
      }
      out.put("value", entry.text());
    }
    return out;
  }

  private List<Entry> all() {
    List<Entry> entries = new ArrayList<>();
    @Nullable Key after = null;
    while (true) {
      Page page = store.scan(PREFIX, after, SCAN_LIMIT);
      entries.addAll(page.entries());
      if (page.entries().size() < SCAN_LIMIT) {
        return entries;
      }
      after = page.entries().getLast().key();
    }
  }

  private static Key key(JsonNode key) {
    if (!key.isString() || key.stringValue().isEmpty()) {
      throw HttpError.badRequest("Bad Request: no key in useragent-kv");
    }
    return PREFIX.append(key.stringValue());
  }

  private void commit(Transaction.Builder transaction) throws InterruptedException {
    Outcome outcome;
    try {
      outcome =
          store
              .commit(transaction.require(Restore.NOT_UNDER_WAY).build())
              .toCompletableFuture()
              .get();
    } catch (ExecutionException e) {
      throw StoreAway.of(e);
    }
    switch (outcome) {
      case Outcome.Committed _ -> {}
      case Outcome.Conflict _ ->
          throw StoreAway.of(new StoreException("a restore from a backup is under way"));
      case Outcome.TooLarge(String reason) ->
          throw new HttpError(413, "The value is too large for the store: " + reason);
      case Outcome.LeaseGone gone -> throw new IllegalStateException("no lease, but " + gone);
    }
  }
}
