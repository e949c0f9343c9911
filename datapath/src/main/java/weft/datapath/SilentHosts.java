package weft.datapath;

import java.lang.foreign.MemorySegment;
import weft.net.Ipv4Address;

/**
 * Hosts that do not answer: members of equal ways that lead there are passed over. They are known
 * as long as the process lives; one that takes over begins with none.
 */
final class SilentHosts {
  private final KernelMap map;

  SilentHosts(BpfObject object) {
    map = object.map("silent_hosts", Integer.BYTES, Integer.BYTES);
  }

  void set(Ipv4Address host, boolean silent) {
    MemorySegment k = map.key();
    Bytes.ip(k, 0, host);
    if (silent) {
      MemorySegment v = map.value();
      Bytes.i32(v, 0, 1);
      map.put(k, v);
    } else {
      map.delete(k);
    }
  }
}
