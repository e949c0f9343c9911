package weft.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A kept HTTP/1.1 connection that makes no garbage: one request at a time, one buffer each way. */
final class Connection implements AutoCloseable {
  private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);

  private final SocketChannel channel;
  private ByteBuffer in = ByteBuffer.allocate(16 << 10);
  private ByteBuffer out = ByteBuffer.allocateDirect(8 << 10);

  /** Where the body of the answer begins and ends in the buffer; 0 while its head is incomplete. */
  private int bodyStart;

  private int bodyEnd;

  /** When the request under way was due, by {@link System#nanoTime}. */
  long begunNs;

  /** Of the caller: which request is under way. */
  int request;

  private Connection(SocketChannel channel) {
    this.channel = channel;
  }

  static Connection open(InetSocketAddress server) throws IOException {
    SocketChannel channel = SocketChannel.open(server);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return new Connection(channel);
  }

  SocketChannel channel() {
    return channel;
  }

  /** Sends a request; the connection has no other under way. */
  void send(byte[] bytes) throws IOException {
    if (out.capacity() < bytes.length) {
      out = ByteBuffer.allocateDirect(bytes.length * 2);
    }
    in.clear();
    bodyStart = 0;
    bodyEnd = 0;
    out.clear().put(bytes).flip();
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }

  /** Takes what has come; true once the answer is complete. */
  boolean receive() throws IOException {
    if (!in.hasRemaining()) {
      in = ByteBuffer.wrap(Arrays.copyOf(in.array(), in.capacity() * 2)).position(in.position());
    }
    if (channel.read(in) < 0) {
      throw new IOException("the server closed the connection");
    }
    if (bodyStart == 0) {
      readHead();
    }
    return bodyStart != 0 && in.position() >= bodyEnd;
  }

  private void readHead() throws IOException {
    byte[] bytes = in.array();
    int length = -1;
    int line = 0;
    for (int at = 0; at + 1 < in.position(); at++) {
      if (bytes[at] != '\r' || bytes[at + 1] != '\n') {
        continue;
      }
      if (at == line) {
        if (length < 0) {
          throw new IOException("an answer without length");
        }
        bodyStart = at + 2;
        bodyEnd = bodyStart + length;
        return;
      }
      if (isLength(bytes, line, at)) {
        length = number(bytes, line + LENGTH.length, at);
      }
      line = at + 2;
    }
  }

  private static boolean isLength(byte[] bytes, int from, int to) {
    if (to - from < LENGTH.length) {
      return false;
    }
    for (int i = 0; i < LENGTH.length; i++) {
      int c = bytes[from + i];
      if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != LENGTH[i]) {
        return false;
      }
    }
    return true;
  }

  private static int number(byte[] bytes, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      if (bytes[i] != ' ') {
        number = number * 10 + bytes[i] - '0';
      }
    }
    return number;
  }

  int status() {
    return number(in.array(), 9, 12);
  }

  String body() {
    return new String(in.array(), bodyStart, bodyEnd - bodyStart, StandardCharsets.UTF_8);
  }

  int bodyLength() {
    return bodyEnd - bodyStart;
  }

  /** The 36 characters behind the first `"uuid":"` of the answer. */
  byte[] uuid() throws IOException {
    byte[] bytes = in.array();
    for (int at = bodyStart; at + 44 <= bodyEnd; at++) {
      if (bytes[at] == '"'
          && bytes[at + 1] == 'u'
          && bytes[at + 2] == 'u'
          && bytes[at + 3] == 'i'
          && bytes[at + 4] == 'd'
          && bytes[at + 5] == '"') {
        int start = at + 6;
        while (bytes[start] != '"') {
          start++;
        }
        return Arrays.copyOfRange(bytes, start + 1, start + 37);
      }
    }
    throw new IOException("an answer without uuid: " + body());
  }

  /** The marker at the end of a page; null behind the last. */
  @Nullable String marker() {
    String end = "\"marker\":";
    String body = body();
    String value = body.substring(body.lastIndexOf(end) + end.length(), body.length() - 1);
    return value.equals("null") ? null : value.substring(1, value.length() - 1);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
