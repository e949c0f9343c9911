package weft.datapath;

import java.time.Duration;
import java.util.Map;
import weft.vrouter.FlowKey;

/**
 * How long flows may be idle in both directions before they are forgotten.
 *
 * @param closed TCP connections that both ends have closed, or one has reset
 * @param halfOpen TCP connections of which only the first packets came, and nothing back
 * @param others flows of some kinds that may be idle shorter or longer
 */
public record Ageing(
    Duration idle, Duration closed, Duration halfOpen, Map<Kind, Duration> others) {
  /** Of flows that are never forgotten for being idle. */
  public static final Duration NEVER = Duration.ofDays(36500);

  /**
   * A kind of flows.
   *
   * @param port of either end, 0 for any
   */
  public record Kind(int protocol, int port) {}

  private static final Duration CLOSED = Duration.ofSeconds(5);
  private static final Duration HALF_OPEN = Duration.ofSeconds(20);

  public Ageing {
    others = Map.copyOf(others);
  }

  public Ageing(Duration idle, Duration closed, Duration halfOpen) {
    this(idle, closed, halfOpen, Map.of());
  }

  public Ageing with(Map<Kind, Duration> exceptions) {
    return new Ageing(idle, closed, halfOpen, exceptions);
  }

  /** How long a flow may be idle: as its source port says, else the other, else its protocol. */
  Duration idle(FlowKey flow) {
    if (others.isEmpty()) {
      return idle;
    }
    for (int port : new int[] {flow.sourcePort(), flow.destinationPort(), 0}) {
      Duration found = others.get(new Kind(flow.protocol(), port));
      if (found != null) {
        return found;
      }
    }
    return idle;
  }

  /** The shortest time that any flow may be idle. */
  Duration leastIdle() {
    return others.values().stream().reduce(idle, Ageing::least);
  }

  /** The usual, none longer than `idle`. */
  public static Ageing of(Duration idle) {
    return new Ageing(idle, least(idle, CLOSED), least(idle, HALF_OPEN));
  }

  /** For a table that is nearly full: what has ended goes at once, what lives stays as long. */
  Ageing hurried() {
    return new Ageing(idle, Duration.ZERO, least(halfOpen, Duration.ofSeconds(2)), others);
  }

  private static Duration least(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
