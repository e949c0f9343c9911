package weft.neutron;

import java.io.IOException;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.ApiOptions;
import weft.api.ApiServer;
import weft.api.IdentityService;
import weft.config.ConfigDb;
import weft.http.HttpCalls;
import weft.http.Json;
import weft.schema.FqName;
import weft.state.EventLoop;
import weft.state.FaultHandler;
import weft.store.MemoryStore;
import weft.store.Store;

/** Neutron's calls over a store of their own, over real HTTP. */
final class TestNeutron implements AutoCloseable {
  private final EventLoop loop = EventLoop.start("clock", FaultHandler.rethrow());
  private final Store store = new MemoryStore(loop);
  final ConfigDb db = ConfigDb.open(store);
  private final ApiServer server;
  final HttpCalls calls;

  TestNeutron(Plugging plugging) throws IOException {
    this(plugging, new ApiOptions("127.0.0.1", 0), null);
  }

  /**
   * @param identities who knows tokens; null for nobody
   */
  TestNeutron(Plugging plugging, ApiOptions options, IdentityService identities)
      throws IOException {
    this.server = ApiServer.start(options, db, store, identities, new NeutronApi(plugging));
    this.calls = new HttpCalls("http://127.0.0.1:" + server.port());
  }

  TestNeutron() throws IOException {
    this(Plugging.UNKNOWN);
  }

  /** The uuid of the project that is there from the start. */
  UUID defaultProject() {
    return db.image().object("project", FqName.of("default-domain", "default-project")).uuid();
  }

  HttpCalls.Reply send(
      String resource, String operation, ObjectNode context, String token, JsonNode data)
      throws IOException {
    ObjectNode body = Json.object();
    body.set("context", context.deepCopy().put("operation", operation).put("type", resource));
    body.set("data", data);
    return calls.call("POST", "/neutron/" + resource, Json.text(body), "X-Auth-Token", token);
  }

  /** An administrator. */
  Asking admin() {
    return new Asking(this, Json.object().put("is_admin", true).put("user_id", "admin"));
  }

  /** An administrator who works for a project. */
  Asking admin(UUID project) {
    return new Asking(
        this, Json.object().put("is_admin", true).put("tenant_id", Ids.undashed(project)));
  }

  Asking user(UUID project) {
    return new Asking(
        this, Json.object().put("is_admin", false).put("tenant_id", Ids.undashed(project)));
  }

  /** Whoever bears a token, and claims to be an administrator. */
  Asking bearer(String token) {
    return new Asking(this, Json.object().put("is_admin", true), token);
  }

  /** Calls of one user; data is JSON with `'` for `"`. */
  record Asking(TestNeutron neutron, ObjectNode context, String token) {
    Asking(TestNeutron neutron, ObjectNode context) {
      this(neutron, context, "none");
    }

    HttpCalls.Reply call(String resource, String operation, String data) throws IOException {
      return neutron.send(resource, operation, context, token, json(data));
    }

    /** The answer to a call that must succeed. */
    JsonNode ok(String resource, String operation, String data) throws IOException {
      HttpCalls.Reply reply = call(resource, operation, data);
      if (!reply.ok()) {
        throw new AssertionError(
            operation + " " + resource + " " + data + ": " + reply.status() + " " + reply.text());
      }
      return reply.text().isEmpty() ? Json.object() : reply.json();
    }

    JsonNode create(String resource, String attributes) throws IOException {
      return ok(resource, "CREATE", "{'resource':" + attributes + "}");
    }

    /** Creates one and returns its id. */
    String make(String resource, String attributes) throws IOException {
      return create(resource, attributes).path("id").asString();
    }

    JsonNode read(String resource, String id) throws IOException {
      return ok(resource, "READ", "{'id':'" + id + "'}");
    }

    JsonNode update(String resource, String id, String attributes) throws IOException {
      return ok(resource, "UPDATE", "{'id':'" + id + "','resource':" + attributes + "}");
    }

    void delete(String resource, String id) throws IOException {
      JsonNode _ = ok(resource, "DELETE", "{'id':'" + id + "'}");
    }

    JsonNode list(String resource, String filters) throws IOException {
      return ok(resource, "READALL", "{'filters':" + filters + "}");
    }

    /** The name of the exception that answers a call, or what else was answered. */
    String refusal(String resource, String operation, String data) throws IOException {
      HttpCalls.Reply reply = call(resource, operation, data);
      if (reply.status() != 400) {
        return reply.status() + " " + reply.text();
      }
      return reply.json().path("exception").asString(reply.text());
    }

    /** The name of the exception that answers a creation. */
    String refused(String resource, String attributes) throws IOException {
      return refusal(resource, "CREATE", "{'resource':" + attributes + "}");
    }

    /** The name of the exception that answers a change. */
    String kept(String resource, String id, String attributes) throws IOException {
      return refusal(resource, "UPDATE", "{'id':'" + id + "','resource':" + attributes + "}");
    }

    /** The name of the exception that answers a deletion. */
    String undeleted(String resource, String id) throws IOException {
      return refusal(resource, "DELETE", "{'id':'" + id + "'}");
    }
  }

  static JsonNode json(String text) {
    return Json.parse(text.replace('\'', '"'));
  }

  @Override
  public void close() {
    calls.close();
    server.close();
    db.close();
    store.close();
    loop.close();
  }
}
