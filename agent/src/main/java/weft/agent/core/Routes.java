package weft.agent.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;

/** The routes of one VRF as the control node has sent them, in compact form. */
final class Routes {
  /**
   * A way to a destination.
   *
   * @param network the network the destination is in, or empty
   */
  record Hop(Ipv4Address address, int label, List<Encapsulation> encapsulations, String network) {}

  /**
   * A unicast route.
   *
   * @param elsewhere whether a hop of it is another host
   * @param sequence how often its address has changed its owner
   */
  record Inet(
      List<Hop> hops,
      List<Integer> securityGroups,
      boolean elsewhere,
      long preference,
      long sequence,
      int generation) {}

  /** A MAC, or for the broadcast MAC the list of those who want copies. */
  record Evpn(
      String id, MacAddress mac, IpPrefix address, List<Hop> hops, long sequence, int generation) {}

  private final Map<IpPrefix, Inet> inet = new HashMap<>();
  private final Map<String, Evpn> evpn = new HashMap<>();
  private final Map<MacAddress, SortedMap<String, Evpn>> byMac = new HashMap<>();
  private final Map<IpAddress, SortedMap<String, Evpn>> byAddress = new HashMap<>();
  private int generation;

  void beginGeneration() {
    generation++;
  }

  /**
   * Sets a route and returns its prefix.
   *
   * @param self the address of this host, null if it is not known yet
   */
  IpPrefix put(InetItem item, @Nullable Ipv4Address self) {
    List<Hop> hops = new ArrayList<>(item.nextHops().size());
    for (InetItem.NextHop hop : item.nextHops()) {
      if (hop.address() instanceof Ipv4Address address) {
        String network =
            hop.virtualNetwork().isEmpty()
                ? item.attributes().virtualNetwork()
                : hop.virtualNetwork();
        hops.add(new Hop(address, hop.label(), hop.knownEncapsulations(), network.intern()));
      }
    }
    List<Integer> groups = item.attributes().securityGroups().stream().map(Long::intValue).toList();
    inet.put(
        item.prefix(),
        new Inet(
            hops,
            groups,
            hops.stream().anyMatch(hop -> !hop.address().equals(self)),
            item.attributes().localPreference(),
            item.attributes().effectiveSequence(),
            generation));
    return item.prefix();
  }

  /** Sets a route and returns what it was before, if anything. */
  @Nullable Evpn put(String id, EvpnItem item) {
    MacAddress mac = item.nlri().mac();
    List<EvpnItem.NextHop> from =
        mac.isBroadcast() && !item.olist().isEmpty() ? item.olist() : item.nextHops();
    List<Hop> hops = new ArrayList<>(from.size());
    for (EvpnItem.NextHop hop : from) {
      if (hop.address() instanceof Ipv4Address address) {
        hops.add(new Hop(address, hop.label(), hop.knownEncapsulations(), ""));
      }
    }
    Evpn before = removeEvpn(id);
    Evpn route = new Evpn(
            id,
            mac,
            item.nlri().address(),
            hops,
            item.attributes().effectiveSequence(),
            generation);
    evpn.put(id, route);
    byMac.computeIfAbsent(mac, _ -> new TreeMap<>()).put(id, route);
    if (route.address().isHost()) {
      byAddress.computeIfAbsent(route.address().address(), _ -> new TreeMap<>()).put(id, route);
    }
    return before;
  }

  boolean removeInet(IpPrefix prefix) {
    return inet.remove(prefix) != null;
  }

  @Nullable Evpn removeEvpn(String id) {
    Evpn route = evpn.remove(id);
    if (route != null) {
      byMac.computeIfPresent(route.mac(), (_, routes) -> without(routes, id));
      byAddress.computeIfPresent(route.address().address(), (_, routes) -> without(routes, id));
    }
    return route;
  }

  private static @Nullable SortedMap<String, Evpn> without(
      SortedMap<String, Evpn> routes, String id) {
    routes.remove(id);
    return routes.isEmpty() ? null : routes;
  }

  /** Drops what this generation has not sent, telling what it was. */
  void sweep(Consumer<IpPrefix> inetGone, Consumer<Evpn> evpnGone) {
    inet.entrySet()
        .removeIf(entry -> {
          boolean stale = entry.getValue().generation() != generation;
          if (stale) {
            inetGone.accept(entry.getKey());
          }
          return stale;
        });
    for (Evpn route : List.copyOf(evpn.values())) {
      if (route.generation() != generation) {
        removeEvpn(route.id());
        evpnGone.accept(route);
      }
    }
  }

  @Nullable Inet inet(IpPrefix prefix) {
    return inet.get(prefix);
  }

  Set<IpPrefix> prefixes() {
    return Collections.unmodifiableSet(inet.keySet());
  }

  Set<MacAddress> macs() {
    return Collections.unmodifiableSet(byMac.keySet());
  }

  /** Routes of a MAC in order of their ids. */
  Collection<Evpn> ofMac(MacAddress mac) {
    SortedMap<String, Evpn> routes = byMac.get(mac);
    return routes == null ? List.of() : routes.values();
  }

  /** Routes that name a host address, in order of their ids. */
  Collection<Evpn> ofAddress(IpAddress address) {
    SortedMap<String, Evpn> routes = byAddress.get(address);
    return routes == null ? List.of() : routes.values();
  }

  int size() {
    return inet.size() + evpn.size();
  }
}
