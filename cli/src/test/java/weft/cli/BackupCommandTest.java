package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import weft.controller.Controller;
import weft.controller.ControllerOptions;
import weft.http.HttpCalls;
import weft.http.Json;
import weft.state.FaultHandler;
import weft.testkit.EtcdCluster;

/** Backups of both engines, restored to both, with controllers that run and that do not. */
@Tag("lab")
@Timeout(120)
class BackupCommandTest {
  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private Path config(String name, String... lines) throws IOException {
    String common =
        """
        name = %s
        roles = api,compiler
        api.address = 127.0.0.1
        api.port = 0
        status.address = 127.0.0.1
        status.port = 0
        """
            .formatted(name);
    return Files.writeString(
        directory.resolve(name + ".properties"), common + String.join("\n", lines));
  }

  private Path embedded(String name) throws IOException {
    return config(name, "data.dir = " + directory.resolve(name));
  }

  private static Controller start(Path config) throws IOException {
    return Controller.start(ControllerOptions.read(config), FaultHandler.rethrow());
  }

  private static String url(Controller controller) {
    return "http://127.0.0.1:" + controller.apiPort().orElseThrow();
  }

  private void weft(int expected, String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine weft = Main.commandLine();
    weft.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    assertThat(weft.execute(arguments)).as(out + " " + err).isEqualTo(expected);
  }

  private static void create(HttpCalls api, String name) throws IOException {
    JsonNode network =
        Json.parse(
            """
            {"virtual-network":{"parent_type":"project",
             "fq_name":["default-domain","default-project","%s"]}}
            """
                .formatted(name));
    HttpCalls.Reply reply = api.post("/virtual-networks", network);
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
  }

  private static boolean has(HttpCalls api, String name) {
    try {
      return api.get("/virtual-networks").text().contains("\"" + name + "\"");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).as(what).isNegative();
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** What is in a backup, but for when it was made. */
  private static List<String> entries(Path backup) throws IOException {
    List<String> lines = Files.readAllLines(backup);
    return lines.subList(1, lines.size() - 1);
  }

  @Test
  void goesFromEngineToEngineAndBack() throws Exception {
    Path first = embedded("first");
    Path saved = directory.resolve("saved");
    Path again = directory.resolve("again");
    try (Controller controller = start(first);
        HttpCalls api = new HttpCalls(url(controller))) {
      create(api, "blue");
      create(api, "green");
      api.post(
          "/useragent-kv",
          Json.parse("{'operation':'STORE','key':'k','value':'v'}".replace('\'', '"')));
      // What the compiler derives is written by itself.
      await("compiled", () -> compiled(api));
      weft(0, "backup", saved.toString(), "--api", url(controller));
      assertThat(out.toString()).contains(saved + ": ").contains(" entries, revision ");
      weft(1, "backup", again.toString(), "--config", first.toString());
      assertThat(err.toString()).as("an open store").contains("weft: ");
      assertThat(again).doesNotExist();
    }
    weft(0, "backup", again.toString(), "--config", first.toString());
    assertThat(entries(again)).isEqualTo(entries(saved));

    try (EtcdCluster cluster = EtcdCluster.start(1)) {
      Path etcd =
          config(
              "etcd",
              "store = etcd",
              "store.etcd.prefix = weft/",
              "store.etcd.endpoints = " + cluster.endpoints().getFirst());
      weft(0, "restore", saved.toString(), "--config", etcd.toString());
      Path there = directory.resolve("there.gz");
      weft(0, "backup", there.toString(), "--config", etcd.toString());
      Path second = embedded("second");
      weft(0, "restore", there.toString(), "--config", second.toString());
      weft(0, "backup", again.toString(), "--config", second.toString());
      assertThat(entries(again)).isEqualTo(entries(saved));
      restoreUnderRunningControllers(etcd, saved);
    }
  }

  private void restoreUnderRunningControllers(Path etcd, Path saved) throws Exception {
    try (Controller one = start(etcd);
        Controller other =
            start(
                config(
                    "other",
                    Files.readString(etcd).lines().skip(6).toList().toArray(String[]::new)));
        HttpCalls api = new HttpCalls(url(one));
        HttpCalls otherApi = new HttpCalls(url(other))) {
      assertThat(has(api, "blue")).isTrue();
      create(api, "red");
      await("the other hears", () -> has(otherApi, "red"));
      weft(1, "restore", saved.toString(), "--config", etcd.toString());
      assertThat(err.toString()).contains("the store is not empty: ").contains("--force");
      weft(0, "restore", "--force", saved.toString(), "--config", etcd.toString());
      for (HttpCalls each : List.of(api, otherApi)) {
        await("red is gone", () -> !has(each, "red"));
        assertThat(has(each, "green")).isTrue();
        create(each, each == api ? "after" : "after too");
        assertThat(each.post("/db-check", Json.object()).json().path("results")).isEmpty();
      }
      Path broken = Files.writeString(directory.resolve("broken"), "hello\n");
      weft(1, "restore", "--force", broken.toString(), "--config", etcd.toString());
      assertThat(err.toString()).contains("broken is no backup of Weft");
      assertThat(has(api, "after")).isTrue();
    }
  }

  private static boolean compiled(HttpCalls api) {
    try {
      int with = 0;
      for (JsonNode each :
          api.get("/routing-instances?detail=true").json().path("routing-instances")) {
        String name = each.at("/routing-instance/fq_name/2").asString("");
        if (List.of("blue", "green").contains(name)
            && each.path("routing-instance").has("route_target_refs")) {
          with++;
        }
      }
      return with == 2;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
