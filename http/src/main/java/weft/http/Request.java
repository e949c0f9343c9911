package weft.http;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One HTTP request, read to its end.
 *
 * @param path decoded path, starting with `/`
 * @param pathParams values of the `{name}` segments of the route that matched
 * @param headers by lower-case name; several values joined by commas
 * @param origin the other end of the connection; null if it is not of the internet
 * @param secure whether the connection is by TLS
 */
@SuppressWarnings("ArrayRecordComponent") // the bytes are read once and belong to the handler
public record Request(
    String method,
    String path,
    Map<String, String> pathParams,
    Query query,
    Map<String, String> headers,
    byte[] body,
    @Nullable InetSocketAddress origin,
    boolean secure) {

  /** The value of a path parameter that the route declares. */
  public String param(String name) {
    String value = pathParams.get(name);
    if (value == null) {
      throw new IllegalArgumentException("route has no parameter " + name);
    }
    return value;
  }

  public @Nullable String header(String name) {
    return headers.get(name.toLowerCase(Locale.ROOT));
  }

  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** The body as JSON; answers 400 with the place of the mistake if it is none. */
  public JsonNode json() {
    return Json.parse(body);
  }

  Request withPathParams(Map<String, String> params) {
    return new Request(method, path, params, query, headers, body, origin, secure);
  }
}
