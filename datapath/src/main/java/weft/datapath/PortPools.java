package weft.datapath;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import weft.vrouter.PortPool;
import weft.vrouter.TableKey.PortPoolKey;

/**
 * The ports of this host's address that guests have in the underlay. The kernel takes a free one
 * from a queue and binds it to a guest's; here those are given back that no flow uses any more.
 *
 * <p>A binding goes first, and its port only in a later walk of the flows: a flow that began by it
 * in between keeps the port. The walk has another thread than the tables.
 */
final class PortPools implements Table<PortPoolKey, PortPool>, AutoCloseable {
  private static final Map<Integer, Integer> INDEX = Map.of(6, 0, 17, 1, 1, 2);
  private static final VarHandle COUNT = JAVA_INT.varHandle();

  /** A binding is kept as long after its last flow began, and so is a port that is just taken. */
  private static final Duration KEPT = Duration.ofSeconds(30);

  private final Struct pool;
  private final Struct range;
  private final Struct bindingKey;
  private final Struct bindingValue;
  private final Struct boundKey;
  private final Struct boundValue;
  private final KernelMap pools;
  private final KernelMap bindings;
  private final KernelMap bound;
  private final List<KernelMap> free;
  private final MemorySegment memory;
  private final Set<Bound> used = new HashSet<>();

  /** Names a port of this host. */
  private record Bound(int protocol, int port) {}

  PortPools(BpfObject object) {
    pool = object.struct("port_pool");
    range = object.struct("port_range");
    bindingKey = object.struct("binding_key");
    bindingValue = object.struct("binding_value");
    boundKey = object.struct("bound_port_key");
    boundValue = object.struct("bound_port_value");
    pools = object.map("port_pools", Integer.BYTES, pool.size());
    bindings = object.map("bindings", bindingKey.size(), bindingValue.size());
    bound = object.map("bound_ports", boundKey.size(), boundValue.size());
    free =
        List.of(
            object.map("free_tcp_ports", 0, Integer.BYTES),
            object.map("free_udp_ports", 0, Integer.BYTES),
            object.map("free_echo_numbers", 0, Integer.BYTES));
    memory =
        Libc.map(
            pools.fd(), 0, (long) INDEX.size() * pool.size(), Libc.PROT_READ | Libc.PROT_WRITE);
  }

  private static int index(PortPoolKey key) {
    Integer index = INDEX.get(key.protocol());
    if (index == null) {
      throw new DatapathException("ports of protocol " + key.protocol() + " are not translated");
    }
    return index;
  }

  private MemorySegment at(int index) {
    return memory.asSlice((long) index * pool.size(), pool.size());
  }

  /** Ports that are taken stay so until they are not used any more. */
  @Override
  public synchronized void put(PortPoolKey key, PortPool ports) {
    int index = index(key);
    MemorySegment at = at(index);
    KernelMap queue = free.get(index);
    while (queue.pop()) {
      // what was free is counted anew
    }
    Set<Integer> taken = new HashSet<>();
    bound.forEach((k, _) -> {
      if (Bytes.u8(k, boundKey.at("protocol")) == key.protocol()) {
        taken.add(Bytes.u16(k, boundKey.at("port")));
      }
    });
    List<Integer> fresh = new ArrayList<>();
    ports.ports().filter(port -> !taken.contains(port)).forEach(fresh::add);
    Collections.shuffle(fresh);
    Bytes.i32(
        at, pool.at("total"), fresh.size() + (int) taken.stream().filter(ports::contains).count());
    Bytes.i32(at, pool.at("ranges"), ports.ranges().size());
    for (int i = 0; i < ports.ranges().size(); i++) {
      MemorySegment to = at.asSlice(pool.at("range") + (long) i * range.size());
      Bytes.u16(to, range.at("low"), ports.ranges().get(i).low());
      Bytes.u16(to, range.at("high"), ports.ranges().get(i).high());
    }
    COUNT.setRelease(at, (long) pool.at("taken"), taken.size());
    fresh.forEach(port -> give(index, port));
  }

  private void give(int index, int port) {
    MemorySegment v = free.get(index).value();
    Bytes.i32(v, 0, port);
    free.get(index).push(v);
  }

  @Override
  public void remove(PortPoolKey key) {
    put(key, new PortPool(List.of()));
  }

  @Override
  public synchronized void forEach(BiConsumer<PortPoolKey, PortPool> consumer) {
    INDEX.forEach((protocol, index) -> {
      PortPool ports = read(index);
      if (!ports.ranges().isEmpty()) {
        consumer.accept(new PortPoolKey(protocol), ports);
      }
    });
  }

  private PortPool read(int index) {
    MemorySegment at = at(index);
    List<PortPool.Range> ranges = new ArrayList<>();
    for (int i = 0; i < Bytes.i32(at, pool.at("ranges")); i++) {
      MemorySegment from = at.asSlice(pool.at("range") + (long) i * range.size());
      ranges.add(
          new PortPool.Range(Bytes.u16(from, range.at("low")), Bytes.u16(from, range.at("high"))));
    }
    return new PortPool(ranges);
  }

  /** A flow has this port. */
  synchronized void used(int protocol, int port) {
    used.add(new Bound(protocol, port));
  }

  private record Release(Bound port, int vif, boolean binding) {}

  /**
   * Gives back what no flow has used since the last call.
   *
   * @param count is told by how much the ports of a vif change
   */
  synchronized void releaseUnused(long now, BiConsumer<Integer, Integer> count) {
    List<Release> releases = new ArrayList<>();
    bound.forEach((k, v) -> {
      Bound port =
          new Bound(Bytes.u8(k, boundKey.at("protocol")), Bytes.u16(k, boundKey.at("port")));
      if (!used.contains(port) && now - Bytes.i64(v, boundValue.at("made_ns")) > KEPT.toNanos()) {
        releases.add(release(port, v, now));
      }
    });
    used.clear();
    for (Release each : releases) {
      if (!each.binding()) {
        release(each, count);
      }
    }
  }

  /** Ends its binding if there is one; that is enough for now. */
  private Release release(Bound port, MemorySegment v, long now) {
    int vif = Bytes.i32(v, boundValue.at("vif"));
    MemorySegment k = bindings.key();
    Bytes.i32(k, bindingKey.at("address"), Bytes.i32(v, boundValue.at("address")));
    Bytes.u16(k, bindingKey.at("vif"), vif);
    Bytes.u16(k, bindingKey.at("port"), Bytes.u16(v, boundValue.at("port")));
    Bytes.u8(k, bindingKey.at("protocol"), port.protocol());
    boolean ours =
        bindings.get(k) && Bytes.u16(bindings.read(), bindingValue.at("port")) == port.port();
    if (ours && now - Bytes.i64(bindings.read(), bindingValue.at("last_ns")) > KEPT.toNanos()) {
      bindings.delete(k);
    }
    return new Release(port, vif, ours);
  }

  private void release(Release each, BiConsumer<Integer, Integer> count) {
    MemorySegment k = bound.key();
    Bytes.u16(k, boundKey.at("port"), each.port().port());
    Bytes.u8(k, boundKey.at("protocol"), each.port().protocol());
    int index = INDEX.getOrDefault(each.port().protocol(), -1);
    if (index < 0 || !bound.delete(k)) {
      return;
    }
    int _ = (int) COUNT.getAndAdd(at(index), (long) pool.at("taken"), -1);
    count.accept(each.vif(), -1);
    if (read(index).contains(each.port().port())) {
      give(index, each.port().port());
    }
  }

  @Override
  public void close() {
    Libc.unmap(memory);
  }
}
