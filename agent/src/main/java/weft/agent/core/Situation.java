package weft.agent.core;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Wanted.Floating;
import weft.agent.core.Wanted.Global;
import weft.agent.core.Wanted.Network;
import weft.agent.core.Wanted.PortConfig;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.vrouter.TableKey;

/** All that the desired state is derived from, with the indices that the derivation asks. */
final class Situation {
  /** A port that is plugged, present and configured. */
  record ActivePort(Port plugged, PortConfig config) {
    String vrf() {
      return config.network().vrf();
    }

    /** The VRF of the router between its network and others, or null. */
    @Nullable String routerVrf() {
      Network router = config.network().router();
      return router == null ? null : router.vrf();
    }

    /** Its own VRF, that of its router and those of its floating addresses. */
    Set<String> vrfs() {
      Set<String> vrfs = new TreeSet<>();
      vrfs.add(vrf());
      String router = routerVrf();
      if (router != null) {
        vrfs.add(router);
      }
      config.floating().forEach(each -> vrfs.add(each.network().vrf()));
      return vrfs;
    }
  }

  record VrfPrefix(String vrf, IpPrefix prefix) {}

  record VrfMac(String vrf, MacAddress mac) {}

  Event.@Nullable FabricFound fabric;
  Global global = Global.DEFAULT;

  /** The addresses of the control nodes, by their numbers. */
  final SortedMap<Integer, Ipv4Address> controlNodes = new TreeMap<>();

  final Claims claims = new Claims();

  final LearnedMacs learned = new LearnedMacs();

  /** Ports whose guests do not stand their checks: nothing leads to them. */
  final Set<UUID> sick = new TreeSet<>();

  final Map<TableKey.ServiceKey, Integer> services = new HashMap<>();
  final Map<UUID, ActivePort> active = new TreeMap<>();
  final Map<String, Network> networks = new TreeMap<>();
  final Map<String, Routes> routes = new HashMap<>();
  private final Map<String, SortedSet<UUID>> byVrf = new HashMap<>();
  private final Map<VrfPrefix, SortedSet<UUID>> byAddress = new HashMap<>();
  private final Map<VrfMac, SortedSet<UUID>> byMac = new HashMap<>();
  private final Map<String, SortedSet<UUID>> byFloatingVrf = new HashMap<>();
  private final Map<VrfPrefix, SortedSet<UUID>> byFloatingAddress = new HashMap<>();
  private final Map<VrfMac, SortedSet<UUID>> byFloatingMac = new HashMap<>();
  private final Map<String, SortedSet<UUID>> byRouter = new HashMap<>();
  private final Map<String, SortedSet<String>> attached = new HashMap<>();
  private final Map<String, SortedMap<IpPrefix, SortedSet<UUID>>> byRouted = new HashMap<>();

  /** What other hosts say of a MAC. */
  Routes.Elsewhere elsewhere(String vrf, MacAddress mac) {
    Routes known = routes.get(vrf);
    Event.FabricFound here = fabric;
    return known == null || here == null
        ? Routes.Elsewhere.NOWHERE
        : known.elsewhere(mac, here.address());
  }

  /** The port of this host behind which a MAC is, if no other host has heard it later. */
  LearnedMacs.@Nullable Learned heard(String vrf, MacAddress mac) {
    LearnedMacs.Learned own = learned.of(vrf, mac);
    return own == null
            || !active.containsKey(own.port())
            || sick.contains(own.port())
            || elsewhere(vrf, mac).goesBefore(own.sequence())
        ? null
        : own;
  }

  Routes routesOf(String vrf) {
    return routes.computeIfAbsent(vrf, _ -> new Routes());
  }

  void add(ActivePort port) {
    UUID id = port.plugged().id();
    active.put(id, port);
    byVrf.computeIfAbsent(port.vrf(), _ -> new TreeSet<>()).add(id);
    byMac.computeIfAbsent(macOf(port), _ -> new TreeSet<>()).add(id);
    for (IpPrefix prefix : port.config().prefixes()) {
      byAddress.computeIfAbsent(new VrfPrefix(port.vrf(), prefix), _ -> new TreeSet<>()).add(id);
    }
    for (Floating each : port.config().floating()) {
      byFloatingVrf.computeIfAbsent(each.network().vrf(), _ -> new TreeSet<>()).add(id);
      byFloatingAddress.computeIfAbsent(addressOf(each), _ -> new TreeSet<>()).add(id);
      byFloatingMac.computeIfAbsent(macOf(port, each), _ -> new TreeSet<>()).add(id);
    }
    String router = port.routerVrf();
    if (router != null) {
      byRouter.computeIfAbsent(router, _ -> new TreeSet<>()).add(id);
      SortedMap<IpPrefix, SortedSet<UUID>> routed =
          byRouted.computeIfAbsent(router, _ -> new TreeMap<>());
      for (IpPrefix prefix : port.config().prefixes()) {
        routed.computeIfAbsent(prefix, _ -> new TreeSet<>()).add(id);
      }
    }
  }

  void remove(ActivePort port) {
    UUID id = port.plugged().id();
    active.remove(id);
    drop(byVrf, port.vrf(), id);
    drop(byMac, macOf(port), id);
    for (IpPrefix prefix : port.config().prefixes()) {
      drop(byAddress, new VrfPrefix(port.vrf(), prefix), id);
    }
    for (Floating each : port.config().floating()) {
      drop(byFloatingVrf, each.network().vrf(), id);
      drop(byFloatingAddress, addressOf(each), id);
      drop(byFloatingMac, macOf(port, each), id);
    }
    String router = port.routerVrf();
    SortedMap<IpPrefix, SortedSet<UUID>> routed = router == null ? null : byRouted.get(router);
    if (router != null && routed != null) {
      drop(byRouter, router, id);
      port.config().prefixes().forEach(prefix -> drop(routed, prefix, id));
      if (routed.isEmpty()) {
        byRouted.remove(router);
      }
    }
  }

  private static VrfPrefix addressOf(Floating floating) {
    return new VrfPrefix(floating.network().vrf(), floating.address().toHostPrefix());
  }

  private static VrfMac macOf(ActivePort port, Floating floating) {
    return new VrfMac(floating.network().vrf(), port.config().mac());
  }

  private static VrfMac macOf(ActivePort port) {
    return new VrfMac(port.vrf(), port.config().mac());
  }

  private static <K> void drop(Map<K, SortedSet<UUID>> index, K key, UUID id) {
    index.computeIfPresent(
        key,
        (_, ids) -> {
          ids.remove(id);
          return ids.isEmpty() ? null : ids;
        });
  }

  /** The number by which a port has a prefix for itself, 0 if it has not. */
  long claimOf(UUID port, String vrf, IpPrefix prefix) {
    Routes known = routes.get(vrf);
    return claims.of(port, prefix, known == null ? null : known.inet(prefix));
  }

  SortedSet<UUID> portsOf(String vrf) {
    return orEmpty(byVrf.get(vrf));
  }

  SortedSet<UUID> portsWith(String vrf, IpPrefix prefix) {
    return orEmpty(byAddress.get(new VrfPrefix(vrf, prefix)));
  }

  SortedSet<UUID> portsWith(String vrf, MacAddress mac) {
    return orEmpty(byMac.get(new VrfMac(vrf, mac)));
  }

  /** Those of `ports` that packets may be sent to. */
  SortedSet<UUID> well(SortedSet<UUID> ports) {
    if (sick.isEmpty()) {
      return ports;
    }
    SortedSet<UUID> well = new TreeSet<>(ports);
    well.removeAll(sick);
    return well;
  }

  /** Ports of other VRFs that have a floating address in this one. */
  SortedSet<UUID> floatingIn(String vrf) {
    return orEmpty(byFloatingVrf.get(vrf));
  }

  SortedSet<UUID> floatingWith(String vrf, IpPrefix prefix) {
    return orEmpty(byFloatingAddress.get(new VrfPrefix(vrf, prefix)));
  }

  SortedSet<UUID> floatingWith(String vrf, MacAddress mac) {
    return orEmpty(byFloatingMac.get(new VrfMac(vrf, mac)));
  }

  /** Ports of networks that the router with that VRF routes between. */
  SortedSet<UUID> portsBehind(String router) {
    return orEmpty(byRouter.get(router));
  }

  SortedSet<UUID> portsBehind(String router, IpPrefix prefix) {
    SortedMap<IpPrefix, SortedSet<UUID>> routed = byRouted.get(router);
    return orEmpty(routed == null ? null : routed.get(prefix));
  }

  /**
   * Those of them to send to: of ports of which one has the prefix at a time, the one that has it.
   *
   * @param elsewhere the preference of another host's route
   */
  SortedSet<UUID> ownersBehind(String router, IpPrefix prefix, long elsewhere) {
    SortedSet<UUID> ports = portsBehind(router, prefix);
    SortedSet<UUID> owners = new TreeSet<>();
    for (UUID id : ports) {
      ActivePort port = active.get(id);
      boolean alone = port != null && port.config().standby().contains(prefix);
      if (port != null && (!alone || claimOf(id, port.vrf(), prefix) != 0)) {
        owners.add(id);
      }
    }
    return owners.isEmpty() && elsewhere < Claims.PREFERENCE ? ports : owners;
  }

  /** All that a router leads to: what is behind ports of this host, and all routes of others. */
  SortedSet<IpPrefix> routedBy(String router) {
    SortedSet<IpPrefix> prefixes = new TreeSet<>();
    SortedMap<IpPrefix, SortedSet<UUID>> here = byRouted.get(router);
    if (here != null) {
      prefixes.addAll(here.keySet());
    }
    Routes elsewhere = routes.get(router);
    if (elsewhere != null) {
      prefixes.addAll(elsewhere.routed());
      prefixes.addAll(elsewhere.prefixes());
    }
    return prefixes;
  }

  /** The VRFs of this host between which the router with that VRF routes. */
  SortedSet<String> attachedTo(String router) {
    SortedSet<String> vrfs = attached.get(router);
    return vrfs == null ? Collections.emptySortedSet() : vrfs;
  }

  void putNetwork(String vrf, Network network) {
    removeNetwork(vrf);
    networks.put(vrf, network);
    Network router = network.router();
    if (router != null) {
      attached.computeIfAbsent(router.vrf(), _ -> new TreeSet<>()).add(vrf);
    }
  }

  void removeNetwork(String vrf) {
    Network before = networks.remove(vrf);
    Network router = before == null ? null : before.router();
    if (router != null) {
      attached.computeIfPresent(
          router.vrf(),
          (_, vrfs) -> {
            vrfs.remove(vrf);
            return vrfs.isEmpty() ? null : vrfs;
          });
    }
  }

  /** The network of a VRF as the first port has it that needs it, or null if none does. */
  @Nullable Network wantedNetwork(String vrf) {
    for (UUID id : portsOf(vrf)) {
      ActivePort port = active.get(id);
      if (port != null) {
        return port.config().network();
      }
    }
    for (UUID id : floatingIn(vrf)) {
      ActivePort port = active.get(id);
      for (Floating each : port == null ? List.<Floating>of() : port.config().floating()) {
        if (each.network().vrf().equals(vrf)) {
          return each.network();
        }
      }
    }
    for (UUID id : portsBehind(vrf)) {
      ActivePort port = active.get(id);
      if (port != null) {
        return port.config().network().router();
      }
    }
    return null;
  }

  private static SortedSet<UUID> orEmpty(@Nullable SortedSet<UUID> ids) {
    return ids == null ? Collections.emptySortedSet() : ids;
  }
}
