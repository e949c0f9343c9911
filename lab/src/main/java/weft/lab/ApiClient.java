package weft.lab;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A client of the public REST APIs: config objects on the controller, tables on controller and vRouters. */
public final class ApiClient {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final String base;

  /** @param base such as `http://127.0.0.1:8082` */
  public ApiClient(String base) {
    this.base = base;
  }

  public static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** JSON from text with `'` for `"`. */
  public static JsonNode json(String text) {
    return JSON.readTree(text.replace('\'', '"'));
  }

  public boolean answers() {
    try {
      return send("GET", "/", null).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private HttpResponse<String> send(String method, String path, @Nullable JsonNode body) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(20));
    if (body == null) {
      request.method(method, HttpRequest.BodyPublishers.noBody());
    } else {
      request
          .header("Content-Type", "application/json")
          .method(method, HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
    }
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted");
    }
  }

  /** Calls and returns the answer's JSON. @throws LabException on any status but 200 */
  public JsonNode call(String method, String path, @Nullable JsonNode body) {
    try {
      HttpResponse<String> response = send(method, path, body);
      if (response.statusCode() != 200) {
        throw new LabException(
            method + " " + base + path + " answered " + response.statusCode() + ": " + response.body());
      }
      return response.body().isBlank() ? object() : JSON.readTree(response.body());
    } catch (IOException e) {
      throw new LabException(method + " " + base + path + ": " + e);
    }
  }

  public JsonNode get(String path) {
    return call("GET", path, null);
  }

  /** The rows of a table, or none while its server does not answer. */
  public List<JsonNode> rows(String table, String path) {
    try {
      List<JsonNode> rows = new ArrayList<>();
      get(path).path(table).forEach(rows::add);
      return rows;
    } catch (LabException e) {
      return List.of();
    }
  }

  /** Creates a config object and returns its uuid. */
  public String create(String type, String parentType, String fqName, Map<String, JsonNode> fields) {
    ObjectNode body = object();
    for (String part : fqName.split(":")) {
      body.withArray("fq_name").add(part);
    }
    if (!parentType.isEmpty()) {
      body.put("parent_type", parentType);
    }
    fields.forEach(body::set);
    ObjectNode wrapped = object();
    wrapped.set(type, body);
    return call("POST", "/" + type + "s", wrapped).path(type).path("uuid").asString();
  }

  public JsonNode read(String type, String uuid) {
    return get("/" + type + "/" + uuid).path(type);
  }

  public void update(String type, String uuid, Map<String, JsonNode> fields) {
    ObjectNode body = object();
    fields.forEach(body::set);
    ObjectNode wrapped = object();
    wrapped.set(type, body);
    call("PUT", "/" + type + "/" + uuid, wrapped);
  }

  public void delete(String type, String uuid) {
    call("DELETE", "/" + type + "/" + uuid, null);
  }

  public String idOf(String type, String fqName) {
    ObjectNode body = object().put("type", type);
    for (String part : fqName.split(":")) {
      body.withArray("fq_name").add(part);
    }
    return call("POST", "/fqname-to-id", body).path("uuid").asString();
  }
}
