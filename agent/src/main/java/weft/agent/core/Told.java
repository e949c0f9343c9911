package weft.agent.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What several control nodes have said, by key: one value of each.
 *
 * <p>What a node has said in a session that is over is unconfirmed. It counts until the node says
 * it again, another node says or takes back anything for the same key, or it is swept.
 */
final class Told<K, V> {
  private record Said<V>(int node, int session, V value) {}

  private final Map<K, List<Said<V>>> all = new HashMap<>();
  private final Map<Integer, Integer> sessions = new HashMap<>();

  /** A session of a node begins or ends: what it has said so far is unconfirmed. */
  void renew(int node) {
    sessions.merge(node, 1, Integer::sum);
  }

  private int session(int node) {
    return sessions.getOrDefault(node, 0);
  }

  private boolean isConfirmed(Said<V> said) {
    return said.session() == session(said.node());
  }

  void put(int node, K key, V value) {
    List<Said<V>> left = confirmedOfOthers(node, key);
    left.add(new Said<>(node, session(node), value));
    left.sort(Comparator.comparingInt(Said::node));
    all.put(key, List.copyOf(left));
  }

  /** Returns whether anything was there. */
  boolean remove(int node, K key) {
    List<Said<V>> before = all.get(key);
    if (before == null) {
      return false;
    }
    set(key, confirmedOfOthers(node, key));
    return true;
  }

  private List<Said<V>> confirmedOfOthers(int node, K key) {
    List<Said<V>> left = new ArrayList<>(2);
    for (Said<V> said : all.getOrDefault(key, List.of())) {
      if (said.node() != node && isConfirmed(said)) {
        left.add(said);
      }
    }
    return left;
  }

  private void set(K key, List<Said<V>> left) {
    if (left.isEmpty()) {
      all.remove(key);
    } else {
      all.put(key, List.copyOf(left));
    }
  }

  /** Drops what a node has said and others confirm; returns those keys. */
  List<K> dropRepeated(int node) {
    return drop(
        node, said -> said.stream().anyMatch(each -> each.node() != node && isConfirmed(each)));
  }

  /** Drops what a node has said and not confirmed; returns those keys. */
  List<K> sweep(int node) {
    return drop(
        node, said -> said.stream().anyMatch(each -> each.node() == node && !isConfirmed(each)));
  }

  private List<K> drop(int node, Predicate<List<Said<V>>> which) {
    List<K> keys = new ArrayList<>();
    all.forEach((key, said) -> {
      if (said.stream().anyMatch(each -> each.node() == node) && which.test(said)) {
        keys.add(key);
      }
    });
    for (K key : keys) {
      List<Said<V>> left = new ArrayList<>(all.getOrDefault(key, List.of()));
      left.removeIf(said -> said.node() == node);
      set(key, left);
    }
    return keys;
  }

  /** The values of a key, in order of the nodes. */
  List<V> of(K key) {
    List<Said<V>> said = all.getOrDefault(key, List.of());
    return said.size() == 1
        ? List.of(said.getFirst().value())
        : said.stream().map(Said::value).toList();
  }

  /** How many keys a node has said something for. */
  int count(int node) {
    return (int)
        all.values().stream()
            .filter(said -> said.stream().anyMatch(each -> each.node() == node))
            .count();
  }
}
