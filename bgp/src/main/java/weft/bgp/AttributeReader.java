package weft.bgp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.ExtendedCommunity;
import weft.net.Ipv4Address;
import weft.net.Reader;

/** The value of one path attribute, read. MP_REACH and MP_UNREACH are {@link UpdateReader}'s. */
final class AttributeReader {
  static final int OPTIONAL = 0x80;
  static final int TRANSITIVE = 0x40;
  static final int PARTIAL = 0x20;
  static final int EXTENDED = 0x10;

  /** The attribute is wrong, and this is what it costs (RFC 7606 section 7). */
  static final class Wrong extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final Decoded.Severity severity;

    Wrong(Decoded.Severity severity, String reason) {
      super(reason, null, false, false);
      this.severity = severity;
    }

    Decoded.Severity severity() {
      return severity;
    }
  }

  private AttributeReader() {}

  private static Wrong withdraw(String reason) {
    return new Wrong(Decoded.Severity.TREAT_AS_WITHDRAW, reason);
  }

  private static Wrong discard(String reason) {
    return new Wrong(Decoded.Severity.DISCARD_ATTRIBUTE, reason);
  }

  /** The optional and transitive bits that an attribute of this type must have, or -1. */
  static int flagsOf(int type) {
    return switch (type) {
      case 1, 2, 3, 5, 6 -> TRANSITIVE;
      case 4, 9, 10, 14, 15 -> OPTIONAL;
      case 7, 8, 16, 17, 18, 22, 32, 241, 242, 243 -> OPTIONAL | TRANSITIVE;
      default -> -1;
    };
  }

  static @Nullable Attribute read(int type, Reader in, boolean wide) {
    return switch (type) {
      case 1 -> origin(in);
      case 2 -> asPath(in, wide);
      case 4 -> new Attribute.MultiExitDiscriminator(exactly(in, 4).u32());
      case 5 -> new Attribute.LocalPreference(exactly(in, 4).u32());
      case 6 -> {
        if (in.hasRemaining()) {
          throw discard("ATOMIC_AGGREGATE of " + in.remaining() + " bytes");
        }
        yield new Attribute.AtomicAggregate();
      }
      case 7 -> aggregator(in, wide);
      case 8 -> communities(in);
      case 9 -> new Attribute.OriginatorId(exactly(in, 4).ipv4());
      case 10 -> clusterList(in);
      case 16 -> extendedCommunities(in);
      case 22 -> pmsiTunnel(in);
      case 32 -> largeCommunities(in);
      case 241 -> edgeDiscovery(in);
      case 242 -> edgeForwarding(in);
      case 243 -> new Attribute.OriginVnPath(communitiesOf(in));
      default -> null;
    };
  }

  private static Reader exactly(Reader in, int length) {
    if (in.remaining() != length) {
      throw withdraw(in.remaining() + " bytes where " + length + " are expected");
    }
    return in;
  }

  private static Reader multipleOf(Reader in, int size) {
    if (in.remaining() == 0 || in.remaining() % size != 0) {
      throw withdraw(in.remaining() + " bytes is no multiple of " + size);
    }
    return in;
  }

  private static Attribute origin(Reader in) {
    int code = exactly(in, 1).u8();
    for (Attribute.Origin.Source source : Attribute.Origin.Source.values()) {
      if (source.code() == code) {
        return new Attribute.Origin(source);
      }
    }
    throw withdraw("origin " + code);
  }

  /** Also of AS4_PATH. Confederation segments do not belong on a session that is none's. */
  static Attribute.AsPath asPath(Reader in, boolean wide) {
    List<Attribute.AsPath.Segment> segments = new ArrayList<>();
    while (in.hasRemaining()) {
      int kind = in.u8();
      int count = in.hasRemaining() ? in.u8() : 0;
      if (kind < 1 || kind > 2 || count == 0 || in.remaining() < count * (wide ? 4 : 2)) {
        throw withdraw("AS path segment of type " + kind + " with " + count + " numbers");
      }
      List<Long> asns = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        asns.add(wide ? in.u32() : in.u16());
      }
      segments.add(new Attribute.AsPath.Segment(kind == 2, asns));
    }
    return new Attribute.AsPath(segments);
  }

  static Attribute.Aggregator aggregator(Reader in, boolean wide) {
    if (in.remaining() != (wide ? 8 : 6)) {
      throw discard("AGGREGATOR of " + in.remaining() + " bytes");
    }
    long asn = wide ? in.u32() : in.u16();
    return new Attribute.Aggregator(asn, in.ipv4());
  }

  private static Attribute communities(Reader in) {
    List<Integer> values = new ArrayList<>();
    multipleOf(in, 4);
    while (in.hasRemaining()) {
      values.add(in.i32());
    }
    return new Attribute.Communities(values);
  }

  private static Attribute clusterList(Reader in) {
    List<Ipv4Address> ids = new ArrayList<>();
    multipleOf(in, 4);
    while (in.hasRemaining()) {
      ids.add(in.ipv4());
    }
    return new Attribute.ClusterList(ids);
  }

  private static Attribute extendedCommunities(Reader in) {
    return new Attribute.ExtendedCommunities(communitiesOf(in));
  }

  private static List<ExtendedCommunity> communitiesOf(Reader in) {
    List<ExtendedCommunity> values = new ArrayList<>();
    multipleOf(in, 8);
    while (in.hasRemaining()) {
      values.add(new ExtendedCommunity(in.i64()));
    }
    return values;
  }

  /** Of each edge: 4, address, bytes of labels, pairs of labels of four bytes each. */
  private static Attribute edgeDiscovery(Reader in) {
    List<Attribute.EdgeDiscovery.Edge> edges = new ArrayList<>();
    do {
      if (in.remaining() < 6 || in.u8() != 4) {
        throw withdraw("multicast edge without an IPv4 address");
      }
      Ipv4Address address = in.ipv4();
      int length = in.u8();
      if (length == 0 || length % 8 != 0 || length > in.remaining()) {
        throw withdraw("multicast edge with " + length + " bytes of labels");
      }
      Reader labels = in.slice(length);
      List<Attribute.EdgeDiscovery.Range> ranges = new ArrayList<>();
      while (labels.hasRemaining()) {
        ranges.add(new Attribute.EdgeDiscovery.Range(labels.u32(), labels.u32()));
      }
      edges.add(new Attribute.EdgeDiscovery.Edge(address, ranges));
    } while (in.hasRemaining());
    return new Attribute.EdgeDiscovery(edges);
  }

  /** Of each edge: 4, address and label inbound, address and label outbound. */
  private static Attribute edgeForwarding(Reader in) {
    List<Attribute.EdgeForwarding.Joint> edges = new ArrayList<>();
    multipleOf(in, 17);
    while (in.hasRemaining()) {
      if (in.u8() != 4) {
        throw withdraw("multicast edge without IPv4 addresses");
      }
      edges.add(new Attribute.EdgeForwarding.Joint(in.ipv4(), in.u32(), in.ipv4(), in.u32()));
    }
    return new Attribute.EdgeForwarding(edges);
  }

  private static Attribute largeCommunities(Reader in) {
    List<Attribute.LargeCommunities.Value> values = new ArrayList<>();
    multipleOf(in, 12);
    while (in.hasRemaining()) {
      values.add(new Attribute.LargeCommunities.Value(in.i32(), in.i32(), in.i32()));
    }
    return new Attribute.LargeCommunities(values);
  }

  private static Attribute pmsiTunnel(Reader in) {
    if (in.remaining() < 5) {
      throw withdraw("PMSI tunnel of " + in.remaining() + " bytes");
    }
    return new Attribute.PmsiTunnel(
        in.u8(), in.u8(), new Nlri.LabelField(in.u24()), Nlri.HexBytes.of(in.rest()));
  }
}
