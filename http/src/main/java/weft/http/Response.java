package weft.http;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One HTTP answer.
 *
 * @param contentType null to send none
 * @param headers further headers
 */
@SuppressWarnings("ArrayRecordComponent") // the bytes are written once
public record Response(
    int status, @Nullable String contentType, byte[] body, Map<String, String> headers) {
  public static final String JSON = "application/json";
  public static final String HTML = "text/html; charset=UTF-8";
  public static final String PLAIN = "text/plain; charset=UTF-8";

  public Response {
    headers = Map.copyOf(headers);
  }

  /** 200 with a JSON body. */
  public static Response json(JsonNode node) {
    return json(200, node);
  }

  public static Response json(int status, JsonNode node) {
    return new Response(status, JSON, Json.bytes(node), Map.of());
  }

  /** 200 with an empty body. */
  public static Response empty() {
    return text(200, "");
  }

  /** A short text; its content type is that of the config API's errors. */
  public static Response text(int status, String text) {
    return text(status, HTML, text);
  }

  public static Response text(int status, String contentType, String text) {
    return new Response(status, contentType, text.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  public Response withHeader(String name, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(name, value);
    return new Response(status, contentType, body, more);
  }
}
