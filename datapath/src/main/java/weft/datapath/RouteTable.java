package weft.datapath;

import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;
import weft.net.MacAddress;
import weft.vrouter.InetRoute;
import weft.vrouter.TableKey.InetRouteKey;

/** Unicast routes of all VRFs and both families, in one trie. */
final class RouteTable implements Table<InetRouteKey, InetRoute> {
  private final KernelMap map;
  private final GroupSets sets;
  private final LpmKey lpm;
  private final int nextHop;
  private final int label;
  private final int virtualNetwork;
  private final int groups;
  private final int mac;
  private final int arp;
  private final int hasMac;
  private final int length;

  RouteTable(BpfObject object, GroupSets sets) {
    Struct value = object.struct("route_value");
    this.sets = sets;
    lpm = new LpmKey(object);
    map = object.map("routes", lpm.size(), value.size());
    nextHop = value.at("next_hop");
    label = value.at("label");
    virtualNetwork = value.at("virtual_network");
    groups = value.at("groups");
    mac = value.at("mac");
    arp = value.at("arp");
    hasMac = value.at("has_mac");
    length = value.at("length");
    map.forEach((_, v) -> sets.retain(Bytes.i32(v, groups)));
    sets.dropUnused();
  }

  private int setOf(MemorySegment key) {
    return map.get(key) ? Bytes.i32(map.read(), groups) : 0;
  }

  @Override
  public void put(InetRouteKey key, InetRoute route) {
    MemorySegment k = lpm.write(map.key(), key.vrf(), key.prefix());
    int before = setOf(k);
    int set = sets.use(route.securityGroups());
    MemorySegment v = map.value();
    Bytes.i32(v, nextHop, route.nextHop());
    Bytes.i32(v, label, route.label());
    Bytes.i32(v, virtualNetwork, route.virtualNetwork());
    Bytes.i32(v, groups, set);
    Bytes.u8(v, arp, Bytes.code(route.arp()));
    Bytes.u8(v, length, key.prefix().length());
    MacAddress owner = route.mac();
    if (owner != null) {
      Bytes.mac(v, mac, owner);
      Bytes.u8(v, hasMac, 1);
    }
    try {
      map.put(k, v);
    } catch (DatapathException e) {
      sets.release(set);
      throw e;
    }
    sets.release(before);
  }

  @Override
  public void remove(InetRouteKey key) {
    MemorySegment k = lpm.write(map.key(), key.vrf(), key.prefix());
    int before = setOf(k);
    map.delete(k);
    sets.release(before);
  }

  @Override
  public void forEach(BiConsumer<InetRouteKey, InetRoute> consumer) {
    map.forEach((k, v) ->
        consumer.accept(
            new InetRouteKey(lpm.domain(k), lpm.prefix(k)),
            new InetRoute(
                Bytes.i32(v, nextHop),
                Bytes.i32(v, label),
                Bytes.constant(InetRoute.Arp.values(), Bytes.u8(v, arp)),
                Bytes.u8(v, hasMac) == 0 ? null : Bytes.mac(v, mac),
                Bytes.i32(v, virtualNetwork),
                sets.groups(Bytes.i32(v, groups)))));
  }
}
