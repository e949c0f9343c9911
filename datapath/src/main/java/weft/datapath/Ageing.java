package weft.datapath;

import java.time.Duration;

/**
 * How long flows may be idle in both directions before they are forgotten.
 *
 * @param closed TCP connections that both ends have closed, or one has reset
 * @param halfOpen TCP connections of which only the first packets came, and nothing back
 */
public record Ageing(Duration idle, Duration closed, Duration halfOpen) {
  private static final Duration CLOSED = Duration.ofSeconds(5);
  private static final Duration HALF_OPEN = Duration.ofSeconds(20);

  /** The usual, none longer than `idle`. */
  public static Ageing of(Duration idle) {
    return new Ageing(idle, least(idle, CLOSED), least(idle, HALF_OPEN));
  }

  /** For a table that is nearly full: what has ended goes at once, what lives stays as long. */
  Ageing hurried() {
    return new Ageing(idle, Duration.ZERO, least(halfOpen, Duration.ofSeconds(2)));
  }

  private static Duration least(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
