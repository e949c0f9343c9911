package weft.agent;

import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.datapath.Ageing;
import weft.datapath.Datapath;
import weft.datapath.DatapathOptions;
import weft.datapath.Failure;
import weft.datapath.VifStats;
import weft.net.Ipv4Address;
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

/** What the agent asks of a datapath; see {@link Datapath} for what each call does. */
interface Forwarding extends AutoCloseable {
  List<Failure> apply(Delta<TableKey, TableValue> delta);

  void tidy();

  Map<TableKey, TableValue> contents();

  Map<TableKey, TableValue> structure();

  void routes(BiConsumer<InetRouteKey, InetRoute> consumer);

  void macs(BiConsumer<BridgeKey, BridgeEntry> consumer);

  void flows(Consumer<Flow> consumer);

  long flowEntries();

  boolean deleteFlow(FlowKey key);

  void allow(OwnFlow flow);

  int age(Ageing ageing, BiConsumer<Flow, @Nullable Flow> ended);

  Map<DropReason, Long> drops();

  Map<Integer, Map<DropReason, Long>> vifDrops();

  Map<Integer, VifStats> vifStats();

  void traps(Consumer<Trap> listener);

  void drops(Consumer<Drop> listener);

  void watchDrops(boolean watched);

  void silent(Ipv4Address host, boolean silent);

  /** When MACs that are not ports' own were last heard, by System.nanoTime. */
  Map<BridgeKey, Long> macUses();

  void forgetMac(BridgeKey mac);

  void transmit(int vif, byte[] frame);

  @Override
  void close();

  /** The kernel's. */
  static Forwarding open(DatapathOptions options) {
    return new Kernel(Datapath.open(options));
  }

  /** Passes every call on. */
  record Kernel(Datapath datapath) implements Forwarding {
    @Override
    public List<Failure> apply(Delta<TableKey, TableValue> delta) {
      return datapath.apply(delta);
    }

    @Override
    public void tidy() {
      datapath.tidy();
    }

    @Override
    public Map<TableKey, TableValue> contents() {
      return datapath.contents();
    }

    @Override
    public Map<TableKey, TableValue> structure() {
      return datapath.structure();
    }

    @Override
    public void routes(BiConsumer<InetRouteKey, InetRoute> consumer) {
      datapath.routes(consumer);
    }

    @Override
    public void macs(BiConsumer<BridgeKey, BridgeEntry> consumer) {
      datapath.macs(consumer);
    }

    @Override
    public Map<BridgeKey, Long> macUses() {
      return datapath.macUses();
    }

    @Override
    public void forgetMac(BridgeKey mac) {
      datapath.forgetMac(mac);
    }

    @Override
    public void flows(Consumer<Flow> consumer) {
      datapath.flows(consumer);
    }

    @Override
    public long flowEntries() {
      return datapath.flowEntries();
    }

    @Override
    public boolean deleteFlow(FlowKey key) {
      return datapath.deleteFlow(key);
    }

    @Override
    public void allow(OwnFlow flow) {
      datapath.allow(flow);
    }

    @Override
    public int age(Ageing ageing, BiConsumer<Flow, @Nullable Flow> ended) {
      return datapath.age(ageing, ended);
    }

    @Override
    public Map<DropReason, Long> drops() {
      return datapath.drops();
    }

    @Override
    public Map<Integer, Map<DropReason, Long>> vifDrops() {
      return datapath.vifDrops();
    }

    @Override
    public Map<Integer, VifStats> vifStats() {
      return datapath.vifStats();
    }

    @Override
    public void traps(Consumer<Trap> listener) {
      datapath.traps(listener);
    }

    @Override
    public void drops(Consumer<Drop> listener) {
      datapath.drops(listener);
    }

    @Override
    public void watchDrops(boolean watched) {
      datapath.watchDrops(watched);
    }

    @Override
    public void silent(Ipv4Address host, boolean silent) {
      datapath.silent(host, silent);
    }

    @Override
    public void transmit(int vif, byte[] frame) {
      datapath.transmit(vif, frame);
    }

    @Override
    public void close() {
      datapath.close();
    }
  }
}
