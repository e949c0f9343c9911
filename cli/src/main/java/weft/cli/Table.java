package weft.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedSet;
import tools.jackson.databind.JsonNode;

/** Rows of JSON objects as aligned columns for people. */
final class Table {
  private static final String GAP = "  ";

  private Table() {}

  /**
   * Prints `rows`, one a line under a heading.
   *
   * @param first columns that come first, in this order; others follow as they appear
   */
  static void print(List<JsonNode> rows, List<String> first, PrintWriter out) {
    List<String> columns = columns(rows, first);
    if (rows.isEmpty()) {
      out.println("(none)");
      return;
    }
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        columns.stream().map(column -> column.replace('_', ' ').toUpperCase(Locale.ROOT)).toList());
    for (JsonNode row : rows) {
      lines.add(columns.stream().map(column -> cell(row.path(column))).toList());
    }
    int[] widths = new int[columns.size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        text.append(line.get(i)).repeat(' ', widths[i] - line.get(i).length()).append(GAP);
      }
      out.println(text.toString().stripTrailing());
    }
  }

  private static List<String> columns(List<JsonNode> rows, List<String> first) {
    SequencedSet<String> present = new LinkedHashSet<>();
    rows.forEach(row -> present.addAll(row.propertyNames()));
    SequencedSet<String> columns = new LinkedHashSet<>(first);
    columns.retainAll(present);
    columns.addAll(present);
    return List.copyOf(columns);
  }

  /** A value on one line: lists by commas, objects as `key=value`, nothing for null. */
  static String cell(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return "";
    }
    List<String> parts = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(item -> parts.add(cell(item)));
      return String.join(",", parts);
    }
    if (value.isObject()) {
      value.forEachEntry((key, item) -> parts.add(key + "=" + cell(item)));
      return "{" + String.join(" ", parts) + "}";
    }
    return value.asString();
  }
}
