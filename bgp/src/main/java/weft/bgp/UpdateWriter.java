package weft.bgp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.ExtendedCommunity;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.Writer;

/** Writes UPDATEs, and packs many routes into few. */
final class UpdateWriter {
  private static final int FIXED = Codec.HEADER_LENGTH + 2 + 2;
  private static final int MP_HEAD = 4; // flags, type, extended length

  /** About as many bytes as a route takes. */
  private static final int ROUTE = 24;

  private final Codec.Context context;

  UpdateWriter(Codec.Context context) {
    this.context = context;
  }

  // ---- one message ----

  /** The body of one message, whatever its size. */
  byte[] body(Update update) {
    Writer withdrawn = new Writer();
    Writer list = new Writer();
    Writer announced = new Writer();
    for (Update.Unreach gone : update.unreach()) {
      if (isClassic(gone.family(), null)) {
        gone.routes().forEach(route -> NlriCodec.write(route, true, withdrawn));
      } else {
        multiProtocol(list, 15, unreachHead(gone.family()), concat(gone.routes(), true));
      }
    }
    @Nullable IpAddress classicHop = null;
    for (Update.Reach come : update.reach()) {
      if (isClassic(come.family(), come.nextHop())) {
        classicHop = come.nextHop();
        come.routes().forEach(route -> NlriCodec.write(route, false, announced));
      } else {
        multiProtocol(
            list, 14, reachHead(come.family(), come.nextHop()), concat(come.routes(), false));
      }
    }
    list.bytes(attributes(update.attributes(), classicHop));
    return assemble(withdrawn.toBytes(), list.toBytes(), announced.toBytes());
  }

  private static byte[] assemble(byte[] withdrawn, byte[] list, byte[] announced) {
    return new Writer(4 + withdrawn.length + list.length + announced.length)
        .u16(withdrawn.length)
        .bytes(withdrawn)
        .u16(list.length)
        .bytes(list)
        .bytes(announced)
        .toBytes();
  }

  /** IPv4 unicast goes in the classic fields unless its next hop does not fit there. */
  private static boolean isClassic(Family family, @Nullable IpAddress nextHop) {
    return family.equals(Family.INET) && (nextHop == null || nextHop.isV4());
  }

  private static byte[] concat(List<Nlri> routes, boolean withdrawn) {
    Writer out = new Writer();
    routes.forEach(route -> NlriCodec.write(route, withdrawn, out));
    return out.toBytes();
  }

  private static byte[] unreachHead(Family family) {
    return new Writer(16).u16(family.afi()).u8(family.safi()).toBytes();
  }

  private static byte[] reachHead(Family family, IpAddress nextHop) {
    byte[] hop = NextHops.write(family, nextHop);
    return new Writer(32)
        .u16(family.afi())
        .u8(family.safi())
        .u8(hop.length)
        .bytes(hop)
        .u8(0)
        .toBytes();
  }

  private static void multiProtocol(Writer out, int type, byte[] head, byte[] routes) {
    out.u8(AttributeReader.OPTIONAL | AttributeReader.EXTENDED).u8(type);
    out.u16(head.length + routes.length).bytes(head).bytes(routes);
  }

  // ---- many messages ----

  /** The bodies of as few messages as fit: withdrawals first. */
  List<byte[]> bodies(Update update) {
    List<byte[]> bodies = new ArrayList<>();
    if (update.endOfRib() != null) {
      bodies.add(body(update));
      return bodies;
    }
    update.unreach().forEach(gone -> withdraw(gone.family(), gone.routes(), bodies));
    for (Update.Reach come : update.reach()) {
      announce(update.attributes(), come, bodies);
    }
    return bodies;
  }

  private void withdraw(Family family, List<Nlri> routes, List<byte[]> bodies) {
    boolean classic = isClassic(family, null);
    byte[] head = unreachHead(family);
    int room = context.maxLength() - FIXED - (classic ? 0 : MP_HEAD + head.length);
    for (byte[] chunk : chunks(routes, true, room)) {
      if (classic) {
        bodies.add(assemble(chunk, new byte[0], new byte[0]));
      } else {
        Writer list = new Writer(chunk.length + 16);
        multiProtocol(list, 15, head, chunk);
        bodies.add(assemble(new byte[0], list.toBytes(), new byte[0]));
      }
    }
  }

  /** Attributes that leave no room for a route make it unreachable (RFC 8654 section 4). */
  private void announce(PathAttributes attributes, Update.Reach come, List<byte[]> bodies) {
    boolean classic = isClassic(come.family(), come.nextHop());
    byte[] list = attributes(attributes, classic ? come.nextHop() : null);
    byte[] head = reachHead(come.family(), come.nextHop());
    int room = context.maxLength() - FIXED - list.length - (classic ? 0 : MP_HEAD + head.length);
    if (room < 64) {
      withdraw(come.family(), come.routes(), bodies);
      return;
    }
    for (byte[] chunk : chunks(come.routes(), false, room)) {
      if (classic) {
        bodies.add(assemble(new byte[0], list, chunk));
      } else {
        Writer all = new Writer(chunk.length + list.length + 64);
        multiProtocol(all, 14, head, chunk);
        bodies.add(assemble(new byte[0], all.bytes(list).toBytes(), new byte[0]));
      }
    }
  }

  private static List<byte[]> chunks(List<Nlri> routes, boolean withdrawn, int room) {
    List<byte[]> chunks = new ArrayList<>();
    Writer chunk = new Writer(Math.min(Codec.MAX_LENGTH + 64, ROUTE * routes.size()));
    for (Nlri route : routes) {
      int before = chunk.size();
      NlriCodec.write(route, withdrawn, chunk);
      if (before > 0 && chunk.size() > room) {
        chunk.truncate(before);
        chunks.add(chunk.toBytes());
        chunk.clear();
        NlriCodec.write(route, withdrawn, chunk);
      }
    }
    if (chunk.size() > 0) {
      chunks.add(chunk.toBytes());
    }
    return chunks;
  }

  // ---- attributes ----

  private byte[] attributes(PathAttributes attributes, @Nullable IpAddress classicHop) {
    Writer out = new Writer();
    boolean hopWritten = classicHop == null;
    for (Attribute attribute : attributes.attributes()) {
      if (!hopWritten && classicHop != null && attribute.type() > 3) {
        hop(out, classicHop);
        hopWritten = true;
      }
      attribute(out, attribute, attributes.partial().contains(attribute.type()));
    }
    if (!hopWritten && classicHop != null) {
      hop(out, classicHop);
    }
    if (!context.fourOctetAs()) {
      wide(attributes, out);
    }
    return out.toBytes();
  }

  private static void hop(Writer out, IpAddress nextHop) {
    put(out, AttributeReader.TRANSITIVE, 3, nextHop.toBytes());
  }

  private static void put(Writer out, int flags, int type, byte[] value) {
    if (value.length > 255) {
      out.u8(flags | AttributeReader.EXTENDED).u8(type).u16(value.length);
    } else {
      out.u8(flags & ~AttributeReader.EXTENDED).u8(type).u8(value.length);
    }
    out.bytes(value);
  }

  private void attribute(Writer out, Attribute attribute, boolean partial) {
    if (attribute instanceof Attribute.Unknown(int flags, int type, Nlri.HexBytes value)) {
      put(out, flags, type, value.toBytes());
    } else {
      int flags = AttributeReader.flagsOf(attribute.type());
      put(
          out,
          partial ? flags | AttributeReader.PARTIAL : flags,
          attribute.type(),
          value(attribute));
    }
  }

  private byte[] value(Attribute attribute) {
    Writer out = new Writer(32);
    switch (attribute) {
      case Attribute.Origin(Attribute.Origin.Source source) -> out.u8(source.code());
      case Attribute.AsPath path -> path(out, path, context.fourOctetAs());
      case Attribute.MultiExitDiscriminator(long value) -> out.u32(value);
      case Attribute.LocalPreference(long value) -> out.u32(value);
      case Attribute.AtomicAggregate _ -> {}
      case Attribute.Aggregator(long asn, Ipv4Address address) ->
          asn(out, asn, context.fourOctetAs()).ip(address);
      case Attribute.Communities(List<Integer> values) -> values.forEach(out::i32);
      case Attribute.OriginatorId(Ipv4Address id) -> out.ip(id);
      case Attribute.ClusterList(List<Ipv4Address> ids) -> ids.forEach(out::ip);
      case Attribute.ExtendedCommunities(List<ExtendedCommunity> values) ->
          values.forEach(community -> out.i64(community.bits()));
      case Attribute.PmsiTunnel(
              int flags,
              int tunnelType,
              Nlri.LabelField label,
              Nlri.HexBytes identifier) ->
          out.u8(flags).u8(tunnelType).u24(label.bits()).bytes(identifier.toBytes());
      case Attribute.LargeCommunities(List<Attribute.LargeCommunities.Value> values) ->
          values.forEach(v -> out.i32(v.administrator()).i32(v.first()).i32(v.second()));
      case Attribute.EdgeDiscovery(List<Attribute.EdgeDiscovery.Edge> edges) ->
          edges.forEach(edge -> edge(edge, out));
      case Attribute.EdgeForwarding(List<Attribute.EdgeForwarding.Joint> edges) ->
          edges.forEach(e -> {
            out.u8(4).ip(e.inbound()).u32(e.inboundLabel());
            out.ip(e.outbound()).u32(e.outboundLabel());
          });
      case Attribute.OriginVnPath(List<ExtendedCommunity> networks) ->
          networks.forEach(network -> out.i64(network.bits()));
      case Attribute.Unknown(int _, int _, Nlri.HexBytes value) -> out.bytes(value.toBytes());
    }
    return out.toBytes();
  }

  private static void edge(Attribute.EdgeDiscovery.Edge edge, Writer out) {
    out.u8(4).ip(edge.address()).u8(edge.labels().size() * 8);
    edge.labels().forEach(range -> out.u32(range.first()).u32(range.last()));
  }

  /** A segment holds at most 255 numbers; a longer sequence goes on in the next. */
  private static void path(Writer out, Attribute.AsPath path, boolean wide) {
    for (Attribute.AsPath.Segment segment : path.segments()) {
      List<Long> asns = segment.asns();
      for (int from = 0; from < asns.size(); from += 255) {
        List<Long> part = asns.subList(from, Math.min(asns.size(), from + 255));
        out.u8(segment.ordered() ? 2 : 1).u8(part.size());
        part.forEach(asn -> asn(out, asn, wide));
      }
    }
  }

  private static Writer asn(Writer out, long asn, boolean wide) {
    if (wide) {
      return out.u32(asn);
    }
    return out.u16(asn > 0xffff ? Codec.AS_TRANS : (int) asn);
  }

  /** Towards a two-byte speaker, what does not fit goes beside (RFC 6793 section 4.2.2). */
  private static void wide(PathAttributes attributes, Writer out) {
    int flags = AttributeReader.OPTIONAL | AttributeReader.TRANSITIVE;
    Attribute.AsPath path = attributes.asPath();
    if (path.segments().stream().anyMatch(s -> s.asns().stream().anyMatch(a -> a > 0xffff))) {
      Writer value = new Writer();
      path(value, path, true);
      put(out, flags, 17, value.toBytes());
    }
    Attribute.Aggregator aggregator = attributes.get(Attribute.Aggregator.class);
    if (aggregator != null && aggregator.asn() > 0xffff) {
      put(out, flags, 18, new Writer().u32(aggregator.asn()).ip(aggregator.address()).toBytes());
    }
  }
}
