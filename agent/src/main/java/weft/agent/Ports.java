package weft.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Event;

/**
 * The ports plugged on this host: in memory, in their files, and whether their devices are there.
 * Belongs to the agent's loop.
 */
final class Ports {
  /** Numbers of vifs there are, but one for the underlay. */
  static final int MOST = 8190;

  private record Held(PortRequest request, int ifindex, int version) {}

  private final PortFiles files;
  private final Devices devices;
  private final Consumer<Event> events;
  private final Map<UUID, Held> ports = new TreeMap<>();
  private int version;

  Ports(PortFiles files, Devices devices, Consumer<Event> events) {
    this.files = files;
    this.devices = devices;
    this.events = events;
  }

  /** Plugs what the files hold; returns which of them cannot be read. */
  List<String> restore() throws IOException {
    PortFiles.Found found = files.read();
    found.ports().forEach(this::hold);
    return found.unreadable();
  }

  private void hold(PortRequest request) {
    int ifindex = devices.index(request.device());
    ports.put(request.id(), new Held(request, ifindex, version));
    events.accept(new Event.PortPlugged(request.port(ifindex)));
  }

  /**
   * Plugs all of them, or none if a file cannot be written.
   *
   * @throws IllegalArgumentException if two ports want one device, or there is no room for so many
   */
  void add(List<PortRequest> requests) {
    refuseSharedDevices(requests);
    refuseTooMany(requests);
    List<UUID> written = new ArrayList<>();
    Map<UUID, PortRequest> before = new HashMap<>();
    try {
      for (PortRequest request : requests) {
        Held held = ports.get(request.id());
        if (held != null) {
          before.put(request.id(), held.request());
        }
        written.add(request.id());
        files.write(request);
      }
    } catch (IOException e) {
      undo(written, before);
      throw new UncheckedIOException("the port's file cannot be written: " + e.getMessage(), e);
    }
    requests.forEach(this::hold);
  }

  private void refuseSharedDevices(List<PortRequest> requests) {
    Map<String, UUID> owners = new HashMap<>();
    ports.forEach((id, held) -> owners.put(held.request().device(), id));
    for (PortRequest request : requests) {
      UUID owner = owners.put(request.device(), request.id());
      if (owner != null && !owner.equals(request.id())) {
        throw new IllegalArgumentException(
            "system-name '" + request.device() + "' is already that of port " + owner);
      }
    }
  }

  private void refuseTooMany(List<PortRequest> requests) {
    Set<UUID> all = new HashSet<>(ports.keySet());
    requests.forEach(request -> all.add(request.id()));
    if (all.size() > MOST && all.size() > ports.size()) {
      throw new IllegalArgumentException("this host has room for " + MOST + " ports");
    }
  }

  private void undo(List<UUID> written, Map<UUID, PortRequest> before) {
    for (UUID id : written) {
      try {
        PortRequest old = before.get(id);
        if (old == null) {
          files.delete(id);
        } else {
          files.write(old);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("a port's file cannot be taken back", e);
      }
    }
  }

  void remove(UUID id) {
    try {
      files.delete(id);
    } catch (IOException e) {
      throw new UncheckedIOException("the port's file cannot be removed: " + e.getMessage(), e);
    }
    if (ports.remove(id) != null) {
      events.accept(new Event.PortUnplugged(id));
    }
  }

  /** Returns false if the port is not known. */
  boolean enable(UUID id, boolean on) {
    Held held = ports.get(id);
    if (held == null) {
      return false;
    }
    add(List.of(held.request().withEnabled(on)));
    return true;
  }

  /** From now on every port must be plugged again to survive {@link #removeOlder}. */
  int beginVersion() {
    return ++version;
  }

  void removeOlder(int than) {
    for (Map.Entry<UUID, Held> entry : Map.copyOf(ports).entrySet()) {
      if (entry.getValue().version() < than) {
        remove(entry.getKey());
      }
    }
  }

  /** The names of their devices. */
  Set<String> deviceNames() {
    Set<String> names = new HashSet<>();
    ports.values().forEach(held -> names.add(held.request().device()));
    return names;
  }

  /**
   * Devices may have come, gone, or come back as others; those that were not looked at have not.
   */
  void follow(DeviceWatch.Seen seen) {
    ports.replaceAll((_, held) -> {
      Integer found = seen.indices().get(held.request().device());
      int ifindex = found == null ? held.ifindex() : found;
      if (ifindex == held.ifindex()) {
        return held;
      }
      events.accept(new Event.PortPlugged(held.request().port(ifindex)));
      return new Held(held.request(), ifindex, held.version());
    });
  }

  @Nullable PortRequest find(UUID id) {
    Held held = ports.get(id);
    return held == null ? null : held.request();
  }
}
