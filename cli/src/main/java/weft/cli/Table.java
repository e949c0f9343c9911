package weft.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Rows of JSON as aligned columns, without borders; a column that is empty in all rows is left out.
 */
final class Table {
  private static final String GAP = "  ";

  private final List<String> columns;
  private final List<List<String>> rows = new ArrayList<>();

  private Table(List<String> columns) {
    this.columns = columns;
  }

  /**
   * @param first columns that come first, in this order, where they occur; the others follow in the
   *     order of the rows' keys
   */
  static Table of(Iterable<JsonNode> objects, List<String> first) {
    Set<String> found = new LinkedHashSet<>();
    for (JsonNode object : objects) {
      object.forEachEntry((name, value) -> {
        if (!text(value).isEmpty()) {
          found.add(name);
        }
      });
    }
    List<String> columns = new ArrayList<>(first);
    columns.retainAll(found);
    found.removeAll(columns);
    columns.addAll(found);
    Table table = new Table(columns);
    for (JsonNode object : objects) {
      table.rows.add(columns.stream().map(column -> text(object.path(column))).toList());
    }
    return table;
  }

  /** The same without other columns. */
  Table only(List<String> wanted) {
    List<String> kept = columns.stream().filter(wanted::contains).toList();
    Table table = new Table(kept);
    for (List<String> row : rows) {
      table.rows.add(kept.stream().map(column -> row.get(columns.indexOf(column))).toList());
    }
    return table;
  }

  /** A value in one line: lists joined by commas, objects as `{key=value}`. */
  static String text(JsonNode value) {
    if (value.isArray()) {
      List<String> parts = new ArrayList<>();
      value.forEach(each -> parts.add(text(each)));
      return String.join(",", parts);
    }
    if (value.isObject()) {
      List<String> parts = new ArrayList<>();
      value.forEachEntry((name, each) -> {
        if (!text(each).isEmpty()) {
          parts.add(name + "=" + text(each));
        }
      });
      return parts.isEmpty() ? "" : "{" + String.join(" ", parts) + "}";
    }
    return value.isMissingNode() || value.isNull() ? "" : value.asString();
  }

  private static String heading(String column) {
    return column.replace('_', ' ').toUpperCase(Locale.ROOT);
  }

  /** The lines, a heading first; a single line if there is nothing. */
  List<String> lines() {
    if (rows.isEmpty()) {
      return List.of("(none)");
    }
    List<List<String>> all = new ArrayList<>();
    all.add(columns.stream().map(Table::heading).toList());
    all.addAll(rows);
    int[] widths = new int[columns.size()];
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length())).append(GAP);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
