package weft.vrouter;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.IpPrefix;
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
 * @param allowed other sources the guest may use: further instance-ips and allowed address pairs
 * @param networkAcl the ACL of the port's network, 0 for none
 * @param ingressAcl the merged ACL of its security groups for what the guest receives, 0 for none
 * @param egressAcl likewise for what the guest sends
 * @param flags behaviour, see the nested type
 * @param gateways from which errors come to the guest, at most one of each family
 * @param port the virtual-machine-interface it belongs to, or null for fabric
 * @param vlan of a sub-interface, whose frames have this tag on the device of its parent; else 0
 * @param maxFlows how many entries of flows it may have, two for a connection; 0 for as many as any
 */
public record Vif(
    Kind kind,
    String device,
    int ifindex,
    MacAddress mac,
    int vrf,
    @Nullable IpAddress address,
    SortedSet<IpPrefix> allowed,
    int networkAcl,
    int ingressAcl,
    int egressAcl,
    Flags flags,
    SortedSet<IpAddress> gateways,
    @Nullable UUID port,
    int vlan,
    int maxFlows)
    implements TableValue {
  /** The greatest VLAN that a sub-interface can have. */
  public static final int LAST_VLAN = 4094;

  public Vif {
    allowed = Collections.unmodifiableSortedSet(new TreeSet<>(allowed));
    gateways = Collections.unmodifiableSortedSet(new TreeSet<>(gateways));
    if (vlan < 0 || vlan > LAST_VLAN) {
      throw new IllegalArgumentException("VLAN " + vlan + " is not in 0.." + LAST_VLAN);
    }
    if (maxFlows < 0) {
      throw new IllegalArgumentException(maxFlows + " is no number of flows");
    }
  }

  /** A vif with a device of its own, whose guest has no gateway. */
  public Vif(
      Kind kind,
      String device,
      int ifindex,
      MacAddress mac,
      int vrf,
      @Nullable IpAddress address,
      SortedSet<IpPrefix> allowed,
      int networkAcl,
      int ingressAcl,
      int egressAcl,
      Flags flags,
      @Nullable UUID port) {
    this(
        kind,
        device,
        ifindex,
        mac,
        vrf,
        address,
        allowed,
        networkAcl,
        ingressAcl,
        egressAcl,
        flags,
        new TreeSet<>(),
        port,
        0,
        0);
  }

  /** What hangs on a vif. */
  public enum Kind {
    VIRTUAL,
    FABRIC
  }

  /**
   * How packets of a vif are treated.
   *
   * @param policy flows are made and judged and what the guest sends must come from an address and
   *     MAC of the port; without it every packet passes
   * @param bridged frames between members of the network go by MAC (L2)
   * @param routed frames to the gateway's MAC go by IP (L3)
   * @param dhcp DHCP requests go to the agent
   * @param learning what becomes of frames from MACs that are not the port's own
   */
  public record Flags(
      boolean policy, boolean bridged, boolean routed, boolean dhcp, Learning learning) {
    /** Of a port whose guest has one MAC. */
    public Flags(boolean policy, boolean bridged, boolean routed, boolean dhcp) {
      this(policy, bridged, routed, dhcp, Learning.OFF);
    }
  }

  /** Whether a port's guest may have further MACs, which a bridge behind it would. */
  public enum Learning {
    /** No: where policy is on they do not pass. */
    OFF,
    /** New ones pass and are told to the agent. */
    ON,
    /** Those that are known pass; there may be no more. */
    FULL
  }
}
