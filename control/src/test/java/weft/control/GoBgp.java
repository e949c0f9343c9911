package weft.control;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import weft.http.Json;

/** A GoBGP that dials the control node from an address of its own on loopback. */
final class GoBgp implements AutoCloseable {
  private final Process daemon;
  private final int apiPort;
  private final Path directory;

  GoBgp(Path directory, String address, InetSocketAddress node) throws IOException {
    this.directory = directory;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      apiPort = free.getLocalPort();
    }
    Path file = directory.resolve("gobgpd.toml");
    Files.writeString(
        file,
        """
        [global.config]
          as = 64512
          router-id = "%1$s"
          port = -1
        [[neighbors]]
          [neighbors.config]
            neighbor-address = "%2$s"
            peer-as = 64512
          [neighbors.timers.config]
            connect-retry = 1
          [neighbors.transport.config]
            local-address = "%1$s"
            remote-port = %3$d
          [[neighbors.afi-safis]]
            [neighbors.afi-safis.config]
              afi-safi-name = "l3vpn-ipv4-unicast"
          [[neighbors.afi-safis]]
            [neighbors.afi-safis.config]
              afi-safi-name = "l2vpn-evpn"
          [[neighbors.afi-safis]]
            [neighbors.afi-safis.config]
              afi-safi-name = "ipv4-labelled-unicast"
        """
            .formatted(address, node.getAddress().getHostAddress(), node.getPort()));
    daemon =
        new ProcessBuilder(
                "gobgpd",
                "--config-file=" + file,
                "--api-hosts=127.0.0.1:" + apiPort,
                "--log-plain")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("gobgpd.log").toFile())
            .start();
  }

  static boolean isInstalled() {
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
      if (Files.isExecutable(Path.of(directory, "gobgpd"))
          && Files.isExecutable(Path.of(directory, "gobgp"))) {
        return true;
      }
    }
    return false;
  }

  /** Runs the command-line client and returns what it prints. */
  String run(String... arguments) {
    List<String> command = new ArrayList<>(List.of("gobgp", "-p", Integer.toString(apiPort)));
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      return output;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The table of a family as the client prints it; empty while the daemon does not answer. */
  JsonNode rib(String family) {
    String output = run("global", "rib", "-a", family, "-j").strip();
    return output.startsWith("{") || output.startsWith("[") ? Json.parse(output) : Json.object();
  }

  String log() {
    try {
      return Files.readString(directory.resolve("gobgpd.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() {
    daemon.destroy();
    try {
      if (!daemon.waitFor(5, TimeUnit.SECONDS)) {
        daemon.destroyForcibly();
      }
    } catch (InterruptedException e) {
      daemon.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
