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
import weft.http.HttpMetrics;
import weft.http.Json;
import weft.http.JvmMetrics;
import weft.http.OpenMetrics;
import weft.http.Request;
import weft.http.Response;
import weft.http.Routes;
import weft.schema.FqName;
import weft.state.Latency;
import weft.store.Leadership;
import weft.store.StoreException;

/** Tells over HTTP how the controller is doing, and why derived objects are as they are. */
final class StatusRoutes {
  private static final long PATIENCE_SECONDS = 5;

  private final ControllerOptions options;
  private final MeasuredStore store;
  private final ConfigDb db;
  private final @Nullable CompilerRole compiler;
  private final @Nullable Leadership leadership;

  StatusRoutes(
      ControllerOptions options,
      MeasuredStore store,
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
    return Routes.builder()
        .get("/status", this::status)
        .get("/why", this::why)
        .get("/metrics", this::metrics)
        .build();
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

  private Response metrics(Request request) throws Exception {
    OpenMetrics metrics = new OpenMetrics();
    metrics
        .gauge("weft_config_objects", "Config objects.")
        .of(db.image().size())
        .gauge("weft_config_revision", "The revision of the config that this controller has.")
        .of(db.image().revision());
    long revision = storeRevision();
    metrics.gauge("weft_store_up", "1 while the store answers.").of(revision < 0 ? 0 : 1);
    if (revision >= 0) {
      metrics.gauge("weft_store_revision", "The store's last revision.").of(revision);
    }
    store.addTo(metrics);
    if (compiler != null) {
      addCompiler(metrics, answer(compiler.status()), compiler.latency().snapshot());
    }
    return HttpMetrics.addTo(JvmMetrics.addTo(metrics)).response();
  }

  /** -1 while the store is away. */
  private long storeRevision() {
    try {
      return store.revision();
    } catch (StoreException _) {
      return -1;
    }
  }

  private static void addCompiler(
      OpenMetrics metrics, CompilerRole.Status status, Latency.Snapshot latency) {
    metrics
        .gauge("weft_compiler_leading", "1 on the controller whose compiler writes.")
        .of(status.leading() ? 1 : 0)
        .gauge("weft_compiler_derived_objects", "Objects that it wants.")
        .of(status.derived())
        .gauge("weft_compiler_pending", "What of that is not written yet.")
        .of(status.pending().size())
        .gauge("weft_compiler_refused", "What of that the store refused.")
        .of(status.refused().size())
        .counter("weft_compiler_transactions", "Transactions that it sent to the store.")
        .of(status.transactions())
        .durations(
            "weft_compiler_compile_seconds",
            "How long it took to derive what follows from a change.",
            latency.boundsNs(),
            latency.counts(),
            latency.sumNs());
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
