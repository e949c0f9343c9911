package weft.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * One HTTP server of Weft, asked for JSON.
 *
 * <p>By HttpURLConnection: it starts up far faster than the newer client, which is what counts in a
 * command that makes one call.
 */
final class Rest {
  static final JsonMapper JSON = new JsonMapper();
  private static final int CONNECT_MILLIS = 3000;
  private static final int READ_MILLIS = 30_000;

  private final String base;

  /**
   * @param base such as `http://127.0.0.1:8082`; `http://` may be left out
   */
  Rest(String base) {
    String full = base.contains("://") ? base : "http://" + base;
    this.base = full.endsWith("/") ? full.substring(0, full.length() - 1) : full;
  }

  String base() {
    return base;
  }

  JsonNode get(String path) {
    return call("GET", path, null);
  }

  JsonNode post(String path, JsonNode body) {
    return call("POST", path, body);
  }

  /**
   * @return what was answered; an empty object for an empty answer
   * @throws Failure if the server cannot be reached or refuses
   */
  JsonNode call(String method, String path, @Nullable JsonNode body) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) URI.create(base + path).toURL().openConnection();
      connection.setRequestMethod(method);
      connection.setConnectTimeout(CONNECT_MILLIS);
      connection.setReadTimeout(READ_MILLIS);
      if (body != null) {
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        try (OutputStream out = connection.getOutputStream()) {
          out.write(JSON.writeValueAsBytes(body));
        }
      }
      return answer(connection);
    } catch (IOException e) {
      throw new Failure("cannot reach " + base + ": " + reason(e));
    } catch (IllegalArgumentException | JacksonException e) {
      throw new Failure(base + path + ": " + e.getMessage());
    }
  }

  private JsonNode answer(HttpURLConnection connection) throws IOException {
    int status = connection.getResponseCode();
    try (InputStream in =
        status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
      byte[] bytes = in == null ? new byte[0] : in.readAllBytes();
      if (status != HttpURLConnection.HTTP_OK) {
        String text = new String(bytes, StandardCharsets.UTF_8).strip();
        throw new Failure(text.isEmpty() ? base + " answered " + status : text, status);
      }
      return bytes.length == 0 ? JsonNodeFactory.instance.objectNode() : JSON.readTree(bytes);
    }
  }

  private static String reason(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}
