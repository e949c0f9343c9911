package weft.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;
import weft.http.Json;
import weft.state.FaultHandler;
import weft.testkit.OpenMetricsText;

/** The daemon in this process: real store, real ports, no vRouter. */
class ControllerTest {
  @TempDir Path directory;

  private ControllerOptions options(String... more) {
    Properties properties = new Properties();
    properties.setProperty("data.dir", directory.resolve("data").toString());
    for (String address : new String[] {"api", "status", "control.introspection"}) {
      properties.setProperty(address + ".address", "127.0.0.1");
      properties.setProperty(address + ".port", "0");
    }
    properties.setProperty("control.xmpp.port", "0");
    properties.setProperty("control.bgp.port", "0");
    for (String each : more) {
      properties.setProperty(
          each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
    }
    return ControllerOptions.of(properties);
  }

  private static HttpCalls calls(int port) {
    return new HttpCalls("http://127.0.0.1:" + port);
  }

  private static JsonNode instance(HttpCalls api) throws IOException {
    JsonNode question =
        Json.parse(
            """
            {"type":"routing-instance",
             "fq_name":["default-domain","default-project","blue","blue"]}
            """);
    String uuid = api.post("/fqname-to-id", question).json().path("uuid").asString();
    return api.get("/routing-instance/" + uuid).json().path("routing-instance");
  }

  /** The answers themselves are the pace. */
  private static JsonNode awaitTarget(HttpCalls api) throws IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    JsonNode instance = instance(api);
    while (!instance.has("route_target_refs") && System.nanoTime() < deadline) {
      instance = instance(api);
    }
    return instance.path("route_target_refs");
  }

  @Test
  void derivesWhatIsCreatedThroughTheApiAndKeepsItOverARestart() throws IOException {
    JsonNode targets;
    try (Controller controller = Controller.start(options(), FaultHandler.rethrow());
        HttpCalls api = calls(controller.apiPort().orElseThrow());
        HttpCalls status = calls(controller.statusPort().orElseThrow())) {
      HttpCalls.Reply made =
          api.post(
              "/virtual-networks",
              Json.parse(
                  """
                  {"virtual-network":{"fq_name":["default-domain","default-project","blue"],
                   "parent_type":"project"}}
                  """));
      assertThat(made.status()).as(made.text()).isEqualTo(200);
      targets = awaitTarget(api);
      assertThat(targets.at("/0/to/0").asString()).startsWith("target:64512:80");
      assertThat(targets.at("/0/attr").has("import_export")).isTrue();
      JsonNode told = status.get("/status").json();
      assertThat(told.at("/roles").size()).isEqualTo(3);
      assertThat(told.at("/compiler/derived").asInt()).isPositive();
      JsonNode why =
          status.get("/why?name=default-domain:default-project:blue:blue").json().path("derived");
      assertThat(why.at("/0/from").toString())
          .contains("virtual-network default-domain:default-project:blue");
      assertThat(status.get("/why").status()).isEqualTo(400);
      assertThat(OpenMetricsText.samples(status.get("/metrics").text()))
          .containsEntry("weft_store_up{}", 1.0)
          .containsEntry("weft_compiler_leading{}", 1.0)
          .hasEntrySatisfying("weft_store_commit_seconds_count{}", n -> assertThat(n).isPositive())
          .hasEntrySatisfying(
              "weft_compiler_compile_seconds_count{}", n -> assertThat(n).isPositive());
    }
    try (Controller controller = Controller.start(options(), FaultHandler.rethrow());
        HttpCalls api = calls(controller.apiPort().orElseThrow())) {
      JsonNode kept = awaitTarget(api);
      assertThat(kept.at("/0/to")).isEqualTo(targets.at("/0/to"));
      assertThat(kept.at("/0/uuid")).isEqualTo(targets.at("/0/uuid"));
    }
  }

  @Test
  void runsTheRolesChosen() throws IOException {
    try (Controller controller =
        Controller.start(options("roles=compiler"), FaultHandler.rethrow())) {
      assertThat(controller.apiPort()).isEmpty();
      assertThat(controller.control()).isNull();
      try (HttpCalls status = calls(controller.statusPort().orElseThrow())) {
        assertThat(status.get("/status").json().at("/roles/0/role").asString())
            .isEqualTo("compiler");
      }
    }
  }

  @Test
  void letsGoOfEverythingIfItCannotStart() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      assertThatThrownBy(() ->
              Controller.start(options("api.port=" + taken.getLocalPort()), FaultHandler.rethrow()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(Integer.toString(taken.getLocalPort()));
    }
    try (Controller controller = Controller.start(options(), FaultHandler.rethrow())) {
      assertThat(controller.apiPort()).isPresent();
    }
  }
}
