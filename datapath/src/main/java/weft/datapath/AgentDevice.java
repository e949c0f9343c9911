package weft.datapath;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import weft.net.Ipv4Address;
import weft.net.Writer;
import weft.vrouter.Service;

/**
 * The TAP device by which frames of the agent enter the datapath, and sockets of this host reach
 * guests.
 *
 * <p>The device stays when the process ends: flooded copies pass through it. What is to be done
 * with a frame stands in eight bytes at its end.
 */
final class AgentDevice implements AutoCloseable {
  static final int TRANSMIT = 1;
  static final int INJECT = 2;

  private static final int MAGIC = 0x57656674;
  private static final long TUNSETIFF = 0x400454caL;
  private static final long TUNSETPERSIST = 0x400454cbL;
  private static final long SIOCGIFFLAGS = 0x8913;
  private static final long SIOCSIFFLAGS = 0x8914;
  private static final long SIOCSIFMTU = 0x8922;
  private static final long SIOCSIFADDR = 0x8916;
  private static final long SIOCSIFNETMASK = 0x891c;
  private static final int AF_INET = 2;
  private static final int IFF_TAP = 2;
  private static final int IFF_NO_PI = 0x1000;
  private static final int IFF_UP = 1;
  private static final int IFF_NOARP = 0x80;
  private static final int IFREQ_SIZE = 40;
  private static final int IFREQ_DATA = 16;
  private static final int MTU = 65521;

  /** The device is where sockets that serve guests are, and the way to those. */
  private static final Ipv4Address SERVICE_MASK = Ipv4Address.parse("255.254.0.0");

  private final int fd;
  private final int ifindex;

  AgentDevice(String name) {
    fd = Libc.open("/dev/net/tun", Libc.O_RDWR | Libc.O_CLOEXEC);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(IFREQ_SIZE, 8);
      request.setString(0, name);
      Bytes.u16(request, IFREQ_DATA, IFF_TAP | IFF_NO_PI);
      Libc.ioctl("make device " + name, fd, TUNSETIFF, request);
      Libc.ioctl("keep device " + name, fd, TUNSETPERSIST, MemorySegment.ofAddress(1));
      bringUp(name, request);
      answerNeighbours(name);
      ifindex = Libc.ifindex(name);
    } catch (DatapathException e) {
      Libc.close(fd);
      throw e;
    }
  }

  private static void bringUp(String name, MemorySegment request) {
    int socket = Libc.datagramSocket();
    try {
      Bytes.i32(request, IFREQ_DATA, MTU);
      Libc.ioctl("set the MTU of " + name, socket, SIOCSIFMTU, request);
      Libc.ioctl("read flags of " + name, socket, SIOCGIFFLAGS, request);
      Bytes.u16(request, IFREQ_DATA, Bytes.u16(request, IFREQ_DATA) | IFF_UP | IFF_NOARP);
      Libc.ioctl("bring up " + name, socket, SIOCSIFFLAGS, request);
      address(request, Service.HOST);
      Libc.ioctl("set the address of " + name, socket, SIOCSIFADDR, request);
      address(request, SERVICE_MASK);
      Libc.ioctl("set the net mask of " + name, socket, SIOCSIFNETMASK, request);
    } finally {
      Libc.close(socket);
    }
  }

  /**
   * Lets programs ask the kernel, as a router would that has the device, which way packets go (see
   * neighbour.h). Nothing is forwarded by that: what comes in by the device is for this host's own
   * sockets. Where the setting cannot be changed the kernel finds the way of each packet itself.
   */
  private static void answerNeighbours(String name) {
    Path setting = Path.of("/proc/sys/net/ipv4/conf", name, "forwarding");
    if (Files.isWritable(setting)) {
      try {
        Files.writeString(setting, "1");
      } catch (IOException e) {
        throw new DatapathException("set " + setting + ": " + e.getMessage());
      }
    }
  }

  private static void address(MemorySegment request, Ipv4Address address) {
    Bytes.u16(request, IFREQ_DATA, AF_INET);
    Bytes.u16(request, IFREQ_DATA + 2, 0);
    Bytes.ip(request, IFREQ_DATA + 4, address);
  }

  /** Takes the device away, if it is there. */
  static void remove(String name) {
    if (!Libc.deviceExists(name)) {
      return;
    }
    AgentDevice device = new AgentDevice(name);
    Libc.ioctl("let go of device " + name, device.fd, TUNSETPERSIST, MemorySegment.NULL);
    device.close();
  }

  int ifindex() {
    return ifindex;
  }

  void write(int operation, int vif, byte[] frame) {
    byte[] bytes =
        new Writer(frame.length + 8).bytes(frame).i32(MAGIC).u16(operation).u16(vif).toBytes();
    try (Arena arena = Arena.ofConfined()) {
      Libc.write("write to the agent's device", fd, arena.allocateFrom(JAVA_BYTE, bytes));
    }
  }

  @Override
  public void close() {
    Libc.close(fd);
  }
}
