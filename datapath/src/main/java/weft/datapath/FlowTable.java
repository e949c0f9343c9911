package weft.datapath;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import weft.vrouter.Acl;
import weft.vrouter.DropReason;
import weft.vrouter.Flow;
import weft.vrouter.FlowKey;
import weft.vrouter.OwnFlow;
import weft.vrouter.Service;

/**
 * The flows, which the kernel makes and user space only reads and removes.
 *
 * <p>How many entries a vif has is kept in memory that the kernel shares with this process: both
 * change it by atomic additions.
 */
final class FlowTable implements AutoCloseable {
  private static final int FORWARD = 1;
  private static final int FROM_GUEST = 2;
  private static final int NAT_SOURCE = 4;
  private static final int NAT_DESTINATION = 8;
  private static final int SERVICE = 16;
  private static final int OWN = 32;
  private static final int SHARED = 64;
  private static final int UNDERLAY = 128;
  private static final int BGP = OWN | UNDERLAY;
  private static final int TCP = 6;
  private static final int FIN = 1;
  private static final int SYN = 2;
  private static final int RST = 4;
  private static final double CROWDED = 0.9;
  private static final int VIFS = 65536;
  private static final VarHandle COUNT = JAVA_INT.varHandle();

  private final KernelMap map;
  private final Struct key;
  private final Struct value;
  private final Struct state;
  private final MemorySegment states;
  private final int keyVif;
  private final int valueLast;
  private boolean crowded;

  FlowTable(BpfObject object) {
    key = object.struct("flow_key");
    value = object.struct("flow_value");
    state = object.struct("vif_state");
    map = object.map("flows", key.size(), value.size());
    KernelMap stateMap = object.map("vif_states", Integer.BYTES, state.size());
    states =
        Libc.map(stateMap.fd(), 0, (long) VIFS * state.size(), Libc.PROT_READ | Libc.PROT_WRITE);
    keyVif = key.at("vif");
    valueLast = value.at("last_ns");
  }

  void forEach(Consumer<Flow> consumer) {
    long now = System.nanoTime();
    map.forEach((k, v) -> consumer.accept(read(k, v, now)));
  }

  private Flow read(MemorySegment k, MemorySegment v, long now) {
    int flags = Bytes.u8(v, value.at("flags"));
    DropReason reason = Bytes.constant(DropReason.values(), Bytes.u8(v, value.at("reason")));
    return new Flow(
        readKey(k),
        reason == DropReason.NONE ? Acl.Action.PASS : Acl.Action.DENY,
        (flags & FORWARD) != 0,
        (flags & FROM_GUEST) != 0,
        reason,
        Bytes.i32(v, value.at("acl")),
        Bytes.i32(v, value.at("rule")),
        Bytes.i64(v, value.at("packets")),
        Bytes.i64(v, value.at("bytes")),
        idleNs(v, now) / 1_000_000,
        readNat(k, v),
        (flags & UNDERLAY) != 0,
        (flags & SHARED) == 0
            ? null
            : new Flow.Shared(
                Bytes.u8(v, value.at("source_length")),
                Bytes.u8(v, value.at("destination_length"))),
        Bytes.u8(k, key.at("protocol")) == TCP ? Bytes.u8(v, value.at("tcp")) : 0);
  }

  private Flow.@Nullable Nat readNat(MemorySegment k, MemorySegment v) {
    int flags = Bytes.u8(v, value.at("flags"));
    if ((flags & (NAT_SOURCE | NAT_DESTINATION)) == 0) {
      return null;
    }
    int at = value.at("nat_address");
    boolean far = (flags & UNDERLAY) != 0 && Bytes.i32(v, at + Integer.BYTES) != 0;
    return new Flow.Nat(
        (flags & NAT_SOURCE) != 0,
        Bytes.ip(v, at, Bytes.u8(k, key.at("family"))),
        Bytes.u16(v, value.at("nat_port")),
        Bytes.i32(v, value.at("nat_vrf")),
        far ? Bytes.ipv4(v, at + Integer.BYTES) : null);
  }

  private FlowKey reverse(MemorySegment k, MemorySegment v) {
    Flow.Nat nat = readNat(k, v);
    FlowKey flow = readKey(k);
    int flags = Bytes.u8(v, value.at("flags"));
    if ((flags & SERVICE) != 0) {
      int nated = Bytes.u16(v, value.at("nat_port"));
      boolean fromGuest = (flags & FROM_GUEST) != 0;
      return new FlowKey(
              flow.vif(),
              Bytes.ipv4(v, value.at("nat_address")),
              Bytes.ipv4(v, value.at("nat_address") + Integer.BYTES),
              flow.protocol(),
              fromGuest ? flow.sourcePort() : nated,
              fromGuest ? nated : flow.destinationPort())
          .reverse();
    }
    return (nat == null ? flow : nat.translated(flow)).reverse();
  }

  /** An entry that no packet has counted on yet is new. */
  private long idleNs(MemorySegment v, long now) {
    long last = Bytes.i64(v, valueLast);
    return last == 0 ? 0 : Math.max(0, now - last);
  }

  /** The key as it stands in a record; null if the packet had no addresses. */
  @Nullable FlowKey keyAt(MemorySegment k) {
    return Bytes.u8(k, key.at("family")) == Bytes.FAMILY_NONE ? null : readKey(k);
  }

  private FlowKey readKey(MemorySegment k) {
    int family = Bytes.u8(k, key.at("family"));
    return new FlowKey(
        Bytes.i32(k, keyVif),
        Bytes.ip(k, key.at("source"), family),
        Bytes.ip(k, key.at("destination"), family),
        Bytes.u8(k, key.at("protocol")),
        Bytes.u16(k, key.at("source_port")),
        Bytes.u16(k, key.at("destination_port")));
  }

  private MemorySegment write(FlowKey flow) {
    MemorySegment k = map.key();
    Bytes.i32(k, keyVif, flow.vif());
    Bytes.u8(k, key.at("family"), Bytes.family(flow.source()));
    Bytes.u8(k, key.at("protocol"), flow.protocol());
    Bytes.ip(k, key.at("source"), flow.source());
    Bytes.ip(k, key.at("destination"), flow.destination());
    Bytes.u16(k, key.at("source_port"), flow.sourcePort());
    Bytes.u16(k, key.at("destination_port"), flow.destinationPort());
    return k;
  }

  /** Makes both entries of a flow of the agent's own, or renews them. */
  void allow(OwnFlow flow) {
    int socket = flow.socket() ? SERVICE : 0;
    MemorySegment v = own(FORWARD | FROM_GUEST | OWN | socket);
    if (flow.socket()) {
      Bytes.ip(v, value.at("nat_address"), Service.addressOf(flow.vif()));
      Bytes.ip(v.asSlice(Integer.BYTES), value.at("nat_address"), Service.HOST);
      Bytes.u16(v, value.at("nat_port"), flow.selfPort());
    }
    put(flow.fromGuest(), v);
    v = own(OWN | socket);
    if (flow.socket()) {
      Bytes.ip(v, value.at("nat_address"), flow.self());
      Bytes.ip(v.asSlice(Integer.BYTES), value.at("nat_address"), flow.guest());
      Bytes.u16(v, value.at("nat_port"), flow.selfPort());
    }
    put(flow.toGuest(), v);
  }

  private MemorySegment own(int flags) {
    MemorySegment v = map.value();
    Bytes.u8(v, value.at("flags"), flags);
    Bytes.i32(v, value.at("rule"), -1);
    Bytes.i64(v, valueLast, System.nanoTime());
    return v;
  }

  private void put(FlowKey flow, MemorySegment v) {
    MemorySegment k = write(flow);
    if (map.insert(k, v)) {
      count(flow.vif(), 1);
    }
  }

  private void count(int vif, int by) {
    int _ = (int) COUNT.getAndAdd(states, countAt(vif), by);
  }

  /** How many ports of this host a vif has. */
  private void countPorts(int vif, int by) {
    long at = (long) (vif & (VIFS - 1)) * state.size() + state.at("ports");
    int _ = (int) COUNT.getAndAdd(states, at, by);
  }

  private long countAt(int vif) {
    return (long) (vif & (VIFS - 1)) * state.size() + state.at("flows");
  }

  /** How many entries there are, as kernel and process have counted them; two make a flow. */
  long entries() {
    long sum = 0;
    for (int vif = 0; vif < VIFS; vif++) {
      sum += Integer.toUnsignedLong((int) COUNT.getAcquire(states, countAt(vif)));
    }
    return sum;
  }

  /** Removes a flow in both directions, named by either. */
  boolean delete(FlowKey flow) {
    MemorySegment k = write(flow);
    if (!map.get(k)) {
      return false;
    }
    FlowKey reverse = reverse(k, map.read());
    boolean forward = deleteEntry(flow);
    return deleteEntry(reverse) || forward;
  }

  private boolean deleteEntry(FlowKey flow) {
    boolean deleted = map.delete(write(flow));
    if (deleted) {
      count(flow.vif(), -1);
    }
    return deleted;
  }

  /**
   * An entry that may be old enough to go.
   *
   * @param tcp flags that were seen, -1 if it is of another protocol
   * @param lasting goes only when it has ended, however long it is idle
   */
  private record Old(FlowKey reverse, int tcp, long packets, long idleNs, boolean lasting) {}

  /**
   * One walk of the table for what is over.
   *
   * @param size of the table
   */
  record Walk(Ageing times, int size, long now) {}

  /**
   * Removes what both directions have left idle, and what belongs to vifs that are gone. When the
   * table is nearly full, connections that have ended go at once; one that lives never makes room
   * for another.
   */
  int age(
      Walk walk, IntPredicate vifKnown, BiConsumer<Flow, @Nullable Flow> ended, PortPools ports) {
    Ageing ageing = crowded ? walk.times().hurried() : walk.times();
    long leastNs = Math.min(ageing.closed().toNanos(), ageing.halfOpen().toNanos());
    long leastIdleNs = ageing.leastIdle().toNanos();
    long now = walk.now();
    Map<FlowKey, Old> old = new LinkedHashMap<>();
    List<FlowKey> gone = new ArrayList<>();
    int[] entries = new int[1];
    map.forEach((k, v) -> {
      entries[0]++;
      if ((Bytes.u8(v, value.at("flags")) & (UNDERLAY | NAT_SOURCE)) == (UNDERLAY | NAT_SOURCE)) {
        ports.used(Bytes.u8(k, key.at("protocol")), Bytes.u16(v, value.at("nat_port")));
      }
      long idle = idleNs(v, now);
      boolean tcp = Bytes.u8(k, key.at("protocol")) == TCP;
      if (!vifKnown.test(Bytes.i32(k, keyVif))) {
        gone.add(readKey(k));
      } else if (Bytes.i64(v, valueLast) != 0
          && (idle >= leastIdleNs || (tcp && idle >= leastNs && mayHaveEnded(v)))) {
        old.put(readKey(k), old(k, v, now));
      }
    });
    ports.releaseUnused(now, this::countPorts);
    crowded = entries[0] > walk.size() * CROWDED;
    int deleted = 0;
    for (FlowKey flow : gone) {
      deleted += deleteEntry(flow) ? 1 : 0;
    }
    for (Map.Entry<FlowKey, Old> each : old.entrySet()) {
      if (isOver(each.getKey(), each.getValue(), old, ageing, now)) {
        deleted += end(each.getKey(), each.getValue().reverse(), ended, now);
      }
    }
    return deleted;
  }

  private boolean mayHaveEnded(MemorySegment v) {
    int tcp = Bytes.u8(v, value.at("tcp"));
    return (tcp & (FIN | RST)) != 0 || tcp == SYN;
  }

  private Old old(MemorySegment k, MemorySegment v, long now) {
    int tcp = Bytes.u8(k, key.at("protocol")) == TCP ? Bytes.u8(v, value.at("tcp")) : -1;
    int flags = Bytes.u8(v, value.at("flags"));
    return new Old(
        reverse(k, v),
        tcp,
        Bytes.i64(v, value.at("packets")),
        idleNs(v, now),
        (flags & BGP) == BGP);
  }

  private boolean isOver(FlowKey key, Old entry, Map<FlowKey, Old> old, Ageing ageing, long now) {
    Old other = old.get(entry.reverse());
    if (other == null) {
      MemorySegment k = write(entry.reverse());
      other = map.get(k) ? old(k, map.read(), now) : null;
    }
    long limit = limit(key, entry, other, ageing).toNanos();
    boolean inUse = other != null && other.packets() != 0 && other.idleNs() < limit;
    return entry.idleNs() >= limit && !inUse;
  }

  private int end(FlowKey key, FlowKey reverse, BiConsumer<Flow, @Nullable Flow> ended, long now) {
    Flow last = flow(key, now);
    Flow other = flow(reverse, now);
    int deleted = (deleteEntry(key) ? 1 : 0) + (deleteEntry(reverse) ? 1 : 0);
    if (last != null && deleted > 0) {
      ended.accept(last, other);
    }
    return deleted;
  }

  private @Nullable Flow flow(FlowKey key, long now) {
    MemorySegment k = write(key);
    return map.get(k) ? read(k, map.read(), now) : null;
  }

  private static Duration limit(FlowKey key, Old entry, @Nullable Old other, Ageing ageing) {
    if (entry.tcp() < 0) {
      return ageing.idle(key);
    }
    int there = other == null ? 0 : other.tcp();
    boolean closed = ((entry.tcp() | there) & RST) != 0 || (entry.tcp() & there & FIN) != 0;
    boolean halfOpen = entry.tcp() == SYN && (other == null || other.packets() == 0);
    Duration idle = entry.lasting() ? Ageing.NEVER : ageing.idle(key);
    return closed ? ageing.closed() : halfOpen ? ageing.halfOpen() : idle;
  }

  @Override
  public void close() {
    Libc.unmap(states);
  }
}
