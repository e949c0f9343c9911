package weft.datapath;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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
import weft.vrouter.TableKey.VifKey;
import weft.vrouter.TableValue;
import weft.vrouter.Trap;

/**
 * The forwarding tables and programs of this host in the kernel.
 *
 * <p>It works in the network namespace of the thread that opens it. Programs, links and tables are
 * pinned: they go on when this object is closed or its process dies, and the next `open` takes them
 * over without losing a packet. All methods are for one thread, except that traps are told on a
 * thread of their own, that `age` may have one, and that `routes`, `macs`, `flows`, `transmit` and
 * `inject` may be called from any.
 */
public final class Datapath implements AutoCloseable {
  private static final String AGENT_LINK = "agent";
  private static final String HOST_LINK = "host";

  /** How long a port of an older layout may wait for its entry in the new tables. */
  private static final Duration INHERITED = Duration.ofMinutes(5);

  private final BpfObject object;
  private final AgentDevice agent;
  private final Links links;
  private final long opened = System.nanoTime();
  private boolean inherits = true;
  private final VifTable vifs;
  private final Tables tables;
  private final FlowTable flows;
  private final FlowTable ageing;
  private final Counters counters;
  private final ConfigTable config;
  private final SilentHosts silentHosts;
  private final MacUses macUses;
  private final int flowTableSize;
  private final Ring<Trap> ring;
  private final Ring<Drop> dropRing;

  private Datapath(
      BpfObject object, AgentDevice agent, Pins pins, DatapathOptions options, boolean tcx) {
    this.object = object;
    this.agent = agent;
    links = new Links(pins.links(), tcx);
    config = new ConfigTable(object);
    config.limits(options, agent.ifindex());
    keepAttached(AGENT_LINK, "agent_rx", Links.Side.INGRESS);
    keepAttached(HOST_LINK, "host_rx", Links.Side.EGRESS);
    vifs = new VifTable(object, links, config);
    vifs.takeOver();
    tables = new Tables(object, vifs, config);
    flows = new FlowTable(object);
    ageing = new FlowTable(object);
    counters = new Counters(object);
    silentHosts = new SilentHosts(object);
    macUses = new MacUses(object);
    flowTableSize = options.flowTableSize();
    Records records = new Records(object, flows);
    ring = new Ring<>(object, "traps", Records.TRAPS, records::trap);
    dropRing = new Ring<>(object, "drop_events", Records.DROPS, records::drop);
    config.watchDrops(false);
  }

  private void keepAttached(String name, String program, Links.Side side) {
    Links.Place place = new Links.Place(agent.ifindex(), side);
    if (!links.takeOver(name, object.program(program), place)) {
      links.attach(name, object.program(program), place);
    }
  }

  /**
   * Loads the programs and takes over what is pinned; then {@link #contents} says what is there. A
   * vif whose device has gone is no longer in it.
   *
   * @throws DatapathException if the kernel refuses
   */
  public static Datapath open(DatapathOptions options) {
    return open(options, true);
  }

  /** Likewise, without the newer way to attach programs if `tcx` is false. */
  static Datapath open(DatapathOptions options, boolean tcx) {
    Pins pins = new Pins(options);
    pins.prepare();
    BpfObject object = BpfObject.load(pins.maps(), options);
    AgentDevice agent = null;
    try {
      agent = new AgentDevice(options.agentDevice());
      return new Datapath(object, agent, pins, options, tcx);
    } catch (DatapathException e) {
      if (agent != null) {
        agent.close();
      }
      object.close();
      throw e;
    }
  }

  /** Detaches and forgets all that is pinned under the options' directory: forwarding ends. */
  public static void remove(DatapathOptions options) {
    new Pins(options).remove();
    AgentDevice.remove(options.agentDevice());
  }

  /**
   * Writes and removes entries, in an order that never leaves a reference to what is not there yet.
   * A put of a vif also attaches the program to its device, a remove detaches it. Flows that a
   * changed ACL, network or group concerns are judged again at their next packet.
   *
   * @return what could not be done; all else is in force
   */
  public List<Failure> apply(Delta<TableKey, TableValue> delta) {
    return tables.apply(delta);
  }

  /** Lets go of ports of an older layout that have waited for their entries for long. */
  public void tidy() {
    if (inherits && System.nanoTime() - opened > INHERITED.toNanos()) {
      inherits = false;
      links.dropUnclaimed();
    }
  }

  /** What the kernel's tables hold. */
  public Map<TableKey, TableValue> contents() {
    return tables.contents();
  }

  /** Likewise, but for routes and MACs, of which there may be very many. */
  public Map<TableKey, TableValue> structure() {
    return tables.structure();
  }

  /** Walks the routes; a walk over a table in use may miss or repeat what changes meanwhile. */
  public void routes(BiConsumer<InetRouteKey, InetRoute> consumer) {
    tables.routes(consumer);
  }

  /** Walks the MACs, likewise. */
  public void macs(BiConsumer<BridgeKey, BridgeEntry> consumer) {
    tables.macs(consumer);
  }

  /** Walks the flow table; a walk over a table in use may miss or repeat what changes meanwhile. */
  public void flows(Consumer<Flow> consumer) {
    flows.forEach(consumer);
  }

  /** How many entries the flow table has, of which two make a flow. */
  public long flowEntries() {
    return flows.entries();
  }

  /** Removes a flow in both directions; false if it is not there. */
  public boolean deleteFlow(FlowKey key) {
    return flows.delete(key);
  }

  /** Lets the agent and a guest speak, until the flow is deleted or has been idle for long. */
  public void allow(OwnFlow flow) {
    flows.allow(flow);
  }

  /**
   * Removes flows that neither direction has used for so long, and those of vifs that are gone.
   *
   * @param ended is told each flow that was idle, with the entry of its other direction
   * @return how many entries went
   */
  public int age(Ageing times, BiConsumer<Flow, @Nullable Flow> ended) {
    return age(times, ended, System.nanoTime());
  }

  int age(Ageing times, BiConsumer<Flow, @Nullable Flow> ended, long now) {
    return ageing.age(
        new FlowTable.Walk(times, flowTableSize, now),
        id -> vifs.get(new VifKey(id)) != null,
        ended,
        tables.ports());
  }

  public int age(Ageing times) {
    return age(times, (_, _) -> {});
  }

  /** With the usual times for connections that have ended. */
  public int age(Duration idle) {
    return age(Ageing.of(idle));
  }

  /** Packets dropped since the tables were made, by reason; reasons without any are left out. */
  public Map<DropReason, Long> drops() {
    return counters.drops();
  }

  /** Likewise, by vif id. */
  public Map<Integer, Map<DropReason, Long>> vifDrops() {
    return counters.vifDrops();
  }

  /** Counters by vif id. */
  public Map<Integer, VifStats> vifStats() {
    return counters.vifStats(vifs.all().keySet());
  }

  /** Bytes of kernel memory that each of its tables takes now. */
  public Map<String, Long> memory() {
    return object.memory();
  }

  /** Starts telling `listener` of trapped packets, on a thread of its own, until this is closed. */
  public void traps(Consumer<Trap> listener) {
    ring.start(listener);
  }

  /** Hears of drops, on a thread of its own, while {@link #watchDrops} says so; once. */
  public void drops(Consumer<Drop> listener) {
    dropRing.start(listener);
  }

  /** When MACs that are not ports' own were last heard; the clock is System.nanoTime. */
  public Map<BridgeKey, Long> macUses() {
    return macUses.all();
  }

  public void forgetMac(BridgeKey mac) {
    macUses.forget(mac);
  }

  /**
   * Whether members of equal ways that lead to this host are passed over, as long as there are
   * others. For one thread, which may be another than that of the tables.
   */
  public void silent(Ipv4Address host, boolean silent) {
    silentHosts.set(host, silent);
  }

  /** Whether each drop is told. Drops that come faster than they are heard are only counted. */
  public void watchDrops(boolean watched) {
    config.watchDrops(watched);
  }

  /** Sends `frame` out of the vif, to the guest. Its checksums must be complete. */
  public void transmit(int vif, byte[] frame) {
    agent.write(AgentDevice.TRANSMIT, vif, frame);
  }

  /** Takes `frame` as if the guest had sent it. Its checksums must be complete. */
  public void inject(int vif, byte[] frame) {
    agent.write(AgentDevice.INJECT, vif, frame);
  }

  /** Lets go of the kernel's objects; forwarding goes on. */
  @Override
  public void close() {
    ring.close();
    dropRing.close();
    flows.close();
    ageing.close();
    tables.close();
    agent.close();
    object.close();
  }

  /** The loaded programs, for tests that run them on single packets. */
  BpfObject object() {
    return object;
  }
}
