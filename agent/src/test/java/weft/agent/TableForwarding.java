package weft.agent;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import weft.datapath.Ageing;
import weft.datapath.Failure;
import weft.datapath.VifStats;
import weft.net.Ipv4Address;
import weft.state.Change;
import weft.state.Delta;
import weft.vrouter.BridgeEntry;
import weft.vrouter.Drop;
import weft.vrouter.DropReason;
import weft.vrouter.Flow;
import weft.vrouter.FlowKey;
import weft.vrouter.InetRoute;
import weft.vrouter.OwnFlow;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.BridgeKey;
import weft.vrouter.TableKey.InetRouteKey;
import weft.vrouter.TableValue;
import weft.vrouter.Trap;

/** A datapath that is only its tables; it outlives the agents that program it. */
final class TableForwarding implements Forwarding {
  record Sent(int vif, byte[] frame) {}

  final Map<TableKey, TableValue> tables = new HashMap<>();
  final Map<FlowKey, Flow> flows = new HashMap<>();
  final List<Change<TableKey, TableValue>> changes = new ArrayList<>();
  final List<OwnFlow> allowed = new ArrayList<>();
  final BlockingQueue<Sent> sent = new LinkedBlockingQueue<>();
  volatile Consumer<Trap> listener;
  volatile Consumer<Drop> dropListener;
  volatile boolean dropsWatched;
  volatile boolean refuse;

  @Override
  public synchronized List<Failure> apply(Delta<TableKey, TableValue> delta) {
    List<Failure> failures = new ArrayList<>();
    for (Change<TableKey, TableValue> change : delta.changes()) {
      if (refuse) {
        failures.add(new Failure(change.key(), "refused"));
        continue;
      }
      changes.add(change);
      switch (change) {
        case Change.Put<TableKey, TableValue> put -> tables.put(put.key(), put.after());
        case Change.Remove<TableKey, TableValue> remove -> tables.remove(remove.key());
      }
    }
    return failures;
  }

  synchronized List<Change<TableKey, TableValue>> takeChanges() {
    List<Change<TableKey, TableValue>> taken = List.copyOf(changes);
    changes.clear();
    return taken;
  }

  @Override
  public void tidy() {}

  @Override
  public synchronized Map<TableKey, TableValue> contents() {
    return Map.copyOf(tables);
  }

  @Override
  public synchronized Map<TableKey, TableValue> structure() {
    Map<TableKey, TableValue> some = new HashMap<>(tables);
    some.keySet().removeIf(key -> key instanceof BridgeKey || key instanceof InetRouteKey);
    return some;
  }

  @Override
  public void routes(BiConsumer<InetRouteKey, InetRoute> consumer) {
    contents()
        .forEach((key, value) -> {
          if (key instanceof InetRouteKey route) {
            consumer.accept(route, (InetRoute) value);
          }
        });
  }

  @Override
  public void macs(BiConsumer<BridgeKey, BridgeEntry> consumer) {
    contents()
        .forEach((key, value) -> {
          if (key instanceof BridgeKey mac) {
            consumer.accept(mac, (BridgeEntry) value);
          }
        });
  }

  @Override
  public synchronized void flows(Consumer<Flow> consumer) {
    List.copyOf(flows.values()).forEach(consumer);
  }

  @Override
  public synchronized long flowEntries() {
    return flows.size();
  }

  @Override
  public synchronized boolean deleteFlow(FlowKey key) {
    return flows.remove(key) != null;
  }

  @Override
  public synchronized void allow(OwnFlow flow) {
    allowed.add(flow);
  }

  @Override
  public synchronized int age(Ageing ageing, BiConsumer<Flow, Flow> ended) {
    flows.keySet().removeIf(key -> !tables.containsKey(new TableKey.VifKey(key.vif())));
    List<Flow> over = flows.values().stream().filter(Flow::forward).toList();
    over.forEach(flow -> {
      if (flow.ageMs() >= ageing.idle().toMillis()) {
        ended.accept(flow, flows.remove(flow.reverseKey()));
        flows.remove(flow.key());
      }
    });
    return over.size();
  }

  @Override
  public Map<DropReason, Long> drops() {
    return Map.of(DropReason.NO_ROUTE, 3L);
  }

  @Override
  public Map<Integer, Map<DropReason, Long>> vifDrops() {
    return Map.of();
  }

  @Override
  public Map<Integer, VifStats> vifStats() {
    return Map.of();
  }

  @Override
  public void traps(Consumer<Trap> consumer) {
    listener = consumer;
  }

  @Override
  public void drops(Consumer<Drop> consumer) {
    dropListener = consumer;
  }

  @Override
  public void watchDrops(boolean watched) {
    dropsWatched = watched;
  }

  @Override
  public void silent(Ipv4Address host, boolean silent) {}

  @Override
  public Map<BridgeKey, Long> macUses() {
    return Map.of();
  }

  @Override
  public void forgetMac(BridgeKey mac) {}

  @Override
  public void transmit(int vif, byte[] frame) {
    sent.add(new Sent(vif, frame));
  }

  @Override
  public void close() {}
}
