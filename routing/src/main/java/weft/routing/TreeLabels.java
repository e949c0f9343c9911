package weft.routing;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import weft.routing.TreePart.Offer;

/**
 * Says under which label each agent takes the copies of each tree, out of the labels it offers.
 *
 * <p>A tree has a place of its own in an offer, and takes the next free one if a tree that comes
 * first in order has that. So labels depend on which trees there are and not on when they came, and
 * hardly ever change for a tree that stays.
 */
final class TreeLabels {
  private final Map<String, SortedMap<Trees.Id, Offer>> offers = new HashMap<>();
  private final Map<String, Map<Trees.Id, Integer>> labels = new HashMap<>();
  private final Set<String> changed = new HashSet<>();

  void offer(String agent, Trees.Id tree, Offer offer) {
    Offer before = offers.computeIfAbsent(agent, _ -> new TreeMap<>()).put(tree, offer);
    if (!offer.equals(before)) {
      changed.add(agent);
    }
  }

  void withdraw(String agent, Trees.Id tree) {
    SortedMap<Trees.Id, Offer> all = offers.get(agent);
    if (all != null && all.remove(tree) != null) {
      changed.add(agent);
      if (all.isEmpty()) {
        offers.remove(agent);
      }
    }
  }

  /** The label, or 0 if the agent has none left. As of the last `settle`. */
  int label(String agent, Trees.Id tree) {
    return labels.getOrDefault(agent, Map.of()).getOrDefault(tree, 0);
  }

  /** Takes in what is offered now. Returns the trees some of whose labels are others. */
  Set<Trees.Id> settle() {
    if (changed.isEmpty()) {
      return Set.of();
    }
    Set<Trees.Id> touched = new HashSet<>();
    for (String agent : changed) {
      SortedMap<Trees.Id, Offer> offered = offers.get(agent);
      Map<Trees.Id, Integer> before = labels.getOrDefault(agent, Map.of());
      Map<Trees.Id, Integer> after = offered == null ? Map.of() : assign(offered);
      Set<Trees.Id> concerned = new HashSet<>(before.keySet());
      concerned.addAll(after.keySet());
      for (Trees.Id tree : concerned) {
        if (!Objects.equals(before.get(tree), after.get(tree))) {
          touched.add(tree);
        }
      }
      if (after.isEmpty()) {
        labels.remove(agent);
      } else {
        labels.put(agent, after);
      }
    }
    changed.clear();
    return touched;
  }

  private static Map<Trees.Id, Integer> assign(SortedMap<Trees.Id, Offer> offered) {
    Map<Trees.Id, Integer> assigned = new HashMap<>();
    Set<Integer> taken = new HashSet<>();
    offered.forEach((tree, offer) -> {
      int size = offer.last() - offer.first() + 1;
      int start = Math.floorMod((int) (tree.hashCode() * RouteKey.SPREAD >>> 32), size);
      for (int i = 0; i < size; i++) {
        int label = offer.first() + (start + i) % size;
        if (taken.add(label)) {
          assigned.put(tree, label);
          return;
        }
      }
    });
    return assigned;
  }
}
