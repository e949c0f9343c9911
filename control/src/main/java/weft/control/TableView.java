package weft.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Query;
import weft.routing.Rib;
import weft.routing.RibOut;
import weft.routing.Table;
import weft.routing.TableId;

/** Shows the tables in the order of their names: how much is in each, and whom it is told to. */
final class TableView {
  private static final int PORTION = 8192;
  private static final Set<String> PARAMETERS = Set.of("table");

  private final Questions questions;
  private final Rib rib;

  TableView(Questions questions, Rib rib) {
    this.questions = questions;
    this.rib = rib;
  }

  ObjectNode page(Query query) throws InterruptedException {
    Paging.refuseOthers(query, PARAMETERS);
    Paging paging = Paging.of(query);
    String wanted = query.first("table");
    List<TableId> all =
        questions.ask(
            () -> rib.tables().stream().map(Table::id).filter(id -> isWanted(id, wanted)).toList());
    if (all.isEmpty() && wanted != null) {
      throw HttpError.notFound("No table '" + wanted + "'");
    }
    String after = paging.after();
    int at = after == null ? 0 : all.stream().map(TableId::toString).toList().indexOf(after) + 1;
    if (after != null && at == 0) {
      throw HttpError.badRequest("after: no table '" + after + "'");
    }
    int end = Math.min(all.size(), at + paging.limit());
    List<ObjectNode> rows = new ArrayList<>();
    for (TableId id : all.subList(at, end)) {
      ObjectNode row = row(id);
      if (row != null) {
        rows.add(row);
      }
    }
    return Paging.answer("tables", rows, end == all.size() ? null : all.get(end - 1).toString());
  }

  static boolean isWanted(TableId id, @Nullable String wanted) {
    return wanted == null || id.toString().equals(wanted) || id.instance().equals(wanted);
  }

  /** Null if the table is gone. */
  private @Nullable ObjectNode row(TableId id) throws InterruptedException {
    Counting counting =
        questions.ask(() -> {
          Table table = rib.table(id);
          return table == null ? null : new Counting(table);
        });
    if (counting == null) {
      return null;
    }
    while (questions.ask(counting::goOn)) {
      // Routing has its turn between two questions.
    }
    return questions.ask(counting::row);
  }

  /** Counts the paths of a table, roughly if it changes meanwhile. */
  private static final class Counting {
    private final Table table;
    private final Table.Scan scan;
    private long paths;

    Counting(Table table) {
      this.table = table;
      this.scan = table.scan();
    }

    boolean goOn() {
      return scan.next(PORTION, route -> paths += route.pathCount());
    }

    ObjectNode row() {
      ObjectNode row =
          Json.object()
              .put("table", table.id().toString())
              .put("routes", table.size())
              .put("paths", paths);
      ArrayNode members = row.putArray("peers");
      for (RibOut ribOut : table.ribOuts()) {
        ribOut.members().forEach(members::add);
      }
      return row;
    }
  }
}
