package weft.datapath;

import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;

/**
 * Which list of a vif counts: its entries stand under a version in a map of their own, and all of
 * them come to count at once when the version does.
 */
final class VersionedLists {
  /** The version under which the entries stand, and how many they are. */
  record Stored(int version, int count) {
    /** The list that is to follow. */
    Stored next(int size) {
      return new Stored(version + 1, size);
    }
  }

  private final KernelMap lists;
  private final Struct list;

  VersionedLists(BpfObject object, String map, String struct) {
    list = object.struct(struct);
    lists = object.map(map, Integer.BYTES, list.size());
  }

  private MemorySegment key(int vif) {
    MemorySegment k = lists.key();
    Bytes.i32(k, 0, vif);
    return k;
  }

  /** Empty if there is none. */
  Stored get(int vif) {
    return lists.get(key(vif)) ? read(lists.read()) : new Stored(0, 0);
  }

  private Stored read(MemorySegment v) {
    return new Stored(Bytes.i32(v, list.at("version")), Bytes.i32(v, list.at("count")));
  }

  void put(int vif, Stored stored) {
    MemorySegment v = lists.value();
    Bytes.i32(v, list.at("version"), stored.version());
    Bytes.i32(v, list.at("count"), stored.count());
    lists.put(key(vif), v);
  }

  void remove(int vif) {
    lists.delete(key(vif));
  }

  void forEach(BiConsumer<Integer, Stored> consumer) {
    lists.forEach((k, v) -> consumer.accept(Bytes.i32(k, 0), read(v)));
  }
}
