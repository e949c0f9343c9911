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
import weft.xmpp.Item;

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
  private final PluggedPorts ports = new PluggedPorts();
  private final KnownConfig config = new KnownConfig(this::macOf);
  private final Situation situation = new Situation();
  private final Derivation derivation;
  private final Contributions contributions = new Contributions();
  private final Map<String, Subscription> subscriptions = new TreeMap<>();
  private final Map<UUID, Integer> machines = new HashMap<>();
  private final Set<Unit> dirty = new LinkedHashSet<>();
  private final Dependents touched = new Dependents(situation, dirty);
  private final MacLearning macs = new MacLearning(situation, touched);
  private final ReceivedRoutes received = new ReceivedRoutes(situation, touched, macs);
  private final Set<UUID> dirtyPorts = new LinkedHashSet<>();
  private Delta.Builder<String, Subscription> vrfChanges = new Delta.Builder<>();
  private Delta.Builder<UUID, Boolean> machineChanges = new Delta.Builder<>();
  private Delta.Builder<UUID, Boolean> portChanges = new Delta.Builder<>();
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
      case Event.ControlNodeFound(int node, Ipv4Address address) -> controlNode(node, address);
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
      case Event.MacHeard heard -> macs.heard(heard);
      case Event.MacSilent silent -> macs.forget(silent.vrf(), silent.mac());
      case Event.HealthChanged health -> health(health.port(), health.good());
      case Event.ConfigCame came -> config.take(came.section());
      case Event.RoutesCame routes -> received.came(routes);
      case Event.RoutesWent routes -> received.went(routes);
      case Event.ConfigOpened _ -> config.begin();
      case Event.ConfigComplete _ -> config.complete();
      case Event.SessionOpened session -> received.sessionOpened(session.node());
      case Event.SessionLost session -> received.sessionLost(session.node());
      case Event.RoutesComplete session -> received.complete(session.node());
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

  private void controlNode(int node, Ipv4Address address) {
    if (!address.equals(situation.controlNodes.put(node, address))) {
      situation.active.forEach((id, port) -> {
        if (port.config().bgpPort() != 0) {
          dirty.add(new Unit.OfPort(id));
        }
      });
    }
  }

  private void plugged(Port port) {
    Port before = ports.plug(port);
    if (before != null) {
      machine(before.instance(), -1);
    }
    machine(port.instance(), 1);
    touch(port.id());
  }

  private void unplugged(UUID id) {
    Port before = ports.unplug(id);
    if (before != null) {
      machine(before.instance(), -1);
      touch(id);
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

  /** Derives anew all that was touched, and tells what has changed. */
  public Output settle(long nowNs) {
    ids.advance(nowNs);
    dirtyPorts.addAll(config.takeTouched());
    Global global = withMetadata(config.global());
    if (!global.equals(situation.global)) {
      touched.everything();
      situation.global = global;
      touched.everything();
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
    Map<Integer, UUID> wanted = ports.isPlugged(parent) ? config.subInterfaces(parent) : Map.of();
    for (UUID id : ports.follow(parent, wanted)) {
      touch(id);
      if (port(id) == null) {
        health(id, true);
      }
    }
  }

  private @Nullable MacAddress macOf(UUID id) {
    Port port = port(id);
    return port == null ? null : port.mac();
  }

  /** A port is plugged, unplugged or plugged otherwise: what the config says of it is read anew. */
  private void touch(UUID id) {
    config.forget(id);
    dirtyPorts.add(id);
  }

  private @Nullable ActivePort wanted(UUID id) {
    Port port = port(id);
    if (port == null || !port.enabled() || port.ifindex() == 0) {
      return null;
    }
    PortConfig known = config.port(id);
    return known == null ? null : new ActivePort(port, known);
  }

  private void refresh(UUID id, Set<String> vrfs) {
    ActivePort before = situation.active.get(id);
    ActivePort after = wanted(id);
    if (Objects.equals(before, after)) {
      return;
    }
    portChanges.add(id, before == null ? null : true, after == null ? null : true);
    situation.claims.retain(id, after == null ? List.of() : after.config().standby());
    if (before != null) {
      macs.follow(before, after);
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
      situation.removeNetwork(vrf);
      situation.routes.remove(vrf);
      subscriptions.remove(vrf);
      vrfChanges.add(vrf, subscribed, null);
    } else {
      situation.putNetwork(vrf, after);
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
    return config.zone(virtualDns);
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
    return config.isTold(port.id());
  }

  public Global global() {
    return situation.global;
  }

  /** The config as it is known. */
  public ControlMessage.ConfigUpdate knownConfig() {
    return config.all();
  }

  /** How often what the config says of a port was read. */
  long portsRead() {
    return config.portsRead();
  }

  /** Rises with every change of config. */
  public long configChanges() {
    return config.changes();
  }

  /** Nodes of the config graph and routes received, for people. */
  public int configSize() {
    return config.size();
  }

  public int routeCount() {
    return received.count();
  }

  /** Those that a control node has sent. */
  public int routeCount(int node) {
    return received.count(node);
  }

  public Ids ids() {
    return ids;
  }
}
