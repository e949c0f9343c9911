package weft.datapath;

import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import weft.vrouter.DropReason;
import weft.vrouter.TableKey.VifKey;

/** Drops and vif statistics: a counter for each CPU, summed when read. */
final class Counters {
  private final KernelMap drops;
  private final KernelMap vifDrops;
  private final KernelMap vifCounts;
  private final Struct dropKey;
  private final Struct counts;

  Counters(BpfObject object) {
    dropKey = object.struct("vif_drop_key");
    counts = object.struct("vif_counters");
    drops = object.perCpuMap("drops", Integer.BYTES, Long.BYTES);
    vifDrops = object.perCpuMap("vif_drops", dropKey.size(), Long.BYTES);
    vifCounts = object.perCpuMap("vif_counts", Integer.BYTES, counts.size());
  }

  private static long sum(MemorySegment v, int at, int size) {
    long sum = 0;
    for (long copy = at; copy < v.byteSize(); copy += size) {
      sum += Bytes.i64(v, copy);
    }
    return sum;
  }

  Map<DropReason, Long> drops() {
    Map<DropReason, Long> result = new EnumMap<>(DropReason.class);
    drops.forEach((k, v) -> add(result, Bytes.i32(k, 0), sum(v, 0, Long.BYTES)));
    return result;
  }

  private static void add(Map<DropReason, Long> to, int ordinal, long packets) {
    if (packets != 0) {
      to.put(Bytes.constant(DropReason.values(), ordinal), packets);
    }
  }

  Map<Integer, Map<DropReason, Long>> vifDrops() {
    Map<Integer, Map<DropReason, Long>> result = new TreeMap<>();
    vifDrops.forEach((k, v) ->
        add(
            result.computeIfAbsent(
                Bytes.i32(k, dropKey.at("vif")), _ -> new EnumMap<>(DropReason.class)),
            Bytes.i32(k, dropKey.at("reason")),
            sum(v, 0, Long.BYTES)));
    return result;
  }

  /** Of these vifs. */
  Map<Integer, VifStats> vifStats(Iterable<VifKey> vifs) {
    Map<Integer, VifStats> result = new TreeMap<>();
    for (VifKey vif : vifs) {
      MemorySegment k = vifCounts.key();
      Bytes.i32(k, 0, vif.id());
      vifCounts.get(k);
      MemorySegment v = vifCounts.read();
      result.put(
          vif.id(),
          new VifStats(
              sum(v, counts.at("rx_packets"), counts.size()),
              sum(v, counts.at("rx_bytes"), counts.size()),
              sum(v, counts.at("tx_packets"), counts.size()),
              sum(v, counts.at("tx_bytes"), counts.size())));
    }
    return result;
  }
}
