package weft.bgp;

import java.util.List;
import weft.net.Ipv4Address;

/** A BGP message (RFC 4271 section 4, RFC 2918). */
public sealed interface Message
    permits Update, Message.Open, Message.Notification, Message.Keepalive, Message.RouteRefresh {

  /**
   * @param asn as in the two-byte field: 23456 if the real one does not fit
   * @param holdTime seconds
   */
  record Open(int asn, int holdTime, Ipv4Address identifier, List<Capability> capabilities)
      implements Message {
    public Open {
      capabilities = List.copyOf(capabilities);
    }

    /** The real AS number: that of the capability if there is one. */
    public long effectiveAsn() {
      for (Capability capability : capabilities) {
        if (capability instanceof Capability.FourOctetAs(long wide)) {
          return wide;
        }
      }
      return asn;
    }
  }

  /** Ends the session and says why. */
  record Notification(int code, int subcode, Nlri.HexBytes data) implements Message {
    public static Notification of(int code, int subcode) {
      return new Notification(code, subcode, new Nlri.HexBytes(""));
    }
  }

  record Keepalive() implements Message {}

  /**
   * @param subtype 0 asks; 1 and 2 mark begin and end (RFC 7313)
   */
  record RouteRefresh(Family family, int subtype) implements Message {
    public static RouteRefresh request(Family family) {
      return new RouteRefresh(family, 0);
    }
  }
}
