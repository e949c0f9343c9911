package weft.agent.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The ports that were plugged, and the VLANs of them that are ports of their own. */
final class PluggedPorts {
  private final Map<UUID, Port> plugged = new TreeMap<>();

  /** Of plugged ports, by VLAN; and the same as ports. */
  private final Map<UUID, Map<Integer, UUID>> subInterfaces = new HashMap<>();

  /** By their parents: several may be said to have one, and then the first has it. */
  private final Map<UUID, SortedMap<UUID, Port>> tagged = new TreeMap<>();

  /** Returns what it was before, or null. */
  @Nullable Port plug(Port port) {
    return plugged.put(port.id(), port);
  }

  /** Returns what it was, or null. */
  @Nullable Port unplug(UUID id) {
    return plugged.remove(id);
  }

  /**
   * Makes `wanted`, by VLAN, the sub-interfaces of a port; it has none unless it is plugged.
   * Returns those that may have changed.
   */
  Set<UUID> follow(UUID parent, Map<Integer, UUID> wanted) {
    Port port = plugged.get(parent);
    Map<Integer, UUID> now = port == null ? Map.of() : wanted;
    Map<Integer, UUID> had =
        now.isEmpty() ? subInterfaces.remove(parent) : subInterfaces.put(parent, now);
    Set<UUID> changed = new LinkedHashSet<>();
    if (had != null) {
      had.values().forEach(id -> drop(id, parent));
      changed.addAll(had.values());
    }
    now.forEach((vlan, id) -> {
      if (port != null) {
        tagged.computeIfAbsent(id, _ -> new TreeMap<>()).put(parent, port.subInterface(id, vlan));
        changed.add(id);
      }
    });
    return changed;
  }

  private void drop(UUID id, UUID parent) {
    tagged.computeIfPresent(
        id,
        (_, byParent) -> {
          byParent.remove(parent);
          return byParent.isEmpty() ? null : byParent;
        });
  }

  /** Whether it was plugged itself. */
  boolean isPlugged(UUID id) {
    return plugged.containsKey(id);
  }

  /** Null if there is none. What was plugged itself is nobody's sub-interface. */
  @Nullable Port get(UUID id) {
    Port port = plugged.get(id);
    SortedMap<UUID, Port> byParent = tagged.get(id);
    return port != null || byParent == null ? port : byParent.firstEntry().getValue();
  }

  Collection<Port> all() {
    List<Port> all = new ArrayList<>(plugged.values());
    tagged.forEach((id, byParent) -> {
      if (!plugged.containsKey(id)) {
        all.add(byParent.firstEntry().getValue());
      }
    });
    return all;
  }
}
