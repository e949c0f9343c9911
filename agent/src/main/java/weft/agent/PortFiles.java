package weft.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import weft.http.HttpError;
import weft.http.Json;

/** One file a plugged port, as it came by the port API, so that ports outlive the agent. */
final class PortFiles {
  private final Path directory;

  PortFiles(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
  }

  /** All ports that can be read; what else lies there is left alone and named in `unreadable`. */
  record Found(List<PortRequest> ports, List<String> unreadable) {}

  Found read() throws IOException {
    List<PortRequest> ports = new ArrayList<>();
    List<String> unreadable = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> listed = Files.list(directory)) {
      files = listed.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      if (file.getFileName().toString().endsWith(".new")) {
        Files.delete(file);
        continue;
      }
      try {
        ports.add(PortRequest.of(Json.parse(Files.readAllBytes(file))));
      } catch (HttpError | IllegalArgumentException e) {
        unreadable.add(file.getFileName() + ": " + e.getMessage());
      }
    }
    return new Found(ports, unreadable);
  }

  private Path file(UUID id) {
    return directory.resolve(id.toString());
  }

  void write(PortRequest port) throws IOException {
    Path fresh = directory.resolve(port.id() + ".new");
    Files.writeString(fresh, Json.text(port.json()), StandardCharsets.UTF_8);
    Files.move(
        fresh,
        file(port.id()),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  void delete(UUID id) throws IOException {
    boolean _ = Files.deleteIfExists(file(id));
  }
}
