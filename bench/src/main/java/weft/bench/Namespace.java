package weft.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A network namespace, so that nothing else of the machine takes part. */
public final class Namespace {
  static final String NAME = "weft-bench";

  /** The link behind which all next hops lie. */
  static final String LINK = "hops";

  private static final Duration END_LIMIT = Duration.ofSeconds(30);
  private static final String INSIDE = "weft.bench.inside";

  private Namespace() {}

  /** Whether this process was started by `enter`. */
  public static boolean isInside() {
    return Boolean.getBoolean(INSIDE);
  }

  /**
   * Runs the present program with these arguments once more, in a namespace made for it; returns
   * its exit code.
   */
  public static int enter(List<String> arguments) throws IOException, InterruptedException {
    if (ProcessHandle.current().info().user().filter("root"::equals).isEmpty()) {
      throw new IOException("this measure makes a network namespace: run it as root");
    }
    Thread atEnd = Thread.ofPlatform().unstarted(Namespace::abandon);
    Runtime.getRuntime().addShutdownHook(atEnd);
    try {
      make();
      return new ProcessBuilder(command(arguments)).inheritIO().start().waitFor();
    } finally {
      try {
        Runtime.getRuntime().removeShutdownHook(atEnd);
        remove();
      } catch (IllegalStateException _) {
        // The process is ending: it is done there.
      }
    }
  }

  /** One that a run left which was killed is made anew; one in which something runs is not ours. */
  static void make() throws IOException, InterruptedException {
    if (exists()) {
      if (!output("ip", "netns", "pids", NAME).isBlank()) {
        throw new IOException("another benchmark runs in the network namespace " + NAME);
      }
      remove();
    }
    Daemons.run("ip", "netns", "add", NAME);
    Daemons.run("ip", "-n", NAME, "link", "set", "lo", "up");
    Daemons.run(
        "ip", "-n", NAME, "link", "add", LINK, "type", "veth", "peer", "name", LINK + "-end");
    Daemons.run("ip", "-n", NAME, "link", "set", LINK, "up");
    Daemons.run("ip", "-n", NAME, "link", "set", LINK + "-end", "up");
    Daemons.run("ip", "-n", NAME, "addr", "add", Speaker.LINK_HOST + "/12", "dev", LINK);
  }

  static boolean exists() {
    return Files.exists(Path.of("/run/netns", NAME));
  }

  static void remove() throws IOException, InterruptedException {
    Daemons.run("ip", "netns", "del", NAME);
  }

  private static String output(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** On a signal: what runs inside ends by itself and takes along what it has started. */
  private static void abandon() {
    try {
      for (ProcessHandle child : ProcessHandle.current().children().toList()) {
        child.destroy();
        try {
          child.onExit().get(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException _) {
          child.destroyForcibly();
        }
      }
      if (exists()) {
        remove();
      }
    } catch (IOException e) {
      System.err.println("the network namespace " + NAME + " is left: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", NAME));
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-XX:+UseSerialGC");
    command.add("-Xmx2g");
    command.add("-D" + INSIDE + "=true");
    command.add("-Dweft.root=" + System.getProperty("weft.root", ""));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "weft.cli.Main"));
    command.addAll(arguments);
    return command;
  }
}
