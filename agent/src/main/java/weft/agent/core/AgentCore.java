package weft.agent.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Situation.ActivePort;
import weft.agent.core.Wanted.Dns;
import weft.agent.core.Wanted.Global;
import weft.agent.core.Wanted.LinkLocal;
import weft.agent.core.Wanted.NamedGuest;
import weft.agent.core.Wanted.Network;
import weft.agent.core.Wanted.PortConfig;
import weft.agent.core.Wanted.Subnet;
import weft.agent.core.Wanted.Zone;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.state.Delta;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;
import weft.xmpp.ControlMessage;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.Item;
import weft.xmpp.MulticastItem;

/**
 * From plugged ports, config and routes to forwarding tables, published routes and subscriptions.
 *
 * <p>Events only mark what they touch; {@link #settle} derives it anew. The result depends on what
 * is known now, never on the order in which it came.
 */
public final class AgentCore {
  /**
   * A VRF that the control node shall serve.
   *
   * @param id this host's number of it
   * @param epoch counts up each time the VRF comes back, so that it is subscribed anew
   */
  public record Subscription(int id, long epoch) {}

  /**
   * What has changed since the last time.
   *
   * @param machines that have ports here
   * @param ports those that carry packets
   */
  public record Output(
      Delta<TableKey, TableValue> tables,
      Delta<RouteKey, Item> routes,
      Delta<String, Subscription> vrfs,
      Delta<UUID, Boolean> machines,
      Delta<UUID, Boolean> ports) {}

  /** A port whose guest is to be probed. */
  public record Checked(int vif, PortConfig config) {}

  private final Ids ids;
  private final @Nullable LinkLocal metadata;
  private final ConfigGraph graph = new ConfigGraph();
  private final ToldConfig told = new ToldConfig(graph);
  private final ConfigReader reader = new ConfigReader(graph);
  private final ZoneReader zones = new ZoneReader(graph);
  private final Situation situation = new Situation();
  private final Derivation derivation;
  private final Contributions contributions = new Contributions();
  private final PluggedPorts ports = new PluggedPorts();
  private final Map<String, Subscription> subscriptions = new TreeMap<>();
  private final Map<UUID, Integer> machines = new HashMap<>();
  private final Set<Unit> dirty = new LinkedHashSet<>();
  private final Dependents touched = new Dependents(situation, dirty);
  private final Set<UUID> dirtyPorts = new LinkedHashSet<>();
  private Delta.Builder<String, Subscription> vrfChanges = new Delta.Builder<>();
  private Delta.Builder<UUID, Boolean> machineChanges = new Delta.Builder<>();
  private Delta.Builder<UUID, Boolean> portChanges = new Delta.Builder<>();
  private boolean configDirty;
  private boolean keepNames = true;
  private long epoch;

  public AgentCore(Ids ids) {
    this(ids, null);
  }

  /**
   * @param metadata the metadata service where the config names none
   */
  public AgentCore(Ids ids, @Nullable LinkLocal metadata) {
    this.ids = ids;
    this.metadata = metadata;
    situation.global = withMetadata(situation.global);
    this.derivation = new Derivation(situation, ids);
  }

  /** Takes note of what happened. */
  public void on(Event event) {
    switch (event) {
      case Event.FabricFound fabric -> fabric(fabric);
      case Event.ServiceOpened service -> {
        situation.services.put(service.service(), service.port());
        dirty.add(new Unit.Services());
      }
      case Event.ServiceClosed service -> {
        situation.services.remove(service.service());
        dirty.add(new Unit.Services());
      }
      case Event.PortPlugged port -> plugged(port.port());
      case Event.PortUnplugged port -> unplugged(port.id());
      case Event.AddressClaimed claim -> claimed(claim.port(), claim.address());
      case Event.MacHeard heard -> heard(heard);
      case Event.MacSilent silent -> forget(silent.vrf(), silent.mac());
      case Event.HealthChanged health -> health(health.port(), health.good());
      case Event.ConfigCame config -> configDirty |= told.take(config.section());
      case Event.RoutesCame routes -> routes(routes);
      case Event.RoutesWent routes -> withdrawn(routes);
      case Event.ConfigOpened _ -> graph.beginGeneration();
      case Event.ConfigComplete _ -> configDirty |= graph.sweep();
      case Event.SessionOpened session ->
          situation.routes.values().forEach(routes -> routes.beginSession(session.node()));
      case Event.SessionLost session ->
          situation.routes.forEach((vrf, routes) ->
              routes.endSession(session.node(), inetOf(vrf), evpnOf(vrf), treeOf(vrf)));
      case Event.RoutesComplete session ->
          situation.routes.forEach(
              (vrf, routes) -> routes.sweep(session.node(), inetOf(vrf), evpnOf(vrf), treeOf(vrf)));
    }
  }

  /** From now on numbers that nothing uses are taken back, those left from before at once. */
  public void releaseUnusedNames() {
    keepNames = false;
    contributions.takeUnused();
    ids.retain(contributions.names());
  }

  private void fabric(Event.FabricFound fabric) {
    if (!fabric.equals(situation.fabric)) {
      situation.fabric = fabric;
      touched.everything();
    }
  }

  private void plugged(Port port) {
    Port before = ports.plug(port);
    if (before != null) {
      machine(before.instance(), -1);
    }
    machine(port.instance(), 1);
    dirtyPorts.add(port.id());
  }

  private void unplugged(UUID id) {
    Port before = ports.unplug(id);
    if (before != null) {
      machine(before.instance(), -1);
      dirtyPorts.add(id);
      health(id, true);
    }
  }

  private void claimed(UUID id, IpAddress address) {
    ActivePort port = situation.active.get(id);
    if (port == null) {
      return;
    }
    String vrf = port.vrf();
    for (IpPrefix prefix : port.config().standby()) {
      if (prefix.contains(address)) {
        Routes routes = situation.routes.get(vrf);
        Routes.Inet remote = routes == null ? null : routes.inet(prefix);
        if (situation.claims.claim(id, prefix, situation.portsWith(vrf, prefix), remote)) {
          touched.inet(vrf, prefix);
        }
      }
    }
  }

  /** What is a port's own, on whatever host, stays that port's. */
  private void heard(Event.MacHeard event) {
    ActivePort port = situation.active.get(event.port());
    if (port == null || !port.config().network().macs().learning() || event.mac().isGroup()) {
      return;
    }
    String vrf = port.vrf();
    MacRules rules = port.config().network().macs();
    Routes.Elsewhere elsewhere = situation.elsewhere(vrf, event.mac());
    boolean owned =
        !situation.portsWith(vrf, event.mac()).isEmpty()
            || !situation.floatingWith(vrf, event.mac()).isEmpty()
            || elsewhere.fixed();
    if (!owned) {
      boolean wasFull = situation.learned.isFull(vrf, rules);
      LearnedMacs.Heard heard =
          situation.learned.hear(
              event.port(), vrf, event.mac(), rules, elsewhere.sequence(), event.nowNs());
      if (heard == LearnedMacs.Heard.LEARNED) {
        touched.learned(vrf, event.mac(), wasFull != situation.learned.isFull(vrf, rules));
      }
    }
  }

  private void forget(String vrf, MacAddress mac) {
    Network network = situation.networks.get(vrf);
    boolean wasFull = network != null && situation.learned.isFull(vrf, network.macs());
    if (situation.learned.forget(vrf, mac)) {
      touched.learned(vrf, mac, wasFull);
    }
  }

  /** A MAC that another host has heard later is not here any more. */
  private void yieldTo(String vrf, MacAddress mac) {
    LearnedMacs.Learned learned = situation.learned.of(vrf, mac);
    if (learned != null && situation.elsewhere(vrf, mac).goesBefore(learned.sequence())) {
      forget(vrf, mac);
    }
  }

  private void health(UUID id, boolean good) {
    ActivePort port = situation.active.get(id);
    if ((good ? situation.sick.remove(id) : situation.sick.add(id)) && port != null) {
      touched.port(port);
    }
  }

  /** Addresses that this port may have alone and that nobody is known to have. */
  public List<IpAddress> unclaimed(UUID id) {
    ActivePort port = situation.active.get(id);
    List<IpAddress> open = new ArrayList<>();
    for (IpPrefix prefix : port == null ? List.<IpPrefix>of() : port.config().standby()) {
      Routes routes = port == null ? null : situation.routes.get(port.vrf());
      Routes.Inet known = routes == null ? null : routes.inet(prefix);
      if (prefix.isHost()
          && (known == null || known.rank().preference() < Claims.PREFERENCE)
          && situation.portsWith(port == null ? "" : port.vrf(), prefix).stream()
              .allMatch(each -> situation.claims.of(each, prefix, known) == 0)) {
        open.add(prefix.address());
      }
    }
    return open;
  }

  private void machine(UUID instance, int by) {
    Integer before = machines.get(instance);
    int now = (before == null ? 0 : before) + by;
    if (now == 0) {
      machines.remove(instance);
    } else {
      machines.put(instance, now);
    }
    machineChanges.add(instance, before == null ? null : true, now == 0 ? null : true);
  }

  /** The routing instance of a table such as `1/1/default-domain:demo:net:net`. */
  private static String instanceOf(String table) {
    int first = table.indexOf('/');
    return table.substring(table.indexOf('/', first + 1) + 1);
  }

  private void routes(Event.RoutesCame event) {
    String vrf = instanceOf(event.table());
    if (!situation.networks.containsKey(vrf)) {
      return;
    }
    Routes routes = situation.routesOf(vrf);
    for (ControlMessage.Entry entry : event.entries()) {
      switch (entry.item()) {
        case InetItem item -> touched.inet(vrf, routes.put(event.node(), item, self()));
        case EvpnItem item -> {
          touched.evpn(vrf, routes.put(event.node(), entry.id(), item));
          touched.evpn(vrf, item.nlri().mac(), item.nlri().address());
          yieldTo(vrf, item.nlri().mac());
        }
        case MulticastItem item -> {
          if (routes.put(event.node(), entry.id(), item)) {
            touched.tree(vrf);
          }
        }
      }
    }
  }

  private void withdrawn(Event.RoutesWent event) {
    String vrf = instanceOf(event.table());
    Routes routes = situation.routes.get(vrf);
    if (routes == null) {
      return;
    }
    for (String id : event.ids()) {
      if (event.table().startsWith(EvpnItem.FAMILY)) {
        touched.evpn(vrf, routes.removeEvpn(event.node(), id));
      } else if (event.table().startsWith(MulticastItem.FAMILY)) {
        if (routes.removeTree(event.node(), id)) {
          touched.tree(vrf);
        }
      } else {
        IpPrefix prefix = Xml.prefix(id);
        if (prefix != null && routes.removeInet(event.node(), prefix)) {
          touched.inet(vrf, prefix);
        }
      }
    }
  }

  private @Nullable Ipv4Address self() {
    Event.FabricFound fabric = situation.fabric;
    return fabric == null ? null : fabric.address();
  }

  private Consumer<IpPrefix> inetOf(String vrf) {
    return prefix -> touched.inet(vrf, prefix);
  }

  private Consumer<Routes.Evpn> evpnOf(String vrf) {
    return route -> touched.evpn(vrf, route);
  }

  private Runnable treeOf(String vrf) {
    return () -> touched.tree(vrf);
  }

  /** Derives anew all that was touched, and tells what has changed. */
  public Output settle(long nowNs) {
    ids.advance(nowNs);
    if (configDirty) {
      Global global = withMetadata(reader.global());
      if (!global.equals(situation.global)) {
        touched.everything();
        situation.global = global;
        touched.everything();
      }
      dirtyPorts.addAll(ports.plugged());
      dirtyPorts.addAll(situation.active.keySet());
      configDirty = false;
    }
    Set<String> vrfs = new HashSet<>();
    for (UUID id : List.copyOf(dirtyPorts)) {
      followSubInterfaces(id);
    }
    for (UUID id : dirtyPorts) {
      refresh(id, vrfs);
    }
    dirtyPorts.clear();
    for (String vrf : vrfs) {
      refresh(vrf);
    }
    for (Unit unit : dirty) {
      contributions.set(unit, derivation.derive(unit));
    }
    dirty.clear();
    if (!keepNames) {
      contributions.takeUnused().forEach(name -> ids.release(name.pool(), name.text()));
    }
    return take();
  }

  /** The config's metadata service goes before that of this host's own settings. */
  private Global withMetadata(Global global) {
    if (metadata == null || global.services().stream().anyMatch(LinkLocal::isMetadata)) {
      return global;
    }
    List<LinkLocal> services = new ArrayList<>(global.services());
    services.add(metadata);
    return global.withServices(services);
  }

  private Output take() {
    Output output =
        new Output(
            contributions.takeTables(),
            contributions.takeRoutes(),
            vrfChanges.build(0),
            machineChanges.build(0),
            portChanges.build(0));
    vrfChanges = new Delta.Builder<>();
    machineChanges = new Delta.Builder<>();
    portChanges = new Delta.Builder<>();
    return output;
  }

  /** The sub-interfaces of a port are there as long as it is and the config knows them. */
  private void followSubInterfaces(UUID parent) {
    for (UUID id : ports.follow(parent, reader.subInterfaces(parent))) {
      dirtyPorts.add(id);
      if (port(id) == null) {
        health(id, true);
      }
    }
  }

  private @Nullable ActivePort wanted(UUID id) {
    Port port = port(id);
    if (port == null || !port.enabled() || port.ifindex() == 0) {
      return null;
    }
    PortConfig config = reader.port(id, port.mac(), situation.global);
    return config == null ? null : new ActivePort(port, config);
  }

  private static boolean learns(ActivePort port) {
    return port.config().network().macs().learning();
  }

  private void refresh(UUID id, Set<String> vrfs) {
    ActivePort before = situation.active.get(id);
    ActivePort after = wanted(id);
    if (Objects.equals(before, after)) {
      return;
    }
    portChanges.add(id, before == null ? null : true, after == null ? null : true);
    situation.claims.retain(id, after == null ? List.of() : after.config().standby());
    if (before != null && (after == null || !after.vrf().equals(before.vrf()) || !learns(after))) {
      situation.learned.of(before.vrf(), id).forEach(mac -> forget(before.vrf(), mac));
    }
    if (before != null) {
      situation.remove(before);
      touched.port(before);
      vrfs.addAll(before.vrfs());
    }
    if (after != null) {
      situation.add(after);
      touched.port(after);
      vrfs.addAll(after.vrfs());
    }
  }

  private void refresh(String vrf) {
    Network before = situation.networks.get(vrf);
    Network after = situation.wantedNetwork(vrf);
    if (Objects.equals(before, after)) {
      return;
    }
    touched.network(vrf, before);
    touched.network(vrf, after);
    Subscription subscribed = subscriptions.get(vrf);
    if (after == null) {
      situation.networks.remove(vrf);
      situation.routes.remove(vrf);
      subscriptions.remove(vrf);
      vrfChanges.add(vrf, subscribed, null);
    } else {
      situation.networks.put(vrf, after);
      if (subscribed == null) {
        Subscription fresh = new Subscription(ids.of(Ids.Pool.VRF, vrf), ++epoch);
        subscriptions.put(vrf, fresh);
        vrfChanges.add(vrf, null, fresh);
      }
    }
  }

  /** The whole desired state derived from nothing, to compare with the one that was kept. */
  Map<TableKey, TableValue> recomputedTables() {
    return recomputed().tables();
  }

  Map<RouteKey, Item> recomputedRoutes() {
    return recomputed().routes();
  }

  private Contributions recomputed() {
    Set<Unit> units = new LinkedHashSet<>();
    new Dependents(situation, units).everything();
    Contributions fresh = new Contributions();
    units.forEach(unit -> fresh.set(unit, derivation.derive(unit)));
    return fresh;
  }

  public Map<TableKey, TableValue> tables() {
    return contributions.tables();
  }

  /** What is wanted under a key; null if nothing is. */
  public @Nullable TableValue table(TableKey key) {
    return contributions.table(key);
  }

  public Map<RouteKey, Item> routes() {
    return contributions.routes();
  }

  public Map<String, Subscription> subscriptions() {
    return Map.copyOf(subscriptions);
  }

  public Set<UUID> machines() {
    return Set.copyOf(machines.keySet());
  }

  /** Those that were plugged, and their sub-interfaces. */
  public Collection<Port> ports() {
    return ports.all();
  }

  public @Nullable Port port(UUID id) {
    return ports.get(id);
  }

  /** The config of a port that is active, or null. */
  public @Nullable PortConfig config(UUID id) {
    ActivePort port = situation.active.get(id);
    return port == null ? null : port.config();
  }

  /** The ports whose guests are to be probed, each with the number of its vif. */
  public List<Checked> checked() {
    List<Checked> found = new ArrayList<>();
    situation.active.forEach((id, port) -> {
      int vif = port.config().healthChecks().isEmpty() ? 0 : ids.find(Ids.Pool.VIF, Names.port(id));
      if (vif != 0) {
        found.add(new Checked(vif, port.config()));
      }
    });
    return found;
  }

  /** The configs of the active ports of a VRF. */
  public List<PortConfig> portsIn(String vrf) {
    List<PortConfig> found = new ArrayList<>();
    for (UUID id : situation.portsOf(vrf)) {
      PortConfig config = config(id);
      if (config != null) {
        found.add(config);
      }
    }
    return found;
  }

  /** MACs that were heard at ports, by VRF. */
  public Map<String, List<MacAddress>> learnedMacs() {
    return situation.learned.all();
  }

  /** What became of MACs that were heard. */
  public Map<LearnedMacs.Heard, Long> heardMacs() {
    return situation.learned.counts();
  }

  /** How long a network remembers a silent MAC, 0 if for good. */
  public int macAgeing(String vrf) {
    Network network = situation.networks.get(vrf);
    return network == null ? 0 : network.macs().ageing();
  }

  /** The zone of a virtual-DNS, or null. */
  public @Nullable Zone zone(String virtualDns) {
    return zones.zone(virtualDns);
  }

  /** The guests of this host in networks that use a virtual-DNS, by the names of their machines. */
  public List<NamedGuest> guestsOf(String virtualDns) {
    Dns dns = new Dns.Virtual(virtualDns);
    List<NamedGuest> found = new ArrayList<>();
    for (ActivePort port : situation.active.values()) {
      List<IpAddress> addresses =
          port.config().addresses().stream()
              .filter(address -> {
                Subnet subnet = port.config().subnetOf(address);
                return subnet != null && subnet.dns().equals(dns);
              })
              .toList();
      if (!addresses.isEmpty() && !port.plugged().displayName().isEmpty()) {
        found.add(new NamedGuest(port.plugged().displayName(), addresses));
      }
    }
    return found;
  }

  /** What keeps a plugged port from carrying packets. */
  public Port.State state(Port port) {
    if (!port.enabled()) {
      return Port.State.DISABLED;
    }
    if (port.ifindex() == 0) {
      return Port.State.NO_DEVICE;
    }
    return situation.active.containsKey(port.id()) ? Port.State.ACTIVE : Port.State.NO_CONFIG;
  }

  /** Whether the present control node has told the config of a port. */
  public boolean isTold(Port port) {
    return graph.isSent(port.id());
  }

  public Global global() {
    return situation.global;
  }

  /** The config as it is known. */
  public ControlMessage.ConfigUpdate knownConfig() {
    return told.all();
  }

  /** Rises with every change of config. */
  public long configChanges() {
    return graph.changes();
  }

  /** Nodes of the config graph and routes received, for people. */
  public int configSize() {
    return graph.size();
  }

  public int routeCount() {
    return situation.routes.values().stream().mapToInt(Routes::size).sum();
  }

  /** Those that a control node has sent. */
  public int routeCount(int node) {
    return situation.routes.values().stream().mapToInt(routes -> routes.size(node)).sum();
  }

  public Ids ids() {
    return ids;
  }
}
