package weft.datapath;

import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;
import weft.net.Label;
import weft.net.Vni;
import weft.vrouter.BridgeEntry;
import weft.vrouter.LabelEntry;
import weft.vrouter.TableKey.BridgeKey;
import weft.vrouter.TableKey.LabelKey;
import weft.vrouter.TableKey.VniKey;
import weft.vrouter.TableKey.VrfKey;
import weft.vrouter.VniEntry;
import weft.vrouter.Vrf;

/** The plain tables: one map each, an exact key. */
final class HopTables {
  private HopTables() {}

  /** MACs of all bridges. */
  static final class Bridges implements Table<BridgeKey, BridgeEntry> {
    private final KernelMap map;
    private final int vrf;
    private final int mac;
    private final int nextHop;
    private final int label;

    Bridges(BpfObject object) {
      Struct key = object.struct("bridge_key");
      Struct value = object.struct("hop_value");
      map = object.map("bridges", key.size(), value.size());
      vrf = key.at("vrf");
      mac = key.at("mac");
      nextHop = value.at("next_hop");
      label = value.at("label");
    }

    private MemorySegment key(BridgeKey key) {
      MemorySegment k = map.key();
      Bytes.u16(k, vrf, key.vrf());
      Bytes.mac(k, mac, key.mac());
      return k;
    }

    @Override
    public void put(BridgeKey key, BridgeEntry entry) {
      MemorySegment v = map.value();
      Bytes.i32(v, nextHop, entry.nextHop());
      Bytes.i32(v, label, entry.label());
      map.put(key(key), v);
    }

    @Override
    public void remove(BridgeKey key) {
      map.delete(key(key));
    }

    @Override
    public void forEach(BiConsumer<BridgeKey, BridgeEntry> consumer) {
      map.forEach((k, v) ->
          consumer.accept(
              new BridgeKey(Bytes.u16(k, vrf), Bytes.mac(k, mac)),
              new BridgeEntry(Bytes.i32(v, nextHop), Bytes.i32(v, label))));
    }
  }

  /** A map from number to number. */
  private static final class Numbers {
    private final KernelMap map;

    Numbers(BpfObject object, String name) {
      map = object.map(name, Integer.BYTES, Integer.BYTES);
    }

    private MemorySegment key(int number) {
      MemorySegment k = map.key();
      Bytes.i32(k, 0, number);
      return k;
    }

    void put(int number, int value) {
      MemorySegment v = map.value();
      Bytes.i32(v, 0, value);
      map.put(key(number), v);
    }

    void remove(int number) {
      map.delete(key(number));
    }

    void forEach(BiConsumer<Integer, Integer> consumer) {
      map.forEach((k, v) -> consumer.accept(Bytes.i32(k, 0), Bytes.i32(v, 0)));
    }
  }

  /** Incoming labels. */
  static final class Labels implements Table<LabelKey, LabelEntry> {
    private final Numbers numbers;

    Labels(BpfObject object) {
      numbers = new Numbers(object, "labels");
    }

    @Override
    public void put(LabelKey key, LabelEntry entry) {
      numbers.put(key.label().value(), entry.nextHop());
    }

    @Override
    public void remove(LabelKey key) {
      numbers.remove(key.label().value());
    }

    @Override
    public void forEach(BiConsumer<LabelKey, LabelEntry> consumer) {
      numbers.forEach((label, nextHop) ->
          consumer.accept(new LabelKey(new Label(label)), new LabelEntry(nextHop)));
    }
  }

  /** Incoming VNIs. */
  static final class Vnis implements Table<VniKey, VniEntry> {
    private final Numbers numbers;

    Vnis(BpfObject object) {
      numbers = new Numbers(object, "vnis");
    }

    @Override
    public void put(VniKey key, VniEntry entry) {
      numbers.put(key.vni().value(), entry.nextHop());
    }

    @Override
    public void remove(VniKey key) {
      numbers.remove(key.vni().value());
    }

    @Override
    public void forEach(BiConsumer<VniKey, VniEntry> consumer) {
      numbers.forEach(
          (vni, nextHop) -> consumer.accept(new VniKey(new Vni(vni)), new VniEntry(nextHop)));
    }
  }

  /** VRFs: names for people, the programs know them by number alone. */
  static final class Vrfs implements Table<VrfKey, Vrf> {
    private final KernelMap map;
    private final int virtualNetwork;
    private final int name;
    private final int nameSize;

    Vrfs(BpfObject object) {
      Struct value = object.struct("vrf_value");
      map = object.map("vrfs", Integer.BYTES, value.size());
      virtualNetwork = value.at("virtual_network");
      name = value.at("name");
      nameSize = value.size() - name;
    }

    @Override
    public void put(VrfKey key, Vrf vrf) {
      MemorySegment k = map.key();
      MemorySegment v = map.value();
      Bytes.i32(k, 0, key.id());
      Bytes.i32(v, virtualNetwork, vrf.virtualNetwork());
      Bytes.text(v, name, nameSize, vrf.name());
      map.put(k, v);
    }

    @Override
    public void remove(VrfKey key) {
      MemorySegment k = map.key();
      Bytes.i32(k, 0, key.id());
      map.delete(k);
    }

    @Override
    public void forEach(BiConsumer<VrfKey, Vrf> consumer) {
      map.forEach((k, v) ->
          consumer.accept(
              new VrfKey(Bytes.i32(k, 0)),
              new Vrf(Bytes.text(v, name, nameSize), Bytes.i32(v, virtualNetwork))));
    }
  }
}
