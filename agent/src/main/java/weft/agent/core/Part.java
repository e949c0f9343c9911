package weft.agent.core;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;
import weft.xmpp.Item;

/**
 * What one unit adds to the desired state.
 *
 * @param names whose numbers it uses
 */
record Part(Map<TableKey, TableValue> tables, Map<RouteKey, Item> routes, Set<Ids.Name> names) {
  static final Part NONE = new Part(Map.of(), Map.of(), Set.of());

  Part {
    tables = Map.copyOf(tables);
    routes = Map.copyOf(routes);
    names = Set.copyOf(names);
  }

  /** Gathers a part; every number it asks for counts as used. */
  static final class Builder {
    private final Ids ids;
    private final Map<TableKey, TableValue> tables = new HashMap<>();
    private final Map<RouteKey, Item> routes = new HashMap<>();
    private final Set<Ids.Name> names = new HashSet<>();

    Builder(Ids ids) {
      this.ids = ids;
    }

    int id(Ids.Pool pool, String name) {
      names.add(new Ids.Name(pool, name));
      return ids.of(pool, name);
    }

    void table(TableKey key, TableValue value) {
      tables.put(key, value);
    }

    /** Adds a next hop under the number of `name` and returns that number. */
    int nextHop(String name, NextHop nextHop) {
      int id = id(Ids.Pool.NEXT_HOP, name);
      tables.put(new TableKey.NextHopKey(id), nextHop);
      return id;
    }

    void publish(String instance, Item item) {
      routes.put(new RouteKey(instance, item.publishNode(instance)), item);
    }

    Part build() {
      return new Part(tables, routes, names);
    }
  }
}
