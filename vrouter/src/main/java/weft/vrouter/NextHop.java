package weft.vrouter;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.net.Encapsulation;
import weft.net.Ipv4Address;
import weft.net.MacAddress;

/** What is done with a packet once its route, MAC, label or VNI is known. */
public sealed interface NextHop extends TableValue {
  /** Drops it and counts the reason. */
  record Discard() implements NextHop {}

  /**
   * To a local vif as an IP packet: the Ethernet header is written anew, from the gateway's MAC to
   * the guest's.
   */
  record EncapL3(int vif) implements NextHop {}

  /** To a local vif as the Ethernet frame it is. */
  record EncapL2(int vif) implements NextHop {}

  /**
   * To another vRouter through the underlay. Label or VNI come from the route or bridge entry that
   * led here.
   *
   * @param source this host's underlay address
   * @param destination the other host's
   * @param router by VXLAN: its MAC as a router, to which routed packets go; null for that of every
   *     gateway
   */
  record Tunnel(
      Ipv4Address source,
      Ipv4Address destination,
      Encapsulation encapsulation,
      @Nullable MacAddress router)
      implements NextHop {
    public Tunnel(Ipv4Address source, Ipv4Address destination, Encapsulation encapsulation) {
      this(source, destination, encapsulation, null);
    }
  }

  /**
   * Along a branch of a tree, as a frame: what arrives there is copied on.
   *
   * @param encapsulation one of MPLS
   * @param vni the network's, 0 if it has none; it says nothing to a vRouter
   */
  record Branch(Ipv4Address source, Ipv4Address destination, Encapsulation encapsulation, int vni)
      implements NextHop {}

  /** To the agent: gateway and service addresses. */
  record Receive() implements NextHop {}

  /** Into the underlay, by this host's address and a port of it in place of the guest's. */
  record Underlay() implements NextHop {}

  /**
   * Looked up again in the bridge table of `vrf`: where VXLAN and the L2 label of a network lead.
   */
  record Bridge(int vrf) implements NextHop {}

  /**
   * One of several, chosen by the flow, which keeps it while it is there; a hole (label -1, next
   * hop 0) is never chosen.
   *
   * @param fields of a flow that choose; those that do not differ go the same way
   */
  record Ecmp(List<Member> members, Set<HashField> fields) implements NextHop {
    public Ecmp {
      members = List.copyOf(members);
      fields = fields.isEmpty() ? HashField.ALL : Set.copyOf(fields);
    }

    /** Each connection may go another way. */
    public Ecmp(List<Member> members) {
      this(members, HashField.ALL);
    }
  }

  /**
   * A copy to each member, never back to where it came from; copies from a tunnel go to local
   * members only.
   */
  record Flood(List<Member> members) implements NextHop {
    public Flood {
      members = List.copyOf(members);
    }
  }

  /**
   * What comes along a branch of a tree: a copy to each member but the host that it has come from.
   */
  record Tree(List<Member> members) implements NextHop {
    public Tree {
      members = List.copyOf(members);
    }
  }

  /**
   * A member of a composite next hop.
   *
   * @param label the label or VNI to send with, or -1 if none
   */
  record Member(int nextHop, int label) {}
}
