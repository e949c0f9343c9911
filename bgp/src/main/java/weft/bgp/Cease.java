package weft.bgp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import weft.net.Writer;

/** Why a session is ended by one who could go on (RFC 4486, RFC 8538, RFC 9384). */
public enum Cease {
  PREFIX_LIMIT(1),
  SHUTDOWN(2),
  DECONFIGURED(3),
  RESET(4),
  REJECTED(5),
  CONFIG_CHANGED(6),
  COLLISION(7),
  OUT_OF_RESOURCES(8),
  HARD_RESET(9),
  BFD_DOWN(10);

  static final int CODE = 6;
  private static final int MOST_TEXT = 255;

  private final int subcode;

  Cease(int subcode) {
    this.subcode = subcode;
  }

  public int subcode() {
    return subcode;
  }

  /** Whether the routes may be kept, for the session to come back (RFC 8538 section 4). */
  boolean isGraceful() {
    return switch (this) {
      case PREFIX_LIMIT, DECONFIGURED, HARD_RESET, BFD_DOWN -> false;
      case SHUTDOWN, RESET, REJECTED, CONFIG_CHANGED, COLLISION, OUT_OF_RESOURCES -> true;
    };
  }

  Message.Notification notification() {
    return Message.Notification.of(CODE, subcode);
  }

  /** With a text for the other operator, where there is room for one (RFC 9003 section 2). */
  Message.Notification notification(String text) {
    if (text.isEmpty() || this != SHUTDOWN && this != RESET) {
      return notification();
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(bytes.length, MOST_TEXT);
    while (length < bytes.length && (bytes[length] & 0xc0) == 0x80) {
      length--; // not in the middle of a character
    }
    byte[] data = new Writer().u8(length).bytes(bytes, 0, length).toBytes();
    return new Message.Notification(CODE, subcode, Nlri.HexBytes.of(data));
  }

  /** So that the other side keeps nothing: what it is, within a hard reset (RFC 8538 section 3). */
  static Message.Notification hard(Message.Notification inner) {
    byte[] data =
        new Writer().u8(inner.code()).u8(inner.subcode()).bytes(inner.data().toBytes()).toBytes();
    return new Message.Notification(CODE, HARD_RESET.subcode, Nlri.HexBytes.of(data));
  }

  /** A notification for people: `Cease, shutdown: back at noon`. */
  static String describe(Message.Notification told) {
    if (told.code() != CODE) {
      return "notification " + told.code() + "/" + told.subcode();
    }
    byte[] data = told.data().toBytes();
    if (told.subcode() == HARD_RESET.subcode && data.length >= 2) {
      Nlri.HexBytes rest = Nlri.HexBytes.of(Arrays.copyOfRange(data, 2, data.length));
      return "hard reset, "
          + describe(new Message.Notification(data[0] & 0xff, data[1] & 0xff, rest));
    }
    String name = "subcode " + told.subcode();
    for (Cease cease : values()) {
      if (cease.subcode == told.subcode()) {
        name = cease.name().toLowerCase(Locale.ROOT).replace('_', ' ');
      }
    }
    boolean hasText = told.subcode() == SHUTDOWN.subcode || told.subcode() == RESET.subcode;
    return "Cease, " + name + (hasText ? text(data) : "");
  }

  /** What is no text is left out (RFC 9003 section 3). */
  private static String text(byte[] data) {
    if (data.length < 2 || (data[0] & 0xff) > data.length - 1) {
      return "";
    }
    try {
      return ": "
          + StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data, 1, data[0] & 0xff));
    } catch (CharacterCodingException e) {
      return "";
    }
  }
}
