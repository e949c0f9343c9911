package weft.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A network namespace that the lab made, and that goes with all that runs in it. */
public final class Namespace implements AutoCloseable {
  private static final Path RUN = Path.of("/run/netns");

  private final String name;

  private Namespace(String name) {
    this.name = name;
  }

  /** Makes the namespace; one left by an earlier run under this name is removed first. */
  public static Namespace create(String name) {
    Namespace namespace = new Namespace(name);
    if (Files.exists(RUN.resolve(name))) {
      namespace.close();
    }
    Command.run("ip", "netns", "add", name).orThrow();
    namespace.run("ip", "link", "set", "lo", "up").orThrow();
    return namespace;
  }

  /** One that an earlier program made and left. */
  public static Namespace left(String name) {
    return new Namespace(name);
  }

  public String name() {
    return name;
  }

  /**
   * The words that make a program run in here. The file system stays the machine's own, BPF pins
   * included.
   */
  public List<String> prefix() {
    return List.of("nsenter", "--net=" + RUN.resolve(name), "--");
  }

  /** Runs a program in here to its end. */
  public Command.Result run(String... command) {
    return Command.run(Command.prefixed(prefix(), command));
  }

  /** Runs `ip` in here with the words of `arguments`. @throws LabException if it fails */
  public void ip(String arguments) {
    List<String> command = new ArrayList<>(List.of("ip", "-netns", name));
    command.addAll(List.of(arguments.split(" ")));
    Command.run(command).orThrow();
  }

  /** Ends what runs in here and removes the namespace. */
  @Override
  public void close() {
    String pids = Command.run("ip", "netns", "pids", name).output();
    for (String pid : pids.split("\\s+")) {
      if (!pid.isEmpty() && pid.chars().allMatch(Character::isDigit)) {
        ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
      }
    }
    Command.run("ip", "netns", "delete", name);
  }
}
