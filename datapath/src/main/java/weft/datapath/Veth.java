package weft.datapath;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What the kernel says of veth devices, in the namespace of the calling thread. */
final class Veth {
  private static final long SIOCETHTOOL = 0x8946;
  private static final long SIOCGIFNAME = 0x8910;
  private static final int ETHTOOL_GDRVINFO = 3;
  private static final int ETHTOOL_GSTATS = 0x1d;
  private static final int DRVINFO_SIZE = 196;
  private static final int DRVINFO_DRIVER = 4;
  private static final int DRVINFO_STATS = 180;
  private static final int STATS_FIRST = 8;
  private static final int IFREQ_SIZE = 40;
  private static final int IFREQ_DATA = 16;
  private static final int MOST_STATS = 1 << 16;

  private Veth() {}

  /** Whether the device is one end of a veth whose other end is in another namespace. */
  static boolean leadsElsewhere(int ifindex) {
    int socket = Libc.datagramSocket();
    try (Arena arena = Arena.ofConfined()) {
      int peer = peer(socket, arena, ifindex);
      return peer != 0 && peer(socket, arena, peer) != ifindex;
    } finally {
      Libc.close(socket);
    }
  }

  /** The number of the other end, wherever that is; 0 if there is no veth of number `ifindex`. */
  private static int peer(int socket, Arena arena, int ifindex) {
    MemorySegment request = arena.allocate(IFREQ_SIZE, 8);
    MemorySegment driver = arena.allocate(DRVINFO_SIZE, 8);
    Bytes.i32(request, IFREQ_DATA, ifindex);
    Bytes.i32(driver, 0, ETHTOOL_GDRVINFO);
    if (!Libc.tryIoctl(socket, SIOCGIFNAME, request)
        || !ask(socket, request, driver)
        || !driver.getString(DRVINFO_DRIVER).equals("veth")) {
      return 0;
    }
    int count = Bytes.i32(driver, DRVINFO_STATS);
    if (count < 1 || count > MOST_STATS) {
      return 0;
    }
    MemorySegment stats = arena.allocate(STATS_FIRST + 8L * count, 8);
    Bytes.i32(stats, 0, ETHTOOL_GSTATS);
    Bytes.i32(stats, 4, count);
    // The first of a veth's statistics is the index of its peer.
    return ask(socket, request, stats) ? (int) Bytes.i64(stats, STATS_FIRST) : 0;
  }

  private static boolean ask(int socket, MemorySegment request, MemorySegment about) {
    request.set(ADDRESS, IFREQ_DATA, about);
    return Libc.tryIoctl(socket, SIOCETHTOOL, request);
  }
}
