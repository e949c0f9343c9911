package weft.control;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
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
  private List<String> expected = List.of();
  private boolean over;

  StartUp(Loop loop, Duration atMost) {
    this.loop = loop;
    this.endNs = loop.nowNs() + atMost.toNanos();
  }

  void configured(ConfigImage image) {
    if (!over) {
      expected =
          image.objects(AgentGraph.VIRTUAL_ROUTER).stream().map(router -> router.name()).toList();
    }
  }

  /** The names of the agents to wait for. */
  Collection<String> expectedAgents() {
    return expected;
  }

  /** Once over it stays over. */
  boolean isOver(boolean everyoneIsHere) {
    over = over || everyoneIsHere || loop.nowNs() - endNs >= 0;
    return over;
  }
}
