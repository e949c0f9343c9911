package weft.vrouter;

import java.util.List;
import weft.net.Encapsulation;
import weft.net.Ipv4Address;
import weft.net.MacAddress;

/** Where a packet ends on this host. */
public sealed interface Outcome {
  /** Handed to the guest of `vif`. */
  record Delivered(int vif) implements Outcome {}

  /** Sent to another host. */
  record Tunnelled(Ipv4Address destination, Encapsulation encapsulation, int label)
      implements Outcome {}

  /** Handed to the agent. */
  record Trapped(Trap.Reason reason) implements Outcome {}

  /** ARP answered at once with this MAC. */
  record Answered(MacAddress mac) implements Outcome {}

  /** Left to the host's own IP stack. */
  record ToHost() implements Outcome {}

  record Dropped(DropReason reason) implements Outcome {}

  /** Dropped, and its sender told so by ICMP. */
  record Refused(DropReason reason) implements Outcome {}

  /** Handed to a socket of this host that serves guests. */
  record Served(int port) implements Outcome {}

  /** Sent into the underlay by this host's address. */
  record SentOut() implements Outcome {}

  /** Copied; one outcome a copy. */
  record Flooded(List<Outcome> copies) implements Outcome {
    public Flooded {
      copies = List.copyOf(copies);
    }
  }
}
