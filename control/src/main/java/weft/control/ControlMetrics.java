package weft.control;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import weft.bgp.BgpServer;
import weft.http.HttpMetrics;
import weft.http.JvmMetrics;
import weft.http.OpenMetrics;
import weft.http.Response;
import weft.routing.Rib;
import weft.routing.Table;
import weft.state.Latency;
import weft.xmpp.XmppSession;

/** What a control node counts. */
final class ControlMetrics {
  private static final String XMPP = "xmpp";
  private static final String BGP = "bgp";

  private final Questions questions;
  private final RouteFeed feed;
  private final Agents agents;
  private final Neighbours neighbours;
  private final Counters counters;

  ControlMetrics(
      Questions questions,
      RouteFeed feed,
      Agents agents,
      Neighbours neighbours,
      Counters counters) {
    this.questions = questions;
    this.feed = feed;
    this.agents = agents;
    this.neighbours = neighbours;
    this.counters = counters;
  }

  /** What sessions of one protocol sum up to. */
  private record Sessions(long up, long down, long in, long out, long queued, long most) {}

  Response page() throws InterruptedException {
    long waiting = questions.loop().waiting();
    OpenMetrics metrics = questions.ask(this::routing);
    Latency.Snapshot latency = feed.latency().snapshot();
    metrics
        .gauge("weft_control_loop_tasks", "Events that wait for the routing core.")
        .of(waiting)
        .durations(
            "weft_control_update_seconds",
            "From a change of routes until it is handed to the sessions that take it.",
            latency.boundsNs(),
            latency.counts(),
            latency.sumNs());
    return HttpMetrics.addTo(JvmMetrics.addTo(metrics)).response();
  }

  /** On the loop. */
  private OpenMetrics routing() {
    Rib rib = feed.rib();
    OpenMetrics metrics = sessions(new OpenMetrics());
    metrics
        .gauge("weft_control_routing_instances", "Routing instances that are configured.")
        .of(rib.instances().size());
    OpenMetrics.Family routes =
        metrics.gauge("weft_control_table_routes", "Routes, by table; empty tables are left out.");
    for (Table table : rib.tables()) {
      if (table.size() > 0) {
        routes.add(
            labels("instance", table.id().instance(), "family", table.id().family().suffix()),
            table.size());
      }
    }
    metrics
        .gauge("weft_control_table_routes_sum", "Routes of all tables.")
        .of(rib.tables().stream().mapToLong(Table::size).sum());
    return metrics
        .counter(
            "weft_control_events",
            "What peers did that was dropped, mended or refused, and why sessions ended, by kind.")
        .each("kind", counters.all());
  }

  private OpenMetrics sessions(OpenMetrics metrics) {
    Map<String, Sessions> all = new LinkedHashMap<>();
    all.put(XMPP, agents());
    all.put(BGP, neighbours());
    OpenMetrics.Family state =
        metrics.gauge("weft_control_sessions", "Peers, by protocol, with a session or without.");
    all.forEach((protocol, each) -> {
      state.add(labels("protocol", protocol, "state", "up"), each.up());
      state.add(labels("protocol", protocol, "state", "down"), each.down());
    });
    OpenMetrics.Family messages =
        metrics.counter(
            "weft_control_messages", "Messages of XMPP (stanzas) and of BGP, in and out.");
    all.forEach((protocol, each) -> {
      messages.add(labels("protocol", protocol, "direction", "in"), each.in());
      messages.add(labels("protocol", protocol, "direction", "out"), each.out());
    });
    OpenMetrics.Family queued =
        metrics.gauge("weft_control_queued_bytes", "What waits to be sent, of all sessions.");
    all.forEach((protocol, each) -> queued.add("protocol", protocol, each.queued()));
    OpenMetrics.Family most =
        metrics.gauge("weft_control_queued_most_bytes", "The same of the session with the most.");
    all.forEach((protocol, each) -> most.add("protocol", protocol, each.most()));
    return metrics;
  }

  private Sessions agents() {
    long up = 0;
    long down = 0;
    List<Long> ended = agents.endedStanzas();
    long in = ended.get(0);
    long out = ended.get(1);
    long queued = 0;
    long most = 0;
    for (Agents.Agent agent : agents.all()) {
      XmppSession session = agent.session;
      if (session == null) {
        down++;
      } else {
        XmppSession.Statistics statistics = session.statistics();
        up++;
        in += statistics.stanzasIn();
        out += statistics.stanzasOut();
        queued += statistics.queuedBytes();
        most = Math.max(most, statistics.queuedBytes());
      }
    }
    return new Sessions(up, down, in, out, queued, most);
  }

  private Sessions neighbours() {
    long up = 0;
    long down = 0;
    long in = 0;
    long out = 0;
    long queued = 0;
    long most = 0;
    for (BgpServer.PeerStatus status : neighbours.statuses()) {
      boolean isUp = status.negotiated() != null;
      up += isUp ? 1 : 0;
      down += isUp ? 0 : 1;
      in += status.messagesIn();
      out += status.messagesOut();
      queued += status.queuedBytes();
      most = Math.max(most, status.queuedBytes());
    }
    return new Sessions(up, down, in, out, queued, most);
  }

  private static Map<String, String> labels(String a, String x, String b, String y) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(a, x);
    labels.put(b, y);
    return labels;
  }
}
