package weft.agent.local;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.Reader;
import weft.net.Writer;

/**
 * A DHCPv4 message (RFC 2131 section 2) with its options (RFC 2132), by code, in order.
 *
 * @param operation 1 from a client, 2 from a server
 * @param broadcast the client cannot take unicast yet
 */
record DhcpMessage(
    int operation,
    int transaction,
    boolean broadcast,
    Ipv4Address clientAddress,
    Ipv4Address yourAddress,
    Ipv4Address serverAddress,
    Ipv4Address relayAddress,
    MacAddress hardwareAddress,
    Map<Integer, byte[]> options) {
  static final int REQUEST = 1;
  static final int REPLY = 2;
  private static final int COOKIE = 0x63825363;
  private static final int PAD = 0;
  private static final int END = 255;
  private static final int LEAST = 300;

  DhcpMessage {
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /** Reads a message; null if it is malformed or not for Ethernet. */
  static @Nullable DhcpMessage parse(byte[] bytes) {
    try {
      Reader in = new Reader(bytes);
      int operation = in.u8();
      int hardware = in.u8();
      int hardwareLength = in.u8();
      in.skip(1);
      int transaction = in.i32();
      in.skip(2);
      boolean broadcast = (in.u16() & 0x8000) != 0;
      Ipv4Address client = in.ipv4();
      Ipv4Address yours = in.ipv4();
      Ipv4Address server = in.ipv4();
      Ipv4Address relay = in.ipv4();
      MacAddress mac = in.mac();
      in.skip(10 + 64 + 128);
      if (hardware != 1 || hardwareLength != 6 || in.i32() != COOKIE) {
        return null;
      }
      Map<Integer, byte[]> options = options(in);
      return options == null
          ? null
          : new DhcpMessage(
              operation, transaction, broadcast, client, yours, server, relay, mac, options);
    } catch (Reader.Underflow e) {
      return null;
    }
  }

  /** Parts of an option that comes several times are joined (RFC 3396). */
  private static @Nullable Map<Integer, byte[]> options(Reader in) {
    Map<Integer, byte[]> options = new LinkedHashMap<>();
    while (in.hasRemaining()) {
      int code = in.u8();
      if (code == END) {
        return options;
      }
      if (code != PAD) {
        byte[] value = in.bytes(in.u8());
        options.merge(code, value, DhcpMessage::join);
      }
    }
    return null;
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  byte[] toBytes() {
    Writer out = new Writer(LEAST);
    out.u8(operation).u8(1).u8(6).u8(0).i32(transaction).u16(0).u16(broadcast ? 0x8000 : 0);
    out.ip(clientAddress).ip(yourAddress).ip(serverAddress).ip(relayAddress);
    out.mac(hardwareAddress).bytes(new byte[10 + 64 + 128]).i32(COOKIE);
    options.forEach((code, value) -> {
      for (int at = 0; at == 0 || at < value.length; at += 255) {
        int length = Math.min(255, value.length - at);
        out.u8(code).u8(length).bytes(value, at, length);
      }
    });
    out.u8(END);
    if (out.size() < LEAST) {
      out.bytes(new byte[LEAST - out.size()]);
    }
    return out.toBytes();
  }
}
