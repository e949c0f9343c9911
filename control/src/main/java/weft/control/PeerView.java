package weft.control;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.bfd.BfdPeers;
import weft.bgp.BgpServer;
import weft.bgp.Negotiated;
import weft.http.Json;
import weft.http.Query;
import weft.routing.Rib;
import weft.state.Loop;
import weft.xmpp.XmppSession;

/** Shows the agents and BGP peers, in the order of their names. */
final class PeerView {
  private static final Set<String> PARAMETERS = Set.of("peer", "type", "state");

  private final Questions questions;
  private final Rib rib;
  private final Agents agents;
  private final Neighbours neighbours;
  private final ConfigChannel config;
  private final Clock clock;

  PeerView(
      Questions questions,
      Rib rib,
      Agents agents,
      Neighbours neighbours,
      ConfigChannel config,
      Clock clock) {
    this.questions = questions;
    this.rib = rib;
    this.agents = agents;
    this.neighbours = neighbours;
    this.config = config;
    this.clock = clock;
  }

  ObjectNode page(Query query) throws InterruptedException {
    Paging.refuseOthers(query, PARAMETERS);
    Paging paging = Paging.of(query);
    return questions.ask(() -> page(query, paging));
  }

  private ObjectNode page(Query query, Paging paging) {
    TreeMap<String, Supplier<ObjectNode>> wanted = new TreeMap<>();
    for (Agents.Agent agent : agents.all()) {
      if (isWanted(query, agent.name, agent.address.toString(), "XMPP", state(agent))) {
        wanted.put(agent.name, () -> row(agent));
      }
    }
    for (BgpServer.PeerStatus status : neighbours.statuses()) {
      String address = status.peer().address().toString();
      String name = neighbours.name(status.peer().address());
      if (isWanted(query, name, address, "BGP", status.state())) {
        wanted.put(name, () -> row(name, status));
      }
    }
    String after = paging.after();
    List<ObjectNode> rows = new ArrayList<>();
    String last = "";
    for (Map.Entry<String, Supplier<ObjectNode>> each :
        (after == null ? wanted : wanted.tailMap(after, false)).entrySet()) {
      if (rows.size() == paging.limit()) {
        return Paging.answer("peers", rows, last);
      }
      rows.add(each.getValue().get());
      last = each.getKey();
    }
    return Paging.answer("peers", rows, null);
  }

  private static boolean isWanted(
      Query query, String name, String address, String type, String state) {
    String peer = query.first("peer");
    String wantedType = query.first("type");
    String wantedState = query.first("state");
    return (peer == null || peer.equals(name) || peer.equals(address))
        && (wantedType == null || wantedType.equalsIgnoreCase(type))
        && (wantedState == null || wantedState.equalsIgnoreCase(state));
  }

  private static String state(Agents.Agent agent) {
    return agent.session == null ? "Lost" : "Established";
  }

  private ObjectNode row(Agents.Agent agent) {
    XmppSession session = agent.session;
    XmppSession.Statistics statistics = session == null ? null : session.statistics();
    ObjectNode row =
        row(agent.name, "XMPP", agent.address.toString(), neighbours.asn(), state(agent));
    times(row, agent.changedNs, agent.flaps, agent.lostNs, agent.lastEnd);
    row.put("messages_in", statistics == null ? 0 : statistics.stanzasIn())
        .put("messages_out", statistics == null ? 0 : statistics.stanzasOut())
        .put("bytes_in", statistics == null ? 0 : statistics.bytesIn())
        .put("bytes_out", statistics == null ? 0 : statistics.bytesOut())
        .put("queued_bytes", statistics == null ? 0 : statistics.queuedBytes())
        .put("routes", rib.pathCount(agent.name));
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

  private ObjectNode row(String name, BgpServer.PeerStatus status) {
    BgpServer.History history = status.history();
    Negotiated negotiated = status.negotiated();
    ObjectNode row =
        row(name, "BGP", status.peer().address().toString(), status.peer().asn(), status.state());
    times(row, history.changedNs(), history.flaps(), history.lastFlapNs(), history.lastFlap());
    row.put("last_error", status.lastError())
        .put("messages_in", status.messagesIn())
        .put("messages_out", status.messagesOut())
        .put("queued_bytes", status.queuedBytes())
        .put("routes", rib.pathCount(name));
    BfdPeers.Status bfd = neighbours.bfd(status.peer().address());
    row.put("bfd", bfd == null ? "" : bfd.state().name().toLowerCase(Locale.ROOT));
    row.put("bfd_detection_ms", bfd == null ? 0 : bfd.detection().toMillis());
    ArrayNode families = row.putArray("families");
    if (negotiated != null) {
      negotiated.families().forEach(family -> families.add(family.toString()));
    }
    return row;
  }

  private static ObjectNode row(String name, String type, String address, long asn, String state) {
    return Json.object()
        .put("peer", name)
        .put("type", type)
        .put("address", address)
        .put("asn", asn)
        .put("state", state);
  }

  /** A session that has ended is a flap. */
  private void times(ObjectNode row, long changedNs, int flaps, @Nullable Long lostNs, String why) {
    Loop loop = questions.loop();
    row.put("since_seconds", (loop.nowNs() - changedNs) / 1_000_000_000L).put("flaps", flaps);
    Instant lost =
        lostNs == null
            ? null
            : clock.instant().minusNanos(loop.nowNs() - lostNs).truncatedTo(ChronoUnit.SECONDS);
    row.put("last_flap", lost == null ? "" : lost.toString());
    row.put("last_flap_reason", lost == null ? "" : why);
  }
}
