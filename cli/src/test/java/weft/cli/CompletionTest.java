package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What a real bash completes, with the program itself asking a real config API. */
class CompletionTest {
  @TempDir Path directory;
  private ApiFixture api;

  @BeforeEach
  void start() throws IOException {
    api = new ApiFixture();
    api.done("create", "project", "shop");
    api.done("create", "vn", "web", "--project", "shop");
    api.done("create", "policy", "allow", "--project", "shop");
    StringWriter script = new StringWriter();
    CommandLine weft = Main.commandLine().setOut(new PrintWriter(script, true));
    assertThat(weft.execute("completion", "bash")).isZero();
    Files.writeString(directory.resolve("completion"), script.toString());
    Path program = directory.resolve("weft");
    Files.writeString(
        program,
        """
        #!/bin/bash
        exec '%s/bin/java' -XX:TieredStopAtLevel=1 -cp '%s' weft.cli.Main "$@"
        """
            .formatted(
                System.getProperty("java.home"),
                System.getProperty("java.class.path")
                    + ":"
                    + System.getProperty("jdk.module.path", "")));
    assertThat(program.toFile().setExecutable(true)).isTrue();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  /** What the tab key gives behind a line. */
  private List<String> complete(String line, String server)
      throws IOException, InterruptedException {
    String script =
        """
        source "$1/completion"
        complete -p weft >/dev/null || exit 1
        COMP_LINE=$2 COMP_POINT=${#2}
        read -ra COMP_WORDS <<<"$2"
        COMP_WORDS[0]=$1/weft
        _weft
        printf '%s\\n' "${COMPREPLY[@]}"
        """;
    ProcessBuilder bash =
        new ProcessBuilder("bash", "-c", script, "bash", directory.toString(), line);
    bash.environment().put("WEFT_API", server);
    bash.environment().put("WEFT_COMPLETION_SECONDS", "60");
    bash.environment().remove("WEFT_PROJECT");
    Process process = bash.redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out.lines().filter(each -> !each.isEmpty()).toList();
  }

  @Test
  void completesWhatTheProgramAndTheSchemaHave() throws IOException, InterruptedException {
    String nowhere = "http://127.0.0.1:1";
    assertThat(complete("weft ex", nowhere)).containsExactly("explain");
    assertThat(complete("weft get virtual-net", nowhere)).containsExactly("virtual-network");
    assertThat(complete("weft list vn --all", nowhere)).containsExactly("--all-projects");
    assertThat(complete("weft set vn x mac_l", nowhere))
        .containsExactlyInAnyOrder("mac_learning_enabled=", "mac_limit_control=");
    assertThat(complete("weft explain vn.mt", nowhere)).containsExactly("vn.mtu");
    assertThat(complete("weft get vn -o j", nowhere)).containsExactly("json");
    assertThat(complete("weft get vn ", nowhere)).isEmpty();
  }

  @Test
  void completesNamesOfTheServer() throws IOException, InterruptedException {
    assertThat(complete("weft get vn default-domain:sh", api.url())).containsExactly("shop:web");
    assertThat(complete("weft delete vn --project shop w", api.url())).containsExactly("web");
    assertThat(complete("weft set vn x network_policy_refs=default-domain:s", api.url()))
        .containsExactly("shop:allow");
    String uuid =
        api.db()
            .image()
            .object("virtual-network", weft.schema.FqName.of("default-domain", "shop", "web"))
            .uuid()
            .toString();
    assertThat(complete("weft get vn " + uuid.substring(0, 8), api.url())).containsExactly(uuid);
  }
}
