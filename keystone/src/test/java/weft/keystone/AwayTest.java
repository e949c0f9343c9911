package weft.keystone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Where nothing answers. */
class AwayTest {
  private static KeystoneOptions options(String url, Path caFile) {
    return new KeystoneOptions(
        URI.create(url),
        "weft",
        "Default",
        "secret",
        "service",
        "Default",
        caFile,
        Duration.ofMillis(500),
        10,
        Duration.ofMinutes(5),
        Duration.ofSeconds(10));
  }

  /** Takes connections, and says nothing on them. */
  @Test
  void noQuestionHangs() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Keystone keystone =
            new Keystone(
                options("http://127.0.0.1:" + silent.getLocalPort() + "/v3", null),
                InstantSource.system());
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      long start = System.nanoTime();
      List<Callable<Verdict>> questions = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        String token = "token" + i % 4;
        questions.add(() -> keystone.verdict(token));
      }
      for (Future<Verdict> verdict : callers.invokeAll(questions)) {
        assertThat(verdict.get()).isInstanceOf(Verdict.Unknown.class);
        assertThat(verdict.get().toString())
            .contains("127.0.0.1:" + silent.getLocalPort() + " does not answer")
            .doesNotContain("secret");
      }
      assertThatThrownBy(keystone::projects).isInstanceOf(IOException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void whatCannotBeATokenIsNotAskedFor() throws Exception {
    try (Keystone keystone =
        new Keystone(options("http://127.0.0.1:9", null), InstantSource.system())) {
      for (String token : new String[] {"", " ", "a b", "a\nb", "\u00e4", "x".repeat(9000)}) {
        assertThat(keystone.verdict(token)).isInstanceOf(Verdict.Invalid.class);
      }
    }
  }

  @Test
  void optionsThatMakeNoSense() {
    assertThatThrownBy(() -> options("keystone:5000", null)).hasMessageContaining("is no URL");
    assertThatThrownBy(() ->
            new Keystone(
                options("https://127.0.0.1:9", Path.of("/nowhere/ca.pem")), InstantSource.system()))
        .isInstanceOf(IOException.class)
        .hasMessage("/nowhere/ca.pem: no such file");
    assertThat(options("https://keystone:5000/v3/", null).url())
        .isEqualTo(URI.create("https://keystone:5000"));
  }
}
