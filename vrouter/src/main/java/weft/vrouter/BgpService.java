package weft.vrouter;

import weft.net.Ipv4Address;

/**
 * A control node that a guest speaks BGP with, by this host's address.
 *
 * @param port of this host, by which the control node knows the guest
 */
public record BgpService(Ipv4Address server, int port) implements TableValue {
  /** Where BGP is spoken. */
  public static final int BGP_PORT = 179;

  @Override
  public String toString() {
    return server + " from port " + port;
  }

  public BgpService {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException(port + " is no port");
    }
  }
}
