package weft.state.io;

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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A socket of this process, for the options that Java has no names for.
 *
 * <p>Java hides the descriptors of its sockets, so a socket is found by its addresses among those
 * of this process. Its owner keeps it open meanwhile.
 *
 * @param v4 its addresses are of IPv4
 */
@SuppressWarnings("restricted")
public record NativeSocket(int descriptor, boolean v4) {
  public static final int IPPROTO_IP = 0;
  public static final int SOL_SOCKET = 1;
  public static final int IPPROTO_TCP = 6;
  public static final int IPPROTO_IPV6 = 41;
  public static final int IP_TTL = 2;
  public static final int IPV6_UNICAST_HOPS = 16;

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int ADDRESS_BYTES = 128; // struct sockaddr_storage

  private static final FunctionDescriptor NAME =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle GETSOCKNAME = libc("getsockname", NAME);
  private static final MethodHandle GETPEERNAME = libc("getpeername", NAME);
  private static final MethodHandle SETSOCKOPT =
      libc(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

  private static final MemoryLayout CALL_STATE = Linker.Option.captureStateLayout();

  private static MethodHandle libc(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
  }

  /** The kernel does not take an option. */
  public static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    private final int errno;

    private Refused(int level, int option, int errno) {
      super("setsockopt " + level + "/" + option + ": error " + errno);
      this.errno = errno;
    }

    public int errno() {
      return errno;
    }
  }

  /**
   * @param remote null for a socket that is not connected
   */
  public static NativeSocket find(InetSocketAddress local, @Nullable InetSocketAddress remote)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      String[] names = new File("/proc/self/fd").list();
      MemorySegment address = arena.allocate(ADDRESS_BYTES, 8);
      for (String name : names == null ? new String[0] : names) {
        int descriptor = Integer.parseInt(name);
        if (local.equals(address(GETSOCKNAME, descriptor, address, arena))) {
          int family = address.asByteBuffer().order(ByteOrder.nativeOrder()).getShort(0);
          InetSocketAddress other = address(GETPEERNAME, descriptor, address, arena);
          if (remote == null ? other == null : remote.equals(other)) {
            return new NativeSocket(descriptor, family == AF_INET);
          }
        }
      }
    }
    throw new IOException("no socket at " + local);
  }

  public void set(int level, int option, int value) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      set(level, option, arena.allocateFrom(JAVA_INT, value), arena);
    }
  }

  public void set(int level, int option, byte[] value) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      set(level, option, arena.allocateFrom(JAVA_BYTE, value), arena);
    }
  }

  /** Sets an option whose value may point at more. */
  public void set(int level, int option, MemorySegment value, Arena arena) throws IOException {
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
    if (result != 0) {
      throw new Refused(level, option, state.get(JAVA_INT, 0));
    }
  }

  /** What a descriptor is bound or connected to, or null. */
  private static @Nullable InetSocketAddress address(
      MethodHandle function, int descriptor, MemorySegment into, Arena arena) {
    MemorySegment length = arena.allocateFrom(JAVA_INT, ADDRESS_BYTES);
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
      return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
