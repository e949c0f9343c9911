package weft.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One HTTP answer.
 *
 * @param contentType null to send none
 * @param body empty if there is a stream
 * @param headers further headers
 * @param stream what writes the body bit by bit; null if it is sent as a whole
 */
@SuppressWarnings("ArrayRecordComponent") // the bytes are written once
public record Response(
    int status,
    @Nullable String contentType,
    byte[] body,
    Map<String, String> headers,
    @Nullable Stream stream) {
  public static final String JSON = "application/json";
  public static final String HTML = "text/html; charset=UTF-8";
  public static final String PLAIN = "text/plain; charset=UTF-8";

  /** A body without known end; what is written goes out at the latest with a flush. */
  @FunctionalInterface
  public interface Stream {
    /**
     * Runs on the thread of the connection until the body ends.
     *
     * @throws IOException from `out`: the client is gone
     */
    void writeTo(OutputStream out) throws IOException, InterruptedException;
  }

  public Response {
    headers = Map.copyOf(headers);
  }

  public Response(
      int status, @Nullable String contentType, byte[] body, Map<String, String> headers) {
    this(status, contentType, body, headers, null);
  }

  /** 200 with a body that is written bit by bit. */
  public static Response stream(String contentType, Stream stream) {
    return new Response(200, contentType, new byte[0], Map.of(), stream);
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
    return new Response(status, contentType, body, more, stream);
  }
}
