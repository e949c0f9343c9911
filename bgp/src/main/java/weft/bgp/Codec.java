package weft.bgp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.Reader;
import weft.net.Writer;

/**
 * BGP messages from bytes and back (RFC 4271 section 4).
 *
 * <pre>
 *  | marker: 16 x ff | length: 2 | type: 1 | body |
 * </pre>
 */
public final class Codec {
  private Codec() {}

  public static final int HEADER_LENGTH = 19;
  public static final int MAX_LENGTH = 4096;
  public static final int MAX_EXTENDED_LENGTH = 65535;

  /** Stands for an AS number that does not fit in two bytes (RFC 6793). */
  public static final int AS_TRANS = 23456;

  private static final int OPEN = 1;
  private static final int UPDATE = 2;
  private static final int NOTIFICATION = 3;
  private static final int KEEPALIVE = 4;
  private static final int ROUTE_REFRESH = 5;

  /**
   * What of the negotiation changes the bytes.
   *
   * @param fourOctetAs AS numbers take four bytes
   * @param extendedMessage messages may be longer than 4096
   * @param pathIds families in which a path identifier stands before each route (RFC 7911)
   */
  public record Context(boolean fourOctetAs, boolean extendedMessage, Set<Family> pathIds) {
    public static final Context INITIAL = new Context(false, false);

    public Context {
      pathIds = Set.copyOf(pathIds);
    }

    public Context(boolean fourOctetAs, boolean extendedMessage) {
      this(fourOctetAs, extendedMessage, Set.of());
    }

    int maxLength() {
      return extendedMessage ? MAX_EXTENDED_LENGTH : MAX_LENGTH;
    }
  }

  /** Reads one whole message, header included. */
  public static Decoded read(byte[] message, Context context) {
    try {
      Reader in = new Reader(message);
      int type = header(message, in, context);
      return switch (type) {
        case OPEN -> ok(open(in));
        case UPDATE -> new UpdateReader(context).read(in);
        case NOTIFICATION ->
            ok(new Message.Notification(in.u8(), in.u8(), Nlri.HexBytes.of(in.rest())));
        case KEEPALIVE -> ok(new Message.Keepalive());
        default -> ok(refresh(in));
      };
    } catch (Fault e) {
      return e.toMalformed();
    } catch (Reader.Underflow e) {
      return Fault.of(Fault.HEADER, 2, message.length, String.valueOf(e.getMessage()))
          .toMalformed();
    }
  }

  private static Decoded ok(Message message) {
    return new Decoded.Ok(message, List.of());
  }

  /**
   * The length of the message that begins at `offset`, of which at least the header is there.
   * Throws {@link Fault} if no message begins there.
   */
  static int length(byte[] bytes, int offset, Context context) {
    for (int i = 0; i < 16; i++) {
      if (bytes[offset + i] != -1) {
        throw Fault.of(Fault.HEADER, 1, "the marker is not all ones");
      }
    }
    int length = (bytes[offset + 16] & 0xff) << 8 | bytes[offset + 17] & 0xff;
    int type = bytes[offset + 18] & 0xff;
    if (type < OPEN || type > ROUTE_REFRESH) {
      throw new Fault(
          new Message.Notification(Fault.HEADER, 3, Nlri.HexBytes.of(new byte[] {(byte) type})),
          "message type " + type);
    }
    if (!fits(type, length, context)) {
      throw Fault.of(Fault.HEADER, 2, length, "type " + type + " of " + length + " bytes");
    }
    return length;
  }

  private static boolean fits(int type, int length, Context context) {
    return switch (type) {
      case OPEN -> length >= 29 && length <= MAX_LENGTH;
      case UPDATE -> length >= 23 && length <= context.maxLength();
      case NOTIFICATION -> length >= 21 && length <= context.maxLength();
      case KEEPALIVE -> length == HEADER_LENGTH;
      default -> length >= 23 && length <= context.maxLength();
    };
  }

  private static int header(byte[] message, Reader in, Context context) {
    if (message.length < HEADER_LENGTH || length(message, 0, context) != message.length) {
      throw Fault.of(Fault.HEADER, 2, message.length, message.length + " bytes");
    }
    in.skip(18);
    return in.u8();
  }

  // ---- OPEN ----

  private static Message open(Reader in) {
    int version = in.u8();
    if (version != 4) {
      throw Fault.of(Fault.OPEN, 1, 4, "version " + version);
    }
    int asn = in.u16();
    int holdTime = in.u16();
    Ipv4Address identifier = in.ipv4();
    if (holdTime == 1 || holdTime == 2) {
      throw Fault.of(Fault.OPEN, 6, "hold time " + holdTime);
    }
    if (identifier.equals(Ipv4Address.ANY)) {
      throw Fault.of(Fault.OPEN, 3, "identifier " + identifier);
    }
    try {
      return new Message.Open(asn, holdTime, identifier, parameters(in));
    } catch (Reader.Underflow e) {
      throw Fault.of(Fault.OPEN, 0, "optional parameters: " + e.getMessage());
    }
  }

  /** Capabilities may share a parameter or have one each; RFC 9072 widens the lengths. */
  private static List<Capability> parameters(Reader in) {
    int total = in.u8();
    Reader list = in;
    boolean wide = false;
    if (total == 255 && in.hasRemaining()) {
      byte[] rest = in.rest();
      wide = (rest[0] & 0xff) == 255;
      list = new Reader(rest, wide ? 1 : 0, rest.length - (wide ? 1 : 0));
      total = wide ? list.u16() : total;
    }
    if (total != list.remaining()) {
      throw Fault.of(Fault.OPEN, 0, "optional parameters of " + total + " bytes");
    }
    List<Capability> capabilities = new ArrayList<>();
    while (list.hasRemaining()) {
      int type = list.u8();
      Reader value = list.slice(wide ? list.u16() : list.u8());
      if (type != 2) {
        throw Fault.of(Fault.OPEN, 4, "optional parameter " + type);
      }
      capabilities.addAll(CapabilityCodec.readAll(value));
    }
    return capabilities;
  }

  private static Message refresh(Reader in) {
    if (in.remaining() != 4) {
      throw Fault.of(Fault.REFRESH, 1, "route refresh of " + in.remaining() + " bytes");
    }
    int afi = in.u16();
    int subtype = in.u8();
    return new Message.RouteRefresh(new Family(afi, in.u8()), subtype);
  }

  // ---- writing ----

  /**
   * Writes one message, header included.
   *
   * @throws IllegalArgumentException if it does not fit: pack updates with `pack`
   */
  public static byte[] write(Message message, Context context) {
    return switch (message) {
      case Message.Open open -> frame(OPEN, open(open), Context.INITIAL);
      case Update update -> frame(UPDATE, new UpdateWriter(context).body(update), context);
      case Message.Notification(int code, int subcode, Nlri.HexBytes data) ->
          frame(
              NOTIFICATION,
              new Writer().u8(code).u8(subcode).bytes(data.toBytes()).toBytes(),
              context);
      case Message.Keepalive _ -> frame(KEEPALIVE, new byte[0], context);
      case Message.RouteRefresh(Family family, int subtype) ->
          frame(
              ROUTE_REFRESH,
              new Writer().u16(family.afi()).u8(subtype).u8(family.safi()).toBytes(),
              context);
    };
  }

  private static byte[] frame(int type, byte[] body, Context context) {
    int length = HEADER_LENGTH + body.length;
    if (length > context.maxLength()) {
      throw new IllegalArgumentException("message of " + length + " bytes");
    }
    return new Writer(length).i64(-1).i64(-1).u16(length).u8(type).bytes(body).toBytes();
  }

  private static byte[] open(Message.Open open) {
    Writer out = new Writer();
    out.u8(4).u16(open.asn()).u16(open.holdTime()).ip(open.identifier());
    byte[] capabilities = CapabilityCodec.writeAll(open.capabilities());
    if (capabilities.length == 0) {
      out.u8(0);
    } else if (capabilities.length + 2 < 255) {
      out.u8(capabilities.length + 2).u8(2).u8(capabilities.length).bytes(capabilities);
    } else {
      out.u8(255).u8(255).u16(capabilities.length + 3);
      out.u8(2).u16(capabilities.length).bytes(capabilities);
    }
    return out.toBytes();
  }

  /** An EVPN route as it is written, without its type and length. */
  public static Nlri.HexBytes body(Nlri.Evpn route) {
    Writer out = new Writer();
    NlriCodec.write(route, false, out);
    byte[] bytes = out.toBytes();
    return Nlri.HexBytes.of(Arrays.copyOfRange(bytes, 2, bytes.length));
  }

  /** Writes an update of any size as as few messages as fit. */
  public static List<byte[]> pack(Update update, Context context) {
    return new UpdateWriter(context)
        .bodies(update).stream().map(body -> frame(UPDATE, body, context)).toList();
  }

  /** One attribute set, many routes: as few UPDATEs as fit. */
  public static List<byte[]> pack(
      PathAttributes attributes,
      Family family,
      IpAddress nextHop,
      List<Nlri> routes,
      Context context) {
    return pack(Update.announce(attributes, family, nextHop, routes), context);
  }
}
