package weft.agent.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.net.MacAddress;

/**
 * MACs that were heard at ports of this host and are not those of the ports.
 *
 * <p>Each has a number above all that were known when it was heard, which its route tells (RFC
 * 7432, 7.7); the highest one says where the MAC is. What was heard is history, as claims are: it
 * does not follow from the config.
 */
public final class LearnedMacs {
  private static final long SECOND_NS = 1_000_000_000L;

  /** Where a MAC is, and by which number. */
  record Learned(UUID port, long sequence) {}

  /** What became of a MAC that was heard. */
  public enum Heard {
    KNOWN,
    LEARNED,
    /** The network takes no more. */
    TOO_MANY,
    /** It moves too often and stays where it was. */
    RESTLESS
  }

  private final Map<String, Map<MacAddress, Learned>> byVrf = new HashMap<>();
  private final Map<String, Map<MacAddress, Deque<Long>>> moves = new HashMap<>();
  private final Map<Heard, Long> counts = new TreeMap<>();

  @Nullable Learned of(String vrf, MacAddress mac) {
    return byVrf.getOrDefault(vrf, Map.of()).get(mac);
  }

  int count(String vrf) {
    return byVrf.getOrDefault(vrf, Map.of()).size();
  }

  /** Whether a network takes no more and frames of others do not pass. */
  boolean isFull(String vrf, MacRules rules) {
    return rules.limit() != 0 && rules.dropsBeyond() && count(vrf) >= rules.limit();
  }

  /**
   * Notes that a MAC was heard.
   *
   * @param elsewhere the number by which another host has it, 0 if none has
   */
  Heard hear(UUID port, String vrf, MacAddress mac, MacRules rules, long elsewhere, long nowNs) {
    Heard heard = judge(port, vrf, mac, rules, elsewhere, nowNs);
    if (heard == Heard.LEARNED) {
      Learned before = of(vrf, mac);
      long known = Math.max(elsewhere, before == null ? 0 : before.sequence());
      byVrf.computeIfAbsent(vrf, _ -> new HashMap<>()).put(mac, new Learned(port, known + 1));
    }
    counts.merge(heard, 1L, Long::sum);
    return heard;
  }

  private Heard judge(
      UUID port, String vrf, MacAddress mac, MacRules rules, long elsewhere, long nowNs) {
    Learned before = of(vrf, mac);
    if (before != null && before.port().equals(port) && before.sequence() > elsewhere) {
      return Heard.KNOWN;
    }
    if (before == null && rules.limit() != 0 && count(vrf) >= rules.limit()) {
      return Heard.TOO_MANY;
    }
    boolean moved = before != null || elsewhere != 0;
    return moved && isRestless(vrf, mac, rules.moves(), nowNs) ? Heard.RESTLESS : Heard.LEARNED;
  }

  private boolean isRestless(String vrf, MacAddress mac, MacRules.Moves rules, long nowNs) {
    if (rules.limit() == 0) {
      return false;
    }
    Deque<Long> times =
        moves
            .computeIfAbsent(vrf, _ -> new HashMap<>())
            .computeIfAbsent(mac, _ -> new ArrayDeque<>());
    while (!times.isEmpty() && nowNs - times.getFirst() > rules.window() * SECOND_NS) {
      times.removeFirst();
    }
    boolean tooMany = times.size() >= rules.limit();
    if (!tooMany) {
      times.addLast(nowNs);
    }
    return tooMany && rules.refused();
  }

  /** Forgets a MAC; returns whether it was known. */
  boolean forget(String vrf, MacAddress mac) {
    Map<MacAddress, Learned> macs = byVrf.get(vrf);
    boolean known = macs != null && macs.remove(mac) != null;
    if (macs != null && macs.isEmpty()) {
      byVrf.remove(vrf);
    }
    Map<MacAddress, Deque<Long>> moved = moves.get(vrf);
    if (moved != null && !known) {
      moved.remove(mac);
    }
    return known;
  }

  /** Those of a port. */
  List<MacAddress> of(String vrf, UUID port) {
    List<MacAddress> found = new ArrayList<>();
    byVrf
        .getOrDefault(vrf, Map.of())
        .forEach((mac, learned) -> {
          if (learned.port().equals(port)) {
            found.add(mac);
          }
        });
    return found;
  }

  /** All MACs by VRF. */
  Map<String, List<MacAddress>> all() {
    Map<String, List<MacAddress>> all = new TreeMap<>();
    byVrf.forEach((vrf, macs) -> all.put(vrf, List.copyOf(macs.keySet())));
    return all;
  }

  /** What became of those that were heard. */
  Map<Heard, Long> counts() {
    return Map.copyOf(counts);
  }
}
