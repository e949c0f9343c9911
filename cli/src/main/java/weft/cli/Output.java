package weft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;

/** How an answer is printed: a table for people, or the JSON it came as. */
final class Output {
  /** Forms of output. */
  enum Form {
    TABLE,
    JSON
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      description = "${COMPLETION-CANDIDATES} (default: TABLE).")
  Form form = Form.TABLE;

  /** Fetches `path` of a server and prints its list called `name`. */
  void print(
      String server,
      String path,
      Map<String, String> query,
      String name,
      List<String> columns,
      PrintWriter out)
      throws IOException {
    JsonNode answer = fetch(server, path, query);
    if (form == Form.JSON) {
      out.println(answer.toPrettyString());
    } else {
      List<JsonNode> rows = new ArrayList<>();
      answer.path(name).forEach(rows::add);
      Table.print(rows, columns, out);
    }
    out.flush();
  }

  /**
   * @throws IOException with the server's own words if it does not answer 200
   */
  static JsonNode fetch(String server, String path, Map<String, String> query) throws IOException {
    StringBuilder full = new StringBuilder(path);
    query.forEach((key, value) ->
        full.append(full.indexOf("?") < 0 ? '?' : '&')
            .append(key)
            .append('=')
            .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
    try (HttpCalls calls = new HttpCalls(server)) {
      HttpCalls.Reply reply = calls.get(full.toString());
      if (!reply.ok()) {
        throw new IOException(
            server + full + " answered " + reply.status() + ": " + reply.text().strip());
      }
      return reply.json();
    }
  }
}
