package weft.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A ping that runs while something else happens. */
public final class Ping implements AutoCloseable {
  private static final Pattern SUMMARY =
      Pattern.compile("(\\d+) packets transmitted, (\\d+) received");

  private final Process process;

  /** How many requests were sent and how many answers came. */
  public record Count(int sent, int received) {
    public int lost() {
      return sent - received;
    }
  }

  private Ping(Process process) {
    this.process = process;
  }

  /** Starts to ping every `intervalMs`. */
  public static Ping start(Guest from, String address, int intervalMs) {
    try {
      return new Ping(
          new ProcessBuilder(
                  Command.prefixed(
                      from.namespace().prefix(),
                      "ping",
                      "-n",
                      "-q",
                      "-i",
                      "%.3f".formatted(intervalMs / 1000.0),
                      "-W",
                      "2",
                      "-w",
                      "120",
                      address))
              .redirectErrorStream(true)
              .start());
    } catch (IOException e) {
      throw new LabException("cannot ping: " + e.getMessage());
    }
  }

  /** Ends the ping and counts; an answer under way is waited for briefly. */
  public Count stop() {
    try {
      Command.run("kill", "-INT", Long.toString(process.pid()));
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean _ = process.waitFor(5, TimeUnit.SECONDS);
      Matcher summary = SUMMARY.matcher(output);
      if (!summary.find()) {
        throw new LabException("ping said: " + output.strip());
      }
      return new Count(Integer.parseInt(summary.group(1)), Integer.parseInt(summary.group(2)));
    } catch (IOException e) {
      throw new LabException("ping: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted");
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
