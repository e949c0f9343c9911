package weft.agent;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.agent.core.Wanted.FlowAge;
import weft.datapath.Ageing;
import weft.datapath.DatapathException;
import weft.state.EventLoop;
import weft.state.FaultHandler;
import weft.state.Loop;
import weft.vrouter.Flow;

/**
 * Forgets flows that are over, on a loop of its own: to walk a large table takes long, and nothing
 * is to wait for it.
 */
final class FlowAgeing implements AutoCloseable {
  /** Hears of flows that are over, on the loop. */
  interface Ended {
    void ended(Flow flow, @Nullable Flow reverse);
  }

  private static final Logger LOG = LoggerFactory.getLogger(FlowAgeing.class);
  private static final Duration PACE = Duration.ofSeconds(5);
  private static final int AT_ONCE = 1000;

  private record Over(Flow flow, @Nullable Flow reverse) {}

  private final Forwarding forwarding;
  private final Loop loop;
  private final @Nullable Ended told;
  private final EventLoop own;
  private final AtomicBoolean wanted = new AtomicBoolean();
  private volatile Ageing ageing;
  private List<FlowAge> followed = List.of();

  FlowAgeing(
      Forwarding forwarding, Ageing ageing, Loop loop, @Nullable Ended told, FaultHandler faults) {
    this.forwarding = forwarding;
    this.ageing = ageing;
    this.loop = loop;
    this.told = told;
    own = EventLoop.start("flows", faults);
  }

  void start() {
    own.schedule(PACE, this::again);
  }

  private void again() {
    own.schedule(PACE, this::again);
    walk();
  }

  /** What the config says of some kinds of flows, from now on. */
  void follow(List<FlowAge> ages) {
    if (!ages.equals(followed)) {
      followed = List.copyOf(ages);
      Map<Ageing.Kind, Duration> others = new HashMap<>();
      followed.forEach(age ->
          others.put(
              new Ageing.Kind(age.protocol(), age.port()),
              age.seconds() == 0 ? Ageing.NEVER : Duration.ofSeconds(age.seconds())));
      ageing = ageing.with(others);
    }
  }

  /** Walks at once: ports have gone, and their flows with them. */
  void soon() {
    if (wanted.compareAndSet(false, true)) {
      own.execute(() -> {
        wanted.set(false);
        walk();
      });
    }
  }

  private void walk() {
    List<Over> over = new ArrayList<>();
    try {
      int _ =
          forwarding.age(
              ageing,
              (flow, reverse) -> {
                if (told != null) {
                  over.add(new Over(flow, reverse));
                  if (over.size() == AT_ONCE) {
                    tell(over);
                  }
                }
              });
    } catch (DatapathException e) {
      LOG.warn("flows could not be aged: {}", e.getMessage());
    }
    tell(over);
  }

  private void tell(List<Over> over) {
    Ended hearer = told;
    if (hearer != null && !over.isEmpty()) {
      List<Over> some = List.copyOf(over);
      over.clear();
      loop.execute(() -> some.forEach(each -> hearer.ended(each.flow(), each.reverse())));
    }
  }

  /** It walks no more when this returns. */
  @Override
  public void close() {
    own.close();
  }
}
