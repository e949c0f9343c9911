package weft.bgp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.state.io.NativeSocket;

/**
 * What protects TCP connections and Java has no names for: MD5 signatures (RFC 2385) and the
 * lifetime of packets (RFC 5082), set by `setsockopt`.
 */
final class Guard {
  /** The longest key that the kernel takes. */
  static final int MAX_KEY = 80;

  private static final int IP_MINTTL = 21;
  private static final int IPV6_MINHOPCOUNT = 73;
  private static final int TCP_MD5SIG = 14;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int ADDRESS_BYTES = 128; // struct sockaddr_storage
  private static final int MD5SIG_BYTES = ADDRESS_BYTES + 8 + MAX_KEY; // struct tcp_md5sig
  private static final int MOST_HOPS = 255;
  private static final int NO_SUCH_ENTRY = 2;

  private Guard() {}

  /**
   * Signs what goes to `peer` on a socket, and takes nothing from it that is not signed.
   *
   * @param remote null for a socket that is not connected
   * @param key null for no signatures any more
   */
  static void sign(
      InetSocketAddress local,
      @Nullable InetSocketAddress remote,
      IpAddress peer,
      @Nullable String key)
      throws IOException {
    byte[] bytes = key == null ? new byte[0] : key.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_KEY) {
      throw new IOException("an MD5 key of more than " + MAX_KEY + " bytes");
    }
    NativeSocket socket = NativeSocket.find(local, remote);
    ByteBuffer value = ByteBuffer.allocate(MD5SIG_BYTES).order(ByteOrder.nativeOrder());
    writeAddress(value, peer, !socket.v4());
    value.putShort(ADDRESS_BYTES + 2, (short) bytes.length);
    value.put(ADDRESS_BYTES + 8, bytes);
    try {
      socket.set(NativeSocket.IPPROTO_TCP, TCP_MD5SIG, value.array());
    } catch (NativeSocket.Refused e) {
      if (key != null || e.errno() != NO_SUCH_ENTRY) {
        throw e; // but there is no key to be removed
      }
    }
  }

  /**
   * Sends with the highest lifetime, and takes nothing that has come over more than `hops` links.
   *
   * @param hops 0 for no such demand
   */
  static void limitHops(InetSocketAddress local, @Nullable InetSocketAddress remote, int hops)
      throws IOException {
    int least = hops == 0 ? 0 : MOST_HOPS + 1 - hops;
    NativeSocket socket = NativeSocket.find(local, remote);
    boolean v4 = remote == null ? socket.v4() : IpAddress.of(remote.getAddress()).isV4();
    if (v4) {
      socket.set(NativeSocket.IPPROTO_IP, NativeSocket.IP_TTL, MOST_HOPS);
      socket.set(NativeSocket.IPPROTO_IP, IP_MINTTL, least);
    } else {
      socket.set(NativeSocket.IPPROTO_IPV6, NativeSocket.IPV6_UNICAST_HOPS, MOST_HOPS);
      socket.set(NativeSocket.IPPROTO_IPV6, IPV6_MINHOPCOUNT, least);
    }
  }

  /**
   * Has a socket that is not connected send with the highest lifetime, so that the first packet of
   * a connection does not look as if it came from afar.
   */
  static void sendFar(InetSocketAddress local) throws IOException {
    NativeSocket socket = NativeSocket.find(local, null);
    socket.set(NativeSocket.IPPROTO_IP, NativeSocket.IP_TTL, MOST_HOPS);
    if (!socket.v4()) {
      socket.set(NativeSocket.IPPROTO_IPV6, NativeSocket.IPV6_UNICAST_HOPS, MOST_HOPS);
    }
  }

  private static void writeAddress(ByteBuffer out, IpAddress address, boolean mapped) {
    byte[] bytes = address.toBytes();
    boolean v4 = address instanceof Ipv4Address;
    out.putShort(0, (short) (v4 && !mapped ? AF_INET : AF_INET6));
    if (v4 && !mapped) {
      out.put(4, bytes);
    } else if (v4) {
      out.put(18, (byte) 0xff).put(19, (byte) 0xff).put(20, bytes);
    } else {
      out.put(8, bytes);
    }
  }
}
