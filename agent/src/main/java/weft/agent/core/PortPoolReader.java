package weft.agent.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.net.XmlElement;
import weft.vrouter.PortPool;

/** Reads which ports of a host its guests may have in the underlay. */
final class PortPoolReader {
  private static final int LAST = 65535;

  /** Above those that Linux takes for connections of its own. */
  private static final PortPool USUAL = new PortPool(List.of(new PortPool.Range(61000, LAST)));

  static final SortedMap<Integer, PortPool> DEFAULT =
      new TreeMap<>(Map.of(1, USUAL, 6, USUAL, 17, USUAL));

  private PortPoolReader() {}

  /** By protocol; those that the config does not name keep the usual ports. */
  static SortedMap<Integer, PortPool> read(XmlElement global) {
    Map<Integer, List<PortPool.Range>> ranges = new HashMap<>();
    XmlElement list = global.child("port-translation-pools");
    for (XmlElement each : Xml.all(list, "port-translation-pool")) {
      int protocol = Xml.protocol(Xml.text(each, "protocol"));
      PortPool.Range range = range(each);
      if (DEFAULT.containsKey(protocol) && range != null) {
        List<PortPool.Range> known = ranges.computeIfAbsent(protocol, _ -> new ArrayList<>());
        if (known.size() < PortPool.MOST_RANGES) {
          known.add(range);
        }
      }
    }
    SortedMap<Integer, PortPool> pools = new TreeMap<>(DEFAULT);
    ranges.forEach((protocol, some) -> pools.put(protocol, new PortPool(some)));
    return pools;
  }

  /** A number of ports is that of the last ones. */
  private static PortPool.@Nullable Range range(XmlElement pool) {
    XmlElement range = pool.child("port-range");
    int count = Xml.number(Xml.text(pool, "port-count"), 0);
    int low = range == null ? LAST + 1 - count : Xml.number(Xml.text(range, "start-port"), 0);
    int high = range == null ? LAST : Xml.number(Xml.text(range, "end-port"), 0);
    return low >= 1 && low <= high && high <= LAST ? new PortPool.Range(low, high) : null;
  }
}
