package weft.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One running `weft` program, in a process of its own, with its log in a file. */
public final class Program implements AutoCloseable {
  private final String name;
  private final List<String> command;
  private final Path log;
  private Process process;

  private Program(String name, List<String> command, Path log) {
    this.name = name;
    this.command = command;
    this.log = log;
    this.process = launch();
  }

  /**
   * Starts `weft` with the given arguments, from the same class path as this program. It ends with
   * this one, even if this one is killed.
   *
   * @param prefix words before the command, such as those that enter a namespace
   */
  public static Program weft(
      String name, List<String> prefix, Path log, List<String> jvmOptions, String... arguments) {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-Dweft.ends.with.parent=true"));
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "weft.cli.Main"));
    command.addAll(List.of(arguments));
    return new Program(name, command, log);
  }

  private Process launch() {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start();
    } catch (IOException e) {
      throw new LabException("cannot start " + name + ": " + e.getMessage());
    }
  }

  public String name() {
    return name;
  }

  public long pid() {
    return process.pid();
  }

  /**
   * @throws LabException with the end of its log if the program has ended
   */
  public void checkAlive() {
    if (!process.isAlive()) {
      throw new LabException(
          name + " ended with " + process.exitValue() + "; its log says:\n" + logTail());
    }
  }

  private String logTail() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 25), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  /** SIGKILL, and waits until it is gone. */
  public void kill() {
    process.destroyForcibly();
    waitForEnd();
  }

  /** Starts it again with the same command. */
  public void restart() {
    process = launch();
  }

  /** Resident memory in KiB, 0 if it is not running. */
  public long residentKib() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
      return 0;
    } catch (IOException e) {
      return 0;
    }
  }

  private void waitForEnd() {
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new LabException(name + " does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted");
    }
  }

  /** SIGTERM, then SIGKILL after `grace`. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(Duration.ofSeconds(5).toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
