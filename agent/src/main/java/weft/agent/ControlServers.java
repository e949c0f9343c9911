package weft.agent;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which of the configured control nodes an agent turns to: two at a time, never the same twice.
 *
 * <p>Agents begin at different places of the list, so that the nodes have equal shares of them.
 */
final class ControlServers {
  /** So many at a time: both serve routes, one of them config. */
  static final int MOST = 2;

  private static final int TRIES = 4;

  private final List<InetSocketAddress> all;
  private final int[] chosen;

  /**
   * @param name the agent's
   */
  ControlServers(List<InetSocketAddress> servers, String name) {
    List<InetSocketAddress> turned = new ArrayList<>(servers.stream().distinct().toList());
    Collections.rotate(turned, Math.floorMod(name.hashCode(), turned.size()));
    all = List.copyOf(turned);
    chosen = IntStream.range(0, Math.min(MOST, all.size())).toArray();
  }

  /** How many there are at a time. */
  int count() {
    return chosen.length;
  }

  /** Where one of them is sought now: after some failed attempts at another place. */
  InetSocketAddress place(int which, int attempt) {
    if (attempt > 0 && attempt % TRIES == 0) {
      int next = chosen[which];
      do {
        next = (next + 1) % all.size();
      } while (isTakenByAnother(which, next));
      chosen[which] = next;
    }
    return all.get(chosen[which]);
  }

  private boolean isTakenByAnother(int which, int place) {
    return IntStream.range(0, chosen.length).anyMatch(i -> i != which && chosen[i] == place);
  }
}
