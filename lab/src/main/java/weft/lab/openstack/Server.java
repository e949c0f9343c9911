package weft.lab.openstack;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;
import weft.lab.Await;
import weft.lab.Console;
import weft.lab.LabException;

/** A virtual machine of Nova's, and its console. */
final class Server implements AutoCloseable {
  private static final Duration BOOT = Duration.ofMinutes(4);
  private static final String READY = "weft-guest-ready";

  private final Process terminal;
  private final Console console;
  private final String said;

  private Server(Process terminal, Console console, String said) {
    this.terminal = terminal;
    this.console = console;
    this.said = said;
  }

  /** Waits until it has booted, then takes its console. */
  static Server booted(Cloud admin, Libvirt libvirt, String id) {
    String said =
        Await.value(
            "machine " + id + " boots",
            BOOT,
            () -> {
              String log = log(admin, id);
              return log.contains(READY) ? log : null;
            });
    String name =
        admin
            .get("nova", "/v2.1/servers/" + id)
            .path("server")
            .path("OS-EXT-SRV-ATTR:instance_name")
            .asString("");
    try {
      // A process of its own opens the terminal: it must not become that of this program's session.
      Process terminal =
          new ProcessBuilder(
                  "sh", "-c", "exec 3<>\"$0\"; cat <&3 & exec cat >&3", "" + libvirt.terminal(name))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new Server(
          terminal, new Console(name, terminal.getOutputStream(), terminal.getInputStream()), said);
    } catch (IOException e) {
      throw new LabException("console of " + name + ": " + e.getMessage());
    }
  }

  private static String log(Cloud admin, String id) {
    JsonNode answer =
        admin.post("nova", "/v2.1/servers/" + id + "/action", "{'os-getConsoleOutput':{}}");
    return answer.path("output").asString("");
  }

  /** What it said while it booted. */
  String said() {
    return said;
  }

  boolean pings(String address) {
    return console.run("ping -c 1 -W 2 " + address).ok();
  }

  @Override
  public void close() {
    List<ProcessHandle> all = terminal.descendants().toList();
    all.forEach(ProcessHandle::destroyForcibly);
    terminal.destroyForcibly();
  }
}
