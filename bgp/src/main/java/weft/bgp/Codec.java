package weft.bgp;

import java.util.List;
import weft.net.IpAddress;

/** BGP messages from bytes and back (RFC 4271 section 4). */
@SuppressWarnings("DoNotCallSuggester") // bodies follow
public final class Codec {
  private Codec() {}

  public static final int HEADER_LENGTH = 19;
  public static final int MAX_LENGTH = 4096;
  public static final int MAX_EXTENDED_LENGTH = 65535;

  /**
   * What of the negotiation changes the bytes.
   *
   * @param fourOctetAs AS numbers take four bytes
   * @param extendedMessage messages may be longer than 4096
   */
  public record Context(boolean fourOctetAs, boolean extendedMessage) {
    public static final Context INITIAL = new Context(false, false);

    int maxLength() {
      return extendedMessage ? MAX_EXTENDED_LENGTH : MAX_LENGTH;
    }
  }

  /** Reads one whole message, header included. */
  public static Decoded read(byte[] message, Context context) {
    throw new UnsupportedOperationException();
  }

  /**
   * Writes one message, header included.
   *
   * @throws IllegalArgumentException if it does not fit: pack updates with `pack`
   */
  public static byte[] write(Message message, Context context) {
    throw new UnsupportedOperationException();
  }

  /** Writes an update of any size as as few messages as fit. */
  public static List<byte[]> pack(Update update, Context context) {
    throw new UnsupportedOperationException();
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
