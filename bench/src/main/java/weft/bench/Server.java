package weft.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A `weft controller` in a process of its own; with the config API alone if nothing else is set.
 */
final class Server implements AutoCloseable {
  /** The JVM options that the launcher gives to the controller. */
  private static final Path OPTIONS = Path.of("jvm", "controller.options");

  /** What the launcher has had made for it by {@link Rehearsal}. */
  private static final Path CACHE = Path.of("cli", "target", "controller.aot");

  private static final Duration START_LIMIT = Duration.ofMinutes(5);
  private static final Duration END_LIMIT = Duration.ofSeconds(30);
  private static final Pattern USED = Pattern.compile("used (\\d+)K");

  private final Process process;
  private final Path log;
  private final InetSocketAddress address;
  private final Duration startTime;

  private Server(Process process, Path log, InetSocketAddress address, Duration startTime) {
    this.process = process;
    this.log = log;
    this.address = address;
    this.startTime = startTime;
  }

  /**
   * Starts it and waits until it answers.
   *
   * @param directory for its settings and its log; its data lies in `data` there
   * @param further settings beside those of the API
   */
  static Server start(Path directory, Map<String, String> further)
      throws IOException, InterruptedException {
    return start(directory, further, options());
  }

  /**
   * As above.
   *
   * @param options of the JVM, beside those in a file that the launcher gives it too
   */
  static Server start(Path directory, Map<String, String> further, List<String> options)
      throws IOException, InterruptedException {
    int port = freePort();
    Path config = directory.resolve("controller.properties");
    List<String> settings =
        new ArrayList<>(
            List.of(
                "data.dir=" + directory.resolve("data"),
                "roles=api",
                "api.address=127.0.0.1",
                "api.port=" + port,
                "status.address=127.0.0.1",
                "status.port=0"));
    further.forEach((key, value) -> settings.add(key + "=" + value));
    Files.write(config, settings);
    Path log = directory.resolve("controller.log");
    long begun = System.nanoTime();
    Process process =
        new ProcessBuilder(command(config, options))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    while (!listens(address)) {
      if (!process.isAlive()) {
        throw new IOException("the controller ended: " + Files.readString(log));
      }
      if (System.nanoTime() - begun > START_LIMIT.toNanos()) {
        process.destroyForcibly();
        throw new IOException("the controller does not answer: " + Files.readString(log));
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    return new Server(process, log, address, took);
  }

  private static List<String> options() {
    List<String> options = new ArrayList<>();
    Path cache = Path.of(System.getProperty("weft.root", "")).resolve(CACHE);
    if (Files.exists(cache)) {
      options.add("-XX:AOTCache=" + cache);
    }
    String more = System.getenv("WEFT_CONTROLLER_JVM");
    if (more != null && !more.isBlank()) {
      options.addAll(List.of(more.strip().split("\\s+")));
    }
    return options;
  }

  private static List<String> command(Path config, List<String> options) {
    String root = System.getProperty("weft.root", "");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("@" + Path.of(root).resolve(OPTIONS));
    command.addAll(options);
    command.addAll(List.of("-Dweft.root=" + root, "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("weft.cli.Main", "controller", "--config", config.toString()));
    return command;
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static boolean listens(InetSocketAddress address) {
    try (Socket _ = new Socket(address.getAddress(), address.getPort())) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  long pid() {
    return process.pid();
  }

  InetSocketAddress address() {
    return address;
  }

  /** From its start to the first answer. */
  Duration startTime() {
    return startTime;
  }

  /** The time on processors that it has taken so far. */
  Duration cpu() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Resident memory. */
  long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    throw new IOException("the controller has ended: " + Files.readString(log));
  }

  /** What is in use of the heap, once the garbage is gone. */
  long heapBytes() throws IOException {
    jcmd("GC.run");
    String heap = jcmd("GC.heap_info");
    int end = heap.indexOf("Metaspace");
    Matcher used = USED.matcher(end < 0 ? heap : heap.substring(0, end));
    long bytes = 0;
    while (used.find()) {
      bytes += Long.parseLong(used.group(1)) << 10;
    }
    return bytes;
  }

  private String jcmd(String command) throws IOException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process running =
        new ProcessBuilder(jcmd.toString(), Long.toString(process.pid()), command)
            .redirectErrorStream(true)
            .start();
    return new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** Ends it as an operator would, and waits until it is gone. */
  @Override
  public void close() {
    close(END_LIMIT);
  }

  void close(Duration limit) {
    process.destroy();
    try {
      if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
