package weft.bgp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.Ipv4Address;

/**
 * What protects TCP connections and Java has no names for: MD5 signatures (RFC 2385) and the
 * lifetime of packets (RFC 5082), set by `setsockopt`.
 *
 * <p>Java hides the descriptors of its sockets, so a socket is found by its addresses among those
 * of this process. Its owner keeps it open meanwhile.
 */
@SuppressWarnings("restricted")
final class Guard {
  /** The longest key that the kernel takes. */
  static final int MAX_KEY = 80;

  private static final int IPPROTO_IP = 0;
  private static final int IPPROTO_TCP = 6;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IP_TTL = 2;
  private static final int IP_MINTTL = 21;
  private static final int IPV6_UNICAST_HOPS = 16;
  private static final int IPV6_MINHOPCOUNT = 73;
  private static final int TCP_MD5SIG = 14;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int ADDRESS_BYTES = 128; // struct sockaddr_storage
  private static final int MD5SIG_BYTES = ADDRESS_BYTES + 8 + MAX_KEY; // struct tcp_md5sig
  private static final int MOST_HOPS = 255;

  private static final FunctionDescriptor NAME =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle GETSOCKNAME = libc("getsockname", NAME);
  private static final MethodHandle GETPEERNAME = libc("getpeername", NAME);
  private static final MethodHandle SETSOCKOPT =
      libc(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

  private static final MemoryLayout CALL_STATE = Linker.Option.captureStateLayout();

  private Guard() {}

  private static MethodHandle libc(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
  }

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
    try (Arena arena = Arena.ofConfined()) {
      Socket socket = find(local, remote, arena);
      MemorySegment value = arena.allocate(MD5SIG_BYTES);
      writeAddress(value, peer, socket.family == AF_INET6);
      ByteBuffer fields = value.asByteBuffer().order(ByteOrder.nativeOrder());
      fields.putShort(ADDRESS_BYTES + 2, (short) bytes.length);
      MemorySegment.copy(bytes, 0, value, JAVA_BYTE, ADDRESS_BYTES + 8, bytes.length);
      try {
        socket.set(IPPROTO_TCP, TCP_MD5SIG, value, arena);
      } catch (NoSuchKey e) {
        if (key != null) {
          throw e;
        }
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
    try (Arena arena = Arena.ofConfined()) {
      Socket socket = find(local, remote, arena);
      boolean v4 =
          remote == null ? socket.family == AF_INET : IpAddress.of(remote.getAddress()).isV4();
      if (v4) {
        socket.set(IPPROTO_IP, IP_TTL, number(MOST_HOPS, arena), arena);
        socket.set(IPPROTO_IP, IP_MINTTL, number(least, arena), arena);
      } else {
        socket.set(IPPROTO_IPV6, IPV6_UNICAST_HOPS, number(MOST_HOPS, arena), arena);
        socket.set(IPPROTO_IPV6, IPV6_MINHOPCOUNT, number(least, arena), arena);
      }
    }
  }

  /**
   * Has a socket that is not connected send with the highest lifetime, so that the first packet of
   * a connection does not look as if it came from afar.
   */
  static void sendFar(InetSocketAddress local) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Socket socket = find(local, null, arena);
      socket.set(IPPROTO_IP, IP_TTL, number(MOST_HOPS, arena), arena);
      if (socket.family == AF_INET6) {
        socket.set(IPPROTO_IPV6, IPV6_UNICAST_HOPS, number(MOST_HOPS, arena), arena);
      }
    }
  }

  private static MemorySegment number(int value, Arena arena) {
    return arena.allocateFrom(JAVA_INT, value);
  }

  /** The kernel knows no key of that peer's to be removed. */
  private static final class NoSuchKey extends IOException {
    private static final long serialVersionUID = 1;

    NoSuchKey() {
      super("no key of this peer");
    }
  }

  // ---- sockets

  private record Socket(int descriptor, int family) {
    void set(int level, int option, MemorySegment value, Arena arena) throws IOException {
      MemorySegment state = arena.allocate(CALL_STATE);
      int result;
      try {
        result =
            (int)
                SETSOCKOPT.invokeExact(
                    state, descriptor, level, option, value, (int) value.byteSize());
      } catch (Throwable e) {
        throw new AssertionError("a native call threw", e);
      }
      int errno = state.get(JAVA_INT, 0);
      if (result != 0 && errno == 2) {
        throw new NoSuchKey();
      }
      if (result != 0) {
        throw new IOException("setsockopt " + level + "/" + option + ": error " + errno);
      }
    }
  }

  private static Socket find(
      InetSocketAddress local, @Nullable InetSocketAddress remote, Arena arena) throws IOException {
    String[] names = new File("/proc/self/fd").list();
    MemorySegment address = arena.allocate(ADDRESS_BYTES, 8);
    for (String name : names == null ? new String[0] : names) {
      int descriptor = Integer.parseInt(name);
      if (local.equals(address(GETSOCKNAME, descriptor, address, arena))) {
        int family = address.asByteBuffer().order(ByteOrder.nativeOrder()).getShort(0);
        InetSocketAddress other = address(GETPEERNAME, descriptor, address, arena);
        if (remote == null ? other == null : remote.equals(other)) {
          return new Socket(descriptor, family);
        }
      }
    }
    throw new IOException("no socket at " + local);
  }

  /** What a descriptor is bound or connected to, or null. */
  private static @Nullable InetSocketAddress address(
      MethodHandle function, int descriptor, MemorySegment into, Arena arena) {
    MemorySegment length = number(ADDRESS_BYTES, arena);
    int result;
    try {
      result = (int) function.invokeExact(arena.allocate(CALL_STATE), descriptor, into, length);
    } catch (Throwable e) {
      throw new AssertionError("a native call threw", e);
    }
    return result == 0 ? readAddress(into.asByteBuffer()) : null;
  }

  /** From `struct sockaddr_in` or `sockaddr_in6`. */
  private static @Nullable InetSocketAddress readAddress(ByteBuffer in) {
    int family = in.order(ByteOrder.nativeOrder()).getShort(0);
    if (family != AF_INET && family != AF_INET6) {
      return null;
    }
    int port = in.order(ByteOrder.BIG_ENDIAN).getShort(2) & 0xffff;
    byte[] bytes = new byte[family == AF_INET ? 4 : 16];
    in.get(family == AF_INET ? 4 : 8, bytes);
    try {
      // One of IPv6 that maps one of IPv4 reads as the latter, as Java has it.
      return new InetSocketAddress(java.net.InetAddress.getByAddress(bytes), port);
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static void writeAddress(MemorySegment into, IpAddress address, boolean mapped) {
    ByteBuffer out = into.asByteBuffer().order(ByteOrder.nativeOrder());
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
