package weft.agent.local;

import org.jspecify.annotations.Nullable;
import weft.net.Reader;

/** A UDP datagram (RFC 768); its checksum is not looked at. */
record Udp(int from, int to, byte[] content) {
  private static final int HEADER = 8;

  /** Null if it is cut off. What follows it in `bytes` is padding. */
  static @Nullable Udp parse(byte[] bytes) {
    try {
      Reader in = new Reader(bytes);
      int from = in.u16();
      int to = in.u16();
      int length = in.u16();
      in.skip(2);
      return length < HEADER ? null : new Udp(from, to, in.bytes(length - HEADER));
    } catch (Reader.Underflow e) {
      return null;
    }
  }

  boolean isBetween(int client, int server) {
    return from == client && to == server;
  }
}
