package weft.control;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.Query;

/**
 * Which part of a long list is asked for.
 *
 * @param limit how many at most
 * @param after what the last answer gave as `next`; null for the beginning
 */
record Paging(int limit, @Nullable String after) {
  static final int USUAL = 1000;
  static final int MOST = 10_000;
  static final Set<String> PARAMETERS = Set.of("limit", "after");

  /** Answers 400 to a parameter that is none of these, or `limit` and `after`. */
  static void refuseOthers(Query query, Set<String> known) {
    for (String name : query.parameters().keySet()) {
      if (!known.contains(name) && !PARAMETERS.contains(name)) {
        Set<String> all = new TreeSet<>(known);
        all.addAll(PARAMETERS);
        throw HttpError.badRequest(
            "No parameter '" + name + "'; there are: " + String.join(", ", all));
      }
    }
  }

  static Paging of(Query query) {
    String limit = query.first("limit");
    String after = query.first("after");
    return new Paging(limit == null ? USUAL : limit(limit), after);
  }

  private static int limit(String text) {
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= MOST) {
        return limit;
      }
    } catch (NumberFormatException _) {
      // Told below.
    }
    throw HttpError.badRequest("limit: '" + text + "' is not a number from 1 to " + MOST);
  }

  /** The answer: a list, and where to go on if there is more. */
  static ObjectNode answer(String name, List<ObjectNode> rows, @Nullable String next) {
    ObjectNode json = Json.listOf(name, rows);
    if (next != null) {
      json.put("next", next);
    }
    return json;
  }
}
