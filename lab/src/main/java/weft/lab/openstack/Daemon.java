package weft.lab.openstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import weft.lab.Await;
import weft.lab.Command;
import weft.lab.LabException;

/**
 * A service that outlives the program that started it: in a session of its own, its process id in a
 * file of the site.
 */
final class Daemon {
  private static final Duration START = Duration.ofMinutes(3);
  private static final Duration END = Duration.ofSeconds(20);

  private final Site site;
  private final String name;

  Daemon(Site site, String name) {
    this.site = site;
    this.name = name;
  }

  /** All that were started in a site, the last one first. */
  static List<Daemon> all(Site site) {
    try (var files = Files.list(site.directory("run"))) {
      return files
          .filter(file -> file.toString().endsWith(".pid"))
          .sorted((one, other) -> started(other).compareTo(started(one)))
          .map(file -> new Daemon(site, file.getFileName().toString().replace(".pid", "")))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Long started(Path file) {
    try {
      return Files.getLastModifiedTime(file).toMillis();
    } catch (IOException e) {
      return 0L;
    }
  }

  String name() {
    return name;
  }

  /** Starts it; it may not answer yet. */
  Daemon start(Map<String, String> environment, List<String> command) {
    List<String> session = new ArrayList<>(List.of("setsid"));
    session.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(session);
    builder.environment().putAll(environment);
    builder.directory(site.directory().toFile());
    builder
        .redirectErrorStream(true)
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectOutput(ProcessBuilder.Redirect.appendTo(site.log(name).toFile()));
    try {
      Process process = builder.start();
      Files.writeString(pidFile(), process.pid() + " " + begun(process.toHandle()));
    } catch (IOException e) {
      throw new LabException("cannot start " + name + ": " + e.getMessage());
    }
    return this;
  }

  private Path pidFile() {
    return site.directory("run").resolve(name + ".pid");
  }

  private static String begun(ProcessHandle process) {
    return process.info().startInstant().map(Object::toString).orElse("");
  }

  /** The process, if it is still the one that was started here. */
  Optional<ProcessHandle> process() {
    try {
      String[] words = Files.readString(pidFile(), StandardCharsets.UTF_8).split(" ", 2);
      return ProcessHandle.of(Long.parseLong(words[0]))
          .filter(process -> process.isAlive() && begun(process).equals(words[1]));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  boolean alive() {
    return process().isPresent();
  }

  /** Waits until something listens on the port. */
  Daemon await(int port) {
    Await.until(
        name + " answers on port " + port,
        START,
        () -> {
          checkAlive();
          return listens(port);
        });
    return this;
  }

  void checkAlive() {
    if (!alive()) {
      throw new LabException(name + " ended; its log says:\n" + logTail());
    }
  }

  String logTail() {
    try {
      List<String> lines = Files.readAllLines(site.log(name), StandardCharsets.ISO_8859_1);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  static boolean listens(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Ends it and all that it started: SIGTERM, then SIGKILL. */
  void stop() {
    process()
        .ifPresent(first -> {
          List<ProcessHandle> family = family(first);
          signal("-TERM", family);
          try {
            Await.until(
                name + " ends", END, () -> family.stream().noneMatch(ProcessHandle::isAlive));
          } catch (LabException e) {
            signal("-KILL", family);
          }
        });
    try {
      Files.deleteIfExists(pidFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it as a crash would. */
  void kill() {
    List<ProcessHandle> family = process().map(Daemon::family).orElse(List.of());
    signal("-KILL", family);
    Await.until(name + " is gone", END, () -> family.stream().noneMatch(ProcessHandle::isAlive));
  }

  private static List<ProcessHandle> family(ProcessHandle first) {
    return Stream.concat(Stream.of(first), first.descendants()).toList();
  }

  private static void signal(String signal, List<ProcessHandle> family) {
    List<String> kill = new ArrayList<>(List.of("kill", signal));
    family.stream().filter(ProcessHandle::isAlive).forEach(each -> kill.add("" + each.pid()));
    if (kill.size() > 2) {
      Command.run(kill);
    }
  }

  /** Proportional set size of it and all that it started, in MiB. */
  long memoryMib() {
    long kib = 0;
    for (ProcessHandle each : process().map(Daemon::family).orElse(List.of())) {
      kib += proportionalKib(each.pid());
    }
    return kib / 1024;
  }

  /** None of a process that has just ended. */
  private static long proportionalKib(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", "" + pid, "smaps_rollup"))) {
        if (line.startsWith("Pss:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
      return 0;
    } catch (IOException e) {
      return 0;
    }
  }
}
