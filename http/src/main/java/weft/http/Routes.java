package weft.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The table of what a server answers: method and path pattern to handler.
 *
 * <p>A pattern is `/literal/{parameter}`; a parameter stands for one segment. Where several
 * patterns match, a literal segment goes before a parameter, from left to right. The table is
 * immutable once built and needs no server to be tried out.
 */
public final class Routes {
  private final Node root;

  private Routes(Node root) {
    this.root = root;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Answers a request: 404 for an unknown path, 405 for a known one with another method. */
  public Response dispatch(Request request) throws Exception {
    List<String> segments = segments(request.path());
    Map<String, String> params = new HashMap<>();
    Node node = find(root, segments, 0, params);
    if (node == null) {
      return Response.text(404, "Not found: '" + request.path() + "'");
    }
    Handler handler = node.handlers.get(request.method());
    if (handler == null && request.method().equals("HEAD")) {
      handler = node.handlers.get("GET");
    }
    if (handler == null) {
      return Response.text(
              405, "Method not allowed: " + request.method() + " '" + request.path() + "'")
          .withHeader(
              "Allow", String.join(", ", node.handlers.keySet().stream().sorted().toList()));
    }
    return handler.handle(request.withPathParams(Map.copyOf(params)));
  }

  private static @Nullable Node find(
      Node node, List<String> segments, int index, Map<String, String> params) {
    if (index == segments.size()) {
      return node.handlers.isEmpty() ? null : node;
    }
    String segment = segments.get(index);
    Node literal = node.literals.get(segment);
    if (literal != null) {
      Node found = find(literal, segments, index + 1, params);
      if (found != null) {
        return found;
      }
    }
    for (Map.Entry<String, Node> parameter : node.parameters.entrySet()) {
      Node found = find(parameter.getValue(), segments, index + 1, params);
      if (found != null) {
        params.put(parameter.getKey(), segment);
        return found;
      }
    }
    return null;
  }

  /** Segments of a path; a trailing slash does not count. */
  private static List<String> segments(String path) {
    List<String> segments = new ArrayList<>();
    for (String segment : path.split("/", -1)) {
      segments.add(segment);
    }
    segments.removeFirst();
    if (!segments.isEmpty() && segments.getLast().isEmpty()) {
      segments.removeLast();
    }
    return segments;
  }

  static String decodePath(String raw) {
    try {
      return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      throw HttpError.badRequest("Bad Request, malformed escape in path: " + raw);
    }
  }

  private static final class Node {
    final Map<String, Handler> handlers = new HashMap<>();
    final Map<String, Node> literals = new HashMap<>();
    final Map<String, Node> parameters = new HashMap<>();
  }

  /** Collects routes. */
  public static final class Builder {
    private final Node root = new Node();

    private Builder() {}

    public Builder get(String pattern, Handler handler) {
      return route("GET", pattern, handler);
    }

    public Builder post(String pattern, Handler handler) {
      return route("POST", pattern, handler);
    }

    public Builder put(String pattern, Handler handler) {
      return route("PUT", pattern, handler);
    }

    public Builder delete(String pattern, Handler handler) {
      return route("DELETE", pattern, handler);
    }

    public Builder route(String method, String pattern, Handler handler) {
      if (!pattern.startsWith("/")) {
        throw new IllegalArgumentException("a pattern starts with '/': " + pattern);
      }
      Node node = root;
      for (String segment : segments(pattern)) {
        boolean parameter = segment.startsWith("{") && segment.endsWith("}");
        node =
            parameter
                ? node.parameters.computeIfAbsent(
                    segment.substring(1, segment.length() - 1), _ -> new Node())
                : node.literals.computeIfAbsent(segment, _ -> new Node());
      }
      if (node.handlers.putIfAbsent(method, handler) != null) {
        throw new IllegalArgumentException("two routes for " + method + " " + pattern);
      }
      return this;
    }

    public Routes build() {
      return new Routes(root);
    }
  }
}
