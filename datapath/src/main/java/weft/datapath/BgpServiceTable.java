package weft.datapath;

import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BiConsumer;
import weft.vrouter.BgpService;
import weft.vrouter.TableKey.BgpServiceKey;

/** Where guests find the control nodes that they speak BGP with. */
final class BgpServiceTable implements Table<BgpServiceKey, BgpService> {
  private final KernelMap map;
  private final ConfigTable config;
  private final Set<BgpServiceKey> known = new HashSet<>();
  private final int vif;
  private final int address;
  private final int server;
  private final int port;

  BgpServiceTable(BpfObject object, ConfigTable config) {
    Struct key = object.struct("bgp_service_key");
    Struct value = object.struct("bgp_service_value");
    this.config = config;
    map = object.map("bgp_services", key.size(), value.size());
    vif = key.at("vif");
    address = key.at("address");
    server = value.at("server");
    port = value.at("port");
    forEach((there, _) -> known.add(there));
    config.underlay(ConfigTable.Outward.BGP, !known.isEmpty());
  }

  private MemorySegment key(BgpServiceKey key) {
    MemorySegment k = map.key();
    Bytes.i32(k, vif, key.vif());
    Bytes.ip(k, address, key.address());
    return k;
  }

  @Override
  public void put(BgpServiceKey key, BgpService service) {
    MemorySegment v = map.value();
    Bytes.ip(v, server, service.server());
    Bytes.u16(v, port, service.port());
    map.put(key(key), v);
    known.add(key);
    config.underlay(ConfigTable.Outward.BGP, true);
  }

  @Override
  public void remove(BgpServiceKey key) {
    map.delete(key(key));
    known.remove(key);
    config.underlay(ConfigTable.Outward.BGP, !known.isEmpty());
  }

  @Override
  public void forEach(BiConsumer<BgpServiceKey, BgpService> consumer) {
    map.forEach((k, v) ->
        consumer.accept(
            new BgpServiceKey(Bytes.i32(k, vif), Bytes.ipv4(k, address)),
            new BgpService(Bytes.ipv4(v, server), Bytes.u16(v, port))));
  }
}
