package weft.bench;

import weft.bench.BgpLoad.Bytes;
import weft.bench.BgpLoad.Kind;

/** What of BGP's messages a load generator has to know. */
final class BgpWire {
  static final int HEADER = 19;
  static final int OPEN = 1;
  static final int UPDATE = 2;
  static final int NOTIFICATION = 3;
  static final int KEEPALIVE = 4;

  /** Route 0 of a VPN: 10.0.0.0/32. */
  static final int FIRST_HOST = 0x0a00_0000;

  /** Route 0 of IPv4 unicast, by its first three bytes: 1.0.0.0/24. */
  static final int FIRST_IPV4 = 0x01_0000;

  private BgpWire() {}

  static byte[] message(int type, byte[] body) {
    Bytes out = new Bytes().u64(-1).u64(-1).u16(HEADER + body.length).u8(type).bytes(body);
    return out.toArray(out.size());
  }

  static byte[] keepalive() {
    return message(KEEPALIVE, new byte[0]);
  }

  /** Offers one family, four-byte AS numbers and route refresh. */
  static byte[] open(int asn, int identifier, Kind kind) {
    Bytes out = new Bytes().u8(4).u16(asn).u16(240).u32(identifier);
    out.u8(16).u8(2).u8(14);
    out.u8(1).u8(4).u16(kind.afi).u8(0).u8(kind.safi);
    out.u8(2).u8(0).u8(65).u8(4).u32(asn);
    return message(OPEN, out.toArray(out.size()));
  }

  /** Hears which routes an update tells. */
  interface Routes {
    void route(int number, boolean there);
  }

  /**
   * Reads the routes out of an update.
   *
   * @param at where the message begins
   * @param end where it ends
   */
  static void routes(byte[] in, int at, int end, Kind kind, Routes routes) {
    int body = at + HEADER;
    int withdrawn = u16(in, body);
    classic(in, body + 2, body + 2 + withdrawn, false, routes);
    int list = body + 2 + withdrawn + 2;
    int listEnd = list + u16(in, list - 2);
    for (int attribute = list; attribute < listEnd; ) {
      boolean wide = (in[attribute] & 0x10) != 0;
      int length = wide ? u16(in, attribute + 2) : in[attribute + 2] & 0xff;
      int value = attribute + (wide ? 4 : 3);
      int type = in[attribute + 1];
      if (type == 14) {
        int nlri = value + 4 + (in[value + 3] & 0xff) + 1;
        multiProtocol(in, nlri, value + length, kind, true, routes);
      } else if (type == 15) {
        multiProtocol(in, value + 3, value + length, kind, false, routes);
      }
      attribute = value + length;
    }
    classic(in, listEnd, end, true, routes);
  }

  private static void classic(byte[] in, int from, int end, boolean there, Routes routes) {
    for (int at = from; at < end; at += 1 + (in[at] + 7) / 8) {
      if (in[at] == 24) { // what is not ours has another length
        routes.route((u16(in, at + 1) << 8 | in[at + 3] & 0xff) - FIRST_IPV4, there);
      }
    }
  }

  private static void multiProtocol(
      byte[] in, int from, int end, Kind kind, boolean there, Routes routes) {
    int at = from;
    while (at < end) {
      switch (kind) {
        case VPNV4 -> {
          routes.route(u32(in, at + 12) - FIRST_HOST, there);
          at += 16;
        }
        case EVPN -> {
          routes.route(u32(in, at + 2 + 8 + 10 + 4 + 1 + 2), there);
          at += 2 + (in[at + 1] & 0xff);
        }
        case IPV4 -> {
          classic(in, at, end, there, routes);
          at = end;
        }
      }
    }
  }

  static int u16(byte[] in, int at) {
    return (in[at] & 0xff) << 8 | in[at + 1] & 0xff;
  }

  private static int u32(byte[] in, int at) {
    return u16(in, at) << 16 | u16(in, at + 2);
  }
}
