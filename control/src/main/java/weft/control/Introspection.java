package weft.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.bgp.BgpServer;
import weft.bgp.Negotiated;
import weft.http.Handler;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Query;
import weft.http.Response;
import weft.http.Routes;
import weft.net.Encapsulation;
import weft.routing.Path;
import weft.routing.Rib;
import weft.routing.RibOut;
import weft.routing.Route;
import weft.routing.RouteAttributes;
import weft.routing.RouteKey;
import weft.routing.Selection;
import weft.routing.Table;
import weft.state.Loop;
import weft.xmpp.ConfigLink;
import weft.xmpp.ConfigNode;
import weft.xmpp.XmppSession;

/** Shows the tables and peers of a control node as JSON. Handlers ask the loop and wait. */
final class Introspection {
  private static final int MAX_ROWS = 10_000;

  private final ControlOptions options;
  private final Loop loop;
  private final Rib rib;
  private final Agents agents;
  private final Neighbours neighbours;
  private final ConfigChannel config;
  private final Counters counters;
  private final long startedNs;

  Introspection(
      ControlOptions options,
      Loop loop,
      Rib rib,
      Agents agents,
      Neighbours neighbours,
      ConfigChannel config,
      Counters counters) {
    this.options = options;
    this.loop = loop;
    this.rib = rib;
    this.agents = agents;
    this.neighbours = neighbours;
    this.config = config;
    this.counters = counters;
    this.startedNs = loop.nowNs();
  }

  Routes routes() {
    return Routes.builder()
        .get("/status", json(_ -> status()))
        .get("/peers", json(_ -> Json.listOf("peers", peers())))
        .get("/tables", json(_ -> Json.listOf("tables", tables())))
        .get("/routes", json(query -> Json.listOf("routes", routes(query))))
        .get("/rt-groups", json(_ -> Json.listOf("rt_groups", targetGroups())))
        .get("/config", json(this::config))
        .get("/metrics", request -> Response.text(200, "text/plain", ask(this::metrics)))
        .build();
  }

  private interface View {
    JsonNode of(Query query);
  }

  private Handler json(View view) {
    return request -> Response.json(ask(() -> view.of(request.query())));
  }

  /** Computes on the loop. */
  private <T> T ask(Supplier<T> question) throws InterruptedException {
    CompletableFuture<T> answer = new CompletableFuture<>();
    loop.execute(() -> {
      try {
        answer.complete(question.get());
      } catch (HttpError e) {
        answer.completeExceptionally(e);
      }
    });
    try {
      return answer.get(5, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new HttpError(503, "The control node does not answer in time");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof HttpError error ? error : new IllegalStateException(e);
    }
  }

  // ---- peers

  private List<ObjectNode> peers() {
    List<ObjectNode> rows = new ArrayList<>();
    for (Agents.Agent agent : agents.all()) {
      rows.add(agentRow(agent));
    }
    for (BgpServer.PeerStatus status : neighbours.statuses()) {
      rows.add(neighbourRow(status));
    }
    return rows;
  }

  private ObjectNode agentRow(Agents.Agent agent) {
    XmppSession session = agent.session;
    ObjectNode row = Json.object();
    row.put("peer", agent.name);
    row.put("type", "XMPP");
    row.put("address", agent.address.toString());
    row.put("asn", neighbours.asn());
    row.put("state", session == null ? "Lost" : "Established");
    row.put("since_seconds", (loop.nowNs() - agent.changedNs) / 1_000_000_000L);
    row.put("flaps", agent.flaps);
    row.put("last_error", agent.lastEnd);
    row.put("messages_in", session == null ? 0 : session.statistics().stanzasIn());
    row.put("messages_out", session == null ? 0 : session.statistics().stanzasOut());
    row.put("routes", rib.pathCount(agent.name));
    ArrayNode subscriptions = row.putArray("subscriptions");
    rib.subscriptions(agent.name).keySet().forEach(subscriptions::add);
    ArrayNode machines = row.putArray("virtual_machines");
    config.machines(agent.name).forEach(machines::add);
    ArrayNode ports = row.putArray("active_ports");
    config.ports(agent.name).forEach(ports::add);
    row.put("end_of_rib_received", agent.endOfRibIn);
    row.put("end_of_rib_sent", agent.endOfRibOut);
    return row;
  }

  private ObjectNode neighbourRow(BgpServer.PeerStatus status) {
    String name = neighbours.name(status.peer().address());
    Negotiated negotiated = status.negotiated();
    ObjectNode row = Json.object();
    row.put("peer", name);
    row.put("type", "BGP");
    row.put("address", status.peer().address().toString());
    row.put("asn", status.peer().asn());
    row.put("state", status.state());
    row.put("flaps", status.flaps());
    row.put("last_error", status.lastError());
    row.put("messages_in", status.messagesIn());
    row.put("messages_out", status.messagesOut());
    row.put("routes", rib.pathCount(name));
    ArrayNode families = row.putArray("families");
    if (negotiated != null) {
      negotiated.families().forEach(family -> families.add(family.toString()));
    }
    return row;
  }

  // ---- tables

  private List<ObjectNode> tables() {
    List<ObjectNode> rows = new ArrayList<>();
    for (Table table : rib.tables()) {
      ObjectNode row = Json.object();
      row.put("table", table.id().toString());
      row.put("routes", table.size());
      row.put("paths", table.routes().stream().mapToInt(r -> r.selection().ranked().size()).sum());
      ArrayNode members = row.putArray("peers");
      for (RibOut ribOut : table.ribOuts()) {
        ribOut.members().forEach(members::add);
      }
      rows.add(row);
    }
    return rows;
  }

  private List<ObjectNode> routes(Query query) {
    String wantedTable = query.first("table");
    String wantedPrefix = query.first("prefix");
    List<ObjectNode> rows = new ArrayList<>();
    boolean found = false;
    for (Table table : rib.tables()) {
      if (wantedTable == null || isTable(table, wantedTable)) {
        found = true;
        for (Route route : table.routes()) {
          if (wantedPrefix == null || isPrefix(route.key(), wantedPrefix)) {
            addRows(route, rows);
          }
          if (rows.size() > MAX_ROWS) {
            throw HttpError.badRequest(
                "More than " + MAX_ROWS + " paths: name a table and a prefix");
          }
        }
      }
    }
    if (!found && wantedTable != null) {
      throw HttpError.notFound("No table '" + wantedTable + "'");
    }
    return rows;
  }

  /** A table by its whole name, or all tables of an instance. */
  private static boolean isTable(Table table, String wanted) {
    return table.id().toString().equals(wanted) || table.id().instance().equals(wanted);
  }

  /** The key as written, with or without its RD, or a part of it: an address, a MAC. */
  private static boolean isPrefix(RouteKey key, String wanted) {
    if (key instanceof RouteKey.Vpn vpn && isPrefix(vpn.key(), wanted)) {
      return true;
    }
    String text = key.toString();
    return text.equals(wanted)
        || text.startsWith(wanted + "/")
        || text.contains(wanted + ",")
        || text.endsWith("," + wanted)
        || text.contains("," + wanted + "/");
  }

  private void addRows(Route route, List<ObjectNode> rows) {
    Selection selection = route.selection();
    for (int i = 0; i < selection.ranked().size(); i++) {
      Path path = selection.ranked().get(i);
      RouteAttributes attributes = path.attributes();
      ObjectNode row = Json.object();
      row.put("table", route.tableId().toString());
      row.put("prefix", route.key().toString());
      row.put("best", i < selection.equal());
      row.put("protocol", protocol(path));
      row.put("source", path.peer().name());
      row.put("next_hop", attributes.nextHop().address().toString());
      row.put("label", attributes.nextHop().label());
      ArrayNode encapsulations = row.putArray("encap");
      attributes.nextHop().encapsulations().stream()
          .map(Encapsulation::toString)
          .forEach(encapsulations::add);
      row.put("local_preference", attributes.preference().local());
      Long med = attributes.preference().med();
      row.put("med", med == null ? 0 : med);
      ArrayNode groups = row.putArray("security_groups");
      attributes.membership().securityGroups().forEach(groups::add);
      row.put("origin_vn", originVn(route, path));
      ArrayNode targets = row.putArray("route_targets");
      attributes.membership().targets().forEach(target -> targets.add(target.toString()));
      ArrayNode asPath = row.putArray("as_path");
      attributes.preference().asPath().forEach(asPath::add);
      row.put("imported_from", path.imported() ? path.id().table().toString() : "");
      row.put("condition", path.condition().name());
      row.put("reason", selection.decision(i).toString());
      rows.add(row);
    }
  }

  private static String protocol(Path path) {
    return switch (path.peer().kind()) {
      case AGENT -> "XMPP";
      case INTERNAL_BGP, EXTERNAL_BGP -> "BGP";
      case LOCAL -> "Local";
      case AGGREGATE -> "Aggregate";
      case STATIC -> "Static";
    };
  }

  private String originVn(Route route, Path path) {
    String name = rib.network(route, path);
    return name == null ? "" : name;
  }

  private List<ObjectNode> targetGroups() {
    List<ObjectNode> rows = new ArrayList<>();
    for (Rib.TargetGroup group : rib.targetGroups()) {
      ObjectNode row = Json.object();
      row.put("route_target", group.target().toString());
      ArrayNode importers = row.putArray("importers");
      group.importers().forEach(importers::add);
      ArrayNode exporters = row.putArray("exporters");
      group.exporters().forEach(exporters::add);
      row.put("routes", group.routes());
      rows.add(row);
    }
    return rows;
  }

  // ---- config channel

  private JsonNode config(Query query) {
    String agent = query.first("agent");
    if (agent == null) {
      throw HttpError.badRequest("Which agent? /config?agent=NAME");
    }
    Map<String, ConfigNode> told = config.told(agent);
    if (told == null) {
      throw HttpError.notFound("Agent '" + agent + "' has not asked for its configuration");
    }
    Set<ConfigLink> links = config.toldLinks(agent);
    ObjectNode answer = Json.object();
    ArrayNode nodes = answer.putArray("nodes");
    told.forEach((_, node) -> {
      ObjectNode row = nodes.addObject();
      row.put("type", node.key().type());
      row.put("name", node.key().name());
      row.put("properties", node.properties().size());
    });
    ArrayNode linkRows = answer.putArray("links");
    for (ConfigLink link : links) {
      ObjectNode row = linkRows.addObject();
      row.put("metadata", link.metadata());
      row.put("left", link.left().toString());
      row.put("right", link.right().toString());
    }
    return answer;
  }

  // ---- the whole

  private ObjectNode status() {
    ObjectNode status = Json.object();
    status.put("name", options.name());
    status.put("router_id", options.routerId().toString());
    status.put("asn", neighbours.asn());
    status.put("uptime_seconds", (loop.nowNs() - startedNs) / 1_000_000_000L);
    numbers().forEach(status::put);
    return status;
  }

  private Map<String, Long> numbers() {
    Map<String, Long> numbers = new TreeMap<>();
    numbers.put("xmpp_peers", (long) agents.all().size());
    numbers.put("xmpp_peers_up", agents.all().stream().filter(a -> a.session != null).count());
    numbers.put("bgp_peers", (long) neighbours.statuses().size());
    numbers.put(
        "bgp_peers_up",
        neighbours.statuses().stream().filter(s -> isEstablished(s.negotiated())).count());
    numbers.put("routing_instances", (long) rib.instances().size());
    numbers.put("tables", (long) rib.tables().size());
    numbers.put("routes", rib.tables().stream().mapToLong(Table::size).sum());
    return numbers;
  }

  private static boolean isEstablished(@Nullable Negotiated negotiated) {
    return negotiated != null;
  }

  private String metrics() {
    StringBuilder text = new StringBuilder();
    numbers()
        .forEach((name, value) ->
            text.append("weft_control_").append(name).append(' ').append(value).append('\n'));
    counters
        .all()
        .forEach((name, value) ->
            text.append("weft_control_").append(name).append("_total ").append(value).append('\n'));
    return text.toString();
  }
}
