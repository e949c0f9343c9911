package weft.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A network namespace, so that nothing else of the machine takes part. */
public final class Namespace {
  static final String NAME = "weft-bench";

  /** The link behind which all next hops lie. */
  static final String LINK = "hops";

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
    Daemons.run("ip", "netns", "add", NAME);
    try {
      Daemons.run("ip", "-n", NAME, "link", "set", "lo", "up");
      Daemons.run(
          "ip", "-n", NAME, "link", "add", LINK, "type", "veth", "peer", "name", LINK + "-end");
      Daemons.run("ip", "-n", NAME, "link", "set", LINK, "up");
      Daemons.run("ip", "-n", NAME, "link", "set", LINK + "-end", "up");
      Daemons.run("ip", "-n", NAME, "addr", "add", Speaker.LINK_HOST + "/12", "dev", LINK);
      return new ProcessBuilder(command(arguments)).inheritIO().start().waitFor();
    } finally {
      Daemons.run("ip", "netns", "del", NAME);
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
