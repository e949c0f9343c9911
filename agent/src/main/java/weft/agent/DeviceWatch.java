package weft.agent;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.net.MacAddress;
import weft.state.EventLoop;
import weft.state.FaultHandler;
import weft.state.Loop;

/** Looks at devices, on a loop of its own: the kernel takes its time for many of them. */
final class DeviceWatch implements AutoCloseable {
  /**
   * What was seen.
   *
   * @param indices by name; 0 where there is no such device
   * @param underlay the MAC of the underlay's device, or null
   */
  record Seen(Map<String, Integer> indices, @Nullable MacAddress underlay) {
    int index(String name) {
      return indices.getOrDefault(name, 0);
    }
  }

  private final Devices devices;
  private final String underlay;
  private final Loop loop;
  private final EventLoop own;
  private final AtomicBoolean looking = new AtomicBoolean();

  DeviceWatch(Devices devices, String underlay, Loop loop, FaultHandler faults) {
    this.devices = devices;
    this.underlay = underlay;
    this.loop = loop;
    own = EventLoop.start("devices", faults);
  }

  /** What there is now. */
  Seen see(Set<String> names) {
    Map<String, Integer> indices = new HashMap<>();
    names.forEach(name -> indices.put(name, devices.index(name)));
    indices.put(underlay, devices.index(underlay));
    return new Seen(indices, devices.mac(underlay));
  }

  /**
   * Looks at the underlay's device and at those of `names`, unless it is still at it.
   *
   * @param seen is told on the loop
   */
  void look(Set<String> names, Consumer<Seen> seen) {
    if (looking.compareAndSet(false, true)) {
      Set<String> wanted = Set.copyOf(names);
      own.execute(() -> {
        Seen now = see(wanted);
        looking.set(false);
        loop.execute(() -> seen.accept(now));
      });
    }
  }

  @Override
  public void close() {
    own.close();
  }
}
