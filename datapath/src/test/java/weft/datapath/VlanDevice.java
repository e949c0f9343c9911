package weft.datapath;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import weft.net.MacAddress;
import weft.net.Writer;

/**
 * A VLAN of a guest's device as a device of its own, for kernels that have none: a pair of devices
 * of which the guest uses one; frames of the other are copied to and from the guest's, with a tag.
 */
final class VlanDevice implements AutoCloseable {
  private static final MethodHandle SENDTO =
      Native.libc(
          "sendto",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle SOCKET =
      Native.libc("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW = 3;
  private static final int MOST = 2000;

  private final List<Thread> threads;
  private volatile boolean closed;

  VlanDevice(Namespace guest, String name, int vlan, MacAddress mac, String address) {
    guest.exec(
        "ip link add name %1$s type veth peer name p%1$s && ethtool -K %1$s tx off tso off gso off >/dev/null && ip link set %1$s address %2$s mtu 1496 up && ip link set p%1$s up && ip addr add %3$s dev %1$s"
            .formatted(name, mac, address));
    int port = guest.run(() -> Libc.ifindex("eth0"));
    int own = guest.run(() -> Libc.ifindex("p" + name));
    threads =
        List.of(
            copy(guest, own, port, frame -> tagged(frame, vlan)),
            copy(guest, port, own, frame -> untagged(frame, vlan)));
  }

  private interface Change {
    /** Empty if the frame is not for the other side. */
    byte[] of(byte[] frame);
  }

  private static byte[] tagged(byte[] frame, int vlan) {
    return new Writer()
        .bytes(java.util.Arrays.copyOf(frame, 12))
        .u16(0x8100)
        .u16(vlan)
        .bytes(Packets.from(frame, 12))
        .toBytes();
  }

  private static byte[] untagged(byte[] frame, int vlan) {
    boolean ours =
        frame.length >= 18
            && (frame[12] & 0xff) == 0x81
            && frame[13] == 0
            && ((frame[14] & 0xf) << 8 | frame[15] & 0xff) == vlan;
    return ours
        ? new Writer()
            .bytes(java.util.Arrays.copyOf(frame, 12))
            .bytes(Packets.from(frame, 16))
            .toBytes()
        : new byte[0];
  }

  private Thread copy(Namespace guest, int from, int to, Change change) {
    return Thread.ofPlatform()
        .daemon()
        .start(() -> {
          ThreadPlace.enter(Path.of("/run/netns", guest.name()));
          try (Sniffer sniffer = new Sniffer(from, MOST);
              Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Native.CALL_STATE);
            int fd = (int) SOCKET.invokeExact(state, AF_PACKET, SOCK_RAW, 0);
            MemorySegment address = arena.allocate(20, 8);
            MemorySegment out = arena.allocate(MOST + 4);
            Bytes.u16(address, 0, AF_PACKET);
            Bytes.i32(address, 4, to);
            while (!closed) {
              Sniffer.Frame frame = sniffer.next();
              byte[] changed =
                  frame == null || frame.outgoing() ? new byte[0] : change.of(frame.bytes());
              if (changed.length > 0) {
                MemorySegment.copy(MemorySegment.ofArray(changed), 0, out, 0, changed.length);
                long _ =
                    (long)
                        SENDTO.invokeExact(state, fd, out, (long) changed.length, 0, address, 20);
              }
            }
            Libc.close(fd);
          } catch (Throwable e) {
            throw Native.unexpected(e);
          }
        });
  }

  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
