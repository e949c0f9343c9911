package weft.routing;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.net.RouteTarget;

/** The configured routing instances, found by name, by route target and by origin VN. */
final class Instances {
  private final Map<String, InstanceConfig> byName = new TreeMap<>();
  private final Map<RouteTarget, SortedSet<String>> importers = new HashMap<>();
  private final Map<RouteTarget, SortedSet<String>> exporters = new HashMap<>();
  private final Map<OriginVn, SortedSet<String>> networks = new HashMap<>();

  Collection<InstanceConfig> all() {
    return Collections.unmodifiableCollection(byName.values());
  }

  @Nullable InstanceConfig get(String name) {
    return byName.get(name);
  }

  /** Replaces what is known of the instance; null removes it. Returns what it was. */
  @Nullable InstanceConfig set(String name, @Nullable InstanceConfig config) {
    InstanceConfig before = byName.get(name);
    if (before != null) {
      index(before, false);
    }
    if (config == null) {
      byName.remove(name);
    } else {
      byName.put(name, config);
      index(config, true);
    }
    return before;
  }

  private void index(InstanceConfig config, boolean add) {
    for (RouteTarget target : config.imports()) {
      put(importers, target, config.name(), add);
    }
    for (RouteTarget target : config.exports()) {
      put(exporters, target, config.name(), add);
    }
    OriginVn origin = config.originVn();
    if (origin != null) {
      put(networks, origin, config.name(), add);
    }
  }

  private static <K> void put(Map<K, SortedSet<String>> index, K key, String name, boolean add) {
    if (add) {
      index.computeIfAbsent(key, _ -> new TreeSet<>()).add(name);
    } else {
      SortedSet<String> names = index.get(key);
      if (names != null && names.remove(name) && names.isEmpty()) {
        index.remove(key);
      }
    }
  }

  SortedSet<String> importers(RouteTarget target) {
    return importers.getOrDefault(target, Collections.emptySortedSet());
  }

  SortedSet<String> exporters(RouteTarget target) {
    return exporters.getOrDefault(target, Collections.emptySortedSet());
  }

  /** Every target that some instance imports or exports. */
  SortedSet<RouteTarget> targets() {
    SortedSet<RouteTarget> all = new TreeSet<>(importers.keySet());
    all.addAll(exporters.keySet());
    return all;
  }

  /** The name of the network with that mark, or null if no instance has it. */
  @Nullable String network(@Nullable OriginVn origin) {
    SortedSet<String> names = origin == null ? null : networks.get(origin);
    if (names == null) {
      return null;
    }
    InstanceConfig config = byName.get(names.first());
    return config == null ? null : config.network();
  }
}
