package weft.schema;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Outside material to compare with; what needs it is skipped where it is absent. */
final class SharedData {
  private SharedData() {}

  static Path path(String name) {
    Path path = Path.of(System.getProperty("weft.shared", "../../shared"), "data", name);
    assumeTrue(Files.exists(path), () -> "no shared data: " + name);
    return path;
  }

  static List<String> lines(String name) throws IOException {
    return Files.readAllLines(path(name));
  }
}
