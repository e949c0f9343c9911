package weft.controller;

import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.compiler.Cause;
import weft.compiler.DerivedKey;
import weft.config.ConfigDb;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.http.Routes;
import weft.schema.FqName;
import weft.store.Leadership;
import weft.store.Store;
import weft.store.StoreException;

/** Tells over HTTP how the controller is doing, and why derived objects are as they are. */
final class StatusRoutes {
  private static final long PATIENCE_SECONDS = 5;

  private final ControllerOptions options;
  private final Store store;
  private final ConfigDb db;
  private final @Nullable CompilerRole compiler;
  private final @Nullable Leadership leadership;

  StatusRoutes(
      ControllerOptions options,
      Store store,
      ConfigDb db,
      @Nullable CompilerRole compiler,
      @Nullable Leadership leadership) {
    this.options = options;
    this.store = store;
    this.db = db;
    this.compiler = compiler;
    this.leadership = leadership;
  }

  Routes routes() {
    return Routes.builder().get("/status", this::status).get("/why", this::why).build();
  }

  private Response status(Request request) throws Exception {
    ObjectNode status = Json.object();
    status.put("name", options.name());
    ArrayNode roles = status.putArray("roles");
    for (Role role : Role.values()) {
      if (options.roles().contains(role)) {
        roles.addObject().put("role", role.toString()).put("state", "running");
      }
    }
    status
        .putObject("config")
        .put("revision", db.image().revision())
        .put("objects", db.image().size());
    ObjectNode stored = status.putObject("store").put("engine", options.store().toString());
    try {
      stored.put("revision", store.revision()).put("state", "up");
    } catch (StoreException e) {
      stored.put("state", "away").put("reason", e.getMessage());
    }
    if (leadership != null) {
      // Nobody leads for a moment, or for the time of a lease, after the leader is gone.
      status.putObject("leaders").put("compiler", leadership.leader());
    }
    if (compiler != null) {
      status.set("compiler", Json.tree(answer(compiler.status())));
    }
    Runtime runtime = Runtime.getRuntime();
    status
        .putObject("memory")
        .put("heap_used_bytes", runtime.totalMemory() - runtime.freeMemory())
        .put("heap_limit_bytes", runtime.maxMemory());
    return Response.json(status);
  }

  /** `?name=a:b:c`: what is derived under the name, each with the inputs that it depends on. */
  private Response why(Request request) throws Exception {
    String name = request.query().first("name");
    if (name == null || name.isEmpty()) {
      throw HttpError.badRequest("why: name is missing");
    }
    if (compiler == null) {
      throw HttpError.notFound("no compiler runs here");
    }
    // A route target's name holds colons of its own.
    FqName fqName = name.startsWith("target:") ? FqName.of(name) : FqName.parse(name);
    SortedMap<DerivedKey, List<Cause>> reasons = answer(compiler.why(fqName));
    ObjectNode result = Json.object();
    ArrayNode list = result.putArray("derived");
    reasons.forEach((key, causes) -> {
      ObjectNode object = list.addObject();
      object.put("type", key.type()).put("name", key.fqName().toString());
      ArrayNode from = object.putArray("from");
      causes.forEach(cause -> from.add(cause.toString()));
    });
    return Response.json(result);
  }

  private static <T> T answer(CompletionStage<T> stage) throws Exception {
    try {
      return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new HttpError(503, "the compiler is busy");
    }
  }
}
