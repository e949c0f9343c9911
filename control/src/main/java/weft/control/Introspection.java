package weft.control;

import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.bgp.Negotiated;
import weft.http.Handler;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Query;
import weft.http.Response;
import weft.http.Routes;
import weft.routing.Rib;
import weft.routing.Table;
import weft.state.EventLoop;
import weft.state.Loop;
import weft.xmpp.ConfigLink;
import weft.xmpp.ConfigNode;

/** Shows the tables and peers of a control node as JSON. Handlers ask the loop and wait. */
final class Introspection {
  private final ControlOptions options;
  private final Loop loop;
  private final Rib rib;
  private final Agents agents;
  private final Neighbours neighbours;
  private final ConfigChannel config;
  private final Questions questions;
  private final PeerView peers;
  private final RouteView routes;
  private final TableView tables;
  private final TargetView targets;
  private final ControlMetrics metrics;
  private final long startedNs;

  Introspection(
      ControlOptions options,
      EventLoop loop,
      RouteFeed feed,
      Agents agents,
      Neighbours neighbours,
      ConfigChannel config,
      Counters counters) {
    this.options = options;
    this.loop = loop;
    this.rib = feed.rib();
    this.agents = agents;
    this.neighbours = neighbours;
    this.config = config;
    this.startedNs = loop.nowNs();
    this.questions = new Questions(loop);
    this.peers = new PeerView(questions, rib, agents, neighbours, config, Clock.systemUTC());
    this.routes = new RouteView(questions, rib);
    this.tables = new TableView(questions, rib);
    this.targets = new TargetView(questions, rib);
    this.metrics = new ControlMetrics(questions, feed, agents, neighbours, counters);
  }

  Routes routes() {
    return Routes.builder()
        .get("/status", json(_ -> status()))
        .get("/peers", request -> Response.json(peers.page(request.query())))
        .get("/tables", request -> Response.json(tables.page(request.query())))
        .get("/routes", request -> Response.json(routes.page(request.query())))
        .get("/rt-groups", request -> Response.json(targets.page(request.query())))
        .get("/config", json(this::config))
        .get("/metrics", _ -> metrics.page())
        .build();
  }

  private interface View {
    JsonNode of(Query query);
  }

  private Handler json(View view) {
    return request -> Response.json(questions.ask(() -> view.of(request.query())));
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
}
