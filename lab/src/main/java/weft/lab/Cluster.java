package weft.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * A whole Weft on one machine: underlay, controller and compute hosts, each program a process of
 * its own.
 */
public final class Cluster implements AutoCloseable {
  /** Read by the command line to find a running lab. */
  public static final Path POINTER = Path.of("/run/weft/lab.json");

  private final Turn turn;
  private final Underlay underlay;
  private final Program controller;
  private final Map<String, ComputeHost> hosts;
  private final Path directory;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean filesKept;

  private Cluster(
      Turn turn,
      Underlay underlay,
      Program controller,
      Map<String, ComputeHost> hosts,
      Path directory) {
    this.turn = turn;
    this.underlay = underlay;
    this.controller = controller;
    this.hosts = hosts;
    this.directory = directory;
  }

  /**
   * What is not as usual in a lab.
   *
   * @param controller settings of the controller beside the usual ones
   * @param moreControlPorts where further control nodes will let agents in, on this machine
   * @param environment of all programs, beside what this one has
   */
  public record Unusual(
      Map<String, String> controller,
      List<Integer> moreControlPorts,
      Map<String, String> environment) {
    static final Unusual NOTHING = new Unusual(Map.of(), List.of());

    public Unusual(Map<String, String> controller, List<Integer> moreControlPorts) {
      this(controller, moreControlPorts, Map.of());
    }

    public Unusual {
      controller = Map.copyOf(controller);
      moreControlPorts = List.copyOf(moreControlPorts);
      environment = Map.copyOf(environment);
    }

    /** Words before a command that give it the environment. */
    private List<String> prefix() {
      List<String> words = new ArrayList<>();
      if (!environment.isEmpty()) {
        words.add("env");
        environment.forEach((name, value) -> words.add(name + "=" + value));
      }
      return words;
    }

    private String settings() {
      StringBuilder text = new StringBuilder();
      controller.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
      return text.toString();
    }

    private String controlNodes(String address) {
      StringBuilder text = new StringBuilder(address).append(":5269");
      moreControlPorts.forEach(port -> text.append(',').append(address).append(':').append(port));
      return text.toString();
    }
  }

  /** Makes the fabric and starts all programs; they may not answer yet. */
  public static Cluster start(String lab, List<String> hostNames) {
    return start(lab, hostNames, Unusual.NOTHING);
  }

  /** Likewise. */
  public static Cluster start(String lab, List<String> hostNames, Unusual unusual) {
    Path directory = Path.of("/run/weft", lab);
    try {
      Turn turn = Turn.take();
      discard(directory);
      Files.createDirectories(directory);
      Underlay underlay = Underlay.create(lab);
      Path config = directory.resolve("controller.properties");
      Files.writeString(
          config,
          """
          data.dir=%s
          control.address=%s
          %s\
          """
              .formatted(
                  Files.createDirectories(directory.resolve("data")),
                  underlay.ownAddress(),
                  unusual.settings()));
      Program controller =
          Program.weft(
              "controller",
              unusual.prefix(),
              directory.resolve("controller.log"),
              List.of("-Xmx512m"),
              "controller",
              "--config",
              config.toString());
      Map<String, ComputeHost> hosts = new LinkedHashMap<>();
      for (String name : hostNames) {
        int index = hosts.size() + 1;
        Namespace namespace = underlay.addHost(name, index);
        Path own = Files.createDirectories(directory.resolve(name));
        hosts.put(
            name,
            ComputeHost.start(
                lab,
                name,
                namespace,
                underlay.address(index),
                unusual.controlNodes(underlay.ownAddress()),
                unusual.prefix(),
                own));
      }
      Cluster cluster = new Cluster(turn, underlay, controller, hosts, directory);
      Files.writeString(POINTER, cluster.pointer());
      return cluster;
    } catch (IOException e) {
      throw new LabException("lab " + lab + ": " + e.getMessage());
    }
  }

  private String pointer() {
    List<String> vrouters = new ArrayList<>();
    hosts.forEach(
        (name, host) -> vrouters.add("\"" + name + "\":\"" + host.introspection() + "\""));
    return "{\"api\":\""
        + api()
        + "\",\"control\":\""
        + control()
        + "\",\"vrouters\":{"
        + String.join(",", vrouters)
        + "}}\n";
  }

  /** The config API. */
  public String api() {
    return "http://127.0.0.1:8082";
  }

  /** The control node's introspection. */
  public String control() {
    return "http://127.0.0.1:8083";
  }

  public Program controller() {
    return controller;
  }

  public ComputeHost host(String name) {
    ComputeHost host = hosts.get(name);
    if (host == null) {
      throw new LabException("no host " + name);
    }
    return host;
  }

  public List<ComputeHost> hosts() {
    return List.copyOf(hosts.values());
  }

  public Underlay underlay() {
    return underlay;
  }

  /** Fails at once if one of the programs has ended. */
  public void checkAlive() {
    controller.checkAlive();
    hosts.values().forEach(host -> host.vrouter().checkAlive());
  }

  /** Where logs, configs and data lie. */
  public Path directory() {
    return directory;
  }

  /**
   * Leaves logs, configs and data where they are when this is closed: for looking into a failure.
   */
  public void keepFiles() {
    filesKept = true;
  }

  /** Ends all programs and removes all that was made. Once: later calls do nothing. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    hosts.values().forEach(ComputeHost::close);
    controller.close();
    underlay.close();
    try {
      Files.deleteIfExists(POINTER);
      if (!filesKept) {
        discard(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    turn.close();
  }

  /** Removes `directory` and what is mounted in it. */
  private static void discard(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    for (String line : Files.readAllLines(Path.of("/proc/mounts"))) {
      String mountPoint = line.split(" ")[1];
      if (mountPoint.startsWith(directory + "/")) {
        Command.run("umount", mountPoint);
      }
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Waits for the config API. */
  public void awaitApi(Duration limit) {
    ApiClient client = new ApiClient(api());
    Await.until(
        "config API answers",
        limit,
        () -> {
          checkAlive();
          return client.answers();
        });
  }
}
