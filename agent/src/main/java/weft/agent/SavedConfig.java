package weft.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.agent.core.AgentCore;
import weft.agent.core.Event;
import weft.state.Loop;
import weft.xmpp.ControlMessage.ConfigUpdate;

/**
 * Keeps the file of config as the config is, some seconds behind it, and never in the middle of
 * learning it. Writing is done beside the loop; what fails is tried again.
 */
final class SavedConfig {
  private static final Logger LOG = LoggerFactory.getLogger(SavedConfig.class);
  private static final Duration PACE = Duration.ofSeconds(2);

  private final ConfigFile file;
  private final AgentCore core;
  private final Loop loop;
  private final BooleanSupplier whole;
  private long saved;
  private boolean busy;
  private String trouble = "";

  /**
   * @param whole whether all config has come
   */
  SavedConfig(ConfigFile file, AgentCore core, Loop loop, BooleanSupplier whole) {
    this.file = file;
    this.core = core;
    this.loop = loop;
    this.whole = whole;
  }

  /** Tells the core what the file holds, and begins to follow. */
  void start() {
    try {
      ConfigUpdate before = file.read();
      if (!before.nodes().isEmpty()) {
        core.on(new Event.ConfigCame(before));
      }
    } catch (IOException e) {
      LOG.warn("begins without config: {}", e.getMessage());
    }
    saved = core.configChanges();
    loop.schedule(PACE, this::follow);
  }

  /** Whether the file says what is known. */
  boolean isCurrent() {
    return saved == core.configChanges();
  }

  /** Why the file could not be written; empty if it could. */
  String trouble() {
    return trouble;
  }

  private void follow() {
    if (!busy && !isCurrent() && whole.getAsBoolean()) {
      busy = true;
      long changes = core.configChanges();
      ConfigUpdate config = core.knownConfig();
      Thread.ofVirtual().name("config").start(() -> write(config, changes));
    }
    loop.schedule(PACE, this::follow);
  }

  private void write(ConfigUpdate config, long changes) {
    String failure = "";
    try {
      file.write(config);
    } catch (IOException e) {
      failure = String.valueOf(e.getMessage());
    }
    String why = failure;
    loop.execute(() -> {
      busy = false;
      trouble = why;
      if (why.isEmpty()) {
        saved = changes;
      }
    });
  }
}
