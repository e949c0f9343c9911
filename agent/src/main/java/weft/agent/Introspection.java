package weft.agent;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.agent.core.AgentCore;
import weft.agent.core.Ids;
import weft.agent.core.Port;
import weft.agent.core.Wanted.PortConfig;
import weft.agent.health.HealthChecks;
import weft.agent.liveness.Liveness;
import weft.http.HttpError;
import weft.http.HttpOptions;
import weft.http.HttpServer;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.http.Routes;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.vrouter.DropReason;
import weft.vrouter.Flow;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;

/** Shows what this host does: the datapath's own tables with names added, and the agent's state. */
final class Introspection {
  /** What the agent knows of itself. */
  record Sources(
      AgentOptions options,
      AgentCore core,
      Forwarding forwarding,
      Programmer programmer,
      ControlPlane control,
      Traps traps,
      DropWatch dropWatch,
      HealthChecks health,
      Liveness liveness,
      @Nullable SessionLog sessions,
      Disk disk,
      long startedNs) {}

  private final LoopCalls loop;
  private final Sources sources;

  Introspection(LoopCalls loop, Sources sources) {
    this.loop = loop;
    this.sources = sources;
  }

  HttpServer listen(InetSocketAddress address) throws IOException {
    Routes routes =
        Routes.builder()
            .get("/vif", _ -> list("vif", this::vifs))
            .get("/vrf", _ -> vrfs())
            .get("/nh", _ -> list("nh", () -> tables().nextHops()))
            .get("/rt", this::routes)
            .get("/bridge", this::macs)
            .get("/mpls", _ -> list("mpls", () -> tables().labels()))
            .get("/vxlan", _ -> list("vxlan", () -> tables().vnis()))
            .get("/acl", _ -> list("acl", () -> tables().acls()))
            .get("/services", _ -> list("services", () -> tables().services()))
            .get("/flow", _ -> flows())
            .get("/drops", _ -> list("drops", this::drops))
            .get("/why-dropped", request -> Response.json(loop.call(() -> told(request))))
            .get("/ports", _ -> list("ports", this::ports))
            .get("/health", _ -> list("health", this::health))
            .get("/hosts", _ -> list("hosts", this::hosts))
            .get("/xmpp", _ -> list("xmpp", this::xmpp))
            .get("/metrics", _ -> new AgentMetrics(sources).page(loop))
            .get("/status", _ -> Response.json(loop.call(this::status)))
            .post("/trace", request -> trace(request))
            .build();
    return HttpServer.start(new HttpOptions(address.getHostString(), address.getPort()), routes);
  }

  private interface Rows {
    List<ObjectNode> rows();
  }

  private Response list(String name, Rows rows) throws Exception {
    return Response.json(Json.listOf(name, loop.call(rows::rows)));
  }

  static @Nullable String parameter(Request request, String name) {
    List<String> values = request.query().parameters().get(name);
    return values == null || values.isEmpty() || values.getFirst().isEmpty()
        ? null
        : values.getFirst();
  }

  /** Is called on the loop; what may be very large is walked beside it. */
  private TableViews tables() {
    return new TableViews(
        sources.forwarding().structure(), sources.core().ids().names(Ids.Pool.NETWORK));
  }

  private List<ObjectNode> vifs() {
    return tables().vifs(sources.forwarding().vifStats(), sources.forwarding().vifDrops());
  }

  private Response vrfs() throws Exception {
    TableViews tables = loop.call(this::tables);
    sources.forwarding().routes((key, _) -> tables.count(key));
    sources.forwarding().macs((key, _) -> tables.count(key));
    return Response.json(Json.listOf("vrf", tables.vrfs()));
  }

  private Response routes(Request request) throws Exception {
    String vrf = parameter(request, "vrf");
    IpPrefix prefix = prefix(request);
    TableViews tables = loop.call(this::tables);
    sources
        .forwarding()
        .routes((key, route) -> {
          if ((prefix == null || prefix.equals(key.prefix())) && tables.isMeant(key.vrf(), vrf)) {
            tables.add(key, route);
          }
        });
    return some("rt", tables.routes(), tables.leftOut());
  }

  private static @Nullable IpPrefix prefix(Request request) {
    String text = parameter(request, "prefix");
    try {
      return text == null ? null : IpPrefix.parse(text);
    } catch (IllegalArgumentException e) {
      throw HttpError.badRequest("prefix: " + e.getMessage());
    }
  }

  private Response macs(Request request) throws Exception {
    String vrf = parameter(request, "vrf");
    TableViews tables = loop.call(this::tables);
    sources
        .forwarding()
        .macs((key, entry) -> {
          if (tables.isMeant(key.vrf(), vrf)) {
            tables.add(key, entry);
          }
        });
    return some("bridge", tables.bridges(), tables.leftOut());
  }

  private Response flows() throws Exception {
    TableViews tables = loop.call(this::tables);
    List<Flow> flows = new ArrayList<>();
    long[] leftOut = new long[1];
    sources
        .forwarding()
        .flows(flow -> {
          if (flows.size() < TableViews.MOST) {
            flows.add(flow);
          } else {
            leftOut[0]++;
          }
        });
    return some("flow", flows.stream().map(tables.flows()::flow).toList(), leftOut[0]);
  }

  /** A table of which some rows are left out. */
  private static Response some(String name, List<ObjectNode> rows, long leftOut) {
    return Response.json(Json.listOf(name, rows).put("left_out", leftOut));
  }

  private List<ObjectNode> drops() {
    List<ObjectNode> rows = new ArrayList<>();
    sources
        .forwarding()
        .drops()
        .forEach((reason, packets) -> rows.add(drop(reason).put("packets", packets)));
    return rows;
  }

  /** Drops as they come: those after the number that the last answer gave. */
  private ObjectNode told(Request request) {
    String after = parameter(request, "after");
    List<DropWatch.Told> told;
    try {
      told =
          sources.dropWatch().after(after == null ? -1 : Long.parseLong(after), System.nanoTime());
    } catch (NumberFormatException e) {
      throw HttpError.badRequest("after is not a number");
    }
    List<ObjectNode> rows = new ArrayList<>();
    if (!told.isEmpty()) {
      TableViews tables = tables();
      told.forEach(each -> rows.add(tables.flows().drop(each.drop())));
    }
    long last = told.isEmpty() ? sources.dropWatch().last() : told.getLast().number();
    ObjectNode json = Json.listOf("why_dropped", rows);
    return json.put("last", last);
  }

  private static ObjectNode drop(DropReason reason) {
    return Json.object().put("reason", reason.name()).put("text", reason.text());
  }

  private List<ObjectNode> ports() {
    List<ObjectNode> rows = new ArrayList<>();
    for (Port port : sources.core().ports()) {
      PortConfig config = sources.core().config(port.id());
      ObjectNode row =
          Json.object()
              .put("id", port.id().toString())
              .put("name", port.displayName())
              .put("device", port.device())
              .put("vlan", port.vlan())
              .put("state", sources.core().state(port).text())
              .put("instance", port.instance().toString())
              .put("network", config == null ? "" : config.network().name())
              .put("vrf", config == null ? "" : config.network().vrf())
              .put("mac", config == null ? "" : config.mac().toString());
      ArrayNode addresses = row.putArray("addresses");
      if (config != null) {
        config.addresses().forEach(address -> addresses.add(address.toString()));
      }
      rows.add(row);
    }
    return rows;
  }

  /** The hosts that tunnels lead to, and whether they live. */
  private List<ObjectNode> hosts() {
    List<ObjectNode> rows = new ArrayList<>();
    for (Liveness.Status host : sources.liveness().statuses()) {
      rows.add(
          Json.object()
              .put("address", host.host().toString())
              .put("state", host.state())
              .put("silent_ms", host.sinceMs())
              .put("round_trip_us", host.roundTripUs())
              .put("answers", host.answers())
              .put("silences", host.silences()));
    }
    return rows;
  }

  /** What is known of guests by the checks of their ports. */
  private List<ObjectNode> health() {
    List<ObjectNode> rows = new ArrayList<>();
    for (HealthChecks.Status status : sources.health().statuses()) {
      Port port = sources.core().port(status.port());
      rows.add(
          Json.object()
              .put("port", status.port().toString())
              .put("device", port == null ? "" : port.device())
              .put("check", status.check().name())
              .put("type", status.check().kind().word())
              .put("monitor", status.check().monitor().name())
              .put("state", status.state().text())
              .put("failures", status.failures())
              .put("changes", status.changes())
              .put("detail", status.detail()));
    }
    return rows;
  }

  /** The control nodes: one row for each that this host turns to. */
  private List<ObjectNode> xmpp() {
    List<ObjectNode> rows = new ArrayList<>();
    for (ControlPlane.Status each : sources.control().statuses()) {
      ControlChannel.Status status = each.channel();
      rows.add(
          Json.object()
              .put("server", each.client().server().toString())
              .put("state", status.state())
              .put("config", each.config() ? "active" : "standby")
              .put("sessions", status.sessions())
              .put("complete", status.complete())
              .put("subscribed_vrfs", status.subscribedVrfs())
              .put("published_routes", status.publishedRoutes())
              .put("received_routes", sources.core().routeCount(status.node()))
              .put("config_nodes", each.config() ? sources.core().configSize() : 0)
              .put("in_sync", status.inSync() && sources.control().configInSync())
              .put("malformed", status.malformed())
              .put("last_end", status.lastEnd())
              .put("last_failure", each.client().lastFailure())
              .put("hold_ms", each.client().hold().toMillis()));
    }
    return rows;
  }

  private ObjectNode status() {
    AgentCore core = sources.core();
    long active =
        core.ports().stream().filter(port -> core.state(port) == Port.State.ACTIVE).count();
    ObjectNode json =
        Json.object()
            .put("name", sources.options().name())
            .put("underlay_device", sources.options().underlayDevice())
            .put("underlay_address", sources.options().underlayAddress().toString())
            .put("control", sources.control().state())
            .put("tables", sources.programmer().relearning() ? "relearning" : "current")
            .put("tables_in_sync", sources.programmer().inSync())
            .put("disk", sources.disk().trouble())
            .put("config_on_disk", sources.disk().hasConfig())
            .put("ports", core.ports().size())
            .put("ports_active", active)
            .put("up_seconds", (System.nanoTime() - sources.startedNs()) / 1_000_000_000L)
            .put(
                "heap_used_mib",
                (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20);
    SessionLog sessions = sources.sessions();
    if (sessions != null) {
      json.put("sessions_recorded", sessions.written()).put("sessions_lost", sessions.lost());
    }
    ArrayNode encapsulations = json.putArray("encapsulation_priorities");
    core.global().encapsulations().forEach(each -> encapsulations.add(each.toString()));
    ArrayNode failures = json.putArray("failures");
    sources
        .programmer()
        .failures()
        .forEach((key, reason) ->
            failures.add(Json.object().put("entry", key.toString()).put("reason", reason)));
    ObjectNode traps = json.putObject("traps");
    for (Map.Entry<String, Long> count : sources.traps().counts().entrySet()) {
      traps.put(count.getKey(), count.getValue());
    }
    return json;
  }

  private record Inside(
      Map<TableKey, TableValue> structure, Map<Integer, String> vifs, Set<Ipv4Address> silent) {}

  private Response trace(Request request) throws Exception {
    JsonNode body = request.json();
    Inside inside =
        loop.call(() ->
            new Inside(
                sources.forwarding().structure(),
                sources.core().ids().names(Ids.Pool.VIF),
                sources.liveness().silent()));
    return Response.json(
        new Tracer(sources.forwarding(), inside.structure(), inside.vifs(), inside.silent())
            .trace(body));
  }

  /** The id of a vif as people name it: its number, its device, or its port. */
  static boolean names(String text, int id, String device, @Nullable UUID port) {
    return text.equals(device)
        || text.equals(Integer.toString(id))
        || port != null && text.equals(port.toString());
  }
}
