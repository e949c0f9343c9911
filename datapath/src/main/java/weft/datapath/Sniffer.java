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
  private static final MethodHandle RECVMSG =
      Native.libc("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

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

  /** Of packet(7): what the kernel has taken out of a frame comes beside it. */
  private static final int SOL_PACKET = 263;

  private static final int PACKET_AUXDATA = 8;
  private static final int CONTROL_SIZE = 64;
  private static final int AT_STATUS = 16;
  private static final int AT_TAG = 32;
  private static final int TAG_VALID = 0x10;
  private static final int MESSAGE_SIZE = 56;
  private static final int MACS = 12;
  private static final int VLAN = 0x8100;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment state = arena.allocate(Native.CALL_STATE);
  private final MemorySegment from = arena.allocate(ADDRESS_SIZE, 8);
  private final MemorySegment message = arena.allocate(MESSAGE_SIZE, 8);
  private final MemorySegment control = arena.allocate(CONTROL_SIZE, 8);
  private final MemorySegment frame;
  private final MemorySegment vector = arena.allocate(16, 8);
  private final int fd;

  /**
   * Begins to listen on the calling thread, which is the one that reads.
   *
   * @param ifindex of the device, 0 for all
   * @param most bytes of a frame that are wanted
   */
  public Sniffer(int ifindex, int most) {
    frame = arena.allocate(most);
    vector.set(ADDRESS, 0, frame);
    Bytes.i64(vector, 8, most);
    try {
      // Without a protocol nothing comes before it is bound to the device.
      fd = (int) SOCKET.invokeExact(state, AF_PACKET, SOCK_RAW | Libc.O_CLOEXEC, 0);
      check("packet socket", fd);
      try {
        option("time limit", SOL_SOCKET, SO_RCVTIMEO, seconds());
        option("buffer", SOL_SOCKET, SO_RCVBUF, arena.allocateFrom(JAVA_INT, BUFFER));
        option("tags", SOL_PACKET, PACKET_AUXDATA, arena.allocateFrom(JAVA_INT, 1));
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

  private void option(String what, int level, int name, MemorySegment value) throws Throwable {
    check(
        what, (int) SETSOCKOPT.invokeExact(state, fd, level, name, value, (int) value.byteSize()));
  }

  private void check(String what, int result) {
    if (result < 0) {
      throw Libc.failed(what, state);
    }
  }

  private void prepare() {
    control.fill((byte) 0);
    message.set(ADDRESS, 0, from);
    Bytes.i32(message, 8, ADDRESS_SIZE);
    message.set(ADDRESS, 16, vector);
    Bytes.i64(message, 24, 1);
    message.set(ADDRESS, 32, control);
    Bytes.i64(message, 40, CONTROL_SIZE);
  }

  /** The frame with the tag that it had on its way. */
  private byte[] tagged(byte[] bytes) {
    byte[] whole = new byte[bytes.length + 4];
    System.arraycopy(bytes, 0, whole, 0, MACS);
    MemorySegment tag = MemorySegment.ofArray(whole);
    Bytes.be16(tag, MACS, VLAN);
    Bytes.be16(tag, MACS + 2, Bytes.u16(control, AT_TAG));
    System.arraycopy(bytes, MACS, whole, MACS + 4, bytes.length - MACS);
    return whole;
  }

  /** The next frame, or null if none comes within a fifth of a second. */
  public @Nullable Frame next() {
    try {
      prepare();
      long length = (long) RECVMSG.invokeExact(state, fd, message, MSG_TRUNC);
      if (length < 0) {
        return null;
      }
      byte[] bytes = frame.asSlice(0, Math.min(length, frame.byteSize())).toArray(JAVA_BYTE);
      boolean outgoing = Bytes.u8(from, AT_KIND) == OUTGOING;
      int ifindex = Bytes.i32(from, AT_IFINDEX);
      boolean tagged = (Bytes.i32(control, AT_STATUS) & TAG_VALID) != 0 && bytes.length >= MACS;
      return tagged
          ? new Frame(ifindex, outgoing, (int) length + 4, tagged(bytes))
          : new Frame(ifindex, outgoing, (int) length, bytes);
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
