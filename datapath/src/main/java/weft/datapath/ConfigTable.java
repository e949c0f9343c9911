package weft.datapath;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.MacAddress;

/** The settings that the programs read with every packet. */
final class ConfigTable {
  private static final long SECOND_NS = 1_000_000_000L;

  private final KernelMap map;
  private final Struct struct;

  ConfigTable(BpfObject object) {
    struct = object.struct("config");
    map = object.map("config_map", Integer.BYTES, struct.size());
  }

  private void change(java.util.function.Consumer<MemorySegment> change) {
    MemorySegment k = map.key();
    map.get(k);
    change.accept(map.read());
    map.put(k, map.read());
  }

  void limits(DatapathOptions options, int agentIfindex) {
    change(v -> {
      Bytes.i32(v, struct.at("agent_ifindex"), agentIfindex);
      Bytes.i32(v, struct.at("flow_quota"), options.flowsPerVif());
      Bytes.i64(v, struct.at("trap_interval_ns"), SECOND_NS / options.trapsPerSecond());
      Bytes.i64(v, struct.at("trap_burst_ns"), SECOND_NS);
    });
  }

  /** Why guests may reach the underlay. The order is that of the kernel's bits. */
  enum Outward {
    ROUTED,
    BGP
  }

  /** Whether guests reach the underlay so. */
  void underlay(Outward way, boolean reached) {
    int bit = 1 << Bytes.code(way);
    change(v -> {
      int others = Bytes.i32(v, struct.at("underlay")) & ~bit;
      Bytes.i32(v, struct.at("underlay"), others | (reached ? bit : 0));
    });
  }

  void watchDrops(boolean watched) {
    change(v -> Bytes.i32(v, struct.at("watch_drops"), watched ? 1 : 0));
  }

  /** The device and address that tunnels use, and the MAC of this host as a router. */
  void fabric(int ifindex, @Nullable IpAddress address, MacAddress router) {
    change(v -> {
      Bytes.i32(v, struct.at("fabric_ifindex"), ifindex);
      Bytes.i32(v, struct.at("fabric_address"), 0);
      if (address != null && address.isV4()) {
        Bytes.ip(v, struct.at("fabric_address"), address);
      }
      Bytes.mac(v, struct.at("router_mac"), router);
    });
  }

  void noFabric() {
    fabric(0, null, MacAddress.GATEWAY);
  }

  /** A policy generation that no vif has had. */
  int nextGeneration() {
    MemorySegment k = map.key();
    map.get(k);
    MemorySegment v = map.read();
    int next = Bytes.i32(v, struct.at("generation")) + 1;
    Bytes.i32(v, struct.at("generation"), next);
    map.put(k, v);
    return next;
  }
}
