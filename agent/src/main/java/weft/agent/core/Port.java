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
 */
public record Port(
    UUID id,
    UUID instance,
    String displayName,
    String device,
    int ifindex,
    @Nullable MacAddress mac,
    boolean enabled) {

  public Port withIfindex(int index) {
    return new Port(id, instance, displayName, device, index, mac, enabled);
  }

  public Port withEnabled(boolean on) {
    return new Port(id, instance, displayName, device, ifindex, mac, on);
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
