package weft.cli.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.lab.openstack.OpenStack;
import weft.lab.openstack.Site;

/**
 * A whole OpenStack, as `weft lab openstack --check` tries it: Nova's machines on Weft's vRouters.
 */
@Tag("lab")
class NovaTest {
  private static final Path ROOT = Path.of(System.getProperty("weft.root", "."));

  @TempDir private static Path directory;

  @Test
  void machinesBootAndTalkAndNothingOfItStays() throws IOException {
    // RabbitMQ has a user of its own.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path place = directory.resolve("site");
    OpenStack openStack =
        new OpenStack(Site.create(place, ROOT.toAbsolutePath(), false), System.err::println);
    try {
      openStack.startAll();
      assertThat(openStack.check()).as("all that the check tried").isTrue();
      openStack.checkAlive();
    } finally {
      openStack.down();
    }
    assertThat(left(place)).isEmpty();
  }

  /** What the machine still has of it: files, mounts, processes, devices, namespaces. */
  private static Set<String> left(Path place) throws IOException {
    Set<String> left = new TreeSet<>();
    if (Files.exists(place)) {
      left.add(place.toString());
    }
    Files.readAllLines(Path.of("/proc/mounts")).stream()
        .filter(mount -> mount.contains(place.toString()))
        .forEach(left::add);
    ProcessHandle.allProcesses()
        .map(process -> process.info().commandLine().orElse(""))
        .filter(command -> command.contains(place.toString()))
        .forEach(left::add);
    for (String names : new String[] {"/sys/class/net", "/run/netns"}) {
      if (Files.exists(Path.of(names))) {
        try (Stream<Path> files = Files.list(Path.of(names))) {
          files
              .filter(file -> file.getFileName().toString().matches("weft-os-.*|pkt0"))
              .map(Path::toString)
              .forEach(left::add);
        }
      }
    }
    return left;
  }
}
