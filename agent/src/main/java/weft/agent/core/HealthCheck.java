package weft.agent.core;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A probe of a port's guest, as the config has it.
 *
 * @param name of the config's object
 * @param retries how many failures in a row it takes
 * @param target what is asked: an address, `local-ip` or nothing for the guest's own, with a port
 *     and a path where the monitor has them
 * @param expected status codes of HTTP, such as `200,300-399`
 */
public record HealthCheck(
    String name,
    Kind kind,
    Monitor monitor,
    Duration delay,
    Duration timeout,
    int retries,
    String target,
    String method,
    String expected) {

  /** Which way the probe goes. */
  public enum Kind {
    LINK_LOCAL("link-local"),
    /** Through the guest to an address behind it. */
    END_TO_END("end-to-end"),
    SEGMENT("segment"),
    ADDRESSES("vn-ip-list");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }

    static @Nullable Kind of(@Nullable String text) {
      for (Kind kind : values()) {
        if (kind.word.equals(text)) {
          return kind;
        }
      }
      return null;
    }
  }

  /** What is asked of the guest. */
  public enum Monitor {
    PING,
    TCP,
    HTTP,
    BFD;

    static @Nullable Monitor of(@Nullable String text) {
      for (Monitor monitor : values()) {
        if (text != null && monitor.name().equals(text.toUpperCase(Locale.ROOT))) {
          return monitor;
        }
      }
      return null;
    }
  }
}
