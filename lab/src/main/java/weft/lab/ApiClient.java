package weft.lab;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpCalls;
import weft.http.Json;

/**
 * A client of the public REST APIs: config objects on the controller, tables on controller and
 * vRouters.
 */
public final class ApiClient {
  private final HttpCalls http;
  private final String base;

  /**
   * @param base such as `http://127.0.0.1:8082`
   */
  public ApiClient(String base) {
    this.base = base;
    this.http = new HttpCalls(base, Duration.ofSeconds(20));
  }

  /** JSON from text with `'` for `"`. */
  public static JsonNode json(String text) {
    return Json.parse(text.replace('\'', '"'));
  }

  public boolean answers() {
    try {
      return http.get("/").ok();
    } catch (IOException e) {
      return false;
    }
  }

  /** Calls and returns the answer's JSON. @throws LabException on any status but 200 */
  public JsonNode call(String method, String path, @Nullable JsonNode body) {
    try {
      HttpCalls.Reply reply = http.call(method, path, body == null ? null : Json.text(body));
      if (!reply.ok()) {
        throw new LabException(
            method + " " + base + path + " answered " + reply.status() + ": " + reply.text());
      }
      return reply.text().isBlank() ? Json.object() : reply.json();
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
  public String create(
      String type, String parentType, String fqName, Map<String, JsonNode> fields) {
    ObjectNode body = Json.object();
    for (String part : fqName.split(":")) {
      body.withArray("fq_name").add(part);
    }
    if (!parentType.isEmpty()) {
      body.put("parent_type", parentType);
    }
    fields.forEach(body::set);
    ObjectNode wrapped = Json.object();
    wrapped.set(type, body);
    return call("POST", "/" + type + "s", wrapped).path(type).path("uuid").asString();
  }

  public JsonNode read(String type, String uuid) {
    return get("/" + type + "/" + uuid).path(type);
  }

  public void update(String type, String uuid, Map<String, JsonNode> fields) {
    ObjectNode body = Json.object();
    fields.forEach(body::set);
    ObjectNode wrapped = Json.object();
    wrapped.set(type, body);
    call("PUT", "/" + type + "/" + uuid, wrapped);
  }

  public void delete(String type, String uuid) {
    call("DELETE", "/" + type + "/" + uuid, null);
  }

  public String idOf(String type, String fqName) {
    ObjectNode body = Json.object().put("type", type);
    for (String part : fqName.split(":")) {
      body.withArray("fq_name").add(part);
    }
    return call("POST", "/fqname-to-id", body).path("uuid").asString();
  }
}
