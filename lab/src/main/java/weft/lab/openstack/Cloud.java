package weft.lab.openstack;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.http.Json;
import weft.lab.ApiClient;
import weft.lab.LabException;

/** A user of the site's OpenStack: calls its REST APIs with a token. */
final class Cloud implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Site site;
  private final String user;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String token;

  private record Reply(int status, JsonNode json, @Nullable String token) {}

  /** Logs in as a user whose project has its name. */
  Cloud(Site site, String user) {
    this.site = site;
    this.user = user;
    this.token = logIn();
  }

  private String logIn() {
    JsonNode body =
        ApiClient.json(
            """
            {'auth':{'identity':{'methods':['password'],'password':{'user':{
              'name':'%1$s','password':'%2$s','domain':{'name':'Default'}}}},
             'scope':{'project':{'name':'%1$s','domain':{'name':'Default'}}}}}
            """
                .formatted(user, Keystone.PASSWORD));
    Reply reply =
        send(
            HttpRequest.newBuilder(uri("keystone", "/v3/auth/tokens"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Json.text(body))));
    if (reply.token() == null) {
      throw new LabException("logging in as " + user + " is answered with " + reply.status());
    }
    return reply.token();
  }

  private URI uri(String service, String path) {
    return URI.create(site.url(service) + path);
  }

  private Reply send(HttpRequest.Builder request) {
    HttpRequest built = request.timeout(LIMIT).build();
    try {
      HttpResponse<String> response =
          http.send(built, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      String text = response.body();
      return new Reply(
          response.statusCode(),
          text.startsWith("{") || text.startsWith("[") ? Json.parse(text) : Json.object(),
          response.headers().firstValue("X-Subject-Token").orElse(null));
    } catch (IOException e) {
      throw new LabException(built.method() + " " + built.uri() + ": " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted");
    }
  }

  private HttpRequest.Builder request(String service, String path) {
    return HttpRequest.newBuilder(uri(service, path)).header("X-Auth-Token", token);
  }

  /** Calls, and returns the answer. @throws LabException if that is a refusal */
  private JsonNode call(String method, String service, String path, @Nullable String body) {
    HttpRequest.Builder request = request(service, path);
    if (body == null) {
      request.method(method, HttpRequest.BodyPublishers.noBody());
    } else {
      request
          .header("Content-Type", "application/json")
          .method(method, HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')));
    }
    Reply reply = send(request);
    if (reply.status() / 100 != 2) {
      throw new LabException(
          method + " " + service + path + " is answered " + reply.status() + ": " + reply.json());
    }
    return reply.json();
  }

  /**
   * @param body with `'` for `"`
   */
  JsonNode post(String service, String path, String body) {
    return call("POST", service, path, body);
  }

  /**
   * @param body with `'` for `"`
   */
  JsonNode put(String service, String path, String body) {
    return call("PUT", service, path, body);
  }

  JsonNode get(String service, String path) {
    return call("GET", service, path, null);
  }

  void delete(String service, String path) {
    call("DELETE", service, path, null);
  }

  boolean exists(String service, String path) {
    return send(request(service, path).GET()).status() == 200;
  }

  /** The items of a list in the answer. */
  List<JsonNode> list(String service, String path, String name) {
    List<JsonNode> items = new ArrayList<>();
    get(service, path).path(name).forEach(items::add);
    return items;
  }

  /**
   * Makes an image that everybody may use; returns its id.
   *
   * @param properties further fields, with `'` for `"`, each after a comma
   */
  String image(String name, Path file, String properties) {
    String body =
        "{'name':'%s','container_format':'bare','disk_format':'raw','visibility':'public'%s}"
            .formatted(name, properties);
    String id = post("glance", "/v2/images", body).path("id").asString("");
    try {
      Reply reply =
          send(
              request("glance", "/v2/images/" + id + "/file")
                  .header("Content-Type", "application/octet-stream")
                  .PUT(HttpRequest.BodyPublishers.ofFile(file)));
      if (reply.status() / 100 != 2) {
        throw new LabException("image " + name + " is answered " + reply.status());
      }
    } catch (FileNotFoundException e) {
      throw new LabException("image " + name + ": no file " + file);
    }
    return id;
  }

  @Override
  public void close() {
    http.close();
  }
}
