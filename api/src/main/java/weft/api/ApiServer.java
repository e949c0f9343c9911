package weft.api;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Caller;
import weft.api.model.Audit;
import weft.config.ConfigDb;
import weft.config.Inspection;
import weft.http.HttpError;
import weft.http.HttpOptions;
import weft.http.HttpServer;
import weft.http.Json;
import weft.http.Response;
import weft.http.Routes;
import weft.schema.ObjectType;
import weft.schema.OpenApi;
import weft.schema.Schema;
import weft.store.Snapshot;
import weft.store.Store;

/** The config API: objects of the schema over REST, kept in the store. */
public final class ApiServer implements AutoCloseable {
  /** After so long without anything to tell, those who watch get a sign of life. */
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(60);

  private final HttpServer server;
  private final Watches watches;

  private ApiServer(HttpServer server, Watches watches) {
    this.server = server;
    this.watches = watches;
  }

  /**
   * Creates the objects that every installation has, if they are missing, and starts to serve.
   *
   * @param store the one under `db`; keeps what clients store beside the objects
   * @param extensions further paths
   * @throws IOException if the address cannot be bound
   */
  public static ApiServer start(
      ApiOptions options, ConfigDb db, Store store, Extension... extensions) throws IOException {
    Writer writer = new Writer(db, InstantSource.system(), UUID::randomUUID);
    StartObjects.ensure(writer);
    Watches watches = new Watches(db, KEEP_ALIVE);
    Routes routes = routes(db, store, writer, watches, new Counters(), List.of(extensions));
    HttpOptions http = new HttpOptions(options.address(), options.port(), options.maxBodyBytes());
    return new ApiServer(HttpServer.start(http, routes), watches);
  }

  /** The port that is bound. */
  public int port() {
    return server.port();
  }

  @Override
  public void close() {
    watches.close();
    server.close();
  }

  private static Routes routes(
      ConfigDb db,
      Store store,
      Writer writer,
      Watches watches,
      Counters counters,
      List<Extension> extensions) {
    Table table = new Table(counters);
    objects(table, db, writer);
    names(table, db);
    references(table, db, writer);
    KeyValueEndpoint keyValues = new KeyValueEndpoint(store);
    table.post("/useragent-kv", keyValues::handle);
    addresses(table, writer);
    intPools(table, db, writer);
    table.get("/watch", watches::watch);
    permissions(table, db, writer);
    table.get("/", Homepage::handle);
    table.get("/openapi.json", (_, _) -> Response.json(OpenApi.document()));
    table.get("/metrics", (_, _) -> counters.metrics(db.image()));
    table.post("/db-check", (_, _) -> check(store));
    table.get("/documentation/{file}", (_, _) -> Response.text(404, "File does not exist."));
    Unavailable.routes(table::route);
    extensions.forEach(extension -> extension.calls(db, writer).forEach(table::post));
    return table.routes.build();
  }

  private static void objects(Table table, ConfigDb db, Writer writer) {
    ListEndpoints lists = new ListEndpoints(db);
    for (ObjectType type : Schema.types()) {
      ObjectEndpoints objects = new ObjectEndpoints(type, db, writer);
      table.get("/" + type.plural(), (request, caller) -> lists.list(type, request, caller));
      table.post("/" + type.plural(), objects::create);
      String one = "/" + type.name() + "/{uuid}";
      table.get(one, objects::read);
      table.route("PUT", one, objects::update);
      table.route("DELETE", one, objects::delete);
    }
    table.post("/list-bulk-collection", lists::bulk);
  }

  private static void names(Table table, ConfigDb db) {
    NameEndpoints names = new NameEndpoints(db);
    table.post("/fqname-to-id", names::toId);
    table.post("/id-to-fqname", names::toName);
  }

  private static void references(Table table, ConfigDb db, Writer writer) {
    ReferenceEndpoints references = new ReferenceEndpoints(writer);
    table.post("/ref-update", references::update);
    table.post("/ref-relax-for-delete", references::relax);
    table.post("/set-tag", new TagEndpoint(writer)::set);
    CollectionEndpoints collections = new CollectionEndpoints(db, writer);
    table.get("/prop-collection-get", collections::get);
    table.post("/prop-collection-update", collections::update);
    table.post("/transaction", new TransactionEndpoint(writer)::run);
  }

  private static void addresses(Table table, Writer writer) {
    AddressEndpoints addresses = new AddressEndpoints(writer);
    table.post("/virtual-network/{uuid}/ip-alloc", addresses::allocate);
    table.post("/virtual-network/{uuid}/ip-free", addresses::free);
    table.post("/virtual-network/{uuid}/subnet-ip-count", addresses::count);
  }

  private static void intPools(Table table, ConfigDb db, Writer writer) {
    IntPoolEndpoints pools = new IntPoolEndpoints(db, writer);
    table.post("/int-pools", pools::createPool);
    table.route("DELETE", "/int-pools", pools::deletePool);
    table.get("/int-pool", pools::owner);
    table.post("/int-pool", pools::allocate);
    table.route("DELETE", "/int-pool", pools::free);
  }

  private static void permissions(Table table, ConfigDb db, Writer writer) {
    PermissionEndpoints permissions = new PermissionEndpoints(db, writer);
    table.get("/obj-perms", permissions::permissions);
    table.post("/chown", permissions::chown);
    table.post("/chmod", permissions::chmod);
    table.get("/aaa-mode", permissions::mode);
    table.route("PUT", "/aaa-mode", permissions::setMode);
  }

  /** Whether the records of the store agree with each other. */
  private static Response check(Store store) {
    try (Snapshot snapshot = store.snapshot()) {
      Inspection inspection = Inspection.of(snapshot);
      List<String> problems = new ArrayList<>(inspection.problems());
      problems.addAll(Audit.problems(inspection.image()));
      ObjectNode out = Json.object();
      problems.forEach(out.putArray("results")::add);
      return Response.json(out);
    }
  }

  /** The routes, each answer counted. */
  private static final class Table {
    final Routes.Builder routes = Routes.builder();
    final Counters counters;

    Table(Counters counters) {
      this.counters = counters;
    }

    void get(String pattern, ApiHandler handler) {
      route("GET", pattern, handler);
    }

    void post(String pattern, ApiHandler handler) {
      route("POST", pattern, handler);
    }

    void route(String method, String pattern, ApiHandler handler) {
      routes.route(
          method,
          pattern,
          request -> {
            try {
              Response response = handler.handle(request, Caller.anyone(request.origin()));
              counters.count(method, response.status());
              return response;
            } catch (HttpError e) {
              counters.count(method, e.status());
              throw e;
            }
          });
    }
  }
}
