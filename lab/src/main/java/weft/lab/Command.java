package weft.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program of the system, run to its end. */
public final class Command {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /**
   * How a program ended.
   *
   * @param output standard output and error together
   */
  public record Result(List<String> command, int exitCode, String output) {
    public boolean ok() {
      return exitCode == 0;
    }

    /** The output. @throws LabException if the program failed */
    public String orThrow() {
      if (!ok()) {
        throw new LabException(
            String.join(" ", command) + " ended with " + exitCode + ": " + output.strip());
      }
      return output;
    }
  }

  private Command() {}

  public static Result run(List<String> command) {
    return run(command, LIMIT);
  }

  public static Result run(String... command) {
    return run(List.of(command), LIMIT);
  }

  /** Runs a program; one that outlives `limit` is killed and counts as failed. */
  public static Result run(List<String> command, Duration limit) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      CompletableFuture<byte[]> output =
          CompletableFuture.supplyAsync(
              () -> readAll(process), task -> Thread.ofVirtual().start(task));
      if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        process.destroyForcibly();
        return new Result(command, -1, "still running after " + limit.toSeconds() + " s");
      }
      return new Result(
          command, process.exitValue(), new String(output.join(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return new Result(command, -1, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted while running " + command.getFirst());
    }
  }

  private static byte[] readAll(Process process) {
    try {
      return process.getInputStream().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** `command` behind the words of `prefix`. */
  public static List<String> prefixed(List<String> prefix, String... command) {
    List<String> all = new ArrayList<>(prefix);
    all.addAll(List.of(command));
    return all;
  }
}
