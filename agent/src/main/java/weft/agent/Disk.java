package weft.agent;

import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether what must outlive the agent can be written down; says so when that changes. */
final class Disk {
  private static final Logger LOG = LoggerFactory.getLogger(Disk.class);

  private final Path directory;
  private final IdFile ids;
  private final SavedConfig config;
  private boolean troubled;

  Disk(Path directory, IdFile ids, SavedConfig config) {
    this.directory = directory;
    this.ids = ids;
    this.config = config;
  }

  /** What keeps files from being written, for people; empty if nothing does. */
  String trouble() {
    return ids.trouble().isEmpty() ? config.trouble() : ids.trouble();
  }

  /** Whether the config as it is known has been written down. */
  boolean hasConfig() {
    return config.isCurrent();
  }

  void look() {
    String trouble = trouble();
    if (!trouble.isEmpty() && !troubled) {
      LOG.warn("{} cannot be written, goes on without: {}", directory, trouble);
    } else if (trouble.isEmpty() && troubled) {
      LOG.info("{} can be written again", directory);
    }
    troubled = !trouble.isEmpty();
  }
}
