package weft.agent.local;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.Reader;
import weft.net.Writer;

/** A DHCPv6 message between client and server (RFC 8415 section 8), its options in order. */
record Dhcp6Message(int type, int transaction, List<Option> options) {
  static final int SOLICIT = 1;
  static final int ADVERTISE = 2;
  static final int REQUEST = 3;
  static final int CONFIRM = 4;
  static final int RENEW = 5;
  static final int REBIND = 6;
  static final int REPLY = 7;
  static final int RELEASE = 8;
  static final int DECLINE = 9;
  static final int INFORMATION_REQUEST = 11;
  static final int RELAY_FORWARD = 12;

  /** One option; of those that bear options the value is left as it is. */
  @SuppressWarnings("ArrayRecordComponent") // written once, read once
  record Option(int code, byte[] value) {}

  Dhcp6Message {
    options = List.copyOf(options);
  }

  /** Reads a message; null if it is malformed. */
  static @Nullable Dhcp6Message parse(byte[] bytes) {
    try {
      Reader in = new Reader(bytes);
      int type = in.u8();
      int transaction = in.u24();
      return new Dhcp6Message(type, transaction, options(in));
    } catch (Reader.Underflow e) {
      return null;
    }
  }

  /** The options in the value of one that bears some, from `offset` on; null if malformed. */
  static @Nullable List<Option> within(Option option, int offset) {
    try {
      Reader in = new Reader(option.value());
      in.skip(offset);
      return options(in);
    } catch (Reader.Underflow e) {
      return null;
    }
  }

  private static List<Option> options(Reader in) {
    List<Option> options = new ArrayList<>();
    while (in.hasRemaining()) {
      int code = in.u16();
      options.add(new Option(code, in.bytes(in.u16())));
    }
    return options;
  }

  /** The first option of a kind, or null. */
  byte @Nullable [] first(int code) {
    for (Option option : options) {
      if (option.code() == code) {
        return option.value();
      }
    }
    return null;
  }

  byte[] toBytes() {
    Writer out = new Writer(128).u8(type).u24(transaction);
    options.forEach(option -> write(out, option));
    return out.toBytes();
  }

  static void write(Writer out, Option option) {
    out.u16(option.code()).u16(option.value().length).bytes(option.value());
  }
}
