package weft.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The serial console of a virtual machine whose shell takes commands from it, a line each. */
public final class Console {
  private static final String READY = "weft-guest-ready";
  private static final String END = "weft-command-ended";
  private static final Duration COMMAND_LIMIT = Duration.ofSeconds(90);

  /** The machine's last word. */
  private static final String GONE = "weft-guest-gone";

  private final String name;
  private final OutputStream keys;
  private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();

  /**
   * @param name of the machine
   * @param keys takes what is typed
   * @param screen gives what the machine says
   */
  public Console(String name, OutputStream keys, InputStream screen) {
    this.name = name;
    this.keys = keys;
    Thread.ofVirtual().name("console of " + name).start(() -> read(screen));
  }

  private void read(InputStream screen) {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(screen, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines.add(line.replace("\r", ""));
      }
    } catch (IOException e) {
      lines.add(e.toString());
    }
    lines.add(GONE);
  }

  /** Waits until the machine takes commands; returns what it said. */
  public List<String> awaitBoot(Duration limit) {
    return until(READY, limit);
  }

  /** Runs a shell command in the machine. */
  public Command.Result run(String command) {
    try {
      keys.write((command + "\n").getBytes(StandardCharsets.UTF_8));
      keys.flush();
    } catch (IOException e) {
      throw new LabException("machine " + name + " takes no command: " + e.getMessage());
    }
    List<String> output = until(END, COMMAND_LIMIT);
    String status = output.removeLast();
    return new Command.Result(
        List.of(command),
        Integer.parseInt(status.substring(END.length()).trim()),
        String.join("\n", output));
  }

  /** The lines up to the one that begins with `mark`, that one last. */
  private List<String> until(String mark, Duration limit) {
    List<String> seen = new ArrayList<>();
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      while (true) {
        String line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (line == null || line.equals(GONE)) {
          throw new LabException(
              "machine %s %s; it said:\n%s"
                  .formatted(
                      name, line == null ? "is silent" : "has ended", String.join("\n", seen)));
        }
        seen.add(line);
        if (line.startsWith(mark)) {
          return seen;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted");
    }
  }
}
