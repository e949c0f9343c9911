package weft.control;

import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import weft.config.ConfigImage;
import weft.state.Loop;

/**
 * The time after a start in which the peers still have to tell us what they know.
 *
 * <p>It is over when every configured agent that lives has done so, or after the restart time: the
 * selection deferral timer of RFC 4724 section 4.1. Belongs to the node's loop.
 */
final class StartUp {
  /**
   * An agent tries again after 30 seconds at most, give or take a tenth: one that has not come by
   * then is not alive.
   */
  private static final Duration COMING = Duration.ofSeconds(35);

  private final Loop loop;
  private final long endNs;
  private final long comingNs;
  private Set<String> expected = Set.of();
  private boolean over;

  StartUp(Loop loop, Duration atMost) {
    this.loop = loop;
    this.endNs = loop.nowNs() + atMost.toNanos();
    this.comingNs = loop.nowNs() + COMING.toNanos();
  }

  void configured(ConfigImage image) {
    expect(
        image.objects(AgentGraph.VIRTUAL_ROUTER).stream()
            .map(router -> router.name())
            .collect(Collectors.toUnmodifiableSet()));
  }

  void expect(Set<String> agents) {
    expected = agents;
  }

  /** The names of the agents that the config knows of: those to wait for. */
  Set<String> expectedAgents() {
    return expected;
  }

  /** Whether an agent that has not come yet may still come. */
  boolean mayCome() {
    return loop.nowNs() - comingNs < 0;
  }

  /** Once over it stays over. */
  boolean isOver(boolean everyoneIsHere) {
    over = isDue(everyoneIsHere);
    return over;
  }

  /** Whether it could be over now; more agents to wait for may still be configured. */
  boolean isDue(boolean everyoneIsHere) {
    return over || everyoneIsHere || loop.nowNs() - endNs >= 0;
  }
}
