package weft.vrouter;

import java.util.List;
import weft.net.IpAddress;

/**
 * The floating addresses of a vif: under each, its guest is known in another VRF.
 *
 * @param addresses in the order in which they are tried where several are equally good
 */
public record FloatingAddresses(List<Floating> addresses) implements TableValue {
  static final int NOT_MAPPED = -1;

  public FloatingAddresses {
    addresses = List.copyOf(addresses);
  }

  /**
   * One floating address.
   *
   * @param outside the address that others see
   * @param inside the guest's own
   * @param vrf where the outside address is
   * @param networkAcl the ACL of that network, which is asked in place of the port's own network's;
   *     0 for none
   * @param inbound others may begin connections to it
   * @param outbound the guest's connections may leave from it
   * @param ports if not empty, nothing else passes
   */
  public record Floating(
      IpAddress outside,
      IpAddress inside,
      int vrf,
      int networkAcl,
      boolean inbound,
      boolean outbound,
      List<PortMap> ports) {
    public Floating {
      ports = List.copyOf(ports);
    }

    /** The port inside for one outside, or the other way round. */
    int port(int protocol, int port, boolean inward) {
      if (ports.isEmpty()) {
        return port;
      }
      for (PortMap map : ports) {
        if (map.protocol == protocol && (inward ? map.outside : map.inside) == port) {
          return inward ? map.inside : map.outside;
        }
      }
      return NOT_MAPPED;
    }
  }

  /** A port outside that stands for another inside. */
  public record PortMap(int protocol, int outside, int inside) {}
}
