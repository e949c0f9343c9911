package weft.datapath;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import weft.datapath.VersionedLists.Stored;
import weft.vrouter.FloatingAddresses;
import weft.vrouter.FloatingAddresses.Floating;
import weft.vrouter.FloatingAddresses.PortMap;
import weft.vrouter.TableKey.FloatingKey;

/**
 * Floating addresses of vifs. The list of a vif stands under a version, so that it changes whole.
 */
final class FloatingTable implements Table<FloatingKey, FloatingAddresses> {
  private static final int INBOUND = 1;
  private static final int OUTBOUND = 2;
  private static final int PORTS = 4;

  private final VersionedLists lists;
  private final KernelMap entries;
  private final KernelMap ports;
  private final Struct key;
  private final Struct value;
  private final Struct portKey;
  private final Struct portValue;

  FloatingTable(BpfObject object) {
    key = object.struct("floating_key");
    value = object.struct("floating_value");
    portKey = object.struct("port_map_key");
    portValue = object.struct("port_map_value");
    lists = new VersionedLists(object, "floating_lists", "floating_list");
    entries = object.map("floatings", key.size(), value.size());
    ports = object.map("port_maps", portKey.size(), portValue.size());
  }

  private void at(MemorySegment k, int vif, int version, int index) {
    Bytes.i32(k, key.at("vif"), vif);
    Bytes.i32(k, key.at("version"), version);
    Bytes.i32(k, key.at("index"), index);
  }

  private MemorySegment entryKey(int vif, int version, int index) {
    MemorySegment k = entries.key();
    at(k, vif, version, index);
    return k;
  }

  @Override
  public void put(FloatingKey of, FloatingAddresses floating) {
    Stored before = lists.get(of.vif());
    List<Floating> all = floating.addresses();
    Stored next = before.next(all.size());
    try {
      for (int i = 0; i < all.size(); i++) {
        write(of.vif(), next.version(), i, all.get(i));
      }
      lists.put(of.vif(), next);
    } catch (DatapathException e) {
      for (int i = 0; i < all.size(); i++) {
        forget(of.vif(), next.version(), i, all.get(i));
      }
      throw e;
    }
    forget(of.vif(), before);
  }

  private void write(int vif, int version, int index, Floating floating) {
    MemorySegment v = entries.value();
    Bytes.ip(v, value.at("outside"), floating.outside());
    Bytes.ip(v, value.at("inside"), floating.inside());
    Bytes.i32(v, value.at("vrf"), floating.vrf());
    Bytes.i32(v, value.at("network_acl"), floating.networkAcl());
    Bytes.u8(v, value.at("family"), Bytes.family(floating.outside()));
    Bytes.u8(
        v,
        value.at("flags"),
        (floating.inbound() ? INBOUND : 0)
            | (floating.outbound() ? OUTBOUND : 0)
            | (floating.ports().isEmpty() ? 0 : PORTS));
    Bytes.u16(v, value.at("ports"), floating.ports().size());
    for (int i = 0; i < floating.ports().size(); i++) {
      PortMap map = floating.ports().get(i);
      writePort(vif, version, index, map, i, true);
      writePort(vif, version, index, map, i, false);
    }
    entries.put(entryKey(vif, version, index), v);
  }

  private MemorySegment portKey(
      int vif, int version, int index, int port, int protocol, boolean inward) {
    MemorySegment k = ports.key();
    at(k.asSlice(portKey.at("floating")), vif, version, index);
    Bytes.u16(k, portKey.at("port"), port);
    Bytes.u8(k, portKey.at("protocol"), protocol);
    Bytes.u8(k, portKey.at("inward"), inward ? 1 : 0);
    return k;
  }

  /** Of several maps of one port the first counts. */
  private void writePort(int vif, int version, int index, PortMap map, int order, boolean inward) {
    int from = inward ? map.outside() : map.inside();
    if (ports.get(portKey(vif, version, index, from, map.protocol(), inward))) {
      return;
    }
    MemorySegment v = ports.value();
    Bytes.u16(v, portValue.at("port"), inward ? map.inside() : map.outside());
    Bytes.u16(v, portValue.at("index"), order);
    ports.put(portKey(vif, version, index, from, map.protocol(), inward), v);
  }

  @Override
  public void remove(FloatingKey of) {
    Stored before = lists.get(of.vif());
    lists.remove(of.vif());
    forget(of.vif(), before);
  }

  private void forget(int vif, Stored before) {
    for (int i = 0; i < before.count(); i++) {
      if (entries.get(entryKey(vif, before.version(), i))) {
        forget(vif, before.version(), i, read(vif, before.version(), i, entries.read()));
      }
    }
  }

  private void forget(int vif, int version, int index, Floating floating) {
    for (PortMap map : floating.ports()) {
      ports.delete(portKey(vif, version, index, map.outside(), map.protocol(), true));
      ports.delete(portKey(vif, version, index, map.inside(), map.protocol(), false));
    }
    entries.delete(entryKey(vif, version, index));
  }

  @Override
  public void forEach(BiConsumer<FloatingKey, FloatingAddresses> consumer) {
    lists.forEach((vif, stored) -> {
      int version = stored.version();
      int count = stored.count();
      List<Floating> all = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        if (entries.get(entryKey(vif, version, i))) {
          all.add(read(vif, version, i, entries.read()));
        }
      }
      consumer.accept(new FloatingKey(vif), new FloatingAddresses(all));
    });
  }

  private Floating read(int vif, int version, int index, MemorySegment v) {
    int family = Bytes.u8(v, value.at("family"));
    int flags = Bytes.u8(v, value.at("flags"));
    return new Floating(
        Bytes.ip(v, value.at("outside"), family),
        Bytes.ip(v, value.at("inside"), family),
        Bytes.i32(v, value.at("vrf")),
        Bytes.i32(v, value.at("network_acl")),
        (flags & INBOUND) != 0,
        (flags & OUTBOUND) != 0,
        readPorts(vif, version, index, Bytes.u16(v, value.at("ports"))));
  }

  private List<PortMap> readPorts(int vif, int version, int index, int count) {
    if (count == 0) {
      return List.of();
    }
    PortMap[] found = new PortMap[count];
    ports.forEach((k, v) -> {
      boolean ours =
          Bytes.i32(k, key.at("vif")) == vif
              && Bytes.i32(k, key.at("version")) == version
              && Bytes.i32(k, key.at("index")) == index
              && Bytes.u8(k, portKey.at("inward")) == 1;
      if (ours) {
        found[Bytes.u16(v, portValue.at("index"))] =
            new PortMap(
                Bytes.u8(k, portKey.at("protocol")),
                Bytes.u16(k, portKey.at("port")),
                Bytes.u16(v, portValue.at("port")));
      }
    });
    return java.util.Arrays.stream(found).filter(java.util.Objects::nonNull).toList();
  }
}
