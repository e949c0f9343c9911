package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import weft.controller.Controller;
import weft.controller.ControllerOptions;
import weft.http.HttpCalls;
import weft.http.ServerTrust;
import weft.lab.KeystoneServer;
import weft.state.FaultHandler;
import weft.testkit.TestAuthority;

/** The program against a config API behind TLS, whose callers a real Keystone knows, by TLS too. */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LoginTest {
  private Path directory;
  private KeystoneServer keystone;
  private TestAuthority authority;
  private TestAuthority stranger;
  private Path config;
  private Controller controller;
  private String red;

  @BeforeAll
  void start(@TempDir Path temporary) throws Exception {
    directory = temporary;
    authority = TestAuthority.of(directory, "authority");
    stranger = TestAuthority.of(directory, "stranger");
    TestAuthority.Pair pair = authority.sign("keystone");
    keystone =
        KeystoneServer.start(
            Files.createDirectory(directory.resolve("keystone")),
            new KeystoneServer.Tls(pair.certificate(), pair.key(), authority.certificate()));
    String service = keystone.make("project", "{'name':'service'}");
    keystone.user("weft", "between-us", service, "admin");
    red = keystone.make("project", "{'name':'red'}");
    keystone.user("ruth", "sesame", red, "member");
    Files.writeString(directory.resolve("password"), "between-us\n");
    config = config("controller", authority.certificate());
    controller = open(config);
  }

  @AfterAll
  void stop() {
    if (controller != null) {
      controller.close();
    }
    if (keystone != null) {
      keystone.close();
    }
  }

  private Path config(String name, Path keystoneAuthority) throws Exception {
    TestAuthority.Pair pair = authority.sign(name);
    return Files.writeString(
        directory.resolve(name + ".properties"),
        """
        name = %1$s
        roles = api
        data.dir = %2$s/%1$s.data
        api.address = 127.0.0.1
        api.port = 0
        api.tls.certificate = %3$s
        api.tls.key = %4$s
        status.address = 127.0.0.1
        status.port = 0
        keystone.url = %5$s
        keystone.password.file = %2$s/password
        keystone.timeout.seconds = 60
        keystone.tls.ca = %6$s
        """
            .formatted(
                name,
                directory,
                pair.certificate(),
                pair.key(),
                keystone.url(),
                keystoneAuthority));
  }

  private static Controller open(Path config) throws IOException {
    return Controller.start(ControllerOptions.read(config), FaultHandler.rethrow());
  }

  private static String url(Controller controller) {
    return "https://127.0.0.1:" + controller.apiPort().orElseThrow();
  }

  private static Map<String, String> with(Map<String, String> environment, String... more) {
    Map<String, String> all = new HashMap<>(environment);
    for (int i = 0; i < more.length; i += 2) {
      if (more[i + 1] == null) {
        all.remove(more[i]);
      } else {
        all.put(more[i], more[i + 1]);
      }
    }
    return all;
  }

  /** As an OpenStack user has it in the shell. */
  private Map<String, String> shell() {
    return Map.of(
        "OS_AUTH_URL",
        keystone.url() + "/v3",
        "OS_USERNAME",
        "admin",
        "OS_PASSWORD",
        KeystoneServer.ADMIN_PASSWORD,
        "OS_PROJECT_NAME",
        "admin",
        "OS_USER_DOMAIN_NAME",
        "Default",
        "OS_PROJECT_DOMAIN_NAME",
        "Default",
        "OS_CACERT",
        authority.certificate().toString());
  }

  private record Run(int status, String out, String err) {}

  /** The program as a process of its own, with no other environment. */
  private Run weft(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path")
                    + ":"
                    + System.getProperty("jdk.module.path", ""),
                "weft.cli.Main"));
    command.addAll(List.of(arguments));
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("OS_"));
    builder.environment().keySet().removeIf(name -> name.startsWith("WEFT_"));
    builder.environment().putAll(environment);
    int status = builder.start().waitFor();
    return new Run(
        status,
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8).strip());
  }

  /** The config API for somebody with an environment. */
  private Rest api(Map<String, String> environment) {
    return new Rest(
        url(controller),
        new KeystoneCredentials(
            null, environment, Trust.of(environment.get("OS_CACERT"), "OS_CACERT")),
        Trust.of(authority.certificate().toString(), "--cacert"));
  }

  private void refused(Map<String, String> environment, String text) {
    assertThatThrownBy(() -> api(environment).get("/projects"))
        .isInstanceOf(Failure.class)
        .extracting(e -> ((Failure) e).text())
        .isEqualTo(text);
  }

  private void reads(Map<String, String> environment) {
    assertThat(api(environment).get("/projects").path("projects").isArray()).isTrue();
  }

  @Test
  void byTheEnvironmentOfOpenStack() throws Exception {
    Map<String, String> environment = with(shell(), "WEFT_API", url(controller));
    Run list = weft(environment, "list", "project", "-o", "json");
    assertThat(list.err()).isEmpty();
    assertThat(list.status()).isZero();
    assertThat(list.out()).contains("default-project");
    Run nobody = weft(with(environment, "OS_AUTH_URL", null), "list", "project");
    assertThat(nobody.status()).isEqualTo(1);
    assertThat(nobody.err())
        .isEqualTo(
            "weft: Authentication required: give --token, or set OS_AUTH_URL, OS_USERNAME,"
                + " OS_PASSWORD and OS_PROJECT_NAME");
  }

  @Test
  void namesIdsAndTokens() throws IOException {
    reads(with(shell(), "OS_AUTH_URL", keystone.url() + "/", "OS_USER_DOMAIN_NAME", null));
    reads(
        with(
            shell(),
            "OS_USERNAME",
            null,
            "OS_USER_ID",
            keystone.id("user", "admin"),
            "OS_PROJECT_NAME",
            null,
            "OS_PROJECT_ID",
            keystone.id("project", "admin"),
            "OS_PROJECT_DOMAIN_NAME",
            null));
    reads(Map.of("OS_TOKEN", keystone.adminToken()));
  }

  @Test
  void whatKeystoneOrTheApiRefuses() {
    refused(
        with(shell(), "OS_PASSWORD", "wrong"),
        "Keystone does not know OS_USERNAME admin with this OS_PASSWORD");
    refused(with(shell(), "OS_PASSWORD", null), "OS_AUTH_URL is set, but OS_PASSWORD is not");
    refused(with(shell(), "OS_PROJECT_NAME", null), "roles empty!!: OS_PROJECT_NAME is not set");
    refused(
        with(shell(), "OS_USERNAME", "ruth", "OS_PASSWORD", "sesame", "OS_PROJECT_NAME", "red"),
        "403 Permission Denied");
    refused(
        Map.of("OS_TOKEN", "gAAAAAB" + "a".repeat(100)),
        "Authentication required: the token (--token, WEFT_TOKEN, OS_TOKEN) is refused");
  }

  @Test
  void whoIsNotVouchedFor() throws Exception {
    String wrong = stranger.certificate().toString();
    refused(
        with(shell(), "OS_CACERT", wrong),
        "cannot reach Keystone at %s: its certificate is signed by none of %s (OS_CACERT)"
            .formatted(keystone.url(), wrong));
    refused(
        with(shell(), "OS_CACERT", null),
        "cannot reach Keystone at %s: its certificate is signed by no authority that the JDK knows"
                .formatted(keystone.url())
            + " (OS_CACERT)");
    Rest api =
        new Rest(url(controller), Credentials.NONE, Trust.of(wrong, "--cacert, WEFT_CACERT"));
    assertThatThrownBy(() -> api.get("/"))
        .extracting(e -> ((Failure) e).text())
        .isEqualTo(
            "cannot reach %s: its certificate is signed by none of %s (--cacert, WEFT_CACERT)"
                .formatted(url(controller), wrong));
  }

  @Test
  void aServerThatDoesNotTrustKeystone() throws Exception {
    try (Controller other = open(config("distrusting", stranger.certificate()));
        HttpCalls calls =
            new HttpCalls(
                url(other), Duration.ofSeconds(90), ServerTrust.of(authority.certificate()))) {
      HttpCalls.Reply reply =
          calls.call("GET", "/projects", null, "X-Auth-Token", keystone.adminToken());
      assertThat(reply.text())
          .isEqualTo(
              "Keystone at %s does not answer: its certificate is signed by none of %s"
                      .formatted(keystone.url(), stranger.certificate())
                  + " (keystone.tls.ca)");
      assertThat(reply.status()).isEqualTo(503);
    }
    Path missing = directory.resolve("missing.pem");
    Path without = config("without", missing);
    assertThatThrownBy(() -> open(without).close())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("keystone.tls.ca: " + missing + ": ");
  }

  @Test
  void aBackupWithAToken() throws Exception {
    Path saved = directory.resolve("saved.gz");
    String ca = authority.certificate().toString();
    String[] backup = {"backup", saved.toString(), "--api", url(controller), "--cacert", ca};
    assertThat(run(backup)).startsWith("1 weft: Authentication required");
    assertThat(saved).doesNotExist();
    String member = keystone.token("ruth", "sesame", "red");
    assertThat(run(with(backup, "--token", member))).startsWith("1 weft: 403 Permission Denied");
    assertThat(run(with(backup, "--token", keystone.adminToken()))).startsWith("0 ");
    Path again = config("again", authority.certificate());
    assertThat(run("restore", saved.toString(), "--config", again.toString())).startsWith("0 ");
    try (Controller restored = open(again)) {
      Rest api =
          new Rest(
              url(restored),
              new KeystoneCredentials(keystone.adminToken(), Map.of(), Trust.JDK),
              Trust.of(ca, "--cacert"));
      String uuid = red.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
      assertThat(api.get("/project/" + uuid).at("/project/fq_name/1").asString()).isEqualTo("red");
    }
  }

  private static String[] with(String[] arguments, String... more) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  /** The exit code and all that is said. */
  private static String run(String... arguments) {
    StringWriter said = new StringWriter();
    PrintWriter writer = new PrintWriter(said, true);
    CommandLine weft = Main.commandLine().setOut(writer).setErr(writer);
    return weft.execute(arguments) + " " + said;
  }
}
