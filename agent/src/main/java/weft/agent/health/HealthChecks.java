package weft.agent.health;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.agent.core.AgentCore.Checked;
import weft.agent.core.Event;
import weft.agent.core.HealthCheck;

/**
 * Probes the guests of this host as the config says, and tells whose checks fail. All is called on
 * the loop.
 *
 * <p>A check that has not found anything yet does no harm: a port is held back by failures, not by
 * silence of its agent.
 */
public final class HealthChecks {
  /** What is known by a check. */
  public enum State {
    UNKNOWN("unknown"),
    GOOD("good"),
    BAD("bad"),
    NOT_MADE("not made");

    private final String text;

    State(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  /**
   * One check of one port, for people.
   *
   * @param failures in a row
   * @param changes how often it went from good to bad or back
   */
  public record Status(
      UUID port,
      int vif,
      HealthCheck check,
      State state,
      String detail,
      int failures,
      int changes) {}

  private record Key(UUID port, String check) implements Comparable<Key> {
    private static final Comparator<Key> ORDER =
        Comparator.comparing(Key::port).thenComparing(Key::check);

    @Override
    public int compareTo(Key other) {
      return ORDER.compare(this, other);
    }
  }

  private final Way way;
  private final Consumer<Event> happened;
  private final Map<Key, Watch> watches = new TreeMap<>();
  private List<Checked> followed = List.of();
  private int echoId;

  /**
   * @param happened is told when a port's checks begin to fail, or are good again
   */
  public HealthChecks(Way way, Consumer<Event> happened) {
    this.way = way;
    this.happened = happened;
  }

  private final class Watch implements Findings {
    private final Key key;
    private int vif;
    private HealthCheck check;
    private @Nullable Aim aim;
    private @Nullable Probe probe;
    private State state = State.UNKNOWN;
    private String detail = "";
    private int failures;
    private int changes;

    Watch(Key key, int vif, HealthCheck check) {
      this.key = key;
      this.vif = vif;
      this.check = check;
    }

    void aimAt(int at, HealthCheck wanted, Aim.Taken taken) {
      vif = at;
      check = wanted;
      switch (taken) {
        case Aim.Taken.At(Aim now) -> {
          if (!now.equals(aim)) {
            stop();
            aim = now;
            Probe fresh = probe(now, this);
            probe = fresh;
            if (state == State.NOT_MADE) {
              state = State.UNKNOWN;
            }
            fresh.start();
          }
        }
        case Aim.Taken.Not(String reason) -> {
          stop();
          detail = reason;
          become(State.NOT_MADE);
        }
      }
    }

    void stop() {
      aim = null;
      if (probe != null) {
        probe.stop();
        probe = null;
      }
    }

    @Override
    public void good(String what) {
      detail = what;
      failures = 0;
      become(State.GOOD);
    }

    @Override
    public void bad(String what) {
      detail = what;
      failures++;
      if (failures >= check.retries() || check.monitor() == HealthCheck.Monitor.BFD) {
        become(State.BAD);
      }
    }

    private void become(State next) {
      boolean harmBefore = state == State.BAD;
      boolean harm = next == State.BAD;
      state = next;
      if (harm != harmBefore) {
        changes++;
        tell(key.port());
      }
    }
  }

  private Probe probe(Aim aim, Findings findings) {
    return switch (aim.check().monitor()) {
      case PING -> {
        echoId = echoId + 1 & 0xffff;
        yield new EchoProbing(aim, way, findings, echoId);
      }
      case TCP, HTTP ->
          aim.target().isV4()
              ? new SocketProbing(aim, way, findings)
              : new SegmentProbing(aim, way, findings);
      case BFD -> new BfdProbing(aim, way, findings);
    };
  }

  private void tell(UUID port) {
    boolean good =
        watches.values().stream()
            .noneMatch(watch -> watch.key.port().equals(port) && watch.state == State.BAD);
    happened.accept(new Event.HealthChanged(port, good));
  }

  /** Probes these guests from now on, and no others. */
  public void follow(List<Checked> guests) {
    if (guests.equals(followed)) {
      return;
    }
    followed = List.copyOf(guests);
    Map<Key, Watch> before = Map.copyOf(watches);
    watches.clear();
    List<Runnable> begin = new ArrayList<>();
    for (Checked guest : guests) {
      for (HealthCheck check : guest.config().healthChecks()) {
        Key key = new Key(guest.config().id(), check.name());
        Watch known = before.get(key);
        Watch watch = known == null ? new Watch(key, guest.vif(), check) : known;
        watches.put(key, watch);
        Aim.Taken taken = Aim.take(check, guest.vif(), guest.config());
        begin.add(() -> watch.aimAt(guest.vif(), check, taken));
      }
    }
    before.forEach((key, watch) -> {
      if (!watches.containsKey(key)) {
        watch.stop();
        if (watch.state == State.BAD) {
          tell(key.port());
        }
      }
    });
    begin.forEach(Runnable::run);
  }

  /** True if a frame that a guest has sent to its gateway answers a probe. */
  public boolean takes(int vif, byte[] frame) {
    for (Watch watch : watches.values()) {
      Probe probe = watch.vif == vif ? watch.probe : null;
      if (probe != null && probe.takes(frame)) {
        return true;
      }
    }
    return false;
  }

  /** All checks, in order of their ports. */
  public List<Status> statuses() {
    return watches.values().stream()
        .map(watch ->
            new Status(
                watch.key.port(),
                watch.vif,
                watch.check,
                watch.state,
                watch.detail,
                watch.failures,
                watch.changes))
        .toList();
  }

  public void close() {
    watches.values().forEach(Watch::stop);
  }
}
