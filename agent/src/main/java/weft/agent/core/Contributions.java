package weft.agent.core;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.state.Delta;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;
import weft.xmpp.Item;

/**
 * The union of what all units add. Several units may add the same entry, always with the same value
 * once all of them are derived; it goes when the last of them drops it.
 */
final class Contributions {
  private static final class Counted<V> {
    V value;
    int owners;

    Counted(V value) {
      this.value = value;
    }
  }

  /** One map of the union, with the changes since they were last taken. */
  private static final class Union<K, V> {
    final Map<K, Counted<V>> entries = new HashMap<>();
    Delta.Builder<K, V> changes = new Delta.Builder<>();

    void replace(Map<K, V> before, Map<K, V> after) {
      after.forEach((key, value) -> {
        Counted<V> entry = entries.get(key);
        if (entry == null) {
          entry = new Counted<>(value);
          entries.put(key, entry);
          changes.add(key, null, value);
        } else if (!entry.value.equals(value)) {
          changes.add(key, entry.value, value);
          entry.value = value;
        }
        entry.owners++;
      });
      before
          .keySet()
          .forEach(key -> {
            Counted<V> entry = entries.get(key);
            if (entry != null && --entry.owners == 0) {
              entries.remove(key);
              changes.add(key, entry.value, null);
            }
          });
    }

    Map<K, V> all() {
      Map<K, V> all = new HashMap<>();
      entries.forEach((key, entry) -> all.put(key, entry.value));
      return all;
    }

    Delta<K, V> take() {
      Delta<K, V> taken = changes.build(0);
      changes = new Delta.Builder<>();
      return taken;
    }
  }

  private final Map<Unit, Part> parts = new HashMap<>();
  private final Union<TableKey, TableValue> tables = new Union<>();
  private final Union<RouteKey, Item> routes = new Union<>();
  private final Map<Ids.Name, Integer> names = new HashMap<>();
  private final Set<Ids.Name> unused = new HashSet<>();

  void set(Unit unit, Part part) {
    Part before = part.equals(Part.NONE) ? parts.remove(unit) : parts.put(unit, part);
    if (before == null) {
      before = Part.NONE;
    }
    if (before.equals(part)) {
      return;
    }
    tables.replace(before.tables(), part.tables());
    routes.replace(before.routes(), part.routes());
    for (Ids.Name name : part.names()) {
      names.merge(name, 1, Integer::sum);
      unused.remove(name);
    }
    for (Ids.Name name : before.names()) {
      names.computeIfPresent(
          name,
          (_, owners) -> {
            if (owners == 1) {
              unused.add(name);
              return null;
            }
            return owners - 1;
          });
    }
  }

  Set<Unit> units() {
    return Set.copyOf(parts.keySet());
  }

  Map<TableKey, TableValue> tables() {
    return tables.all();
  }

  Map<RouteKey, Item> routes() {
    return routes.all();
  }

  @Nullable TableValue table(TableKey key) {
    Counted<TableValue> entry = tables.entries.get(key);
    return entry == null ? null : entry.value;
  }

  Delta<TableKey, TableValue> takeTables() {
    return tables.take();
  }

  Delta<RouteKey, Item> takeRoutes() {
    return routes.take();
  }

  Set<Ids.Name> names() {
    return Set.copyOf(names.keySet());
  }

  /** Names that nothing uses any more, since the last call. */
  Set<Ids.Name> takeUnused() {
    Set<Ids.Name> taken = Set.copyOf(unused);
    unused.clear();
    return taken;
  }
}
