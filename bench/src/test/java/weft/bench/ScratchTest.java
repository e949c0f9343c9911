package weft.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is left of a measurement: nothing, also of one that was broken off. */
class ScratchTest {
  /** Starts something that does not end by itself, says what, and waits. */
  static final class Unending {
    private Unending() {}

    public static void main(String[] args) throws Exception {
      try (Scratch scratch = Scratch.make()) {
        Files.writeString(scratch.directory().resolve("file"), "text");
        Process process = new ProcessBuilder("sleep", "100000").start();
        System.out.println(scratch.directory());
        System.out.println(process.pid());
        System.out.flush();
        process.waitFor();
      }
    }
  }

  @Test
  void isGoneWhenClosed() throws Exception {
    Path directory;
    try (Scratch scratch = Scratch.make()) {
      directory = scratch.directory();
      Files.writeString(Files.createDirectories(directory.resolve("a/b")).resolve("c"), "text");
    }
    assertThat(directory).doesNotExist();
  }

  @Test
  void isGoneWithAllThatWasStartedWhenASignalEndsTheProcess() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Unending.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Path directory;
    long started;
    try (BufferedReader lines = process.inputReader()) {
      directory = Path.of(lines.readLine());
      started = Long.parseLong(lines.readLine());
      assertThat(directory.resolve("file")).exists();
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(directory).doesNotExist();
    assertThat(ProcessHandle.of(started).filter(ProcessHandle::isAlive)).isEmpty();
  }
}
