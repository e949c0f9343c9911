package weft.testkit;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A network namespace for foreign daemons, joined to this one by a veth pair. Its names and
 * addresses come from the process id and a count, so that several may be there at once.
 */
public final class LabNamespace implements AutoCloseable {
  private static final long PID = ProcessHandle.current().pid();
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final int number = COUNT.incrementAndGet();
  private final String name = "weft-bgp-" + PID + "-" + number;
  private final String inside = "wb" + PID + "i" + number;
  private final String outside = "wb" + PID + "o" + number;
  private final Path folder;
  private final List<Process> daemons = new ArrayList<>();

  /** What is missing to make one and run these programs in it; null if nothing is. */
  public static @Nullable String lacks(String... programs) {
    if (!"root".equals(System.getProperty("user.name"))) {
      return "needs root";
    }
    for (String program : programs) {
      if (!Files.isExecutable(Path.of(program))) {
        return program + " is not installed";
      }
    }
    return null;
  }

  public LabNamespace() throws IOException {
    folder = Files.createTempDirectory("weft-bgp");
    try {
      run("ip", "netns", "add", name);
      run("ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", name);
      run("ip", "addr", "add", here() + "/30", "dev", outside);
      run("ip", "link", "set", outside, "up");
      in("ip", "addr", "add", there() + "/30", "dev", inside);
      in("ip", "link", "set", inside, "up");
      in("ip", "-6", "addr", "add", "2001:db8::2/64", "dev", inside, "nodad");
      in("ip", "link", "set", "lo", "up");
    } catch (IOException | AssertionError e) {
      close();
      throw e;
    }
  }

  /** A /30 out of the range for benchmarks, 198.18.0.0/15. */
  private String address(int host) {
    long index = PID * 8 + number;
    return "198.18." + (index >> 6 & 0xff) + "." + ((index & 63) * 4 + host);
  }

  /** Our end of the link. */
  public String here() {
    return address(1);
  }

  /** The daemons' end of the link. */
  public String there() {
    return address(2);
  }

  public Path folder() {
    return folder;
  }

  public Path file(String fileName, String content) throws IOException {
    return Files.writeString(folder.resolve(fileName), content);
  }

  /** Runs a command to its end and returns what it printed. */
  public static String run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new AssertionError(Arrays.toString(command) + ": " + output);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return output;
  }

  private String[] inside(String... command) {
    return Stream.concat(Stream.of("ip", "netns", "exec", name), Arrays.stream(command))
        .toArray(String[]::new);
  }

  /** Takes the link down, or up again, at the daemons' end. */
  public void link(boolean up) throws IOException {
    in("ip", "link", "set", inside, up ? "up" : "down");
  }

  /** The daemons' end of the link, by name. */
  public String device() {
    return inside;
  }

  /** Runs a command in the namespace. */
  public String in(String... command) throws IOException {
    return run(inside(command));
  }

  /** Starts a daemon in the namespace; it ends with the namespace. */
  public Process daemon(String log, String... command) throws IOException {
    File output = folder.resolve(log).toFile();
    Process daemon =
        new ProcessBuilder(inside(command))
            .redirectErrorStream(true)
            .redirectOutput(output)
            .start();
    daemons.add(daemon);
    return daemon;
  }

  /** Runs a command until what it prints is as wanted. */
  public String until(Predicate<String> wanted, String... command) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    String output = "";
    while (System.nanoTime() < deadline) {
      try {
        output = in(command);
        if (wanted.test(output)) {
          return output;
        }
      } catch (AssertionError e) {
        output = String.valueOf(e.getMessage());
      }
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    }
    throw new AssertionError(Arrays.toString(command) + " still says: " + output);
  }

  @Override
  public void close() throws IOException {
    for (Process daemon : daemons.reversed()) {
      daemon.destroy();
    }
    try {
      for (Process daemon : daemons) {
        if (!daemon.waitFor(5, TimeUnit.SECONDS)) {
          daemon.destroyForcibly();
          daemon.waitFor();
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    new ProcessBuilder("ip", "netns", "del", name).start().onExit().join();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path path : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
