package weft.keystone;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import weft.http.ServerTrust;

/** Single calls to Keystone, none longer than its deadline. */
final class Calls implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient client;
  private final URI base;
  private final @Nullable Path caFile;

  /** A moment by which a question must be answered. */
  record Deadline(long atNanos) {
    static Deadline in(Duration time) {
      return new Deadline(System.nanoTime() + time.toNanos());
    }

    long left() {
      return Math.max(0, atNanos - System.nanoTime());
    }
  }

  /**
   * What came back.
   *
   * @param token the header `X-Subject-Token`
   */
  record Reply(int status, JsonNode body, @Nullable String token) {}

  /**
   * @param caFile who vouches for Keystone, in PEM; null for whom the JDK knows
   * @throws IOException with the file's name if it cannot be used
   */
  Calls(URI base, Duration timeout, @Nullable Path caFile) throws IOException {
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(timeout);
    if (caFile != null) {
      builder.sslContext(ServerTrust.of(caFile));
    }
    this.client = builder.build();
    this.base = base;
    this.caFile = caFile;
  }

  Reply post(String path, JsonNode body, Deadline deadline)
      throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))),
        deadline);
  }

  Reply get(String path, Deadline deadline, String... headers)
      throws IOException, InterruptedException {
    return send(request(path).headers(headers), deadline);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path)).header("Accept", "application/json");
  }

  private Reply send(HttpRequest.Builder request, Deadline deadline)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> coming =
        client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    try {
      HttpResponse<byte[]> response = coming.get(deadline.left(), TimeUnit.NANOSECONDS);
      return new Reply(
          response.statusCode(),
          json(response.body()),
          response.headers().firstValue("X-Subject-Token").orElse(null));
    } catch (TimeoutException e) {
      throw new IOException("no answer in time", e);
    } catch (ExecutionException e) {
      throw new IOException(reason(e.getCause()), e);
    } finally {
      coming.cancel(true);
    }
  }

  private String reason(@Nullable Throwable cause) {
    if (cause == null) {
      return "the call failed";
    }
    String distrust = ServerTrust.refusal(cause, caFile);
    if (distrust != null) {
      return distrust + " (keystone.tls.ca)";
    }
    String text = cause.getMessage();
    return text == null ? cause.getClass().getSimpleName() : text;
  }

  private static JsonNode json(byte[] body) throws IOException {
    try {
      return body.length == 0 ? JsonNodeFactory.instance.objectNode() : JSON.readTree(body);
    } catch (JacksonException e) {
      throw new IOException("the answer is not JSON", e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
