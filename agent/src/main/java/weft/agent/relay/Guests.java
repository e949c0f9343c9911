package weft.agent.relay;

import java.net.InetAddress;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Tells who is behind an address that a socket of this host sees. */
public interface Guests {
  /**
   * A guest that uses a service.
   *
   * @param vif its port's number on this host
   * @param instance the virtual machine
   * @param project null if it is not known
   * @param address its own
   */
  record Guest(int vif, UUID instance, @Nullable UUID project, String address) {}

  /** The guest seen as `address`, or null if that is nobody's. */
  @Nullable Guest of(InetAddress address);
}
