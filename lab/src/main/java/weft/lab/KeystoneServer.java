package weft.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;
import weft.http.Json;
import weft.http.ServerTrust;

/** Debian's Keystone, with a database and keys of its own in a directory, on a free port. */
public final class KeystoneServer implements AutoCloseable {
  public static final String ADMIN_PASSWORD = "first";

  /** As Debian's `keystone-wsgi-public` does, but with a certificate. */
  private static final String BEHIND_TLS =
      """
      import ssl, sys, wsgiref.simple_server
      from keystone.server.wsgi import initialize_public_application
      port, certificate, key = sys.argv[1:4]
      sys.argv[1:] = []
      server = wsgiref.simple_server.make_server(
          "127.0.0.1", int(port), initialize_public_application())
      context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      context.load_cert_chain(certificate, key)
      server.socket = context.wrap_socket(server.socket, server_side=True)
      print("Available at https://127.0.0.1:%d/" % server.server_port, flush=True)
      server.serve_forever()
      """;

  private final Path directory;
  private final @Nullable Tls tls;
  private int port;
  private @Nullable Process process;
  private @Nullable String administrator;
  private int lifetime;

  /**
   * What a Keystone behind TLS needs, all in PEM.
   *
   * @param authority who signed the certificate
   */
  public record Tls(Path certificate, Path key, Path authority) {}

  private KeystoneServer(Path directory, @Nullable Tls tls) {
    this.directory = directory;
    this.tls = tls;
  }

  /**
   * Takes some ten seconds of computing.
   *
   * @param directory an empty one
   * @param tls null for one in the clear
   */
  public static KeystoneServer start(Path directory, @Nullable Tls tls)
      throws IOException, InterruptedException {
    KeystoneServer keystone = new KeystoneServer(directory, tls);
    keystone.configure(3600);
    keystone.manage("db_sync");
    keystone.manage("fernet_setup", "--keystone-user", "root", "--keystone-group", "root");
    keystone.letReadersBe();
    keystone.manage("bootstrap", "--bootstrap-password", ADMIN_PASSWORD);
    keystone.run();
    return keystone;
  }

  private void configure(int expirationSeconds) throws IOException {
    lifetime = expirationSeconds;
    Files.writeString(
        directory.resolve("keystone.conf"),
        """
        [DEFAULT]
        log_file = %1$s/keystone.log
        use_stderr = false
        [database]
        connection = sqlite:///%1$s/keystone.db
        [token]
        provider = fernet
        expiration = %2$d
        allow_expired_window = 0
        [fernet_tokens]
        key_repository = %1$s/fernet
        [credential]
        key_repository = %1$s/credential
        [identity]
        password_hash_rounds = 4
        [cache]
        enabled = false
        """
            .formatted(directory, expirationSeconds));
  }

  private void manage(String... arguments) throws IOException, InterruptedException {
    String[] command = new String[arguments.length + 3];
    command[0] = "/usr/bin/keystone-manage";
    command[1] = "--config-dir";
    command[2] = directory.toString();
    System.arraycopy(arguments, 0, command, 3, arguments.length);
    Path log = directory.resolve("manage.log");
    Process manage =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    if (!manage.waitFor(120, TimeUnit.SECONDS) || manage.exitValue() != 0) {
      manage.destroyForcibly();
      throw new IOException("keystone-manage " + arguments[0] + ": " + Files.readString(log));
    }
  }

  /** A reader that is not done would hold up a writer. */
  private void letReadersBe() throws IOException, InterruptedException {
    Process python =
        new ProcessBuilder(
                "/usr/bin/python3",
                "-c",
                "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA journal_mode=WAL')",
                directory.resolve("keystone.db").toString())
            .inheritIO()
            .start();
    if (python.waitFor() != 0) {
      throw new IOException("the database could not be set up");
    }
  }

  private List<String> command() {
    String at = Integer.toString(port);
    return tls == null
        ? List.of("/usr/bin/keystone-wsgi-public", "--host", "127.0.0.1", "--port", at)
        : List.of(
            "/usr/bin/python3",
            "-c",
            BEHIND_TLS,
            at,
            tls.certificate().toString(),
            tls.key().toString());
  }

  private void run() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command());
    builder.environment().put("OS_KEYSTONE_CONFIG_DIR", directory.toString());
    builder.environment().put("PYTHONUNBUFFERED", "1");
    builder.redirectError(directory.resolve("requests.log").toFile());
    Process started = builder.start();
    process = started;
    BufferedReader out = started.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("Available at")) {
        port = Integer.parseInt(line.replaceAll(".*:(\\d+)/.*", "$1"));
        return;
      }
    }
    throw new IOException(
        "Keystone did not start: " + Files.readString(directory.resolve("requests.log")));
  }

  public String url() {
    return (tls == null ? "http" : "https") + "://127.0.0.1:" + port;
  }

  public void stop() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly().onExit().join();
      process = null;
    }
  }

  /** On the same port, with the same data; tokens made from now on live so long. */
  public void startAgain(int expirationSeconds) throws IOException {
    configure(expirationSeconds);
    run();
  }

  /**
   * A token by password.
   *
   * @param project null for a token that is for none
   */
  public String token(String user, String password, @Nullable String project) throws IOException {
    String scope =
        project == null
            ? ""
            : ",'scope':{'project':{'name':'%s','domain':{'id':'default'}}}".formatted(project);
    HttpCalls.Reply reply =
        call(
            "",
            "POST",
            "/v3/auth/tokens",
            "{'auth':{'identity':{'methods':['password'],'password':{'user':{'name':'%s',"
                    .formatted(user)
                + "'domain':{'id':'default'},'password':'%s'}}}%s}}".formatted(password, scope));
    String token = reply.header("X-Subject-Token");
    if (token == null) {
      throw new IOException("no token for " + user + ": " + reply.text());
    }
    return token;
  }

  public String adminToken() throws IOException {
    return token("admin", ADMIN_PASSWORD, "admin");
  }

  /** One token for all that this class does itself; to log in costs Keystone most. */
  private String administrator() throws IOException {
    String known = administrator;
    if (known == null || lifetime < 600) {
      known = adminToken();
      administrator = known;
    }
    return known;
  }

  /** Makes something as administrator; returns its id. */
  public String make(String type, String json) throws IOException {
    HttpCalls.Reply reply =
        call(administrator(), "POST", "/v3/" + type + "s", "{'" + type + "':" + json + "}");
    if (reply.status() != 201) {
      throw new IOException(type + ": " + reply.status() + " " + reply.text());
    }
    return reply.json().path(type).path("id").asString();
  }

  /** The id of the one with the name. */
  public String id(String type, String name) throws IOException {
    JsonNode list =
        call(administrator(), "GET", "/v3/" + type + "s?name=" + name, null)
            .json()
            .path(type + "s");
    return list.path(0).path("id").asString();
  }

  /** A user with a role in a project. */
  public void user(String name, String password, String projectId, String role) throws IOException {
    String user = make("user", "{'name':'%s','password':'%s'}".formatted(name, password));
    String path = "/v3/projects/" + projectId + "/users/" + user + "/roles/" + id("role", role);
    HttpCalls.Reply reply = call(administrator(), "PUT", path, null);
    if (reply.status() != 204) {
      throw new IOException("role of " + name + ": " + reply.status() + " " + reply.text());
    }
  }

  public void delete(String type, String id) throws IOException {
    HttpCalls.Reply reply = call(administrator(), "DELETE", "/v3/" + type + "s/" + id, null);
    if (reply.status() != 204) {
      throw new IOException(type + ": " + reply.status() + " " + reply.text());
    }
  }

  public void revoke(String token) throws IOException {
    try (HttpCalls calls = calls()) {
      calls.call(
          "DELETE", "/v3/auth/tokens", null, "X-Auth-Token", token, "X-Subject-Token", token);
    }
  }

  private HttpCalls calls() throws IOException {
    return new HttpCalls(
        url(), Duration.ofSeconds(90), tls == null ? null : ServerTrust.of(tls.authority()));
  }

  private HttpCalls.Reply call(String token, String method, String path, @Nullable String json)
      throws IOException {
    try (HttpCalls calls = calls()) {
      String body = json == null ? null : Json.text(Json.parse(json.replace('\'', '"')));
      return token.isEmpty()
          ? calls.call(method, path, body)
          : calls.call(method, path, body, "X-Auth-Token", token);
    }
  }

  @Override
  public void close() {
    stop();
  }
}
