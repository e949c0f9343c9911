package weft.bgp;

import java.util.List;
import weft.net.ExtendedCommunity;
import weft.net.IpAddress;
import weft.net.Ipv4Address;

/**
 * A path attribute (RFC 4271 section 5 and those named below). Next hop and MP_REACH, MP_UNREACH
 * are no attributes here: they are the {@link Update.Reach} and {@link Update.Unreach} of the
 * message.
 */
public sealed interface Attribute {
  /** The attribute type code. */
  int type();

  /** How the route came into BGP. */
  record Origin(Source source) implements Attribute {
    public static final Origin IGP = new Origin(Source.IGP);

    /** In order of preference. */
    public enum Source {
      IGP(0),
      EGP(1),
      INCOMPLETE(2);

      private final int code;

      Source(int code) {
        this.code = code;
      }

      public int code() {
        return code;
      }
    }

    @Override
    public int type() {
      return 1;
    }
  }

  /** The ASes passed, nearest first; as negotiated, four-byte numbers are merged in already. */
  record AsPath(List<Segment> segments) implements Attribute {
    public static final AsPath EMPTY = new AsPath(List.of());

    public AsPath {
      segments = List.copyOf(segments);
    }

    /**
     * @param ordered true for AS_SEQUENCE, false for AS_SET
     */
    public record Segment(boolean ordered, List<Long> asns) {
      public Segment {
        asns = List.copyOf(asns);
      }
    }

    /** The length that the decision process counts: a set counts as one. */
    public int length() {
      return segments.stream().mapToInt(s -> s.ordered() ? s.asns().size() : 1).sum();
    }

    public boolean contains(long asn) {
      return segments.stream().anyMatch(s -> s.asns().contains(asn));
    }

    @Override
    public int type() {
      return 2;
    }
  }

  record MultiExitDiscriminator(long value) implements Attribute {
    @Override
    public int type() {
      return 4;
    }
  }

  record LocalPreference(long value) implements Attribute {
    @Override
    public int type() {
      return 5;
    }
  }

  record AtomicAggregate() implements Attribute {
    @Override
    public int type() {
      return 6;
    }
  }

  record Aggregator(long asn, Ipv4Address address) implements Attribute {
    @Override
    public int type() {
      return 7;
    }
  }

  /** RFC 1997. */
  record Communities(List<Integer> values) implements Attribute {
    public Communities {
      values = List.copyOf(values);
    }

    @Override
    public int type() {
      return 8;
    }
  }

  /** RFC 4456. */
  record OriginatorId(Ipv4Address id) implements Attribute {
    @Override
    public int type() {
      return 9;
    }
  }

  /** RFC 4456. */
  record ClusterList(List<Ipv4Address> ids) implements Attribute {
    public ClusterList {
      ids = List.copyOf(ids);
    }

    @Override
    public int type() {
      return 10;
    }
  }

  /** RFC 4360. */
  record ExtendedCommunities(List<ExtendedCommunity> values) implements Attribute {
    public ExtendedCommunities {
      values = List.copyOf(values);
    }

    @Override
    public int type() {
      return 16;
    }
  }

  /** RFC 6514 section 5. */
  record PmsiTunnel(int flags, int tunnelType, Nlri.LabelField label, Nlri.HexBytes identifier)
      implements Attribute {
    public static final int INGRESS_REPLICATION = 6;

    public static PmsiTunnel ingressReplication(Nlri.LabelField label, IpAddress endpoint) {
      return new PmsiTunnel(0, INGRESS_REPLICATION, label, Nlri.HexBytes.of(endpoint.toBytes()));
    }

    @Override
    public int type() {
      return 22;
    }
  }

  /** RFC 8092. */
  record LargeCommunities(List<Value> values) implements Attribute {
    public LargeCommunities {
      values = List.copyOf(values);
    }

    public record Value(int administrator, int first, int second) {}

    @Override
    public int type() {
      return 32;
    }
  }

  /** Where a multicast tree can be joined to others: a forest node's agents and their labels. */
  record EdgeDiscovery(List<Edge> edges) implements Attribute {
    public EdgeDiscovery {
      edges = List.copyOf(edges);
    }

    /**
     * @param labels what the agent may be sent to under
     */
    public record Edge(Ipv4Address address, List<Range> labels) {
      public Edge {
        labels = List.copyOf(labels);
      }
    }

    /** Labels, both ends included. */
    public record Range(long first, long last) {}

    @Override
    public int type() {
      return 241;
    }
  }

  /** How multicast trees are joined: from which agent to which, and under which labels. */
  record EdgeForwarding(List<Joint> joints) implements Attribute {
    public EdgeForwarding {
      joints = List.copyOf(joints);
    }

    public record Joint(
        Ipv4Address inbound, long inboundLabel, Ipv4Address outbound, long outboundLabel) {}

    @Override
    public int type() {
      return 242;
    }
  }

  /** The networks that a route was led through, nearest first (Tungsten Fabric). */
  record OriginVnPath(List<ExtendedCommunity> networks) implements Attribute {
    public OriginVnPath {
      networks = List.copyOf(networks);
    }

    @Override
    public int type() {
      return 243;
    }
  }

  /** An attribute not understood; kept if it is transitive. */
  record Unknown(int flags, int type, Nlri.HexBytes value) implements Attribute {}
}
