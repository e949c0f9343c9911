package weft.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A token that was named, or else one of Keystone, by the environment that OpenStack's clients use.
 *
 * <p>Keystone is asked only once the server wants a token, and once a command.
 */
final class KeystoneCredentials implements Credentials {
  private static final int TIMEOUT_MILLIS = 30_000;

  private final Map<String, String> environment;
  private final Trust trust;
  private @Nullable String token;
  private boolean fetched;

  /**
   * @param named a token; null for none
   * @param environment `OS_AUTH_URL`, `OS_USERNAME`, `OS_PASSWORD`, `OS_PROJECT_NAME`, …
   * @param trust who has to vouch for a Keystone by https
   */
  KeystoneCredentials(@Nullable String named, Map<String, String> environment, Trust trust) {
    this.token = named == null ? environment.get("OS_TOKEN") : named;
    this.environment = environment;
    this.trust = trust;
  }

  @Override
  public @Nullable String known() {
    return token;
  }

  @Override
  public @Nullable String fetch() {
    String url = environment.get("OS_AUTH_URL");
    if (url == null) {
      return null;
    }
    String base = url.replaceFirst("/+$", "").replaceFirst("/v3$", "");
    try {
      HttpURLConnection connection =
          (HttpURLConnection) URI.create(base + "/v3/auth/tokens").toURL().openConnection();
      trust.apply(connection);
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      connection.setDoOutput(true);
      connection.setRequestProperty("Content-Type", "application/json");
      byte[] request = Rest.JSON.writeValueAsBytes(request());
      connection.setFixedLengthStreamingMode(request.length);
      try (OutputStream out = connection.getOutputStream()) {
        out.write(request);
      }
      int status = connection.getResponseCode();
      String given = connection.getHeaderField("X-Subject-Token");
      if (status == HttpURLConnection.HTTP_CREATED && given != null) {
        try (InputStream in = connection.getInputStream()) {
          in.skip(Long.MAX_VALUE);
        }
        token = given;
        fetched = true;
        return given;
      }
      throw new Failure(
          status == HttpURLConnection.HTTP_UNAUTHORIZED
              ? "Keystone does not know OS_USERNAME "
                  + required("OS_USERNAME")
                  + " with this OS_PASSWORD"
              : "Keystone at " + base + " answered " + status);
    } catch (IOException e) {
      throw new Failure("cannot reach Keystone at " + base + ": " + trust.reason(e));
    } catch (IllegalArgumentException e) {
      throw new Failure("OS_AUTH_URL: " + e.getMessage());
    }
  }

  @Override
  public String advice() {
    if (token == null) {
      return ": give --token, or set OS_AUTH_URL, OS_USERNAME, OS_PASSWORD and OS_PROJECT_NAME";
    }
    if (!fetched) {
      return ": the token (--token, WEFT_TOKEN, OS_TOKEN) is refused";
    }
    return scoped() ? "" : ": OS_PROJECT_NAME is not set";
  }

  private boolean scoped() {
    return environment.containsKey("OS_PROJECT_NAME") || environment.containsKey("OS_PROJECT_ID");
  }

  private ObjectNode request() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ObjectNode auth = root.putObject("auth");
    ObjectNode identity = auth.putObject("identity");
    identity.putArray("methods").add("password");
    ObjectNode user = identity.putObject("password").putObject("user");
    String userId = environment.get("OS_USER_ID");
    if (userId == null) {
      user.put("name", required("OS_USERNAME"));
      domain(user, "OS_USER_DOMAIN");
    } else {
      user.put("id", userId);
    }
    user.put("password", required("OS_PASSWORD"));
    String projectId = environment.get("OS_PROJECT_ID");
    String project = environment.get("OS_PROJECT_NAME");
    if (projectId != null) {
      auth.putObject("scope").putObject("project").put("id", projectId);
    } else if (project != null) {
      ObjectNode scope = auth.putObject("scope").putObject("project");
      scope.put("name", project);
      domain(scope, "OS_PROJECT_DOMAIN");
    }
    return root;
  }

  private void domain(ObjectNode into, String prefix) {
    String name = environment.get(prefix + "_NAME");
    ObjectNode domain = into.putObject("domain");
    if (name != null) {
      domain.put("name", name);
    } else {
      domain.put("id", environment.getOrDefault(prefix + "_ID", "default"));
    }
  }

  private String required(String name) {
    String value = environment.get(name);
    if (value == null) {
      throw new Failure("OS_AUTH_URL is set, but " + name + " is not");
    }
    return value;
  }
}
