package weft.api;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import weft.api.RouteTable.Gate;
import weft.api.access.AccessControl;
import weft.api.access.Caller;
import weft.api.model.Audit;
import weft.config.Backup;
import weft.config.ConfigDb;
import weft.config.Inspection;
import weft.http.HttpError;
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

  private final List<HttpServer> servers;
  private final Watches watches;
  private final @Nullable TenantMirror mirror;

  private final List<String> calls;

  private ApiServer(
      List<HttpServer> servers,
      List<String> calls,
      Watches watches,
      @Nullable TenantMirror mirror) {
    this.servers = servers;
    this.calls = calls;
    this.watches = watches;
    this.mirror = mirror;
  }

  /**
   * As {@link #start(ApiOptions, ConfigDb, Store, IdentityService, Extension...)}, if nobody knows
   * tokens.
   */
  public static ApiServer start(
      ApiOptions options, ConfigDb db, Store store, Extension... extensions) throws IOException {
    return start(options, db, store, null, extensions);
  }

  /**
   * Creates the objects that every installation has, if they are missing, and starts to serve.
   *
   * @param store the one under `db`; keeps what clients store beside the objects
   * @param identities who knows tokens; null for nobody
   * @param extensions further paths; rules name them by their first part
   * @throws IOException if an address cannot be bound
   */
  public static ApiServer start(
      ApiOptions options,
      ConfigDb db,
      Store store,
      @Nullable IdentityService identities,
      Extension... extensions)
      throws IOException {
    AccessControl control = new AccessControl(options.mode());
    Writer writer = new Writer(db, control, InstantSource.system(), UUID::randomUUID);
    StartObjects.ensure(writer);
    Watches watches = new Watches(db, control, KEEP_ALIVE);
    TenantMirror mirror =
        identities == null ? null : TenantMirror.start(identities, db, writer, options.resync());
    ProjectSource projects = mirror == null ? ProjectSource.NONE : mirror::fetch;
    TokenAuthentication tokens =
        new TokenAuthentication(control, identities, options.roles(), projects);
    RouteTable table = new RouteTable(db, control, new Counters());
    boolean provable = identities != null || options.admin() != null;
    routes(table, db, store, control, writer, watches, projects);
    for (Extension extension : extensions) {
      extension.calls(db, writer).forEach(table::post);
    }
    permissions(table, new PermissionEndpoints(db, control, tokens, provable, writer));
    List<HttpServer> servers = new ArrayList<>();
    try {
      servers.add(HttpServer.start(options.http(), table.build(tokens)));
      ApiOptions.Admin admin = options.admin();
      if (admin != null) {
        Routes routes = table.build(new LocalAdmin(admin, options.roles().cloudAdmin()));
        servers.add(HttpServer.start(admin.http(), routes));
      }
      return new ApiServer(servers, table.calls(), watches, mirror);
    } catch (IOException e) {
      new ApiServer(servers, table.calls(), watches, mirror).close();
      throw e;
    }
  }

  /** The port that is bound. */
  public int port() {
    return servers.getFirst().port();
  }

  /** The port that is bound for the local administrator; empty if there is none. */
  public OptionalInt adminPort() {
    return servers.size() < 2 ? OptionalInt.empty() : OptionalInt.of(servers.getLast().port());
  }

  /** `METHOD /pattern` of all that is served. */
  List<String> calls() {
    return calls;
  }

  @Override
  public void close() {
    if (mirror != null) {
      mirror.close();
    }
    watches.close();
    servers.forEach(HttpServer::close);
  }

  private static void routes(
      RouteTable table,
      ConfigDb db,
      Store store,
      AccessControl control,
      Writer writer,
      Watches watches,
      ProjectSource projects) {
    objects(table, db, control, writer, projects);
    names(table, db, control);
    references(table, db, control, writer);
    KeyValueEndpoint keyValues = new KeyValueEndpoint(store);
    table.post("/useragent-kv", keyValues::handle);
    addresses(table, writer);
    intPools(table, db, writer);
    table.follow("/watch", watches::watch);
    table.get("/", Homepage::handle);
    table.route("GET", "/openapi.json", Gate.KNOWN, (_, _) -> Response.json(OpenApi.document()));
    table.route("GET", "/metrics", Gate.OPEN, (_, _) -> table.counters().metrics(db.image()));
    table.post("/db-check", (_, _) -> check(store));
    table.route("GET", "/backup", Gate.KNOWN, (_, caller) -> backup(store, caller));
    table.route("GET", "/documentation/{file}", Gate.OPEN, Documentation::file);
    Unavailable.routes(table::route);
  }

  private static void objects(
      RouteTable table, ConfigDb db, AccessControl control, Writer writer, ProjectSource projects) {
    ListEndpoints lists = new ListEndpoints(db, control);
    for (ObjectType type : Schema.types()) {
      ObjectEndpoints objects = new ObjectEndpoints(type, db, control, writer, projects);
      table.route(
          "GET",
          "/" + type.plural(),
          Gate.INSIDE,
          (request, caller) -> lists.list(type, request, caller));
      table.route("POST", "/" + type.plural(), Gate.INSIDE, objects::create);
      String one = "/" + type.name() + "/{uuid}";
      table.route("GET", one, Gate.INSIDE, objects::read);
      table.route("PUT", one, Gate.INSIDE, objects::update);
      table.route("DELETE", one, Gate.INSIDE, objects::delete);
    }
    table.route("POST", "/list-bulk-collection", Gate.INSIDE, lists::bulk);
  }

  private static void names(RouteTable table, ConfigDb db, AccessControl control) {
    NameEndpoints names = new NameEndpoints(db, control);
    table.post("/fqname-to-id", names::toId);
    table.post("/id-to-fqname", names::toName);
  }

  private static void references(
      RouteTable table, ConfigDb db, AccessControl control, Writer writer) {
    ReferenceEndpoints references = new ReferenceEndpoints(writer);
    table.route("POST", "/ref-update", Gate.INSIDE, references::update);
    table.route("POST", "/ref-relax-for-delete", Gate.INSIDE, references::relax);
    table.route("POST", "/set-tag", Gate.INSIDE, new TagEndpoint(writer)::set);
    CollectionEndpoints collections = new CollectionEndpoints(db, control, writer);
    table.route("GET", "/prop-collection-get", Gate.INSIDE, collections::get);
    table.route("POST", "/prop-collection-update", Gate.INSIDE, collections::update);
    table.route("POST", "/transaction", Gate.INSIDE, new TransactionEndpoint(control, writer)::run);
  }

  private static void addresses(RouteTable table, Writer writer) {
    AddressEndpoints addresses = new AddressEndpoints(writer);
    table.route("POST", "/virtual-network/{uuid}/ip-alloc", Gate.INSIDE, addresses::allocate);
    table.route("POST", "/virtual-network/{uuid}/ip-free", Gate.INSIDE, addresses::free);
    table.route("POST", "/virtual-network/{uuid}/subnet-ip-count", Gate.INSIDE, addresses::count);
  }

  private static void intPools(RouteTable table, ConfigDb db, Writer writer) {
    IntPoolEndpoints pools = new IntPoolEndpoints(db, writer);
    table.post("/int-pools", pools::createPool);
    table.route("DELETE", "/int-pools", pools::deletePool);
    table.get("/int-pool", pools::owner);
    table.post("/int-pool", pools::allocate);
    table.route("DELETE", "/int-pool", pools::free);
  }

  private static void permissions(RouteTable table, PermissionEndpoints permissions) {
    table.route("GET", "/obj-perms", Gate.KNOWN, permissions::permissions);
    table.route("POST", "/chown", Gate.INSIDE, permissions::chown);
    table.route("POST", "/chmod", Gate.INSIDE, permissions::chmod);
    table.route("GET", "/aaa-mode", Gate.KNOWN, permissions::mode);
    table.route("PUT", "/aaa-mode", Gate.KNOWN, permissions::setMode);
  }

  /** Everything, secrets included: for administrators. */
  private static Response backup(Store store, Caller caller) {
    if (!caller.admin()) {
      throw new HttpError(403, "Permission Denied: a backup is for administrators");
    }
    return Response.stream(
        "application/x-ndjson",
        out -> {
          try (Snapshot snapshot = store.snapshot()) {
            Backup.Summary _ = Backup.write(snapshot, Instant.now(), out);
          }
        });
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
}
