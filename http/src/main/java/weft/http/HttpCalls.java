package weft.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Blocking calls to one HTTP server, over connections that are kept. */
public final class HttpCalls implements AutoCloseable {
  private final HttpClient client;
  private final String base;
  private final Duration timeout;

  /**
   * @param base e.g. `http://127.0.0.1:8082`
   */
  public HttpCalls(String base, Duration timeout) {
    this(base, timeout, null);
  }

  /**
   * @param trust whom a server by https has to be vouched for; null for those of the JDK
   */
  public HttpCalls(String base, Duration timeout, @Nullable SSLContext trust) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5));
    if (trust != null) {
      builder.sslContext(trust);
    }
    this.client = builder.build();
    this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    this.timeout = timeout;
  }

  public HttpCalls(String base) {
    this(base, Duration.ofSeconds(30));
  }

  /**
   * What came back.
   *
   * @param headers by lower-case name; several values joined by commas
   */
  public record Reply(int status, String text, Map<String, String> headers) {
    public boolean ok() {
      return status == 200;
    }

    public JsonNode json() {
      return Json.parse(text);
    }

    public @Nullable String header(String name) {
      return headers.get(name.toLowerCase(Locale.ROOT));
    }
  }

  public Reply get(String path) throws IOException {
    return call("GET", path, null);
  }

  public Reply post(String path, JsonNode body) throws IOException {
    return call("POST", path, Json.text(body));
  }

  public Reply put(String path, JsonNode body) throws IOException {
    return call("PUT", path, Json.text(body));
  }

  public Reply delete(String path) throws IOException {
    return call("DELETE", path, null);
  }

  /**
   * @param path with query, both escaped
   * @param headers names and values in turn
   */
  public Reply call(String method, String path, @Nullable String body, String... headers)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(timeout)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", Response.JSON);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      HttpResponse<String> reply =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      Map<String, String> replyHeaders = new HashMap<>();
      reply
          .headers()
          .map()
          .forEach((name, values) ->
              replyHeaders.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
      return new Reply(reply.statusCode(), reply.body(), replyHeaders);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while calling " + base + path, e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
