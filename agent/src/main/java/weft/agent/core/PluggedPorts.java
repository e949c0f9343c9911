package weft.agent.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The ports that were plugged, and the VLANs of them that are ports of their own. */
final class PluggedPorts {
  private final Map<UUID, Port> plugged = new TreeMap<>();

  /** Of plugged ports, by VLAN; and the same as ports. */
  private final Map<UUID, Map<Integer, UUID>> subInterfaces = new HashMap<>();

  private final Map<UUID, Port> tagged = new TreeMap<>();

  /** Returns what it was before, or null. */
  @Nullable Port plug(Port port) {
    return plugged.put(port.id(), port);
  }

  /** Returns what it was, or null. */
  @Nullable Port unplug(UUID id) {
    return plugged.remove(id);
  }

  /**
   * Makes `wanted`, by VLAN, the sub-interfaces of a port; it has none unless it is plugged, and
   * what is plugged itself is none. Returns those that may have changed.
   */
  Set<UUID> follow(UUID parent, Map<Integer, UUID> wanted) {
    Port port = plugged.get(parent);
    Map<Integer, UUID> now = port == null ? Map.of() : wanted;
    Map<Integer, UUID> had =
        now.isEmpty() ? subInterfaces.remove(parent) : subInterfaces.put(parent, now);
    Set<UUID> changed = new LinkedHashSet<>();
    if (had != null) {
      changed.addAll(had.values());
      tagged.keySet().removeAll(had.values());
    }
    now.forEach((vlan, id) -> {
      if (port != null && !plugged.containsKey(id)) {
        tagged.put(id, port.subInterface(id, vlan));
        changed.add(id);
      }
    });
    return changed;
  }

  /** Those that were plugged themselves. */
  Set<UUID> plugged() {
    return plugged.keySet();
  }

  /** Null if there is none. */
  @Nullable Port get(UUID id) {
    Port port = plugged.get(id);
    return port == null ? tagged.get(id) : port;
  }

  Collection<Port> all() {
    List<Port> all = new ArrayList<>(plugged.values());
    all.addAll(tagged.values());
    return all;
  }
}
