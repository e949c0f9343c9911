package weft.api;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import weft.config.ConfigDb;
import weft.http.HttpCalls;
import weft.http.Json;
import weft.state.EventLoop;
import weft.state.FaultHandler;
import weft.store.MemoryStore;
import weft.store.RocksOptions;
import weft.store.RocksStore;
import weft.store.Store;

/** A config API over a store of its own, called over real HTTP. */
final class TestApi implements AutoCloseable {
  static final String PROJECT = "['default-domain','default-project']";

  private final EventLoop loop;
  private final Store store;
  final ConfigDb db;
  final ApiServer server;
  final HttpCalls calls;
  final String base;

  private TestApi(EventLoop loop, Store store) throws IOException {
    this(loop, store, new ApiOptions("127.0.0.1", 0), null);
  }

  private TestApi(EventLoop loop, Store store, ApiOptions options, IdentityService identities)
      throws IOException {
    this.loop = loop;
    this.store = store;
    this.db = ConfigDb.open(store);
    this.server = ApiServer.start(options, db, store, identities);
    this.base = "http://127.0.0.1:" + server.port();
    this.calls = new HttpCalls(base);
  }

  static TestApi inMemory() throws IOException {
    EventLoop loop = EventLoop.start("clock", FaultHandler.rethrow());
    return new TestApi(loop, new MemoryStore(loop));
  }

  static TestApi inMemory(ApiOptions options, IdentityService identities) throws IOException {
    EventLoop loop = EventLoop.start("clock", FaultHandler.rethrow());
    return new TestApi(loop, new MemoryStore(loop), options, identities);
  }

  static TestApi onDisk(Path directory) throws IOException {
    EventLoop loop = EventLoop.start("clock", FaultHandler.rethrow());
    return new TestApi(loop, RocksStore.open(directory, RocksOptions.DEFAULT, loop));
  }

  /** Another server over the same store; closed before this one. */
  TestApi second() throws IOException {
    return new TestApi(null, store);
  }

  /** `METHOD /pattern` of all that is served. */
  List<String> servedCalls() {
    return server.calls();
  }

  /**
   * @param body JSON with `'` for `"`
   */
  HttpCalls.Reply call(String method, String path, String body) throws IOException {
    return calls.call(method, path, body == null ? null : body.replace('\'', '"'));
  }

  HttpCalls.Reply post(String path, String body) throws IOException {
    return call("POST", path, body);
  }

  HttpCalls.Reply put(String path, String body) throws IOException {
    return call("PUT", path, body);
  }

  HttpCalls.Reply get(String path) throws IOException {
    return call("GET", path, null);
  }

  HttpCalls.Reply delete(String path) throws IOException {
    return call("DELETE", path, null);
  }

  /** Creates an object, which must succeed, and returns its uuid. */
  String create(String type, String body) throws IOException {
    HttpCalls.Reply reply = post("/" + type + "s", "{'" + type + "':" + body + "}");
    if (!reply.ok()) {
      throw new AssertionError("create " + type + ": " + reply.status() + " " + reply.text());
    }
    return reply.json().path(type).path("uuid").asString();
  }

  /** The object, which must be there. */
  JsonNode read(String type, String uuid) throws IOException {
    HttpCalls.Reply reply = get("/" + type + "/" + uuid);
    if (!reply.ok()) {
      throw new AssertionError("read " + type + ": " + reply.status() + " " + reply.text());
    }
    return reply.json().path(type);
  }

  /** A network of the default project with one subnet, given as the rest of its JSON. */
  String network(String name, String subnet) throws IOException {
    return create(
        "virtual-network",
        "{'fq_name':['default-domain','default-project','"
            + name
            + "'],'parent_type':'project','network_ipam_refs':[{'to':['default-domain',"
            + "'default-project','default-network-ipam'],'attr':{'ipam_subnets':["
            + subnet
            + "]}}]}");
  }

  static JsonNode json(String text) {
    return Json.parse(text.replace('\'', '"'));
  }

  @Override
  public void close() {
    calls.close();
    server.close();
    db.close();
    if (loop != null) {
      store.close();
      loop.close();
    }
  }
}
