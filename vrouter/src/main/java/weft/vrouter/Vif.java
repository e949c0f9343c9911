package weft.vrouter;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.MacAddress;

/**
 * A virtual interface: a port of a guest, or the underlay.
 *
 * @param kind what hangs on it
 * @param device the kernel's device name
 * @param ifindex the kernel's device index
 * @param mac the guest's address (virtual) or the device's own (fabric)
 * @param vrf the VRF in which what it sends is looked up; 0 for fabric
 * @param address the guest's primary IPv4 address, or the underlay address of this host (fabric);
 *     null if there is none
 * @param networkAcl the ACL of the port's network, 0 for none
 * @param ingressAcl the merged ACL of its security groups for what the guest receives, 0 for none
 * @param egressAcl likewise for what the guest sends
 * @param flags behaviour, see the nested type
 * @param port the virtual-machine-interface it belongs to, or null for fabric
 */
public record Vif(
    Kind kind,
    String device,
    int ifindex,
    MacAddress mac,
    int vrf,
    @Nullable IpAddress address,
    int networkAcl,
    int ingressAcl,
    int egressAcl,
    Flags flags,
    @Nullable UUID port)
    implements TableValue {

  /** What hangs on a vif. */
  public enum Kind {
    VIRTUAL,
    FABRIC
  }

  /**
   * How packets of a vif are treated.
   *
   * @param policy flows are made and judged; without it every packet passes
   * @param bridged frames between members of the network go by MAC (L2)
   * @param routed frames to the gateway's MAC go by IP (L3)
   * @param dhcp DHCP requests go to the agent
   */
  public record Flags(boolean policy, boolean bridged, boolean routed, boolean dhcp) {}
}
