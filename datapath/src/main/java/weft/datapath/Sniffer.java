package weft.datapath;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Sees the frames that pass devices of this host, by a packet socket: what a guest sends before the
 * programs get it, what goes to it after they have written it. For one thread.
 */
public final class Sniffer implements AutoCloseable {
  /**
   * A frame, cut to what was asked for.
   *
   * @param length of the whole
   * @param outgoing whether this host has sent it
   */
  @SuppressWarnings("ArrayRecordComponent") // written once, read once
  public record Frame(int ifindex, boolean outgoing, int length, byte[] bytes) {}

  private static final MethodHandle SOCKET =
      Native.libc("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle BIND =
      Native.libc("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle SETSOCKOPT =
      Native.libc(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle RECVFROM =
      Native.libc(
          "recvfrom",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS));

  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW = 3;
  private static final int ETH_P_ALL = 3;
  private static final int ADDRESS_SIZE = 20;
  private static final int AT_PROTOCOL = 2;
  private static final int AT_IFINDEX = 4;
  private static final int AT_KIND = 10;
  private static final int OUTGOING = 4;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_RCVBUF = 8;
  private static final int BUFFER = 4 << 20;
  private static final int WAIT_US = 200_000;
  private static final int MSG_TRUNC = 0x20;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment state = arena.allocate(Native.CALL_STATE);
  private final MemorySegment from = arena.allocate(ADDRESS_SIZE, 8);
  private final MemorySegment fromSize = arena.allocate(JAVA_INT);
  private final MemorySegment frame;
  private final int fd;

  /**
   * Begins to listen on the calling thread, which is the one that reads.
   *
   * @param ifindex of the device, 0 for all
   * @param most bytes of a frame that are wanted
   */
  public Sniffer(int ifindex, int most) {
    frame = arena.allocate(most);
    try {
      // Without a protocol nothing comes before it is bound to the device.
      fd = (int) SOCKET.invokeExact(state, AF_PACKET, SOCK_RAW | Libc.O_CLOEXEC, 0);
      check("packet socket", fd);
      try {
        option("time limit", SO_RCVTIMEO, seconds());
        option("buffer", SO_RCVBUF, arena.allocateFrom(JAVA_INT, BUFFER));
        Bytes.u16(from, 0, AF_PACKET);
        Bytes.be16(from, AT_PROTOCOL, ETH_P_ALL);
        Bytes.i32(from, AT_IFINDEX, ifindex);
        check("packet socket on device", (int) BIND.invokeExact(state, fd, from, ADDRESS_SIZE));
      } catch (DatapathException e) {
        Libc.close(fd);
        throw e;
      }
    } catch (DatapathException e) {
      arena.close();
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private MemorySegment seconds() {
    MemorySegment time = arena.allocate(16, 8);
    Bytes.i64(time, 8, WAIT_US);
    return time;
  }

  private void option(String what, int name, MemorySegment value) throws Throwable {
    check(
        what,
        (int) SETSOCKOPT.invokeExact(state, fd, SOL_SOCKET, name, value, (int) value.byteSize()));
  }

  private void check(String what, int result) {
    if (result < 0) {
      throw Libc.failed(what, state);
    }
  }

  /** The next frame, or null if none comes within a fifth of a second. */
  public @Nullable Frame next() {
    try {
      fromSize.set(JAVA_INT, 0, ADDRESS_SIZE);
      long length =
          (long)
              RECVFROM.invokeExact(state, fd, frame, frame.byteSize(), MSG_TRUNC, from, fromSize);
      if (length < 0) {
        return null;
      }
      byte[] bytes = frame.asSlice(0, Math.min(length, frame.byteSize())).toArray(JAVA_BYTE);
      boolean outgoing = Bytes.u8(from, AT_KIND) == OUTGOING;
      return new Frame(Bytes.i32(from, AT_IFINDEX), outgoing, (int) length, bytes);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  @Override
  public void close() {
    Libc.close(fd);
    arena.close();
  }
}
