package weft.controller.ledger;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import weft.controller.Controller;
import weft.controller.ControllerOptions;
import weft.http.HttpCalls;

/** A controller in a process of its own, to be killed. */
public final class ServerProcess implements AutoCloseable {
  private final Process process;
  private final HttpCalls calls;

  private ServerProcess(Process process, HttpCalls calls) {
    this.process = process;
    this.calls = calls;
  }

  /**
   * Starts one and waits until its API answers.
   *
   * @param directory for its configuration and what it says on standard error
   */
  public static ServerProcess start(Properties properties, Path directory) throws IOException {
    Path config = directory.resolve("controller.properties");
    try (var out = Files.newBufferedWriter(config)) {
      properties.store(out, null);
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.addAll(List.of(ServerProcess.class.getName(), config.toString()));
    Process process =
        new ProcessBuilder(command).redirectError(directory.resolve("stderr").toFile()).start();
    BufferedReader lines = process.inputReader();
    String line = lines.readLine();
    while (line != null && !line.startsWith("api ")) {
      line = lines.readLine();
    }
    if (line == null) {
      throw new AssertionError(
          "the controller did not start: " + Files.readString(directory.resolve("stderr")));
    }
    Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
    return new ServerProcess(process, new HttpCalls("http://127.0.0.1:" + line.substring(4)));
  }

  public HttpCalls calls() {
    return calls;
  }

  /** Ends it with SIGKILL; what it was doing is undone by nobody. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    if (process.waitFor() != 137) {
      throw new AssertionError("the controller had ended by itself: " + process.exitValue());
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    calls.close();
  }

  /** The process itself: runs until it is killed. */
  public static void main(String[] args) throws Exception {
    Controller controller =
        Controller.start(
            ControllerOptions.read(Path.of(args[0])),
            (where, cause) -> {
              System.err.println(where + ": " + cause);
              Runtime.getRuntime().halt(70);
            });
    System.out.println("api " + controller.apiPort().orElseThrow());
    Thread.currentThread().join();
  }
}
