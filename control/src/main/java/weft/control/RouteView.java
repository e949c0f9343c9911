package weft.control;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Query;
import weft.net.Encapsulation;
import weft.routing.Explanation;
import weft.routing.Path;
import weft.routing.Rib;
import weft.routing.Route;
import weft.routing.RouteAttributes;
import weft.routing.RouteKey;
import weft.routing.Selection;
import weft.routing.Table;
import weft.routing.TableId;

/**
 * Shows routes, page by page, in the order of table and key.
 *
 * <p>The loop is asked for a little at a time, and no more than the keys of a page are remembered:
 * routing goes on beside it, however large the tables are. A page shows each route as it is when it
 * comes to it.
 */
final class RouteView {
  /** Places of a table that are looked at in one go. */
  private static final int PORTION = 2048;

  /** Routes that are shown in one go. */
  private static final int ROWS = 128;

  private final Questions questions;
  private final Rib rib;

  RouteView(Questions questions, Rib rib) {
    this.questions = questions;
    this.rib = rib;
  }

  ObjectNode page(Query query) throws InterruptedException {
    Paging.refuseOthers(query, RouteFilter.PARAMETERS);
    RouteFilter filter = RouteFilter.of(query);
    Paging paging = Paging.of(query);
    Cursor after = paging.after() == null ? null : Cursor.parse(paging.after());
    List<ObjectNode> rows = new ArrayList<>();
    Cursor last = after;
    int left = paging.limit();
    for (TableId table : tables(filter)) {
      int order = after == null ? 1 : table.compareTo(after.table());
      if (order < 0) {
        continue;
      }
      RouteKey from = order == 0 && after != null ? after.key() : null;
      NavigableSet<RouteKey> keys = keys(table, from, filter, left + 1);
      boolean more = keys.size() > left;
      if (more) {
        keys.pollLast();
      }
      if (!keys.isEmpty()) {
        show(table, keys, filter, rows);
        left -= keys.size();
        last = new Cursor(table, keys.last());
      }
      if (more) {
        return Paging.answer("routes", rows, last == null ? null : last.text());
      }
    }
    return Paging.answer("routes", rows, null);
  }

  private Collection<TableId> tables(RouteFilter filter) throws InterruptedException {
    List<TableId> all =
        questions.ask(() -> rib.tables().stream().map(Table::id).filter(filter::takes).toList());
    if (all.isEmpty() && filter.table() != null) {
      throw HttpError.notFound("No table '" + filter.table() + "'");
    }
    return all;
  }

  /** The first keys of a table that are wanted, as they were some time during the search. */
  private NavigableSet<RouteKey> keys(
      TableId id, @Nullable RouteKey from, RouteFilter filter, int most)
      throws InterruptedException {
    NavigableSet<RouteKey> keys = new TreeSet<>();
    RouteKey only = filter.only(id.family());
    if (only != null) {
      if (from == null || only.compareTo(from) > 0) {
        keys.add(only);
      }
      return keys;
    }
    Table.Scan scan =
        questions.ask(() -> {
          Table table = rib.table(id);
          return table == null ? (_, _) -> false : table.scan();
        });
    Consumer<Route> each =
        route -> {
          RouteKey key = route.key();
          boolean fits =
              (from == null || key.compareTo(from) > 0)
                  && (keys.size() < most || key.compareTo(keys.last()) < 0);
          if (fits && filter.takes(route) && keys.add(key) && keys.size() > most) {
            keys.pollLast();
          }
        };
    while (questions.ask(() -> scan.next(PORTION, each))) {
      // Routing has its turn between two questions.
    }
    return keys;
  }

  private void show(
      TableId id, Collection<RouteKey> keys, RouteFilter filter, List<ObjectNode> rows)
      throws InterruptedException {
    Iterator<RouteKey> next = keys.iterator();
    while (next.hasNext()) {
      rows.addAll(questions.ask(() -> show(id, next, filter)));
    }
  }

  private List<ObjectNode> show(TableId id, Iterator<RouteKey> keys, RouteFilter filter) {
    List<ObjectNode> rows = new ArrayList<>();
    Table table = rib.table(id);
    for (int i = 0; i < ROWS && keys.hasNext(); i++) {
      RouteKey key = keys.next();
      Route route = table == null ? null : table.route(key);
      if (route != null && filter.takes(route)) {
        addRows(route, filter, rows);
      }
    }
    return rows;
  }

  private void addRows(Route route, RouteFilter filter, List<ObjectNode> rows) {
    Selection selection = route.selection();
    for (int i = 0; i < selection.ranked().size(); i++) {
      Path path = selection.ranked().get(i);
      boolean used = i < selection.equal();
      if (filter.takes(path, used)) {
        ObjectNode row =
            Json.object()
                .put("table", route.tableId().toString())
                .put("prefix", route.key().toString())
                .put("best", used)
                .put("protocol", RouteFilter.protocol(path.peer().kind()))
                .put("source", path.peer().name());
        describe(row, path);
        String network = rib.network(route, path);
        row.put("origin_vn", network == null ? "" : network)
            .put("imported_from", path.imported() ? path.id().table().toString() : "")
            .put("condition", path.condition().name())
            .put("reason", selection.decision(i).toString())
            .put("why", Explanation.of(selection, i));
        rows.add(row);
      }
    }
  }

  private static void describe(ObjectNode row, Path path) {
    RouteAttributes attributes = path.attributes();
    row.put("next_hop", attributes.nextHop().address().toString());
    row.put("label", attributes.nextHop().label());
    ArrayNode encapsulations = row.putArray("encap");
    attributes.nextHop().encapsulations().stream()
        .map(Encapsulation::toString)
        .forEach(encapsulations::add);
    row.put("local_preference", attributes.preference().local());
    Long med = attributes.preference().med();
    row.put("med", med == null ? 0 : med);
    ArrayNode asPath = row.putArray("as_path");
    attributes.preference().asPath().forEach(asPath::add);
    ArrayNode groups = row.putArray("security_groups");
    attributes.membership().securityGroups().forEach(groups::add);
    ArrayNode targets = row.putArray("route_targets");
    attributes.membership().targets().forEach(target -> targets.add(target.toString()));
  }
}
