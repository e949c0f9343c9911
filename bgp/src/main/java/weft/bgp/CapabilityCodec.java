package weft.bgp;

import java.util.ArrayList;
import java.util.List;
import weft.net.Reader;
import weft.net.Writer;

/** Capabilities from bytes and back (RFC 5492). */
final class CapabilityCodec {
  private CapabilityCodec() {}

  /** Reads the capabilities of one optional parameter: any number of them. */
  static List<Capability> readAll(Reader in) {
    List<Capability> capabilities = new ArrayList<>();
    while (in.hasRemaining()) {
      int code = in.u8();
      capabilities.add(read(code, in.slice(in.u8())));
    }
    return capabilities;
  }

  /** One of unexpected length is kept as it came: it is not ours to judge. */
  private static Capability read(int code, Reader value) {
    int length = value.remaining();
    return switch (code) {
      case 1 -> length == 4 ? multiProtocol(value) : unknown(code, value);
      case 2 -> length == 0 ? new Capability.RouteRefresh() : unknown(code, value);
      case 5 -> length % 6 == 0 ? extendedNextHop(value) : unknown(code, value);
      case 6 -> length == 0 ? new Capability.ExtendedMessage() : unknown(code, value);
      case 64 -> length >= 2 && length % 4 == 2 ? gracefulRestart(value) : unknown(code, value);
      case 65 -> length == 4 ? new Capability.FourOctetAs(value.u32()) : unknown(code, value);
      case 69 -> length % 4 == 0 ? addPath(value) : unknown(code, value);
      case 70 -> length == 0 ? new Capability.EnhancedRouteRefresh() : unknown(code, value);
      case 71 -> length % 7 == 0 ? longLived(value) : unknown(code, value);
      default -> unknown(code, value);
    };
  }

  private static Capability unknown(int code, Reader value) {
    return new Capability.Unknown(code, Nlri.HexBytes.of(value.rest()));
  }

  private static Capability multiProtocol(Reader value) {
    int afi = value.u16();
    value.skip(1);
    return new Capability.MultiProtocol(new Family(afi, value.u8()));
  }

  /** Next hops of AFI 2 are the only ones there are; other entries mean nothing. */
  private static Capability extendedNextHop(Reader value) {
    List<Family> families = new ArrayList<>();
    while (value.hasRemaining()) {
      Family family = new Family(value.u16(), value.u16() & 0xff);
      if (value.u16() == 2) {
        families.add(family);
      }
    }
    return new Capability.ExtendedNextHop(families);
  }

  private static Capability addPath(Reader value) {
    List<Capability.AddPath.Mode> families = new ArrayList<>();
    while (value.hasRemaining()) {
      Family family = new Family(value.u16(), value.u8());
      int mode = value.u8();
      if (mode >= 1 && mode <= 3) { // RFC 7911 section 4: others are ignored
        families.add(new Capability.AddPath.Mode(family, (mode & 1) != 0, (mode & 2) != 0));
      }
    }
    return new Capability.AddPath(families);
  }

  private static Capability gracefulRestart(Reader value) {
    int head = value.u16();
    List<Capability.GracefulRestart.Preserved> families = new ArrayList<>();
    while (value.hasRemaining()) {
      Family family = new Family(value.u16(), value.u8());
      families.add(new Capability.GracefulRestart.Preserved(family, (value.u8() & 0x80) != 0));
    }
    return new Capability.GracefulRestart(
        (head & 0x8000) != 0, (head & 0x4000) != 0, head & 0xfff, families);
  }

  private static Capability longLived(Reader value) {
    List<Capability.LongLivedGracefulRestart.Stale> families = new ArrayList<>();
    while (value.hasRemaining()) {
      Family family = new Family(value.u16(), value.u8());
      boolean forwarding = (value.u8() & 0x80) != 0;
      families.add(new Capability.LongLivedGracefulRestart.Stale(family, forwarding, value.u24()));
    }
    return new Capability.LongLivedGracefulRestart(families);
  }

  static byte[] writeAll(List<Capability> capabilities) {
    Writer out = new Writer();
    for (Capability capability : capabilities) {
      byte[] value = write(capability);
      out.u8(capability.code()).u8(value.length).bytes(value);
    }
    return out.toBytes();
  }

  private static byte[] write(Capability capability) {
    Writer out = new Writer(16);
    switch (capability) {
      case Capability.MultiProtocol(Family family) -> out.u16(family.afi()).u8(0).u8(family.safi());
      case Capability.RouteRefresh _,
          Capability.ExtendedMessage _,
          Capability.EnhancedRouteRefresh _ -> {}
      case Capability.ExtendedNextHop(List<Family> families) ->
          families.forEach(family -> out.u16(family.afi()).u16(family.safi()).u16(2));
      case Capability.AddPath(List<Capability.AddPath.Mode> families) ->
          families.forEach(mode ->
              family(mode.family(), out).u8((mode.receives() ? 1 : 0) | (mode.sends() ? 2 : 0)));
      case Capability.GracefulRestart restart -> {
        out.u16(
            (restart.restarting() ? 0x8000 : 0)
                | (restart.notification() ? 0x4000 : 0)
                | restart.time() & 0xfff);
        for (Capability.GracefulRestart.Preserved family : restart.families()) {
          family(family.family(), out).u8(family.forwarding() ? 0x80 : 0);
        }
      }
      case Capability.FourOctetAs(long asn) -> out.u32(asn);
      case Capability.LongLivedGracefulRestart(
              List<Capability.LongLivedGracefulRestart.Stale> families) -> {
        for (Capability.LongLivedGracefulRestart.Stale family : families) {
          family(family.family(), out).u8(family.forwarding() ? 0x80 : 0).u24(family.time());
        }
      }
      case Capability.Unknown(int _, Nlri.HexBytes value) -> out.bytes(value.toBytes());
    }
    return out.toBytes();
  }

  private static Writer family(Family family, Writer out) {
    return out.u16(family.afi()).u8(family.safi());
  }
}
