package weft.bench.vrouter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import weft.lab.Command;
import weft.lab.Namespace;

/** Finds what benchmarks leave behind that were ended, by the process id in its name. */
final class Sweep {
  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));
  private static final Pattern NAMESPACE = Pattern.compile("wb(\\d+)[a-z]+\\d");
  private static final Pattern PINS = Pattern.compile("weft-bench-bpf-(\\d+)-.*");

  private Sweep() {}

  static String namespaceStem() {
    return "wb" + ProcessHandle.current().pid();
  }

  static String pinsStem() {
    return "weft-bench-bpf-" + ProcessHandle.current().pid() + "-";
  }

  /** Removes what this process has made. */
  static void own() {
    long own = ProcessHandle.current().pid();
    remove(pid -> pid == own);
  }

  /** Removes what processes have left that are gone. */
  static void dead() {
    remove(pid -> ProcessHandle.of(pid).isEmpty());
  }

  private static void remove(LongPredicate owner) {
    each(
        NAMESPACES,
        NAMESPACE,
        owner,
        path -> Namespace.create(path.getFileName().toString()).close());
    each(
        TEMPORARY,
        PINS,
        owner,
        path -> {
          Command.run("umount", path.toString());
          Files.deleteIfExists(path);
        });
  }

  private interface Removal {
    void of(Path path) throws IOException;
  }

  private static void each(Path where, Pattern name, LongPredicate owner, Removal removal) {
    if (!Files.isDirectory(where)) {
      return;
    }
    try (DirectoryStream<Path> found = Files.newDirectoryStream(where)) {
      for (Path path : found) {
        Matcher matcher = name.matcher(path.getFileName().toString());
        if (matcher.matches() && owner.test(Long.parseLong(matcher.group(1)))) {
          removal.of(path);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
