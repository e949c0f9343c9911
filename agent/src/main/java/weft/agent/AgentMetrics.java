package weft.agent;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import weft.agent.core.Port;
import weft.http.HttpMetrics;
import weft.http.JvmMetrics;
import weft.http.OpenMetrics;
import weft.http.Response;
import weft.vrouter.DropReason;

/** What a vRouter counts: its sessions, ports and tables, and the packets of the kernel. */
record AgentMetrics(Introspection.Sources sources) {

  Response page(LoopCalls loop) throws Exception {
    return HttpMetrics.addTo(JvmMetrics.addTo(loop.call(this::state))).response();
  }

  private OpenMetrics state() {
    OpenMetrics metrics = new OpenMetrics();
    sessions(metrics);
    Map<Port.State, Long> ports = new EnumMap<>(Port.State.class);
    sources.core().ports().forEach(port -> ports.merge(sources.core().state(port), 1L, Long::sum));
    OpenMetrics.Family states = metrics.gauge("weft_agent_ports", "Ports, by their state.");
    for (Port.State state : Port.State.values()) {
      states.add("state", state.name().toLowerCase(Locale.ROOT), ports.getOrDefault(state, 0L));
    }
    metrics
        .gauge("weft_agent_tables_in_sync", "1 if the kernel has all that is wanted.")
        .of(sources.programmer().inSync() ? 1 : 0)
        .gauge("weft_agent_table_failures", "Entries that the kernel did not take.")
        .of(sources.programmer().failures().size())
        .gauge("weft_agent_disk_writable", "0 while files of the data directory cannot grow.")
        .of(sources.disk().trouble().isEmpty() ? 1 : 0)
        .counter("weft_agent_traps", "Packets that came up to the agent, by what became of them.")
        .each("outcome", new TreeMap<>(sources.traps().counts()));
    packets(metrics);
    return metrics;
  }

  private void sessions(OpenMetrics metrics) {
    List<ControlPlane.Status> all = sources.control().statuses();
    OpenMetrics.Family up =
        metrics.gauge("weft_agent_session_up", "1 with a session, by control node.");
    all.forEach(each ->
        up.add("server", server(each), each.channel().state().equals("Established") ? 1 : 0));
    OpenMetrics.Family opened =
        metrics.counter("weft_agent_sessions_opened", "Sessions that came about, by control node.");
    all.forEach(each -> opened.add("server", server(each), each.channel().sessions()));
    OpenMetrics.Family malformed =
        metrics.counter("weft_agent_malformed", "Messages that were dropped, by control node.");
    all.forEach(each -> malformed.add("server", server(each), each.channel().malformed()));
    OpenMetrics.Family routes =
        metrics.gauge("weft_agent_routes", "Routes that each control node tells.");
    all.forEach(each ->
        routes.add("server", server(each), sources.core().routeCount(each.channel().node())));
  }

  private static String server(ControlPlane.Status status) {
    return status.client().server().toString();
  }

  private void packets(OpenMetrics metrics) {
    OpenMetrics.Family drops =
        metrics.counter("weft_vrouter_drops", "Packets dropped by the kernel, by reason.");
    for (Map.Entry<DropReason, Long> drop : sources.forwarding().drops().entrySet()) {
      drops.add("reason", drop.getKey().name().toLowerCase(Locale.ROOT), drop.getValue());
    }
    metrics
        .gauge("weft_vrouter_flow_entries", "Entries of the kernel's flow table, two a flow.")
        .of(sources.forwarding().flowEntries());
  }
}
