package weft.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
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
  private final @Nullable String user;
  private final Credentials credentials;
  private final Trust trust;

  /**
   * @param base such as `https://user:password@127.0.0.1:8082`; `http://` may be left out
   */
  Rest(String base) {
    this(base, Credentials.NONE, Trust.JDK);
  }

  /**
   * @param trust who has to vouch for a server by https
   */
  Rest(String base, Credentials credentials, Trust trust) {
    this.credentials = credentials;
    this.trust = trust;
    String full = base.contains("://") ? base : "http://" + base;
    int path = full.indexOf("://") + 3;
    int at = full.indexOf('@', path);
    // Kept apart, for the rest is shown to people.
    this.user = at < 0 ? null : URLDecoder.decode(full.substring(path, at), StandardCharsets.UTF_8);
    String shown = at < 0 ? full : full.substring(0, path) + full.substring(at + 1);
    this.base = shown.endsWith("/") ? shown.substring(0, shown.length() - 1) : shown;
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
      HttpURLConnection connection = open(path);
      String token = credentials.known();
      JsonNode answer = send(connection, method, body, token);
      if (answer == null) {
        String fetched = credentials.fetch();
        if (fetched == null) {
          return answer(connection);
        }
        HttpURLConnection again = open(path);
        answer = send(again, method, body, fetched);
        return answer == null ? answer(again) : answer;
      }
      return answer;
    } catch (IOException e) {
      throw new Failure("cannot reach " + base + ": " + trust.reason(e));
    } catch (IllegalArgumentException | JacksonException e) {
      throw new Failure(base + path + ": " + e.getMessage());
    }
  }

  private HttpURLConnection open(String path) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(base + path).toURL().openConnection();
    trust.apply(connection);
    if (user != null) {
      byte[] bytes = user.getBytes(StandardCharsets.UTF_8);
      connection.setRequestProperty(
          "Authorization", "Basic " + Base64.getEncoder().encodeToString(bytes));
    }
    return connection;
  }

  /** Null if the server asks who is calling. */
  private @Nullable JsonNode send(
      HttpURLConnection connection, String method, @Nullable JsonNode body, @Nullable String token)
      throws IOException {
    if (token != null) {
      connection.setRequestProperty("X-Auth-Token", token);
    }
    connection.setRequestMethod(method);
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(READ_MILLIS);
    if (body != null) {
      connection.setDoOutput(true);
      connection.setRequestProperty("Content-Type", "application/json");
      byte[] bytes = JSON.writeValueAsBytes(body);
      // Else an answer of 401 to a body that is streamed could not be read.
      connection.setFixedLengthStreamingMode(bytes.length);
      try (OutputStream out = connection.getOutputStream()) {
        out.write(bytes);
      }
    }
    return connection.getResponseCode() == HttpURLConnection.HTTP_UNAUTHORIZED && token == null
        ? null
        : answer(connection);
  }

  private JsonNode answer(HttpURLConnection connection) throws IOException {
    int status = connection.getResponseCode();
    try (InputStream in =
        status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
      byte[] bytes = in == null ? new byte[0] : in.readAllBytes();
      if (status != HttpURLConnection.HTTP_OK) {
        String text = new String(bytes, StandardCharsets.UTF_8).strip();
        String said = text.isEmpty() ? base + " answered " + status : text;
        boolean unknown = status == HttpURLConnection.HTTP_UNAUTHORIZED;
        throw new Failure(unknown ? said + credentials.advice() : said, status);
      }
      return bytes.length == 0 ? JsonNodeFactory.instance.objectNode() : JSON.readTree(bytes);
    }
  }

  /**
   * Asks for something large, which is read as it comes.
   *
   * @throws Failure if the server cannot be reached or refuses
   */
  InputStream stream(String path) {
    try {
      HttpURLConnection connection = begin(path, credentials.known());
      if (connection.getResponseCode() == HttpURLConnection.HTTP_UNAUTHORIZED) {
        String fetched = credentials.fetch();
        connection = fetched == null ? connection : begin(path, fetched);
      }
      if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
        var _ = answer(connection);
      }
      return connection.getInputStream();
    } catch (IOException e) {
      throw new Failure("cannot reach " + base + ": " + trust.reason(e));
    }
  }

  private HttpURLConnection begin(String path, @Nullable String token) throws IOException {
    HttpURLConnection connection = open(path);
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(READ_MILLIS);
    if (token != null) {
      connection.setRequestProperty("X-Auth-Token", token);
    }
    return connection;
  }
}
