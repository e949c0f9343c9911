package weft.control;

import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import weft.config.ConfigImage;
import weft.state.Loop;

/**
 * The time after a start in which the peers still have to tell us what they know.
 *
 * <p>It is over when every configured agent has done so, or after the restart time. Belongs to the
 * node's loop.
 */
final class StartUp {
  private final Loop loop;
  private final long endNs;
  private Set<String> expected = Set.of();
  private boolean over;

  StartUp(Loop loop, Duration atMost) {
    this.loop = loop;
    this.endNs = loop.nowNs() + atMost.toNanos();
  }

  void configured(ConfigImage image) {
    expected =
        image.objects(AgentGraph.VIRTUAL_ROUTER).stream()
            .map(router -> router.name())
            .collect(Collectors.toUnmodifiableSet());
  }

  /** The names of the agents that the config knows of: those to wait for. */
  Set<String> expectedAgents() {
    return expected;
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
