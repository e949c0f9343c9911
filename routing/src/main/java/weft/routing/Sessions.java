package weft.routing;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What each peer has told us and asked for. */
final class Sessions {

  /** An agent's interest in an instance. */
  record Subscription(int instanceId, boolean feed, boolean stale) {}

  static final class Session {
    final Peer peer;
    boolean up;
    final Map<String, Subscription> subscriptions = new TreeMap<>();
    final Set<Family> joined = new LinkedHashSet<>();
    final Map<TableId, Set<Path.Id>> told = new LinkedHashMap<>();

    Session(Peer peer) {
      this.peer = peer;
    }

    boolean mayTell(TableId table) {
      return table.family().isVpn()
          ? peer.kind() != Peer.Kind.AGENT
          : peer.kind() == Peer.Kind.LOCAL || subscriptions.containsKey(table.instance());
    }

    boolean isEmpty() {
      return told.isEmpty() && subscriptions.isEmpty();
    }

    void told(Path.Id path) {
      told.computeIfAbsent(path.table(), _ -> new LinkedHashSet<>()).add(path);
    }

    void forget(Path.Id path) {
      Set<Path.Id> paths = told.get(path.table());
      if (paths != null && paths.remove(path) && paths.isEmpty()) {
        told.remove(path.table());
      }
    }

    /** What was told in a table, for a walk that may change it. */
    List<Path.Id> told(TableId table) {
      return List.copyOf(told.getOrDefault(table, Set.of()));
    }

    /** What was told anywhere, for a walk that may change it. */
    List<Path.Id> allTold() {
      return told.values().stream().flatMap(Set::stream).toList();
    }
  }

  private final Map<String, Session> byName = new TreeMap<>();

  @Nullable Session get(String name) {
    return byName.get(name);
  }

  /** The peer's session if it is up. */
  @Nullable Session up(String name) {
    Session session = byName.get(name);
    return session != null && session.up ? session : null;
  }

  Session locate(Peer peer) {
    return byName.computeIfAbsent(peer.name(), _ -> new Session(peer));
  }

  void remove(String name) {
    byName.remove(name);
  }

  Iterable<Session> all() {
    return byName.values();
  }
}
