package weft.datapath;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import weft.vrouter.TableKey.BridgeKey;

/** When MACs behind ports, beside the ports' own, were last heard: the programs write it. */
final class MacUses {
  private final KernelMap map;
  private final int vrf;
  private final int mac;
  private final int last;

  MacUses(BpfObject object) {
    Struct key = object.struct("bridge_key");
    Struct value = object.struct("mac_use");
    map = object.map("mac_uses", key.size(), value.size());
    vrf = key.at("vrf");
    mac = key.at("mac");
    last = value.at("last_ns");
  }

  Map<BridgeKey, Long> all() {
    Map<BridgeKey, Long> all = new HashMap<>();
    map.forEach(
        (k, v) -> all.put(new BridgeKey(Bytes.u16(k, vrf), Bytes.mac(k, mac)), Bytes.i64(v, last)));
    return all;
  }

  void forget(BridgeKey key) {
    MemorySegment k = map.key();
    Bytes.u16(k, vrf, key.vrf());
    Bytes.mac(k, mac, key.mac());
    map.delete(k);
  }
}
