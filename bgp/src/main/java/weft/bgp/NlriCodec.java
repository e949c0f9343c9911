package weft.bgp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.Reader;
import weft.net.RouteDistinguisher;
import weft.net.Writer;

/** Routes of every family from bytes and back. */
final class NlriCodec {
  private static final int WITHDRAWN_LABEL = 0x80_0000; // RFC 8277 section 2.4
  private static final int LABEL_BITS = 24;
  private static final int VPN_HEAD_BITS = LABEL_BITS + 64;
  private static final int TREE_LENGTH = 22;

  private NlriCodec() {}

  /**
   * Reads all that is left. Throws {@link Reader.Underflow} or {@link Bad}.
   *
   * @param pathIds a path identifier stands before each route
   */
  static List<Nlri> readAll(Family family, boolean pathIds, Reader in) {
    if (pathIds) {
      List<Nlri> routes = new ArrayList<>();
      while (in.hasRemaining()) {
        int id = in.i32();
        routes.add(new Nlri.WithPath(id, read(family, in)));
      }
      return routes;
    }
    if (family.safi() == 128) {
      return readVpns(family.afi() == 1, in);
    }
    List<Nlri> routes = new ArrayList<>();
    while (in.hasRemaining()) {
      if (family.equals(Family.ERMVPN)) {
        readTree(in, routes);
      } else {
        routes.add(read(family, in));
      }
    }
    return routes;
  }

  /** A kind of tree that is not known is passed over (RFC 7606 section 5.4). */
  private static void readTree(Reader in, List<Nlri> routes) {
    int type = in.u8();
    Reader body = in.slice(in.u8());
    if (type != Nlri.MulticastTree.LOCAL && type != Nlri.MulticastTree.GLOBAL) {
      return;
    }
    RouteDistinguisher distinguisher = distinguisher(body);
    Ipv4Address router = body.ipv4();
    if (sizedAddress(body) instanceof Ipv4Address source
        && sizedAddress(body) instanceof Ipv4Address group
        && !body.hasRemaining()) {
      routes.add(new Nlri.MulticastTree(type, distinguisher, router, source, group));
    } else {
      throw new Bad("multicast tree that is not of IPv4");
    }
  }

  /** Neighbouring routes often share their distinguisher: they share the object too. */
  private static List<Nlri> readVpns(boolean v4, Reader in) {
    List<Nlri> routes = new ArrayList<>();
    RouteDistinguisher last = RouteDistinguisher.ZERO;
    while (in.hasRemaining()) {
      Nlri.Vpn route = readVpn(v4, last, in);
      last = route.distinguisher();
      routes.add(route);
    }
    return routes;
  }

  private static Nlri.Vpn readVpn(boolean v4, RouteDistinguisher last, Reader in) {
    int bits = in.u8();
    if (bits < VPN_HEAD_BITS) {
      throw new Bad("VPN route of " + bits + " bits");
    }
    Label label = new Label(in.u24() >>> 4); // the bottom-of-stack bit is ignored on receipt
    long distinguisher = in.i64();
    return new Nlri.Vpn(
        distinguisher == last.bits() ? last : new RouteDistinguisher(distinguisher),
        prefix(in, bits - VPN_HEAD_BITS, v4),
        label);
  }

  private static Nlri readLabeled(boolean v4, Reader in) {
    int bits = in.u8();
    if (bits < LABEL_BITS) {
      throw new Bad("labelled route of " + bits + " bits");
    }
    Label label = new Label(in.u24() >>> 4);
    return new Nlri.Labeled(prefix(in, bits - LABEL_BITS, v4), label);
  }

  /** A route that cannot be; the caller knows which notification that is. */
  static final class Bad extends RuntimeException {
    private static final long serialVersionUID = 1;

    Bad(String reason) {
      super(reason, null, false, false);
    }
  }

  private static Nlri read(Family family, Reader in) {
    if (family.equals(Family.EVPN)) {
      return readEvpn(in);
    }
    if (family.equals(Family.ROUTE_TARGET)) {
      return readMembership(in);
    }
    if (family.safi() == 128) {
      return readVpn(family.afi() == 1, RouteDistinguisher.ZERO, in);
    }
    if (family.safi() == 4) {
      return readLabeled(family.afi() == 1, in);
    }
    return new Nlri.Ip(prefix(in, in.u8(), family.afi() == 1));
  }

  private static IpPrefix prefix(Reader in, int bits, boolean v4) {
    int width = v4 ? 4 : 16;
    if (bits > width * 8) {
      throw new Bad("prefix length " + bits);
    }
    int count = (bits + 7) / 8;
    if (v4) {
      return new IpPrefix(new Ipv4Address((int) leading(in, count, 4)), bits);
    }
    long high = leading(in, Math.min(count, 8), 8);
    return new IpPrefix(new Ipv6Address(high, leading(in, Math.max(count - 8, 0), 8)), bits);
  }

  /** The number of `width` bytes of which the first `count` are sent and the others are zero. */
  private static long leading(Reader in, int count, int width) {
    long value = 0;
    for (int i = 0; i < width; i++) {
      value = value << 8 | (i < count ? in.u8() : 0);
    }
    return value;
  }

  private static Nlri readMembership(Reader in) {
    int bits = in.u8();
    if (bits != 0 && (bits < 32 || bits > 96)) {
      throw new Bad("route target membership of " + bits + " bits");
    }
    byte[] value = new byte[12];
    byte[] sent = in.bytes((bits + 7) / 8);
    System.arraycopy(sent, 0, value, 0, sent.length);
    if (bits % 8 != 0) {
      value[bits / 8] &= (byte) (0xff << (8 - bits % 8));
    }
    Reader fields = new Reader(value);
    return new Nlri.RouteTargetMembership(bits, fields.u32(), fields.i64());
  }

  private static Nlri readEvpn(Reader in) {
    int type = in.u8();
    Reader body = in.slice(in.u8());
    Nlri route =
        switch (type) {
          case 1 ->
              new Nlri.EthernetAutoDiscovery(
                  distinguisher(body), segment(body), body.u32(), labelField(body));
          case 2 -> readMacIp(body);
          case 3 ->
              new Nlri.InclusiveMulticast(distinguisher(body), body.u32(), sizedAddress(body));
          case 4 ->
              new Nlri.EthernetSegment(distinguisher(body), segment(body), sizedAddress(body));
          case 5 -> readEvpnPrefix(body);
          case 6 -> readSelectiveMulticast(body);
          default -> new Nlri.UnknownEvpn(type, Nlri.HexBytes.of(body.rest()));
        };
    if (body.hasRemaining()) {
      throw new Bad("EVPN type " + type + " with " + body.remaining() + " bytes too many");
    }
    return route;
  }

  private static Nlri readMacIp(Reader body) {
    RouteDistinguisher distinguisher = distinguisher(body);
    Nlri.Segment segment = segment(body);
    long tag = body.u32();
    int macBits = body.u8();
    if (macBits != 48) {
      throw new Bad("MAC of " + macBits + " bits");
    }
    MacAddress mac = body.mac();
    int addressBits = body.u8();
    IpAddress address = addressBits == 0 ? null : address(body, addressBits);
    Nlri.LabelField label = labelField(body);
    Nlri.LabelField l3Label = body.hasRemaining() ? labelField(body) : null;
    return new Nlri.MacIp(distinguisher, segment, tag, mac, address, label, l3Label);
  }

  /** RFC 9136 section 3.1: 34 bytes for IPv4, 58 for IPv6. */
  private static Nlri readEvpnPrefix(Reader body) {
    boolean v4 = body.remaining() == 34;
    if (!v4 && body.remaining() != 58) {
      throw new Bad("EVPN prefix of " + body.remaining() + " bytes");
    }
    RouteDistinguisher distinguisher = distinguisher(body);
    Nlri.Segment segment = segment(body);
    long tag = body.u32();
    int length = body.u8();
    IpAddress address = v4 ? body.ipv4() : body.ipv6();
    if (length > address.width()) {
      throw new Bad("prefix length " + length);
    }
    IpAddress gateway = v4 ? body.ipv4() : body.ipv6();
    return new Nlri.EvpnPrefix(
        distinguisher, segment, tag, new IpPrefix(address, length), gateway, labelField(body));
  }

  private static Nlri readSelectiveMulticast(Reader body) {
    return new Nlri.SelectiveMulticast(
        distinguisher(body),
        body.u32(),
        addressOrNone(body),
        addressOrNone(body),
        sizedAddress(body),
        body.u8());
  }

  private static @Nullable IpAddress addressOrNone(Reader in) {
    int bits = in.u8();
    return bits == 0 ? null : address(in, bits);
  }

  private static RouteDistinguisher distinguisher(Reader in) {
    return new RouteDistinguisher(in.i64());
  }

  private static Nlri.Segment segment(Reader in) {
    int type = in.u8();
    long high = in.i64();
    return new Nlri.Segment(type, high, in.u8());
  }

  private static Nlri.LabelField labelField(Reader in) {
    return new Nlri.LabelField(in.u24());
  }

  private static IpAddress sizedAddress(Reader in) {
    return address(in, in.u8());
  }

  private static IpAddress address(Reader in, int bits) {
    return switch (bits) {
      case 32 -> in.ipv4();
      case 128 -> in.ipv6();
      default -> throw new Bad("address of " + bits + " bits");
    };
  }

  // ---- writing ----

  static void write(Nlri route, boolean withdrawn, Writer out) {
    switch (route) {
      case Nlri.Ip(IpPrefix prefix) -> {
        out.u8(prefix.length());
        prefixBytes(prefix, out);
      }
      case Nlri.MulticastTree tree -> {
        out.u8(tree.type()).u8(TREE_LENGTH).i64(tree.distinguisher().bits()).ip(tree.router());
        out.u8(32).ip(tree.source()).u8(32).ip(tree.group());
      }
      case Nlri.WithPath(int id, Nlri path) -> write(path, withdrawn, out.i32(id));
      case Nlri.Labeled(IpPrefix prefix, Label label) -> {
        out.u8(LABEL_BITS + prefix.length());
        out.u24(withdrawn ? WITHDRAWN_LABEL : label.value() << 4 | 1);
        prefixBytes(prefix, out);
      }
      case Nlri.Vpn(RouteDistinguisher distinguisher, IpPrefix prefix, Label label) -> {
        out.u8(VPN_HEAD_BITS + prefix.length());
        out.u24(withdrawn ? WITHDRAWN_LABEL : label.value() << 4 | 1);
        out.i64(distinguisher.bits());
        prefixBytes(prefix, out);
      }
      case Nlri.RouteTargetMembership(int length, long originAs, long target) -> {
        byte[] value = new Writer(12).u32(originAs).i64(target).toBytes();
        out.u8(length).bytes(value, 0, (length + 7) / 8);
      }
      case Nlri.Evpn evpn -> writeEvpn(evpn, out);
    }
  }

  private static void prefixBytes(IpPrefix prefix, Writer out) {
    int count = (prefix.length() + 7) / 8;
    switch (prefix.address()) {
      case Ipv4Address v4 -> leading(v4.bits() & 0xffff_ffffL, count, 4, out);
      case Ipv6Address v6 -> {
        leading(v6.high(), Math.min(count, 8), 8, out);
        leading(v6.low(), Math.max(count - 8, 0), 8, out);
      }
    }
  }

  /** The first `count` bytes of a number of `width` bytes. */
  private static void leading(long value, int count, int width, Writer out) {
    for (int i = 1; i <= count; i++) {
      out.u8((int) (value >>> (width - i) * 8));
    }
  }

  private static void writeEvpn(Nlri.Evpn route, Writer body) {
    int head = body.size();
    body.u8(0).u8(0);
    int type =
        switch (route) {
          case Nlri.EthernetAutoDiscovery r -> {
            segment(body.i64(r.distinguisher().bits()), r.segment());
            body.u32(r.tag()).u24(r.label().bits());
            yield 1;
          }
          case Nlri.MacIp r -> {
            writeMacIp(r, body);
            yield 2;
          }
          case Nlri.InclusiveMulticast r -> {
            body.i64(r.distinguisher().bits()).u32(r.tag());
            body.u8(r.originator().width()).ip(r.originator());
            yield 3;
          }
          case Nlri.EthernetSegment r -> {
            segment(body.i64(r.distinguisher().bits()), r.segment());
            body.u8(r.originator().width()).ip(r.originator());
            yield 4;
          }
          case Nlri.EvpnPrefix r -> {
            segment(body.i64(r.distinguisher().bits()), r.segment());
            body.u32(r.tag()).u8(r.prefix().length()).ip(r.prefix().address());
            body.ip(gateway(r)).u24(r.label().bits());
            yield 5;
          }
          case Nlri.SelectiveMulticast r -> {
            body.i64(r.distinguisher().bits()).u32(r.tag());
            addressOrNone(body, r.source());
            addressOrNone(body, r.group());
            body.u8(r.originator().width()).ip(r.originator()).u8(r.flags());
            yield 6;
          }
          case Nlri.UnknownEvpn(int unknown, Nlri.HexBytes value) -> {
            body.bytes(value.toBytes());
            yield unknown;
          }
        };
    body.patchU8(head, type).patchU8(head + 1, body.size() - head - 2);
  }

  private static void addressOrNone(Writer out, @Nullable IpAddress address) {
    if (address == null) {
      out.u8(0);
    } else {
      out.u8(address.width()).ip(address);
    }
  }

  /** The gateway has the prefix's family; none is all zeros. */
  private static IpAddress gateway(Nlri.EvpnPrefix route) {
    if (route.gateway().width() == route.prefix().address().width()) {
      return route.gateway();
    }
    return route.prefix().isV4() ? Ipv4Address.ANY : new Ipv6Address(0, 0);
  }

  private static void writeMacIp(Nlri.MacIp route, Writer body) {
    segment(body.i64(route.distinguisher().bits()), route.segment());
    body.u32(route.tag()).u8(48).mac(route.mac());
    @Nullable IpAddress address = route.address();
    if (address == null) {
      body.u8(0);
    } else {
      body.u8(address.width()).ip(address);
    }
    body.u24(route.label().bits());
    Nlri.LabelField l3Label = route.l3Label();
    if (l3Label != null) {
      body.u24(l3Label.bits());
    }
  }

  private static void segment(Writer out, Nlri.Segment segment) {
    out.u8(segment.type()).i64(segment.high()).u8(segment.low());
  }
}
