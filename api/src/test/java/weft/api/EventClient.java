package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import weft.http.Json;

/** A client of `/watch` that reads one event after the other. */
final class EventClient implements AutoCloseable {
  private static final int TIMEOUT_MS = 60_000;

  private final HttpURLConnection connection;
  private final BufferedReader lines;

  record Event(String name, JsonNode data) {}

  /**
   * @param headers names and values in turn
   */
  EventClient(String url, String... headers) throws IOException {
    connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    connection.setReadTimeout(TIMEOUT_MS);
    for (int i = 0; i < headers.length; i += 2) {
      connection.setRequestProperty(headers[i], headers[i + 1]);
    }
    assertThat(connection.getResponseCode()).isEqualTo(200);
    assertThat(connection.getContentType()).startsWith("text/event-stream");
    lines =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Null at the end. */
  String line() throws IOException {
    return lines.readLine();
  }

  Event next() throws IOException {
    String event = line();
    assertThat(event).startsWith("event: ");
    String data = line();
    assertThat(data).startsWith("data: ");
    assertThat(line()).isEmpty();
    return new Event(event.substring(7), Json.parse(data.substring(6)));
  }

  @Override
  public void close() {
    connection.disconnect();
  }
}
