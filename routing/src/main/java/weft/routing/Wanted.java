package weft.routing;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.net.RouteTarget;

/** The route targets that we want routes of: those that instances with subscribers import. */
final class Wanted {
  private final Instances instances;
  private final Map<String, Integer> subscribers = new HashMap<>();
  private final Map<String, Set<RouteTarget>> byInstance = new HashMap<>();
  private final Map<RouteTarget, Integer> counts = new HashMap<>();
  private final Set<RouteTarget> changed = new HashSet<>();

  Wanted(Instances instances) {
    this.instances = instances;
  }

  void subscribed(String instance) {
    subscribers.merge(instance, 1, Integer::sum);
    configured(instance);
  }

  void unsubscribed(String instance) {
    subscribers.computeIfPresent(instance, (_, n) -> n == 1 ? null : n - 1);
    configured(instance);
  }

  /** What is known of an instance may have changed. */
  void configured(String instance) {
    InstanceConfig config = instances.get(instance);
    Set<RouteTarget> now =
        config == null || !subscribers.containsKey(instance) ? Set.of() : config.imports();
    @Nullable Set<RouteTarget> before = byInstance.put(instance, now);
    if (now.isEmpty()) {
      byInstance.remove(instance);
    }
    for (RouteTarget target : now) {
      if (counts.merge(target, 1, Integer::sum) == 1) {
        changed.add(target);
      }
    }
    for (RouteTarget target : before == null ? Set.<RouteTarget>of() : before) {
      if (counts.computeIfPresent(target, (_, n) -> n == 1 ? null : n - 1) == null) {
        changed.add(target);
      }
    }
  }

  boolean contains(RouteTarget target) {
    return counts.containsKey(target);
  }

  Collection<RouteTarget> all() {
    return counts.keySet();
  }

  /** The targets that may have come or gone since the last call. */
  Set<RouteTarget> takeChanged() {
    if (changed.isEmpty()) {
      return Set.of();
    }
    Set<RouteTarget> taken = new TreeSet<>(changed);
    changed.clear();
    return taken;
  }
}
