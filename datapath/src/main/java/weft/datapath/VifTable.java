package weft.datapath;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.vrouter.TableKey.VifKey;
import weft.vrouter.Vif;

/** Vifs, the sources they may use, and the programs on their devices. */
final class VifTable implements Table<VifKey, Vif> {
  private static final int POLICY = 1;
  private static final int BRIDGED = 2;
  private static final int ROUTED = 4;
  private static final int DHCP = 8;
  private static final int HAS_PORT = 16;
  private static final int PEER = 32;
  private static final int LEARN = 64;
  private static final int LEARNT = 128;

  /** The programs count by vif in an array of this size. */
  private static final int MOST_VIFS = 8192;

  private static final int SOURCE_ADDRESS = 1;
  private static final int SOURCE_ALLOWED = 2;

  private final BpfObject object;
  private final Links links;
  private final ConfigTable config;
  private final Struct struct;
  private final LpmKey lpm;
  private final KernelMap map;
  private final KernelMap devices;
  private final KernelMap subInterfaces;
  private final Struct tag;
  private final KernelMap sources;
  private final KernelMap counts;
  private final Map<VifKey, Vif> current = new ConcurrentHashMap<>();

  VifTable(BpfObject object, Links links, ConfigTable config) {
    this.object = object;
    this.links = links;
    this.config = config;
    struct = object.struct("vif_value");
    lpm = new LpmKey(object);
    map = object.map("vifs", Integer.BYTES, struct.size());
    devices = object.map("devices", Integer.BYTES, Integer.BYTES);
    tag = object.struct("tag_key");
    subInterfaces = object.map("sub_interfaces", tag.size(), Integer.BYTES);
    sources = object.map("sources", lpm.size(), object.struct("source_value").size());
    counts = object.perCpuMap("vif_counts", Integer.BYTES, object.struct("vif_counters").size());
  }

  /**
   * Puts the new programs under the links that are there; a vif whose device is gone is removed.
   */
  void takeOver() {
    forEach(current::put);
    Set<Integer> attached = new HashSet<>();
    Map.copyOf(current)
        .forEach((key, vif) -> {
          if (vif.vlan() != 0) {
            return;
          }
          if (links.takeOver(linkName(key), program(vif), place(vif))) {
            attached.add(vif.ifindex());
          } else {
            remove(key);
          }
        });
    Map.copyOf(current)
        .forEach((key, vif) -> {
          if (!attached.contains(vif.ifindex())) {
            remove(key);
          }
        });
  }

  /** Ports that are attached before the underlay can send into it already. */
  void tellUnderlay(Vif vif) {
    config.fabric(vif.ifindex(), vif.address(), vif.mac());
  }

  private int program(Vif vif) {
    return object.program(
        switch (vif.kind()) {
          case VIRTUAL -> "vif_rx";
          case FABRIC -> "fabric_rx";
        });
  }

  private static Links.Place place(Vif vif) {
    return new Links.Place(vif.ifindex(), Links.Side.INGRESS);
  }

  private static String linkName(VifKey key) {
    return "vif-" + key.id();
  }

  private static MemorySegment number(KernelMap of, int number) {
    MemorySegment k = of.key();
    Bytes.i32(k, 0, number);
    return k;
  }

  @Nullable Vif get(VifKey key) {
    return current.get(key);
  }

  @Override
  public void put(VifKey key, Vif vif) {
    if (key.id() >= MOST_VIFS) {
      throw new DatapathException("vif " + key.id() + " is over " + (MOST_VIFS - 1));
    }
    Vif before = current.get(key);
    if (before != null && (before.vlan() == 0) != (vif.vlan() == 0)) {
      remove(key);
      before = null;
    }
    boolean moved =
        before == null || before.ifindex() != vif.ifindex() || before.kind() != vif.kind();
    boolean attached = vif.vlan() == 0;
    if (moved && before != null && attached) {
      links.attach(linkName(key), program(vif), place(vif));
    }
    current.put(key, vif);
    try {
      write(key, before, vif);
      if (before == null && attached) {
        // Its program must find it: there may be one of an older layout that works until now.
        links.attach(linkName(key), program(vif), place(vif));
      }
    } catch (DatapathException e) {
      if (before == null) {
        remove(key);
      } else {
        restore(key, before, vif, moved);
      }
      throw e;
    }
    if (before != null && !where(before).equals(where(vif))) {
      forget(before);
    }
    if (vif.kind() == Vif.Kind.FABRIC) {
      config.fabric(vif.ifindex(), vif.address(), vif.mac());
    }
  }

  /** Goes back to what there was: its entries are there, so that no table needs room for them. */
  private void restore(VifKey key, Vif before, Vif refused, boolean moved) {
    current.put(key, before);
    if (moved && before.vlan() == 0) {
      links.attach(linkName(key), program(before), place(before));
    }
    if (!where(before).equals(where(refused))) {
      forget(refused);
    }
    deleteSources(key, refused, sourcesOf(before));
    writeSources(key, refused, before);
    writeEntry(key, before);
  }

  private void write(VifKey key, @Nullable Vif before, Vif vif) {
    writeSources(key, before, vif);
    if (before == null) {
      counts.put(number(counts, key.id()), counts.value());
    }
    writeEntry(key, vif);
    if (before != null) {
      deleteSources(key, before, sourcesOf(vif));
    }
  }

  /** Those that are not there already: a full trie takes no entry a second time. */
  private void writeSources(VifKey key, @Nullable Vif before, Vif vif) {
    Map<IpPrefix, Integer> there = before == null ? Map.of() : sourcesOf(before);
    sourcesOf(vif)
        .forEach((prefix, origin) -> {
          if (!origin.equals(there.get(prefix))) {
            MemorySegment v = sources.value();
            Bytes.i32(v, 0, origin);
            sources.put(lpm.write(sources.key(), key.id(), prefix), v);
          }
        });
  }

  private void writeEntry(VifKey key, Vif vif) {
    MemorySegment v = map.value();
    write(v, vif);
    Bytes.i32(v, struct.at("generation"), config.nextGeneration());
    map.put(number(map, key.id()), v);
    KernelMap ways = vif.vlan() == 0 ? devices : subInterfaces;
    MemorySegment id = ways.value();
    Bytes.i32(id, 0, key.id());
    ways.put(way(ways, vif), id);
  }

  /** What tells frames of a vif from those of others. */
  private record Where(int ifindex, int vlan) {}

  private static Where where(Vif vif) {
    return new Where(vif.ifindex(), vif.vlan());
  }

  private MemorySegment way(KernelMap ways, Vif vif) {
    if (ways == devices) {
      return number(devices, vif.ifindex());
    }
    MemorySegment k = subInterfaces.key();
    Bytes.i32(k, tag.at("ifindex"), vif.ifindex());
    Bytes.i32(k, tag.at("vlan"), vif.vlan());
    return k;
  }

  private void forget(Vif vif) {
    KernelMap ways = vif.vlan() == 0 ? devices : subInterfaces;
    ways.delete(way(ways, vif));
  }

  private void deleteSources(VifKey key, Vif before, Map<IpPrefix, Integer> kept) {
    for (IpPrefix prefix : sourcesOf(before).keySet()) {
      if (!kept.containsKey(prefix)) {
        sources.delete(lpm.write(sources.key(), key.id(), prefix));
      }
    }
  }

  private void write(MemorySegment v, Vif vif) {
    Vif.Flags flags = vif.flags();
    UUID port = vif.port();
    IpAddress address = vif.address();
    Bytes.i32(v, struct.at("ifindex"), vif.ifindex());
    Bytes.i32(v, struct.at("vrf"), vif.vrf());
    Bytes.i32(v, struct.at("network_acl"), vif.networkAcl());
    Bytes.i32(v, struct.at("ingress_acl"), vif.ingressAcl());
    Bytes.i32(v, struct.at("egress_acl"), vif.egressAcl());
    Bytes.mac(v, struct.at("mac"), vif.mac());
    Bytes.u8(v, struct.at("kind"), Bytes.code(vif.kind()));
    Bytes.u8(
        v,
        struct.at("flags"),
        (flags.policy() ? POLICY : 0)
            | (flags.bridged() ? BRIDGED : 0)
            | (flags.routed() ? ROUTED : 0)
            | (flags.dhcp() ? DHCP : 0)
            | (port != null ? HAS_PORT : 0)
            | (hasPeer(vif) ? PEER : 0)
            | (flags.learning() == Vif.Learning.OFF ? 0 : LEARN)
            | (flags.learning() == Vif.Learning.FULL ? LEARNT : 0));
    Bytes.u16(v, struct.at("vlan"), vif.vlan());
    Bytes.i32(v, struct.at("max_flows"), vif.maxFlows());
    if (address != null) {
      Bytes.ip(v, struct.at("address"), address);
      Bytes.u8(v, struct.at("address_family"), Bytes.family(address));
    }
    int families = 0;
    for (IpAddress gateway : vif.gateways()) {
      Bytes.ip(v, struct.at(gateway.isV4() ? "gateway" : "gateway6"), gateway);
      families |= 1 << Bytes.family(gateway);
    }
    Bytes.u8(v, struct.at("gateways"), families);
    if (port != null) {
      Bytes.uuid(v, struct.at("port"), port);
    }
    Bytes.text(v, struct.at("device"), 16, vif.device());
  }

  private static boolean hasPeer(Vif vif) {
    return vif.kind() == Vif.Kind.VIRTUAL && vif.vlan() == 0 && Veth.leadsElsewhere(vif.ifindex());
  }

  private static Map<IpPrefix, Integer> sourcesOf(Vif vif) {
    Map<IpPrefix, Integer> wanted = new HashMap<>();
    IpAddress address = vif.address();
    if (address != null) {
      wanted.put(address.toHostPrefix(), SOURCE_ADDRESS);
    }
    vif.allowed().forEach(prefix -> wanted.merge(prefix, SOURCE_ALLOWED, (a, b) -> a | b));
    return wanted;
  }

  @Override
  public void remove(VifKey key) {
    links.detach(linkName(key));
    Vif before = current.remove(key);
    if (before == null) {
      return;
    }
    forget(before);
    map.delete(number(map, key.id()));
    deleteSources(key, before, Map.of());
    if (before.kind() == Vif.Kind.FABRIC) {
      config.noFabric();
    }
  }

  Map<VifKey, Vif> all() {
    return Map.copyOf(current);
  }

  /** Makes the flows of a vif be judged again at their next packet. */
  void renew(VifKey key) {
    MemorySegment k = number(map, key.id());
    if (map.get(k)) {
      int generation = config.nextGeneration();
      MemorySegment v = map.read();
      Bytes.i32(v, struct.at("generation"), generation);
      map.put(k, v);
    }
  }

  @Override
  public void forEach(BiConsumer<VifKey, Vif> consumer) {
    Map<Integer, Map<IpPrefix, Integer>> all = new HashMap<>();
    sources.forEach((k, v) ->
        all.computeIfAbsent(lpm.domain(k), _ -> new HashMap<>())
            .put(lpm.prefix(k), Bytes.i32(v, 0)));
    map.forEach((k, v) -> {
      VifKey key = new VifKey(Bytes.i32(k, 0));
      consumer.accept(key, read(v, all.getOrDefault(key.id(), Map.of())));
    });
  }

  private Vif read(MemorySegment v, Map<IpPrefix, Integer> origins) {
    int flags = Bytes.u8(v, struct.at("flags"));
    int family = Bytes.u8(v, struct.at("address_family"));
    SortedSet<IpPrefix> allowed = new TreeSet<>();
    origins.forEach((prefix, origin) -> {
      if ((origin & SOURCE_ALLOWED) != 0) {
        allowed.add(prefix);
      }
    });
    return new Vif(
        Bytes.constant(Vif.Kind.values(), Bytes.u8(v, struct.at("kind"))),
        Bytes.text(v, struct.at("device"), 16),
        Bytes.i32(v, struct.at("ifindex")),
        Bytes.mac(v, struct.at("mac")),
        Bytes.i32(v, struct.at("vrf")),
        family == Bytes.FAMILY_NONE ? null : Bytes.ip(v, struct.at("address"), family),
        allowed,
        Bytes.i32(v, struct.at("network_acl")),
        Bytes.i32(v, struct.at("ingress_acl")),
        Bytes.i32(v, struct.at("egress_acl")),
        new Vif.Flags(
            (flags & POLICY) != 0,
            (flags & BRIDGED) != 0,
            (flags & ROUTED) != 0,
            (flags & DHCP) != 0,
            learning(flags)),
        readGateways(v),
        (flags & HAS_PORT) != 0 ? Bytes.uuid(v, struct.at("port")) : null,
        Bytes.u16(v, struct.at("vlan")),
        Bytes.i32(v, struct.at("max_flows")));
  }

  private static Vif.Learning learning(int flags) {
    return (flags & LEARN) == 0
        ? Vif.Learning.OFF
        : (flags & LEARNT) == 0 ? Vif.Learning.ON : Vif.Learning.FULL;
  }

  private SortedSet<IpAddress> readGateways(MemorySegment v) {
    SortedSet<IpAddress> gateways = new TreeSet<>();
    int families = Bytes.u8(v, struct.at("gateways"));
    if ((families & 1 << Bytes.FAMILY_IPV4) != 0) {
      gateways.add(Bytes.ip(v, struct.at("gateway"), Bytes.FAMILY_IPV4));
    }
    if ((families & 1 << Bytes.FAMILY_IPV6) != 0) {
      gateways.add(Bytes.ip(v, struct.at("gateway6"), Bytes.FAMILY_IPV6));
    }
    return gateways;
  }
}
