package weft.agent.core;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.net.MacAddress;

/**
 * A port as it was plugged on this host: which device belongs to which interface of the config.
 *
 * @param id the virtual-machine-interface
 * @param instance the virtual machine
 * @param displayName the machine's name
 * @param device the tap device
 * @param ifindex the device's index in the kernel, 0 while it is not there
 * @param mac as told by who plugged it, or null; the config's goes before it
 * @param enabled false holds the port back
 * @param vlan of a sub-interface, which is there with its parent and has its device; else 0
 */
public record Port(
    UUID id,
    UUID instance,
    String displayName,
    String device,
    int ifindex,
    @Nullable MacAddress mac,
    boolean enabled,
    int vlan) {
  /** A port with a device of its own. */
  public Port(
      UUID id,
      UUID instance,
      String displayName,
      String device,
      int ifindex,
      @Nullable MacAddress mac,
      boolean enabled) {
    this(id, instance, displayName, device, ifindex, mac, enabled, 0);
  }

  Port subInterface(UUID sub, int tag) {
    return new Port(sub, instance, displayName, device, ifindex, mac, enabled, tag);
  }

  public Port withIfindex(int index) {
    return new Port(id, instance, displayName, device, index, mac, enabled, vlan);
  }

  public Port withEnabled(boolean on) {
    return new Port(id, instance, displayName, device, ifindex, mac, on, vlan);
  }

  /** What keeps a port from carrying packets. */
  public enum State {
    DISABLED("disabled"),
    NO_CONFIG("waits for config"),
    NO_DEVICE("waits for device"),
    ACTIVE("active");

    private final String text;

    State(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }
}
