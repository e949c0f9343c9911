package weft.datapath;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The loaded BPF object: its programs, its maps and its own description of their layouts. */
final class BpfObject implements AutoCloseable {
  private static final String RESOURCE = "weft.bpf.o";

  /** Of the maps; the trap ring is not read as a table. */
  private static final List<String> MAPS =
      List.of(
          "config_map",
          "devices",
          "vifs",
          "vif_states",
          "vif_counts",
          "sources",
          "vrfs",
          "routes",
          "bridges",
          "labels",
          "vnis",
          "next_hops",
          "members",
          "peers",
          "acls",
          "rules",
          "rule_sets",
          "groups",
          "port_pools",
          "bgp_services",
          "bgp_sessions",
          "bindings",
          "bound_ports",
          "free_tcp_ports",
          "free_udp_ports",
          "free_echo_numbers",
          "fat_lists",
          "fat_rules",
          "fat_ports",
          "services",
          "floating_lists",
          "floatings",
          "port_maps",
          "flows",
          "ways_taken",
          "fragments",
          "drops",
          "vif_drops",
          "traps",
          "drop_events");

  private final Arena arena = Arena.ofShared();
  private final MemorySegment object;
  private final MemorySegment btf;

  private BpfObject(MemorySegment object) {
    this.object = object;
    this.btf = Libbpf.btf(object);
  }

  /** Loads the programs over the maps pinned in `mapDir`, making those that are not there. */
  static BpfObject load(Path mapDir, DatapathOptions options) {
    BpfObject opened = new BpfObject(Libbpf.open(resource()));
    try {
      Libbpf.setMaxEntries(Libbpf.map(opened.object, "flows"), options.flowTableSize());
      Libbpf.setMaxEntries(Libbpf.map(opened.object, "routes"), options.routes());
      for (String name : MAPS) {
        Libbpf.setPinPath(Libbpf.map(opened.object, name), mapDir.resolve(name).toString());
      }
      Libbpf.load(opened.object);
      return opened;
    } catch (DatapathException e) {
      opened.close();
      throw e;
    }
  }

  private static byte[] resource() {
    try (InputStream in = BpfObject.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new DatapathException("the BPF object " + RESOURCE + " is not in the program");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int program(String name) {
    return Libbpf.programFd(object, name);
  }

  Struct struct(String name) {
    return Struct.read(btf, name);
  }

  Map<String, Integer> constants(String enumName) {
    return Struct.readEnum(btf, enumName);
  }

  /**
   * A map whose keys and values are of these sizes.
   *
   * @throws DatapathException if they are not: program and object are not of one build
   */
  KernelMap map(String name, int keySize, int valueSize) {
    return map(name, keySize, valueSize, 1);
  }

  KernelMap perCpuMap(String name, int keySize, int valueSize) {
    return map(name, keySize, valueSize, Libbpf.possibleCpus());
  }

  private KernelMap map(String name, int keySize, int valueSize, int copies) {
    MemorySegment map = Libbpf.map(object, name);
    if (Libbpf.keySize(map) != keySize || Libbpf.valueSize(map) != valueSize) {
      throw new DatapathException(
          "table "
              + name
              + " has keys and values of "
              + Libbpf.keySize(map)
              + " and "
              + Libbpf.valueSize(map)
              + " bytes, not "
              + keySize
              + " and "
              + valueSize);
    }
    return new KernelMap(arena, name, Libbpf.mapFd(map), keySize, valueSize * copies);
  }

  /** Bytes of kernel memory of each map. */
  Map<String, Long> memory() {
    Map<String, Long> bytes = new TreeMap<>();
    MAPS.forEach(name -> bytes.put(name, KernelMap.memory(name, mapFd(name))));
    return bytes;
  }

  /** The file descriptor of a map that is not read as a table. */
  int mapFd(String name) {
    return Libbpf.mapFd(Libbpf.map(object, name));
  }

  @Override
  public void close() {
    Libbpf.close(object);
    arena.close();
  }
}
