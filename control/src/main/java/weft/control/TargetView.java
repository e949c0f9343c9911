package weft.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Query;
import weft.net.RouteTarget;
import weft.routing.Rib;

/** Shows the route targets, in their order: who imports, exports and wants what carries them. */
final class TargetView {
  private static final int ROWS = 128;
  private static final Set<String> PARAMETERS = Set.of("target", "instance");

  private final Questions questions;
  private final Rib rib;

  TargetView(Questions questions, Rib rib) {
    this.questions = questions;
    this.rib = rib;
  }

  ObjectNode page(Query query) throws InterruptedException {
    Paging.refuseOthers(query, PARAMETERS);
    Paging paging = Paging.of(query);
    String one = query.first("target");
    String instance = query.first("instance");
    String after = paging.after();
    RouteTarget from = after == null ? null : target("after", after);
    Stream<RouteTarget> wanted =
        one == null ? questions.ask(rib::targets).stream() : Stream.of(target("target", one));
    List<RouteTarget> targets =
        wanted.filter(t -> from == null || t.compareTo(from) > 0).sorted().toList();
    List<ObjectNode> rows = new ArrayList<>();
    for (int at = 0; at < targets.size(); at += ROWS) {
      List<RouteTarget> some = targets.subList(at, Math.min(at + ROWS, targets.size()));
      for (Rib.TargetGroup group :
          questions.ask(() -> some.stream().map(rib::targetGroup).toList())) {
        if (instance == null
            || group.importers().contains(instance)
            || group.exporters().contains(instance)) {
          if (rows.size() == paging.limit()) {
            String last = rows.getLast().path("route_target").asString();
            return Paging.answer("rt_groups", rows, last);
          }
          rows.add(row(group));
        }
      }
    }
    return Paging.answer("rt_groups", rows, null);
  }

  private static RouteTarget target(String parameter, String text) {
    try {
      return RouteTarget.parse(text);
    } catch (IllegalArgumentException e) {
      throw HttpError.badRequest(parameter + ": " + e.getMessage());
    }
  }

  private static ObjectNode row(Rib.TargetGroup group) {
    ObjectNode row = Json.object().put("route_target", group.target().toString());
    ArrayNode importers = row.putArray("importers");
    group.importers().forEach(importers::add);
    ArrayNode exporters = row.putArray("exporters");
    group.exporters().forEach(exporters::add);
    row.put("routes", group.routes());
    ArrayNode wanting = row.putArray("wanted_by");
    group.wanting().forEach(wanting::add);
    return row;
  }
}
